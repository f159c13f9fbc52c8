//! Providers and the whole route tree on one screen.

use crate::features::{general::GeneralPage, home::HomePage, overview::OverviewPage};
use crate::shell::{frame::Frame, not_found::NotFoundPage, organization_scope::OrganizationScope};
use crate::ui::toast::Toasts;
use crate::ui::unsaved_changes::UnsavedChanges;
use leptos::prelude::*;
use leptos_router::components::{ParentRoute, Route, Router, Routes};
use leptos_router::path;

#[component]
pub fn App() -> impl IntoView {
    Toasts::provide();
    UnsavedChanges::provide();
    view! {
        <Router>
            <Routes fallback=NotFoundPage>
                <ParentRoute path=path!("") view=Frame>
                    <Route path=path!("") view=HomePage/>
                    <ParentRoute path=path!("o/:organization_id") view=OrganizationScope>
                        <Route path=path!("") view=OverviewPage/>
                        <Route path=path!("manage/general") view=GeneralPage/>
                        <Route path=path!("*any") view=NotFoundPage/>
                    </ParentRoute>
                    <Route path=path!("*any") view=NotFoundPage/>
                </ParentRoute>
            </Routes>
        </Router>
    }
}
