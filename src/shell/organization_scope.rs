//! Everything below `/o/{organization_id}`: made anew for each organization, so that nothing of the
//! former one is ever on screen with the new one.

use crate::i18n::{Key, text};
use crate::session::Session;
use crate::shell::not_found::NotFoundPage;
use crate::ui::browser;
use crate::ui::toast::{Toast, Toasts};
use leptos::prelude::*;
use leptos_router::components::Outlet;

#[component]
pub fn OrganizationScope() -> impl IntoView {
    let session = Session::expect();
    let organization = session.organization();
    let id = Memo::new(move |_| organization.read().as_ref().map(|organization| organization.id.clone()));
    let toasts = Toasts::expect();
    // The tab says so when it comes to show another organization than before.
    Effect::new(move |before: Option<Option<pulze_contract::OrganizationId>>| {
        let now = id.get();
        let before = before.flatten();
        if let Some(now) = &now {
            browser::store("pulze.organization", now.as_str());
            if before.as_ref().is_some_and(|before| before != now) {
                let name = organization.get_untracked().map(|organization| organization.name).unwrap_or_default();
                toasts.show(Toast::good(text(Key::SwitchedTo, &[("name", name)])));
            }
        }
        now.or(before)
    });
    move || match id.get() {
        Some(_) => view! { <Outlet/> }.into_any(),
        None => view! { <NotFoundPage/> }.into_any(),
    }
}
