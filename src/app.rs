//! Providers and the whole route tree on one screen.

use crate::features::{
    account::AccountPage, api_keys, assistants, general, home::HomePage, invitation::InvitationPage, members, models,
    outbox::OutboxPage, overview::OverviewPage, routers, spaces, tools, usage, verify::VerifyPage,
};
use crate::shell::manage::{Manage, ManagePage, ManagePages};
use crate::shell::palette::PaletteOpen;
use crate::shell::{frame::Frame, not_found::NotFoundPage, organization_scope::OrganizationScope};
use crate::ui::toast::Toasts;
use crate::ui::unsaved_changes::UnsavedChanges;
use leptos::prelude::*;
use leptos_router::components::{FlatRoutes, Route, Router};
use leptos_router::path;

/// The pages of Manage Organization, in the order of the side navigation.
pub(crate) const MANAGE_PAGES: &[&ManagePage] = &[
    &general::PAGE,
    &members::PAGE,
    &spaces::PAGE,
    &api_keys::PAGE,
    &models::PAGE,
    &routers::PAGE,
    &assistants::PAGE,
    &tools::PAGE,
    &usage::PAGE,
];

#[component]
pub fn App() -> impl IntoView {
    Toasts::provide();
    UnsavedChanges::provide();
    provide_context(ManagePages(MANAGE_PAGES));
    provide_context(PaletteOpen(RwSignal::new(false)));
    view! {
        <Router>
            <Frame>
                <FlatRoutes fallback=NotFoundPage>
                    <Route path=path!("") view=|| view! { <HomePage/> }.into_any()/>
                    <Route path=path!("invitation") view=|| view! { <InvitationPage/> }.into_any()/>
                    <Route path=path!("verify") view=|| view! { <VerifyPage/> }.into_any()/>
                    <Route path=path!("account") view=|| view! { <AccountPage/> }.into_any()/>
                    <Route path=path!("outbox") view=|| view! { <OutboxPage/> }.into_any()/>
                    <Route
                        path=path!("o/:organization_id")
                        view=|| view! { <OrganizationScope><OverviewPage/></OrganizationScope> }.into_any()
                    />
                    <Route
                        path=path!("o/:organization_id/usage")
                        view=|| view! { <OrganizationScope><usage::MyUsagePage/></OrganizationScope> }.into_any()
                    />
                    <Route
                        path=path!("o/:organization_id/manage/:page/*rest")
                        view=|| view! { <OrganizationScope><Manage pages=MANAGE_PAGES/></OrganizationScope> }.into_any()
                    />
                </FlatRoutes>
            </Frame>
        </Router>
    }
}

#[cfg(test)]
mod tests {
    use pulze_contract::page;

    /// What is served as a page is what has a route here.
    #[test]
    fn the_server_knows_every_route() {
        let source = include_str!("app.rs");
        let routes: Vec<&str> = source
            .split("path=path!(\"")
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
            .filter(|route| !route.contains('\\'))
            .collect();
        assert_eq!(routes, page::ROUTES);
    }
}
