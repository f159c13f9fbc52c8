//! Everything below `/o/{organization_id}`: made anew for each organization, so that nothing of the
//! former one is ever on screen with the new one.

use crate::session::Session;
use crate::shell::not_found::NotFoundPage;
use leptos::prelude::*;

#[component]
pub fn OrganizationScope(children: ChildrenFn) -> impl IntoView {
    let organization = Session::expect().organization();
    let id = Memo::new(move |_| organization.read().as_ref().map(|organization| organization.id.clone()));
    move || match id.get() {
        Some(_) => children().into_any(),
        None => view! { <NotFoundPage/> }.into_any(),
    }
}
