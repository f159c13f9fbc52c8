//! Inviting people: paste anything, see what becomes of each row, send.

use crate::client;
use crate::client::error::rule_text;
use crate::i18n::{Key, label, plural, text};
use crate::lazy_part;
use crate::shell::role::{role_key, role_meaning};
use crate::t;
use crate::ui::browser;
use crate::ui::button::{Button, ButtonKind};
use crate::ui::dialog::Dialog;
use crate::ui::field::{SelectField, TextAreaField};
use crate::ui::lazy::{Lazy, Load};
use crate::ui::toast::{Toast, Toasts};
use leptos::prelude::*;
use leptos::task::spawn_local;
use pulze_contract::invitation::{InvitationCreate, InvitationRow, Outcome, ROWS_MAX, Receipt, recipients};
use pulze_contract::{OrganizationId, Role};

#[component]
pub fn Invite(
    organization: OrganizationId,
    open: RwSignal<bool>,
    /// Counts what was sent.
    sent: RwSignal<u32>,
) -> impl IntoView {
    let busy = RwSignal::new(false);
    let given = Given { organization, open, busy, sent };
    view! {
        <Dialog open title=Signal::derive(t!(InviteMembers)) busy>
            <Lazy load=FORM given=given.clone() lines=5/>
        </Dialog>
    }
}

const FORM: Load<Given> = || Box::pin(invite());

#[derive(Clone)]
struct Given {
    organization: OrganizationId,
    open: RwSignal<bool>,
    busy: RwSignal<bool>,
    sent: RwSignal<u32>,
}

lazy_part!(invite, |given: Given| view! { <InviteForm given/> }.into_any());

#[component]
fn InviteForm(given: Given) -> impl IntoView {
    let Given { organization, open, busy, sent } = given;
    let toasts = Toasts::expect();
    let organization = StoredValue::new(organization);
    let pasted = RwSignal::new(String::new());
    let role = RwSignal::new(Role::Viewer.as_str().to_owned());
    let message = RwSignal::new(String::new());
    let failure = RwSignal::new(None::<String>);
    // The rows of the dry run; none while the text can still be changed.
    let checked = RwSignal::new(None::<Vec<Receipt>>);
    // One key for one dry run: a double click or a retry sends once.
    let key = StoredValue::new(String::new());
    let new = Memo::new(move |_| {
        let rows = checked.get().unwrap_or_default();
        u32::try_from(rows.iter().filter(|row| row.outcome == Outcome::New).count()).unwrap_or(u32::MAX)
    });
    let check = move || {
        let default = Role::parse(&role.get_untracked()).unwrap_or(Role::Viewer);
        let found = recipients(&pasted.get_untracked());
        if found.is_empty() {
            return failure.set(Some(text(Key::RuleRequired, &[])));
        }
        if found.len() > ROWS_MAX {
            let most = u32::try_from(ROWS_MAX).unwrap_or(u32::MAX);
            return failure.set(Some(plural(Key::AtMostRows, most)));
        }
        // What is no address is sent along as it stood there, so that it is told by its own words.
        let row = |recipient: pulze_contract::invitation::Recipient| InvitationRow {
            email: recipient.email.unwrap_or(recipient.text),
            role: recipient.role.unwrap_or(default),
        };
        let rows = found.into_iter().map(row).collect();
        busy.set(true);
        failure.set(None);
        spawn_local(async move {
            let answer = client::invitation_check(&organization.get_value(), rows).await;
            busy.set(false);
            match answer {
                Ok(receipts) => {
                    key.set_value(browser::random_key());
                    checked.set(Some(receipts.receipts));
                }
                Err(error) => failure.set(Some(error.sentence())),
            }
        });
    };
    let send = move |rows: Vec<Receipt>| {
        let rows = rows.into_iter().filter(|row| row.outcome == Outcome::New);
        let body = InvitationCreate {
            rows: rows.map(|Receipt { email, role, .. }| InvitationRow { email, role }).collect(),
            message: message.get_untracked(),
        };
        busy.set(true);
        failure.set(None);
        spawn_local(async move {
            let answer = client::invitation_create(&organization.get_value(), &body, &key.get_value()).await;
            busy.set(false);
            match answer {
                Ok(receipts) => {
                    let count = receipts.receipts.iter().filter(|receipt| receipt.outcome == Outcome::New).count();
                    open.set(false);
                    sent.update(|sent| *sent += 1);
                    toasts.show(Toast::good(plural(Key::InvitationsSent, u32::try_from(count).unwrap_or(u32::MAX))));
                }
                Err(error) => failure.set(Some(error.sentence())),
            }
        });
    };
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        match checked.get_untracked() {
            _ if busy.get_untracked() => {}
            None => check(),
            Some(rows) if new.get_untracked() > 0 => send(rows),
            Some(_) => {}
        }
    };
    let roles = Signal::derive(|| Role::ALL.map(|role| (role.as_str().to_owned(), text(role_key(role), &[]))).to_vec());
    let meaning = Signal::derive(move || Role::parse(&role.read()).map(|role| text(role_meaning(role), &[])).unwrap_or_default());
    let nobody = Signal::derive(move || (checked.read().is_some() && new.get() == 0).then(t!(NobodyToInvite)));
    view! {
        <form class="dialog-form" novalidate=true on:submit=submit>
            {move || match checked.get() {
                None => view! {
                    <TextAreaField label=Signal::derive(t!(Addresses)) value=pasted hint=Signal::derive(t!(AddressesHint))/>
                    <SelectField label=Signal::derive(t!(Role)) value=role options=roles on_change=move |value| role.set(value) hint=meaning/>
                    <TextAreaField label=Signal::derive(t!(PersonalMessage)) value=message/>
                }
                .into_any(),
                Some(rows) => {
                    let rows = rows.into_iter().enumerate().map(|(place, row)| view! { <CheckedRow place row checked/> });
                    view! {
                        <p class="dialog-text">{move || plural(Key::WillBeInvited, new.get())}</p>
                        <ul class="people checked-rows">{rows.collect_view()}</ul>
                    }
                    .into_any()
                }
            }}
            <p class="form-error" role="alert">{move || failure.get()}</p>
            <div class="dialog-footer">
                <Button on_click=move |()| match checked.get_untracked() {
                    Some(_) => checked.set(None),
                    None => open.set(false),
                }>
                    {move || if checked.read().is_some() { t!(BackToEdit)() } else { t!(Cancel)() }}
                </Button>
                <Button kind=ButtonKind::Primary submits=true busy disabled_reason=nobody>
                    {move || if checked.read().is_some() { t!(SendInvitations)() } else { t!(CheckAddresses)() }}
                </Button>
            </div>
        </form>
    }
}

/// A row of the dry run: its role can still be changed, or why nothing is sent.
#[component]
fn CheckedRow(place: usize, row: Receipt, checked: RwSignal<Option<Vec<Receipt>>>) -> impl IntoView {
    let Receipt { email, role, outcome } = row;
    let whose = email.clone();
    let said = move || match outcome {
        Outcome::New => String::new(),
        Outcome::Member { role } => text(Key::AlreadyMember, &[("role", text(role_key(role), &[]))]),
        Outcome::Invited => text(Key::AlreadyInvited, &[]),
        Outcome::Invalid { rule } => rule_text(rule),
    };
    let kind = match outcome {
        Outcome::New => "new",
        Outcome::Invalid { .. } => "invalid",
        Outcome::Member { .. } | Outcome::Invited => "known",
    };
    let choose = move |name: String| {
        // Without notifying: the rows are as they are on the page.
        checked.update_untracked(|rows| {
            if let (Some(row), Some(role)) = (rows.as_mut().and_then(|rows| rows.get_mut(place)), Role::parse(&name)) {
                row.role = role;
            }
        });
    };
    view! {
        <li class="grant" data-kind=kind>
            <span class="person-text"><span class="person-name"><bdi>{email}</bdi></span><span class="person-email">{said}</span></span>
            {(outcome == Outcome::New).then(|| view! {
                <select class="input" aria-label=t!(RoleOf, name = whose) on:change:target=move |event| choose(event.target().value())>
                    {Role::ALL.map(|option| view! {
                        <option value=option.as_str() selected=option == role>{label(role_key(option))}</option>
                    }).collect_view()}
                </select>
            })}
        </li>
    }
}
