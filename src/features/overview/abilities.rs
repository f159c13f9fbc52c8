//! What the viewer may do in this organization, in words.

use crate::i18n::label;
use crate::session::Session;
use crate::shell::role::permission_key;
use crate::ui::icon::Icon;
use leptos::prelude::*;
use pulze_contract::Permission;

#[component]
pub fn Abilities() -> impl IntoView {
    let session = Session::expect();
    let permissions = Permission::ALL.iter().copied().map(|permission| {
        let can = session.can(permission);
        move || can.get().then(|| view! { <li><Icon name="check"/><span>{label(permission_key(permission))}</span></li> })
    });
    view! { <ul class="checks">{permissions.collect_view()}</ul> }
}
