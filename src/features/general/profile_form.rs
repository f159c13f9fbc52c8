//! Name, logo and reporting time zone.

use super::conflict_panel::ConflictPanel;
use crate::client::{self, error::rule_text};
use crate::i18n::{Key, Language, text, time_zones};
use crate::session::Session;
use crate::shell::logo_field::{LogoField, LogoState};
use crate::t;
use crate::ui::button::{Button, ButtonKind};
use crate::ui::copy_button::CopyButton;
use crate::ui::field::{CheckField, SelectField, TextField};
use crate::ui::toast::{Toast, Toasts};
use crate::ui::unsaved_changes::UnsavedChanges;
use leptos::prelude::*;
use pulze_contract::organization::{Organization, OrganizationUpdate};
use pulze_contract::problem::Conflict;
use pulze_contract::validation;

/// What is typed.
#[derive(Clone, Copy, Debug)]
pub struct Draft {
    pub name: RwSignal<String>,
    pub logo_url: RwSignal<String>,
    pub time_zone: RwSignal<String>,
    pub language: RwSignal<String>,
    pub editors_may_invite: RwSignal<bool>,
}

impl Draft {
    fn of(organization: &Organization) -> Self {
        let draft = Self {
            name: RwSignal::new(String::new()),
            logo_url: RwSignal::new(String::new()),
            time_zone: RwSignal::new(String::new()),
            language: RwSignal::new(String::new()),
            editors_may_invite: RwSignal::new(false),
        };
        draft.reset(organization);
        draft
    }

    fn reset(self, organization: &Organization) {
        self.name.set(organization.summary.name.clone());
        self.logo_url.set(organization.summary.logo_url.clone().unwrap_or_default());
        self.time_zone.set(organization.reporting_time_zone.clone());
        self.language.set(organization.language.clone());
        self.editors_may_invite.set(organization.editors_may_invite);
    }

    /// What differs from the version that was read: only that is sent.
    fn changes(self, base: &Organization) -> OrganizationUpdate {
        let changed = |value: String, base: &str| (value != base).then_some(value);
        OrganizationUpdate {
            name: changed(self.name.get(), &base.summary.name),
            logo_url: changed(self.logo_url.get(), base.summary.logo_url.as_deref().unwrap_or_default()),
            reporting_time_zone: changed(self.time_zone.get(), &base.reporting_time_zone),
            language: changed(self.language.get(), &base.language),
            editors_may_invite: Some(self.editors_may_invite.get()).filter(|may| *may != base.editors_may_invite),
        }
    }
}

#[component]
pub fn ProfileForm(organization: Organization) -> impl IntoView {
    let session = Session::expect();
    let toasts = Toasts::expect();
    let id = organization.summary.id.clone();
    let draft = Draft::of(&organization);
    let base = RwSignal::new(organization);
    let logo_state = RwSignal::new(LogoState::None);
    let conflict = RwSignal::new(None::<Conflict>);
    let changes = move || draft.changes(&base.read());
    let dirty = Memo::new(move |_| changes() != OrganizationUpdate::default());
    UnsavedChanges::expect().follow(dirty);

    let save = Action::new_local({
        let id = id.clone();
        move |(version, body): &(i64, OrganizationUpdate)| {
            let (id, version, body) = (id.clone(), *version, body.clone());
            async move { client::organization_update(&id, version, &body).await }
        }
    });
    Effect::watch(
        move || save.value().get(),
        move |result, _, _| match result {
            Some(Ok(saved)) => {
                draft.reset(saved);
                base.set(saved.clone());
                conflict.set(None);
                session.remember(saved.clone());
                toasts.show(Toast::good(text(Key::Saved)));
            }
            Some(Err(error)) => match error.conflict() {
                Some(found) => {
                    // What I did not touch follows the other version; what I typed stays.
                    let mine = untrack(changes);
                    let theirs = found.current.clone();
                    draft.reset(&theirs);
                    if let Some(name) = mine.name {
                        draft.name.set(name);
                    }
                    if let Some(logo_url) = mine.logo_url {
                        draft.logo_url.set(logo_url);
                    }
                    if let Some(time_zone) = mine.reporting_time_zone {
                        draft.time_zone.set(time_zone);
                    }
                    session.remember(theirs.clone());
                    base.set(theirs);
                    conflict.set(Some(found));
                }
                None => session.learn_from(error),
            },
            None => {}
        },
        false,
    );
    let error = move || save.value().get().and_then(Result::err);
    let name_error = Signal::derive(move || {
        validation::name(&draft.name.read()).err().map(rule_text).or_else(|| error().and_then(|error| error.of_field("name")))
    });
    let logo_error = Signal::derive(move || error().and_then(|error| error.field_error("logo_url").cloned()));
    let failure = move || error().filter(|error| error.conflict().is_none()).map(|error| error.sentence());
    let blocked = Signal::derive(move || (!dirty.get()).then(t!(NothingToSave)));
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let valid = validation::name(&draft.name.read_untracked()).is_ok() && !logo_state.get_untracked().is_bad();
        if dirty.get_untracked() && valid && !save.pending().get_untracked() {
            save.dispatch((base.read_untracked().version, untrack(changes)));
        }
    };
    let zones = Signal::derive(move || {
        let zones = time_zones(&base.read().reporting_time_zone);
        zones.into_iter().map(|zone| (zone.clone(), zone.replace('_', " "))).collect::<Vec<_>>()
    });
    let languages =
        Signal::derive(|| Language::OFFERED.map(|(language, name)| (language.tag().to_owned(), name.to_owned())).to_vec());
    view! {
        <form class="card form" novalidate=true aria-label=t!(Profile) on:submit=submit>
            <h2>{t!(Profile)}</h2>
            {move || conflict.get().map(|conflict| view! { <ConflictPanel conflict draft/> })}
            <TextField
                label=Signal::derive(t!(OrganizationName))
                value=draft.name
                required=true
                hint=Signal::derive(t!(OrganizationNameHint))
                error=name_error
            />
            <LogoField url=draft.logo_url name=draft.name identifier=id.to_string() state=logo_state refused=logo_error/>
            <div class="field">
                <span class="field-label">{t!(Identifier)}</span>
                <div class="copyable">
                    <code translate="no">{id.to_string()}</code>
                    <CopyButton text=id.to_string()/>
                </div>
                <p class="field-hint">{t!(IdentifierHint)}</p>
            </div>
            <SelectField
                label=Signal::derive(t!(ReportingTimeZone))
                value=draft.time_zone
                options=zones
                hint=Signal::derive(t!(ReportingTimeZoneHint))
                on_change=move |zone| draft.time_zone.set(zone)
            />
            <SelectField
                label=Signal::derive(t!(MailLanguage))
                value=draft.language
                options=languages
                hint=Signal::derive(t!(MailLanguageHint))
                on_change=move |language| draft.language.set(language)
            />
            <CheckField
                label=Signal::derive(t!(EditorsMayInvite))
                value=draft.editors_may_invite
                hint=Signal::derive(t!(EditorsMayInviteHint))
            />
            <p class="form-error" role="alert">{failure}</p>
            <div class="form-footer">
                <Button kind=ButtonKind::Primary submits=true busy=save.pending() disabled_reason=blocked>
                    {move || if save.pending().get() { t!(Saving)() } else { t!(SaveChanges)() }}
                </Button>
                <Show when=move || dirty.get()>
                    <Button kind=ButtonKind::Quiet on_click=move |()| {
                        conflict.set(None);
                        draft.reset(&base.get_untracked());
                    }>{t!(Discard)}</Button>
                </Show>
            </div>
        </form>
    }
}
