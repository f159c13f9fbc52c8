//! Providers and the whole route tree on one screen.

use crate::features::{general, home::HomePage, overview::OverviewPage};
use crate::shell::manage::{Manage, ManagePage};
use crate::shell::{frame::Frame, not_found::NotFoundPage, organization_scope::OrganizationScope};
use crate::ui::toast::Toasts;
use crate::ui::unsaved_changes::UnsavedChanges;
use leptos::prelude::*;
use leptos_router::components::{ParentRoute, Route, Router, Routes};
use leptos_router::path;

/// The pages of Manage Organization, in the order of the side navigation.
const MANAGE_PAGES: &[&ManagePage] = &[&general::PAGE];

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
                        <Route path=path!("manage/:page/*rest") view=|| view! { <Manage pages=MANAGE_PAGES/> }/>
                        <Route path=path!("*any") view=NotFoundPage/>
                    </ParentRoute>
                    <Route path=path!("*any") view=NotFoundPage/>
                </ParentRoute>
            </Routes>
        </Router>
    }
}
