//! A page that the viewer may not see is a page that is not there.

use crate::session::Session;
use crate::shell::not_found::NotFoundPage;
use leptos::prelude::*;
use pulze_contract::Permission;

#[component]
pub fn Gate(permission: Permission, children: ChildrenFn) -> impl IntoView {
    let allowed = Session::expect().can(permission);
    view! { <Show when=move || allowed.get() fallback=NotFoundPage>{children()}</Show> }
}
