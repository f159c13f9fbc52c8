//! `/invitation#secret`: who invites, to what, with which role; accept or decline.

use crate::client::{self, Listener, Reading, error::rule_text};
use crate::i18n::{Key, date_time, text, text_with, words};
use crate::lazy_part;
use crate::paths;
use crate::session::Session;
use crate::session::submission::Submission;
use crate::shell::page::PageTitle;
use crate::shell::role::{role_key, role_meaning};
use crate::shell::sign_in::SignInForm;
use crate::ui::browser;
use crate::ui::button::{Button, ButtonKind};
use crate::ui::field::{FieldKind, TextField};
use crate::ui::lazy::{Lazy, Load};
use crate::ui::load::{Failure, Skeleton};
use crate::{args, t};
use leptos::prelude::*;
use leptos_router::hooks::use_navigate;
use pulze_contract::invitation::{InvitationAccept, InvitationOpened};
use pulze_contract::{OrganizationId, validation};

#[component]
pub fn InvitationPage() -> impl IntoView {
    view! { <Lazy load=INVITATION given=() lines=5/> }
}

const INVITATION: Load<()> = || Box::pin(invitation());

lazy_part!(invitation, |_given: ()| view! { <InvitationContent/> }.into_any());

#[component]
fn InvitationContent() -> impl IntoView {
    let secret = StoredValue::new(browser::fragment());
    let reading = Reading::new(move || client::invitation_open(secret.get_value()));
    let declined = RwSignal::new(false);
    view! {
        <main class="page alone" id="content">
            <PageTitle title=Signal::derive(t!(Invitation)) purpose=Signal::derive(t!(InvitationPurpose))/>
            {move || match reading.get() {
                _ if declined.get() => view! { <p class="note" role="status">{t!(DeclinedThanks)}</p> }.into_any(),
                None => view! { <Skeleton lines=4/> }.into_any(),
                Some(Err(error)) => view! { <Failure error on_retry=move |()| reading.again()/> }.into_any(),
                Some(Ok(opened)) => view! { <Decision opened secret declined/> }.into_any(),
            }}
        </main>
    }
}

/// What is decided about, and how the reader may: as who they are, after signing in, or with a new account.
#[component]
fn Decision(opened: InvitationOpened, secret: StoredValue<String>, declined: RwSignal<bool>) -> impl IntoView {
    let viewer = Session::expect().viewer();
    tell_seen(secret);
    let sending = Submission::of_form();
    let failure = sending.sentence();
    let decline = move |()| sending.send(client::invitation_decline(secret.get_value()), move |()| declined.set(true));
    let InvitationOpened {
        organization_id,
        organization_name,
        invited_by,
        email,
        role,
        message,
        space_names,
        expires_at,
        ends_at,
        has_account,
    } = opened;
    let address = StoredValue::new(email.clone());
    let offer = Offer { secret, organization: StoredValue::new(organization_id) };
    let said = move || text_with(Key::InvitesYou, args!(name = invited_by.clone(), organization = organization_name.clone()));
    view! {
        <section class="card invitation" aria-label=t!(Invitation)>
            <h2>{said}</h2>
            {(!message.is_empty()).then(|| view! { <blockquote class="space-description">{message.clone()}</blockquote> })}
            <dl class="facts">
                <dt>{t!(Role)}</dt>
                <dd>{words(move || format!("{}: {}", text(role_key(role)), text(role_meaning(role))))}</dd>
                {(!space_names.is_empty()).then(|| view! { <dt>{t!(Spaces)}</dt><dd>{space_names.join(", ")}</dd> })}
                {ends_at.map(|at| view! { <dt>{t!(AccessEnds)}</dt><dd>{words(move || date_time(at))}</dd> })}
                <dt>{t!(Email)}</dt>
                <dd>{email}</dd>
                <dt>{t!(ValidUntil)}</dt>
                <dd>{words(move || date_time(expires_at))}</dd>
            </dl>
            {move || {
                let email = address.get_value();
                match viewer.get() {
                    Some(viewer) if viewer.email == email => view! { <AcceptSignedIn offer/> }.into_any(),
                    Some(viewer) => view! {
                        <p class="form-error" role="alert">{t!(OtherAccount, mine = viewer.email, theirs = email)}</p>
                    }
                    .into_any(),
                    None if has_account => view! { <p>{t!(SignInToAccept)}</p><SignInForm/> }.into_any(),
                    None => view! { <NewAccount offer/> }.into_any(),
                }
            }}
            <p class="form-error" role="alert">{move || failure.get()}</p>
            <Button kind=ButtonKind::Quiet on_click=decline>{t!(Decline)}</Button>
        </section>
    }
}

/// Says that a person looked, as soon as somebody does something on the page while it is in sight. Programs that look at
/// the links of mails run the page too, and touch nothing.
fn tell_seen(secret: StoredValue<String>) {
    let (told, answers) = (StoredValue::new(false), Listener::here());
    for act in ["pointermove", "pointerdown", "keydown", "wheel", "touchstart"] {
        let listener = window_event_listener_untyped(act, move |event| {
            let person = event.is_trusted() && !browser::document().hidden();
            if person && told.try_update_value(|told| !std::mem::replace(told, true)) == Some(true) {
                let secret = secret.get_value();
                // That it was seen is worth no message, and neither is that it could not be said.
                answers.hear(client::invitation_seen(secret), drop);
            }
        });
        on_cleanup(move || listener.remove());
    }
}

/// What is accepted, and where it leads.
#[derive(Clone, Copy)]
struct Offer {
    secret: StoredValue<String>,
    organization: StoredValue<OrganizationId>,
}

/// Sends the acceptance and goes where it leads.
fn accept(offer: Offer, body: InvitationAccept, sending: Submission) {
    let session = Session::expect();
    let navigate = use_navigate();
    let path = paths::overview(&offer.organization.get_value());
    sending.send_then(
        async move { client::invitation_accept(&body).await },
        |_| {},
        move |viewer| {
            session.set_viewer(viewer);
            navigate(&path, leptos_router::NavigateOptions { replace: true, ..Default::default() });
        },
    );
}

#[component]
fn AcceptSignedIn(offer: Offer) -> impl IntoView {
    let sending = Submission::of_form();
    let (busy, failure) = (sending.busy(), sending.failure());
    let owner = Owner::current();
    let on_click = move |()| {
        let body = InvitationAccept { secret: offer.secret.get_value(), name: String::new(), password: String::new() };
        if let Some(owner) = &owner {
            owner.with(|| accept(offer, body, sending));
        }
    };
    view! {
        <p class="form-error" role="alert">{move || failure.get().map(|error| error.sentence())}</p>
        <Button kind=ButtonKind::Primary busy on_click>{t!(Accept)}</Button>
    }
}

#[component]
fn NewAccount(offer: Offer) -> impl IntoView {
    let (name, password) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let (submitted, sending) = (RwSignal::new(false), Submission::of_form());
    let (busy, failure) = (sending.busy(), sending.failure());
    let owner = Owner::current();
    let refused = move |field: &str| failure.get().and_then(|error| error.of_field(field));
    let name_error = Signal::derive(move || {
        let rule = validation::name(&name.read()).err().filter(|_| submitted.get());
        rule.map(rule_text).or_else(|| refused("name"))
    });
    let password_error = Signal::derive(move || {
        let rule = validation::new_password(&password.read()).err().filter(|_| submitted.get());
        rule.map(rule_text).or_else(|| refused("password"))
    });
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        submitted.set(true);
        let body =
            InvitationAccept { secret: offer.secret.get_value(), name: name.get_untracked(), password: password.get_untracked() };
        let valid = validation::name(&body.name).is_ok() && validation::new_password(&body.password).is_ok();
        if let (true, false, Some(owner)) = (valid, busy.get_untracked(), &owner) {
            owner.with(|| accept(offer, body, sending));
        }
    };
    view! {
        <form class="form" novalidate=true on:submit=submit>
            <TextField label=Signal::derive(t!(YourName)) value=name required=true error=name_error/>
            <TextField
                label=Signal::derive(t!(NewPassword))
                value=password
                kind=FieldKind::NewPassword
                required=true
                hint=Signal::derive(t!(NewPasswordHint))
                error=password_error
            />
            <p class="form-error" role="alert">{move || failure.get().map(|error| error.sentence())}</p>
            <Button kind=ButtonKind::Primary submits=true busy>{t!(CreateAccountAndAccept)}</Button>
        </form>
    }
}
