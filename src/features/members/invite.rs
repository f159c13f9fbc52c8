//! Inviting people: paste anything, see what becomes of each row, send.

use super::invited_rows::{Checked, CheckedRows};
use super::space_grants::{SpaceGrants, spaces_of};
use crate::client::error::rule_text;
use crate::client::{self, Reading};
use crate::i18n::{Key, number, plural, text, text_with, words};
use crate::lazy_part;
use crate::session::Session;
use crate::session::submission::Submission;
use crate::shell::role::{role_key, role_meaning};
use crate::ui::browser;
use crate::ui::button::{Button, ButtonKind};
use crate::ui::date_field::{DateField, day_before, end_of_day};
use crate::ui::dialog::Dialog;
use crate::ui::field::{SelectField, TextAreaField};
use crate::ui::lazy::{Lazy, Load};
use crate::ui::load::Failure;
use crate::ui::toast::{Toast, Toasts};
use crate::{args, t};
use leptos::prelude::*;
use pulze_contract::access_template::AccessTemplate;
use pulze_contract::invitation::{
    AddressColumn, InvitationCreate, InvitationRow, Outcome, PastedPeople, ROWS_MAX, Receipt, Receipts,
};
use pulze_contract::organization::Seats;
use pulze_contract::space::SpaceGrant;
use pulze_contract::text::is_refused;
use pulze_contract::validation::Rule;
use pulze_contract::{OrganizationId, Permission, Role};

#[component]
pub fn Invite(
    organization: OrganizationId,
    open: RwSignal<bool>,
    /// There are invitations more.
    #[prop(into)]
    on_sent: Callback<()>,
) -> impl IntoView {
    let busy = RwSignal::new(false);
    let given = Given { organization, open, busy, on_sent };
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
    on_sent: Callback<()>,
}

lazy_part!(invite, |given: Given| view! { <InviteForm given/> }.into_any());

/// What everybody is given unless their row says otherwise.
#[derive(Clone, Copy)]
struct Terms {
    role: RwSignal<String>,
    grants: RwSignal<Vec<SpaceGrant>>,
    ends_on: RwSignal<String>,
}

impl Terms {
    fn role(self) -> Role {
        Role::parse(&self.role.get_untracked()).unwrap_or(Role::Viewer)
    }

    /// A pasted list, to be read by the server. What no request may hold is left out: it is no part of an address.
    fn pasted(self, list: &str, column: Option<u32>) -> PastedPeople {
        PastedPeople {
            text: list.replace(is_refused, " "),
            column,
            role: self.role(),
            spaces: self.grants.get_untracked(),
            ends_at: end_of_day(&self.ends_on.get_untracked()),
        }
    }

    /// What would be sent for somebody who was found in it.
    fn row(self, receipt: &Receipt) -> InvitationRow {
        // Who is admin everywhere needs no grants.
        let everywhere = receipt.role.grants(Permission::SpacesUpdate);
        InvitationRow {
            email: receipt.email.clone(),
            role: receipt.role,
            spaces: if everywhere { Vec::new() } else { self.grants.get_untracked() },
            ends_at: end_of_day(&self.ends_on.get_untracked()),
        }
    }

    fn take(self, template: &AccessTemplate) {
        self.role.set(template.role.as_str().to_owned());
        self.grants.set(template.spaces.clone());
        let ends_on = template.ends_after_days.map(|days| {
            #[allow(clippy::cast_possible_truncation)]
            let now = js_sys::Date::now() as i64;
            day_before(now + i64::from(days) * 86_400_000 + 1)
        });
        self.ends_on.set(ends_on.unwrap_or_default());
    }
}

#[component]
fn InviteForm(given: Given) -> impl IntoView {
    let Given { organization, open, busy, on_sent } = given;
    let toasts = Toasts::expect();
    let spaces = spaces_of(organization.clone());
    let organization = StoredValue::new(organization);
    let session = Session::expect();
    let pasted = RwSignal::new(String::new());
    let terms = Terms {
        role: RwSignal::new(Role::Viewer.as_str().to_owned()),
        grants: RwSignal::new(Vec::new()),
        ends_on: RwSignal::new(String::new()),
    };
    let message = RwSignal::new(String::new());
    let (checking, sending) = (Submission::of_dialog(busy), Submission::of_dialog(busy));
    // What is wrong with the rows themselves.
    let wrong = RwSignal::new(None::<String>);
    let failure = move || {
        let refused = sending.of_field("spaces").or_else(|| sending.sentence().get());
        let list = checking.failure().get().and_then(|error| error.field_error("pasted.text").map(|error| error.rule));
        let list = list.map(|rule| match rule {
            Rule::TooMany => plural(Key::AtMostRows, u32::try_from(ROWS_MAX).unwrap_or(u32::MAX)),
            rule => rule_text(rule),
        });
        let list = list.or_else(|| checking.of_field("spaces"));
        wrong.get().or(refused).or(list).or_else(|| checking.sentence().get())
    };
    let forget_failures = move || {
        wrong.set(None);
        checking.failure().set(None);
        sending.failure().set(None);
    };
    let seats = RwSignal::new(Seats::default());
    // The rows of the dry run; none while the text can still be changed.
    let checked = RwSignal::new(None::<Vec<Checked>>);
    // One key for one dry run: a double click or a retry sends once.
    let key = StoredValue::new(String::new());
    let new = Memo::new(move |_| checked.read().as_ref().map_or(0, |rows| count(rows, |row| row.outcome == Outcome::New)));
    let show = move |rows: Vec<InvitationRow>, receipts: Receipts| {
        key.set_value(browser::random_key());
        seats.set(receipts.seats);
        let rows = rows.into_iter().zip(receipts.receipts).map(|(row, receipt)| Checked::new(row, receipt)).collect();
        checked.set(Some(rows));
    };
    // The columns to choose from where a table has several with addresses, until the text changes.
    let columns = RwSignal::new(Vec::<AddressColumn>::new());
    let column = RwSignal::new(String::new());
    Effect::new(move || {
        pasted.track();
        columns.set(Vec::new());
        column.set(String::new());
    });
    let check = move || {
        forget_failures();
        let list = terms.pasted(&pasted.get_untracked(), column.get_untracked().parse().ok());
        let organization = organization.get_value();
        let request = async move { client::invitation_check(&organization, list).await };
        checking.send_then(
            request,
            |_| {},
            move |receipts| {
                if receipts.columns.is_empty() {
                    show(receipts.receipts.iter().map(|receipt| terms.row(receipt)).collect(), receipts);
                } else {
                    columns.set(receipts.columns);
                    wrong.set(Some(text(Key::ColumnAsked)));
                }
            },
        );
    };
    let send = move |rows: Vec<Checked>| {
        let rows = rows.iter().filter(|row| row.outcome == Outcome::New).map(Checked::row).collect::<Vec<_>>();
        let body = InvitationCreate { rows: rows.clone(), message: message.get_untracked() };
        forget_failures();
        let (organization, key) = (organization.get_value(), key.get_value());
        let sent = |receipts: &Receipts| receipts.receipts.iter().filter(|receipt| receipt.outcome == Outcome::New).count();
        let delivers = session.delivers_mail();
        let told = move |receipts: &Receipts| {
            on_sent.try_run(());
            let sent = sent(receipts);
            if sent > 0 {
                let said = if delivers { Key::InvitationsSent } else { Key::InvitationsKept };
                toasts.show(Toast::good(plural(said, u32::try_from(sent).unwrap_or(u32::MAX))));
            }
        };
        let request = async move { client::invitation_create(&organization, &body, &key).await };
        sending.send_then(request, told, move |receipts| {
            if sent(&receipts) == rows.len() {
                return open.set(false);
            }
            // Something came in between: what was not sent stays, with its reason, and can be tried again alone.
            let (rows, left): (Vec<_>, Vec<_>) =
                rows.into_iter().zip(receipts.receipts).filter(|(_, receipt)| receipt.outcome != Outcome::New).unzip();
            pasted.set(rows.iter().map(|row| row.email.as_str()).collect::<Vec<_>>().join("\n"));
            wrong.set(Some(plural(Key::NotSent, u32::try_from(rows.len()).unwrap_or(u32::MAX))));
            show(rows, Receipts { receipts: left, ..receipts });
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
    let nobody = Signal::derive(move || (checked.read().is_some() && new.get() == 0).then(t!(NobodyToInvite)));
    let column_options = Signal::derive(move || {
        let none = std::iter::once((String::new(), text(Key::AddressColumnChoose)));
        let option = |column: &AddressColumn| {
            // Counted as people count.
            let number = number(f64::from(column.column) + 1.0);
            let name =
                if column.name.is_empty() { text_with(Key::ColumnNumber, args!(number = number)) } else { column.name.clone() };
            (column.column.to_string(), text_with(Key::AddressColumnOption, args!(name = name, example = column.example.clone())))
        };
        none.chain(columns.read().iter().map(option)).collect::<Vec<_>>()
    });
    let seats_said = move || {
        let Seats { taken, limit } = seats.get();
        let number = |count: u32| number(f64::from(count));
        limit.map(|limit| text_with(Key::SeatsTaken, args!(taken = number(taken), limit = number(limit))))
    };
    view! {
        <form class="dialog-form" novalidate=true on:submit=submit>
            {move || match checked.get() {
                None => view! {
                    <TextAreaField label=Signal::derive(t!(Addresses)) value=pasted hint=Signal::derive(t!(AddressesHint))/>
                    <Show when=move || !columns.read().is_empty()>
                        <SelectField label=Signal::derive(t!(AddressColumn)) value=column options=column_options on_change=move |value| column.set(value)/>
                    </Show>
                    <TermsFields organization=organization.get_value() terms spaces/>
                    <TextAreaField label=Signal::derive(t!(PersonalMessage)) value=message/>
                }
                .into_any(),
                Some(rows) => view! {
                    <p class="dialog-text">{words(move || plural(Key::WillBeInvited, new.get()))}</p>
                    {move || seats_said().map(|said| view! { <p class="field-hint">{said}</p> })}
                    <CheckedRows rows spaces/>
                }
                .into_any(),
            }}
            <p class="form-error" role="alert">{failure}</p>
            <div class="dialog-footer">
                <Button on_click=move |()| match checked.get_untracked() {
                    Some(_) => {
                        forget_failures();
                        checked.set(None);
                    }
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

fn count(rows: &[Checked], fits: impl Fn(&Checked) -> bool) -> u32 {
    u32::try_from(rows.iter().filter(|row| fits(row)).count()).unwrap_or(u32::MAX)
}

/// A template, or role, spaces and end one by one.
#[component]
fn TermsFields(organization: OrganizationId, terms: Terms, spaces: Reading<pulze_contract::space::SpaceList>) -> impl IntoView {
    let own = Session::expect().organization().get_untracked().map_or(Role::Viewer, |organization| organization.role);
    let reading = Reading::new(move || {
        let organization = organization.clone();
        async move { client::access_template_list(&organization).await }
    });
    // One that gives more than I hold is not mine to use.
    let templates = Memo::new(move |_| {
        let all = reading.get().and_then(Result::ok).map(|list| list.templates).unwrap_or_default();
        all.into_iter().filter(|template| template.role <= own).collect::<Vec<_>>()
    });
    let chosen = RwSignal::new(String::new());
    let options = Signal::derive(move || {
        let none = std::iter::once((String::new(), text(Key::NoTemplate)));
        none.chain(templates.get().into_iter().map(|template| (template.id.to_string(), template.name))).collect::<Vec<_>>()
    });
    let choose = move |id: String| {
        if let Some(template) = templates.read_untracked().iter().find(|template| template.id.as_str() == id) {
            terms.take(template);
        }
        chosen.set(id);
    };
    let roles = Signal::derive(move || {
        let offered = Role::ALL.into_iter().filter(|role| *role <= own);
        offered.map(|role| (role.as_str().to_owned(), text(role_key(role)))).collect::<Vec<_>>()
    });
    let role = Memo::new(move |_| Role::parse(&terms.role.read()));
    let meaning = Signal::derive(move || role.get().map(|role| text(role_meaning(role))).unwrap_or_default());
    let everywhere = move || role.get().is_some_and(|role| role.grants(Permission::SpacesUpdate));
    view! {
        {move || reading.get().and_then(Result::err).map(|error| view! { <Failure error on_retry=move |()| reading.again()/> })}
        <Show when=move || !templates.read().is_empty()>
            <SelectField label=Signal::derive(t!(Template)) value=chosen options on_change=choose/>
        </Show>
        <SelectField label=Signal::derive(t!(Role)) value=terms.role options=roles on_change=move |value| terms.role.set(value) hint=meaning/>
        <Show when=move || !everywhere()>
            <SpaceGrants label=Signal::derive(t!(SpacesForAll)) grants=terms.grants spaces/>
        </Show>
        <DateField label=Signal::derive(t!(EndsOn)) value=terms.ends_on hint=Signal::derive(t!(EndsOnHint))/>
    }
}
