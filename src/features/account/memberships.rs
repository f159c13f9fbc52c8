//! The organizations that one belongs to, with one's role, each to be left.

use crate::client;
use crate::i18n::{Key, label, text, text_with, words};
use crate::paths;
use crate::session::Session;
use crate::session::submission::Submission;
use crate::shell::role::{ends_text, role_key};
use crate::ui::button::{Button, ButtonKind};
use crate::ui::confirm_dialog::{ConfirmDialog, Question};
use crate::ui::logo::Logo;
use crate::ui::toast::{Toast, Toasts};
use crate::{args, t};
use leptos::prelude::*;
use pulze_contract::Permission;
use pulze_contract::organization::OrganizationSummary;

#[component]
pub fn Memberships() -> impl IntoView {
    let viewer = Session::expect().viewer();
    let organizations = move || viewer.get().map(|viewer| viewer.organizations).unwrap_or_default();
    let none = move || viewer.read().as_ref().is_none_or(|viewer| viewer.organizations.is_empty());
    view! {
        <section class="card" aria-labelledby="memberships-title">
            <h2 id="memberships-title">{t!(Organizations)}</h2>
            <p class="quiet" hidden=move || !none()>{t!(NoOrganization)}</p>
            <ul class="account-list">
                <For each=organizations key=Clone::clone let(organization)><Membership organization/></For>
            </ul>
        </section>
    }
}

#[component]
fn Membership(organization: OrganizationSummary) -> impl IntoView {
    let session = Session::expect();
    let toasts = Toasts::expect();
    let (open, sending) = (RwSignal::new(false), Submission::of_form());
    let OrganizationSummary { id, name, logo_url, role, ends, permissions, members, .. } = organization;
    let (href, identifier) = (paths::overview(&id), id.to_string());
    let last = permissions.contains(&Permission::OrganizationManage) && ends.is_none() && members.lasting_admins == 1;
    let reason = Signal::derive(move || last.then(|| text(Key::LeaveLastAdmin)));
    let stored = StoredValue::new(name.clone());
    let leave = Callback::new(move |_: String| {
        let (id, left, name) = (id.clone(), id.clone(), stored.get_value());
        sending.send(async move { client::membership_delete(&id).await }, move |()| {
            toasts.show(Toast::good(text_with(Key::Left, args!(name = name))));
            session.forget(&left);
        });
    });
    let question = Question {
        action: Signal::derive(t!(LeaveOrganization)),
        acting: Signal::derive(t!(Leaving)),
        consequence: Signal::derive(t!(LeaveExplained)),
        typed: None,
        busy: sending.busy(),
        failure: sending.sentence(),
        on_confirm: leave,
    };
    let hint = name.clone();
    view! {
        <li>
            <Logo name=name.clone() url=logo_url identifier/>
            <span class="person-text">
                <a class="person-name" href=href><bdi translate="no">{name}</bdi></a>
                <span class="person-email">
                    {label(role_key(role))}
                    {ends.map(|ends| view! { " · "{words(move || ends_text(ends))} })}
                </span>
            </span>
            <Button kind=ButtonKind::Quiet disabled_reason=reason on_click=move |()| open.set(true)>{words(move || text_with(Key::LeaveNamed, args!(name = hint.clone())))}</Button>
            <ConfirmDialog open question/>
        </li>
    }
}
