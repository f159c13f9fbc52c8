//! Invitations that were not accepted: pending, expired and declined.

use crate::client::{self, Reading};
use crate::i18n::{Key, label, plural, relative, text};
use crate::session::Session;
use crate::shell::role::role_key;
use crate::t;
use crate::ui::button::{Button, ButtonKind};
use crate::ui::load::Failure;
use crate::ui::toast::{Toast, Toasts};
use leptos::prelude::*;
use leptos::task::spawn_local;
use pulze_contract::invitation::{Invitation, InvitationState};
use pulze_contract::{OrganizationId, Permission, Role};

#[component]
pub fn Invitations(
    organization: OrganizationId,
    /// Counts what was sent: then there are others.
    sent: RwSignal<u32>,
) -> impl IntoView {
    let may = Session::expect().can(Permission::MembersInvite);
    let organization = StoredValue::new(organization);
    let reading = Reading::new(move || {
        sent.track();
        async move { client::invitation_list(&organization.get_value()).await }
    });
    let failure = move || reading.get().and_then(Result::err).filter(|_| may.get());
    let known = move || reading.get().and_then(Result::ok).map(|list| list.invitations).unwrap_or_default();
    let list = move || {
        let invitations = known();
        (may.get() && !invitations.is_empty()).then(|| {
            let count = u32::try_from(invitations.len()).unwrap_or(u32::MAX);
            let rows = invitations.into_iter().map(|invitation| {
                let organization = organization.get_value();
                view! { <InvitationRow organization invitation on_change=move |()| reading.again()/> }
            });
            view! {
                <details class="card invitations" open=true>
                    <summary>{move || plural(Key::InvitationsCount, count)}</summary>
                    <ul class="people">{rows.collect_view()}</ul>
                </details>
            }
        })
    };
    view! {
        {move || failure().map(|error| view! { <Failure error on_retry=move |()| reading.again()/> })}
        {list}
    }
}

#[component]
fn InvitationRow(organization: OrganizationId, invitation: Invitation, #[prop(into)] on_change: Callback<()>) -> impl IntoView {
    let toasts = Toasts::expect();
    let busy = RwSignal::new(false);
    let place = StoredValue::new((organization, invitation.id));
    let Invitation { email, role, state, sent_at, opened_at, expires_at, .. } = invitation;
    let name = StoredValue::new(email.clone());
    let whose = email.clone();
    // After the answer: the list is read again, and the sentence is said only if it is true.
    let finish = move |answer: client::Result<()>, said: Key| {
        let _ = busy.try_set(false);
        match answer {
            Ok(()) => toasts.show(Toast::good(text(said, &[("name", name.get_value())]))),
            Err(error) => toasts.show(Toast::bad(error.sentence())),
        }
        on_change.run(());
    };
    let resend = move |()| {
        let (organization, id) = place.get_value();
        busy.set(true);
        spawn_local(
            async move { finish(client::invitation_resend(&organization, &id).await.map(|_| ()), Key::InvitationResent) },
        );
    };
    let revoke = move |()| {
        let (organization, id) = place.get_value();
        busy.set(true);
        spawn_local(async move { finish(client::invitation_delete(&organization, &id).await, Key::InvitationRevoked) });
    };
    let choose = move |wanted: String| {
        let Some(role) = Role::parse(&wanted) else { return };
        let (organization, id) = place.get_value();
        busy.set(true);
        spawn_local(async move { finish(client::invitation_update(&organization, &id, role).await, Key::Saved) });
    };
    let badge = match state {
        InvitationState::Pending => Key::StatePending,
        InvitationState::Expired => Key::StateExpired,
        InvitationState::Declined => Key::StateDeclined,
    };
    let when = move || {
        let sent = text(Key::SentWhen, &[("when", relative(sent_at))]);
        let opened = opened_at.map(|at| text(Key::OpenedWhen, &[("when", relative(at))]));
        let ends = (state == InvitationState::Pending).then(|| text(Key::ExpiresWhen, &[("when", relative(expires_at))]));
        [Some(sent), opened, ends].into_iter().flatten().collect::<Vec<_>>().join(" · ")
    };
    view! {
        <li class="grant">
            <span class="person-text">
                <span class="person-name"><bdi>{email}</bdi><span class="badge">{label(badge)}</span></span>
                <span class="person-email">{when}</span>
            </span>
            <select class="input" aria-label=t!(RoleOf, name = whose) on:change:target=move |event| choose(event.target().value())>
                {Role::ALL.map(|option| view! {
                    <option value=option.as_str() selected=option == role>{label(role_key(option))}</option>
                }).collect_view()}
            </select>
            <Button busy on_click=resend>{t!(Resend)}</Button>
            <Button kind=ButtonKind::Quiet busy on_click=revoke>{t!(Revoke)}</Button>
        </li>
    }
}
