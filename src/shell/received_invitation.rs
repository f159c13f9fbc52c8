//! An invitation that waits for the signed-in person: accepted or declined in place.

use crate::client;
use crate::i18n::{Key, NamedKey, date_time, text, text_with, words};
use crate::lazy_part;
use crate::session::Session;
use crate::session::submission::Submission;
use crate::shell::role::{role_key, role_meaning};
use crate::ui::button::{Button, ButtonKind};
use crate::ui::dialog::Dialog;
use crate::ui::lazy::{Lazy, Load};
use crate::ui::toast::{Toast, Toasts};
use crate::{args, t};
use leptos::prelude::*;
use pulze_contract::OrganizationId;
use pulze_contract::invitation::ReceivedInvitation;
use pulze_contract::organization::OrganizationSummary;
use pulze_contract::session::Viewer;

/// Shown while `invitation` holds one.
#[component]
pub fn ReceivedInvitationDialog(
    invitation: RwSignal<Option<ReceivedInvitation>>,
    /// The organization that the person belongs to from now on.
    #[prop(into)]
    on_joined: Callback<OrganizationSummary>,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let busy = RwSignal::new(false);
    Effect::new(move || open.set(invitation.read().is_some()));
    // Closed by hand. Setting again what is set would wake the effect above, and that one this.
    Effect::watch(
        move || open.get(),
        move |open, _, _| {
            if !open && invitation.read_untracked().is_some() {
                invitation.set(None);
            }
        },
        false,
    );
    let given = Given { invitation, busy, on_joined };
    view! {
        <Dialog open title=Signal::derive(t!(Invitation)) busy>
            <Lazy load=DECISION given=given lines=4/>
        </Dialog>
    }
}

/// The decision, to be fetched when somebody is about to open it.
pub const DECISION: Load<Given> = || Box::pin(received_invitation());

#[derive(Clone, Copy)]
pub struct Given {
    invitation: RwSignal<Option<ReceivedInvitation>>,
    busy: RwSignal<bool>,
    on_joined: Callback<OrganizationSummary>,
}

lazy_part!(received_invitation, |given: Given| view! { <Decision given/> }.into_any());

#[component]
fn Decision(given: Given) -> impl IntoView {
    let Given { invitation, busy, on_joined } = given;
    let session = Session::expect();
    let toasts = Toasts::expect();
    let sending = Submission::of_dialog(busy);
    let failure = sending.sentence();
    let Some(received) = invitation.get_untracked() else { return ().into_any() };
    let ReceivedInvitation {
        id,
        organization_id,
        organization_name,
        invited_by,
        role,
        message,
        space_names,
        expires_at,
        ends_at,
    } = received;
    let id = StoredValue::new(id);
    let name = StoredValue::new(organization_name.clone());
    let said = move || text_with(Key::InvitesYou, args!(name = invited_by.clone(), organization = organization_name.clone()));
    // The name is read now: the dialog may be gone when the answer comes.
    let finish = move |key: NamedKey| {
        let name = name.get_value();
        move || {
            invitation.set(None);
            toasts.show(Toast::good(text_with(key, args!(name = name))));
        }
    };
    let accept = move |()| {
        let (organization_id, id, finish) = (organization_id.clone(), id.get_value(), finish(Key::JoinedToast));
        sending.send(async move { client::received_invitation_accept(&id).await }, move |viewer: &Option<Viewer>| {
            let joined = viewer.as_ref().and_then(|viewer| {
                viewer.organizations.iter().find(|known: &&OrganizationSummary| is(known, &organization_id)).cloned()
            });
            session.set_viewer(viewer.clone());
            finish();
            if let Some(joined) = joined {
                on_joined.try_run(joined);
            }
        });
    };
    let decline = move |()| {
        let (id, finish) = (id.get_value(), finish(Key::DeclinedToast));
        sending.send(async move { client::received_invitation_decline(&id).await }, move |()| {
            session.refresh();
            finish();
        });
    };
    view! {
        <div class="dialog-form">
            <p class="dialog-text">{said}</p>
            {(!message.is_empty()).then(|| view! { <blockquote class="space-description">{message}</blockquote> })}
            <dl class="facts">
                <dt>{t!(Role)}</dt>
                <dd>{words(move || format!("{}: {}", text(role_key(role)), text(role_meaning(role))))}</dd>
                {(!space_names.is_empty()).then(|| view! { <dt>{t!(Spaces)}</dt><dd>{space_names.join(", ")}</dd> })}
                {ends_at.map(|at| view! { <dt>{t!(AccessEnds)}</dt><dd>{words(move || date_time(at))}</dd> })}
                <dt>{t!(ValidUntil)}</dt>
                <dd>{words(move || date_time(expires_at))}</dd>
            </dl>
            <p class="form-error" role="alert">{move || failure.get()}</p>
            <div class="dialog-footer">
                <Button kind=ButtonKind::Quiet busy on_click=decline>{t!(Decline)}</Button>
                <Button kind=ButtonKind::Primary busy on_click=accept>{t!(Accept)}</Button>
            </div>
        </div>
    }
    .into_any()
}

fn is(organization: &OrganizationSummary, id: &OrganizationId) -> bool {
    organization.id == *id
}
