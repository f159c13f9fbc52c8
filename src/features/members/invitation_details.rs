//! An invitation that was not accepted: how it stands, what it gives, send again, copy, revoke.

use super::member_rows::state_key;
use super::space_grants::{SpaceGrants, spaces_of};
use crate::client::{self, Reading};
use crate::i18n::{Key, NamedKey, date_time, label, text, text_with, words};
use crate::paths;
use crate::session::Session;
use crate::session::submission::Submission;
use crate::shell::manage::Heading;
use crate::shell::role::{role_key, role_meaning};
use crate::ui::browser;
use crate::ui::button::{Button, ButtonKind};
use crate::ui::confirm_dialog::{ConfirmDialog, Question};
use crate::ui::date_field::{DateField, day_before, end_of_day};
use crate::ui::field::SelectField;
use crate::ui::load::{Failure, Skeleton};
use crate::ui::toast::{Toast, Toasts};
use crate::ui::unsaved_changes::UnsavedChanges;
use crate::{args, t};
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use pulze_contract::invitation::{Invitation, InvitationState, InvitationUpdate};
use pulze_contract::{InvitationId, OrganizationId, Permission, Role};
use wasm_bindgen_futures::JsFuture;

#[component]
pub fn InvitationDetails(id: InvitationId) -> impl IntoView {
    let session = Session::expect();
    let Some(organization) = session.organization_id().get_untracked() else { return ().into_any() };
    let list = paths::manage(&organization, paths::MEMBERS);
    let place = StoredValue::new((organization, id));
    let reading = Reading::new(move || {
        let (organization, id) = place.get_value();
        async move { client::invitation_read(&organization, &id).await }
    });
    view! {
        <a class="back" href=list>{t!(AllMembers)}</a>
        {move || match reading.get() {
            None => view! { <Skeleton lines=6/> }.into_any(),
            Some(Err(error)) => view! { <Failure error on_retry=move |()| reading.again()/> }.into_any(),
            Some(Ok(invitation)) => view! { <Details place invitation on_change=move |()| reading.again()/> }.into_any(),
        }}
    }
    .into_any()
}

#[component]
fn Details(
    place: StoredValue<(OrganizationId, InvitationId)>,
    invitation: Invitation,
    #[prop(into)] on_change: Callback<()>,
) -> impl IntoView {
    Heading::show(invitation.email.clone());
    let state = invitation.state;
    let for_form = invitation.clone();
    let Invitation { email, sent_at, opened_at, expires_at, invited_by, manageable, backed, .. } = invitation;
    let inviter = invited_by.clone();
    let unbacked = backed == Some(false) && state == InvitationState::Pending;
    let mine = manageable != Some(false);
    view! {
        <section class="card" aria-label=t!(Invitation)>
            <p class="status-line"><span class="badge">{label(state_key(state))}</span></p>
            <dl class="facts">
                <dt>{t!(InvitedBy)}</dt>
                <dd><bdi translate="no">{invited_by}</bdi></dd>
                <dt>{t!(Sent)}</dt>
                <dd>{words(move || date_time(sent_at))}</dd>
                <dt>{t!(Opened)}</dt>
                <dd>{move || opened_at.map_or_else(|| text(Key::NotOpened), date_time)}</dd>
                <dt>{move || if expires_at > now() { t!(Expires)() } else { t!(Expired)() }}</dt>
                <dd>{words(move || date_time(expires_at))}</dd>
            </dl>
            {unbacked.then(|| view! { <p class="note">{t!(InvitationUnbacked, name = inviter)}</p> })}
            {if mine {
                view! { <Actions place email state on_change/> }.into_any()
            } else {
                view! { <p class="note">{t!(InvitationBeyond)}</p> }.into_any()
            }}
        </section>
        {mine.then(|| view! { <WhatItGives place invitation=for_form on_change/> })}
    }
}

fn now() -> i64 {
    #[allow(clippy::cast_possible_truncation)]
    let now = js_sys::Date::now() as i64;
    now
}

#[component]
fn Actions(
    place: StoredValue<(OrganizationId, InvitationId)>,
    email: String,
    state: InvitationState,
    on_change: Callback<()>,
) -> impl IntoView {
    let toasts = Toasts::expect();
    let (resending, copying) = (Submission::of_button(), Submission::of_button());
    let busy = Signal::derive(move || resending.busy().get() || copying.busy().get());
    let refused_link = RwSignal::new(None::<String>);
    let name = StoredValue::new(email);
    let said = move |key: NamedKey| text_with(key, args!(name = name.get_value()));
    let session = Session::expect();
    let resend = move |()| {
        let told = if session.delivers_mail() { Key::InvitationResent } else { Key::InvitationRenewed };
        let ((organization, id), resent) = (place.get_value(), said(told));
        resending.send(async move { client::invitation_resend(&organization, &id).await }, move |_| {
            toasts.show(Toast::good(resent));
            on_change.try_run(());
        });
    };
    let copy = move |()| {
        let ((organization, id), copied) = (place.get_value(), said(Key::LinkCopied));
        let request = async move {
            let made = client::invitation_link(&organization, &id).await?;
            let promise = browser::window().navigator().clipboard().write_text(&made.link);
            // Made and not copied: shown, so that it is not lost.
            Ok(JsFuture::from(promise).await.is_err().then_some(made.link))
        };
        let told = move |refused: &Option<String>| {
            if refused.is_none() {
                toasts.show(Toast::good(copied));
            }
        };
        copying.send_then(request, told, move |refused| refused_link.set(refused));
    };
    let pending = state == InvitationState::Pending;
    view! {
        <p class="quiet">{t!(ResendExplained)}</p>
        <div class="card-actions">
            <Button kind=if pending { ButtonKind::Secondary } else { ButtonKind::Primary } busy on_click=resend>{t!(Resend)}</Button>
            {pending.then(|| view! { <Button busy on_click=copy>{t!(CopyLink)}</Button> })}
            <Revoke place name/>
        </div>
        {move || refused_link.get().map(|link| view! {
            <p class="note" role="status"><span>{t!(LinkShown)}" "<code translate="no">{link}</code></span></p>
        })}
    }
}

#[component]
fn Revoke(place: StoredValue<(OrganizationId, InvitationId)>, name: StoredValue<String>) -> impl IntoView {
    let toasts = Toasts::expect();
    let navigate = StoredValue::new(use_navigate());
    let (open, sending) = (RwSignal::new(false), Submission::of_form());
    let said = move |key: NamedKey| text_with(key, args!(name = name.get_value()));
    let on_confirm = Callback::new(move |_: String| {
        let ((organization, id), revoked) = (place.get_value(), said(Key::InvitationRevoked));
        let list = paths::manage(&organization, paths::MEMBERS);
        let request = async move { client::invitation_delete(&organization, &id).await };
        let told = move |(): &()| toasts.show(Toast::good(revoked));
        sending.send_then(request, told, move |()| {
            open.set(false);
            navigate.with_value(|navigate| navigate(&list, NavigateOptions { replace: true, ..Default::default() }));
        });
    });
    let question = Question {
        action: Signal::derive(t!(RevokeInvitation)),
        acting: Signal::derive(t!(Revoking)),
        consequence: Signal::derive(move || said(Key::RevokeExplained)),
        typed: None,
        busy: sending.busy(),
        failure: sending.sentence(),
        on_confirm,
    };
    view! {
        <Button kind=ButtonKind::Danger on_click=move |()| open.set(true)>{t!(RevokeInvitation)}</Button>
        <ConfirmDialog open question/>
    }
}

/// Role, spaces and end, to be changed as long as it is not accepted.
#[component]
fn WhatItGives(
    place: StoredValue<(OrganizationId, InvitationId)>,
    invitation: Invitation,
    on_change: Callback<()>,
) -> impl IntoView {
    let session = Session::expect();
    let toasts = Toasts::expect();
    let own = session.organization().get_untracked().map_or(Role::Viewer, |organization| organization.role);
    let role = RwSignal::new(invitation.role.as_str().to_owned());
    let grants = RwSignal::new(invitation.spaces.clone());
    let ends_on = RwSignal::new(invitation.ends_at.map(day_before).unwrap_or_default());
    let spaces = spaces_of(place.get_value().0);
    let sending = Submission::of_form();
    let (busy, failure) = (sending.busy(), sending.failure());
    let body = move || InvitationUpdate {
        role: Role::parse(&role.read()).unwrap_or(invitation.role),
        spaces: grants.get(),
        // The very moment that was kept, unless another day was chosen.
        ends_at: match invitation.ends_at {
            Some(at) if day_before(at) == *ends_on.read() => Some(at),
            _ => end_of_day(&ends_on.read()),
        },
    };
    let before = InvitationUpdate { role: invitation.role, spaces: invitation.spaces.clone(), ends_at: invitation.ends_at };
    let changed = Memo::new(move |_| body() != before);
    UnsavedChanges::expect().follow(changed);
    let blocked = Signal::derive(move || (!changed.get()).then(t!(NothingToSave)));
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        let ((organization, id), body) = (place.get_value(), untrack(body));
        sending.send(async move { client::invitation_update(&organization, &id, &body).await }, move |()| {
            toasts.show(Toast::good(text(Key::Saved)));
            on_change.try_run(());
        });
    };
    // Nobody gives more than they hold; a role that stands there already may stay.
    let roles = Signal::derive(move || {
        let offered = Role::ALL.into_iter().filter(|role| *role <= own || *role == invitation.role);
        offered.map(|role| (role.as_str().to_owned(), text(role_key(role)))).collect::<Vec<_>>()
    });
    let meaning = Signal::derive(move || Role::parse(&role.read()).map(|role| text(role_meaning(role))).unwrap_or_default());
    let everywhere = move || Role::parse(&role.read()).is_some_and(|role| role.grants(Permission::SpacesUpdate));
    view! {
        <form class="card form" novalidate=true on:submit=submit aria-label=t!(WhatItGives)>
            <h2>{t!(WhatItGives)}</h2>
            <SelectField label=Signal::derive(t!(Role)) value=role options=roles on_change=move |value| role.set(value) hint=meaning/>
            <Show when=move || !everywhere()>
                <SpaceGrants label=Signal::derive(t!(Spaces)) grants spaces/>
            </Show>
            <DateField label=Signal::derive(t!(EndsOn)) value=ends_on hint=Signal::derive(t!(EndsOnHint))/>
            <p class="form-error" role="alert">{move || failure.get().map(|error| {
                error.of_field("ends_at").or_else(|| error.of_field("spaces")).unwrap_or_else(|| error.sentence())
            })}</p>
            <div class="form-footer">
                <Button kind=ButtonKind::Primary submits=true busy disabled_reason=blocked>
                    {move || if busy.get() { t!(Saving)() } else { t!(SaveChanges)() }}
                </Button>
            </div>
        </form>
    }
}
