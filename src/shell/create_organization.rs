//! The dialog New Organization.

use crate::client;
use crate::client::error::rule_text;
use crate::i18n::{Key, text_with};
use crate::lazy_part;
use crate::session::Session;
use crate::shell::logo_field::{LogoField, LogoState};
use crate::ui::browser;
use crate::ui::button::{Button, ButtonKind};
use crate::ui::dialog::Dialog;
use crate::ui::field::TextField;
use crate::ui::icon::Icon;
use crate::ui::lazy::{Lazy, Load};
use crate::ui::toast::{Toast, Toasts};
use crate::{args, t};
use leptos::prelude::*;
use pulze_contract::organization::{OrganizationCreate, OrganizationSummary};
use pulze_contract::validation;

#[component]
pub fn CreateOrganization(open: RwSignal<bool>, on_created: Callback<OrganizationSummary>) -> impl IntoView {
    let busy = RwSignal::new(false);
    view! {
        <Dialog open title=Signal::derive(t!(NewOrganization)) busy>
            <Lazy load=FORM given=Given { open, busy, on_created } lines=5/>
        </Dialog>
    }
}

/// The form, to be fetched when somebody is about to open the dialog.
pub const FORM: Load<Given> = || Box::pin(create_organization());

/// What the form is given by its dialog.
#[derive(Clone, Copy, Debug)]
pub struct Given {
    open: RwSignal<bool>,
    busy: RwSignal<bool>,
    on_created: Callback<OrganizationSummary>,
}

lazy_part!(create_organization, |given: Given| view! { <CreateOrganizationForm given/> }.into_any());

#[component]
fn CreateOrganizationForm(given: Given) -> impl IntoView {
    let Given { open, busy, on_created } = given;
    let session = Session::expect();
    let toasts = Toasts::expect();
    let create = Action::new_local(|(body, key): &(OrganizationCreate, String)| {
        let (body, key) = (body.clone(), key.clone());
        async move { client::organization_create(&body, &key).await }
    });
    Effect::new(move || busy.set(create.pending().get()));
    Effect::watch(
        move || create.value().get(),
        move |result, _, _| match result {
            Some(Ok(organization)) => {
                session.remember(organization.clone());
                open.set(false);
                toasts.show(Toast::good(text_with(Key::CreatedToast, args!(name = organization.summary.name.clone()))));
                on_created.try_run(organization.summary.clone());
            }
            Some(Err(error)) => session.learn_from(error),
            None => {}
        },
        false,
    );
    let name = RwSignal::new(String::new());
    let logo_url = RwSignal::new(String::new());
    let logo_state = RwSignal::new(LogoState::None);
    let submitted = RwSignal::new(false);
    // One key for this opening of the dialog: a double click or a retry creates once.
    let key = StoredValue::new(browser::random_key());
    let refused = move |field: &str| create.value().get().and_then(Result::err).and_then(|error| error.of_field(field));
    let name_error = Signal::derive(move || {
        let rule = validation::name(&name.read()).err().filter(|_| submitted.get());
        rule.map(rule_text).or_else(|| refused("name"))
    });
    let failure = Signal::derive(move || create.value().get().and_then(Result::err).map(|error| error.sentence()));
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        submitted.set(true);
        let body = OrganizationCreate { name: name.get_untracked(), logo_url: logo_url.get_untracked() };
        let valid = validation::name(&body.name).is_ok() && validation::logo_url(&body.logo_url).is_ok();
        if valid && !logo_state.get_untracked().is_bad() && !create.pending().get_untracked() {
            create.dispatch((body, key.get_value()));
        }
    };
    view! {
        <form class="dialog-form" novalidate=true on:submit=submit>
            <p class="note"><Icon name="info"/><span>{t!(BillingNote)}</span></p>
            <TextField label=Signal::derive(t!(OrganizationName)) value=name required=true first=true error=name_error/>
            <LogoField url=logo_url name=name identifier=Signal::derive(move || key.get_value()) state=logo_state refused=Signal::derive(move || create.value().get().and_then(Result::err).and_then(|error| error.field_error("logo_url").cloned()))/>
            <dl class="facts">
                <dt>{t!(Identifier)}</dt>
                <dd class="quiet">{t!(IdentifierLater)}</dd>
            </dl>
            <p class="form-error" role="alert">{failure}</p>
            <div class="dialog-footer">
                <Button on_click=move |()| open.set(false)>{t!(Cancel)}</Button>
                <Button kind=ButtonKind::Primary submits=true busy=create.pending()>
                    {move || if create.pending().get() { t!(Creating)() } else { t!(CreateOrganization)() }}
                </Button>
            </div>
        </form>
    }
}
