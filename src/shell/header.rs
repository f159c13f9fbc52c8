//! The header: the organization left, the profile menu right.

use crate::paths;
use crate::session::Session;
use crate::shell::manage::ManagePages;
use crate::shell::palette::PaletteButton;
use crate::shell::profile_menu::ProfileMenu;
use crate::t;
use crate::ui::browser;
use crate::ui::logo::Logo;
use leptos::prelude::*;
use leptos_router::hooks::{use_location, use_navigate};
use pulze_contract::organization::OrganizationSummary;

#[component]
pub fn Header() -> impl IntoView {
    let session = Session::expect();
    let organization = session.organization();
    let present = Memo::new(move |_| organization.read().is_some());
    let name = move || organization.get().map(|organization| organization.name).unwrap_or_default();
    let location = use_location();
    let navigate = use_navigate();
    let pages: ManagePages = expect_context();
    let on_organization = {
        let navigate = navigate.clone();
        move |chosen: OrganizationSummary| {
            let path = location.pathname.get_untracked();
            // A page that the viewer may not see there gives way to the start page.
            let target = if pages.open_to(&path, &chosen.permissions) {
                paths::same_page(&path, &chosen.id)
            } else {
                paths::overview(&chosen.id)
            };
            navigate(&target, Default::default());
        }
    };
    view! {
        <header class="header">
            <Show when=move || present.get() fallback=move || view! { <a class="header-organization" href=paths::HOME><span class="header-name">{t!(AppName)}</span></a> }>
                <a
                    class="header-organization"
                    href=move || organization.get().map(|organization| paths::overview(&organization.id))
                >
                    <Logo
                        name=Signal::derive(name)
                        url=Signal::derive(move || organization.get().and_then(|organization| organization.logo_url))
                        identifier=Signal::derive(move || organization.get().map(|o| o.id.to_string()).unwrap_or_default())
                    />
                    <span class="header-name">{name}</span>
                </a>
            </Show>
            <PaletteButton/>
            <ProfileMenu on_organization on_signed_out=move |()| {
                browser::store("pulze.organization", "");
            }/>
        </header>
    }
}
