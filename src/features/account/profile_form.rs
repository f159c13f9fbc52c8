//! Name, picture, language, time zone and theme.

use super::email_state::EmailState;
use crate::client::{self, ClientError, error::rule_text};
use crate::i18n::{self, Key, Language, text, time_zones};
use crate::session::submission::Submission;
use crate::session::{Session, show_theme};
use crate::shell::logo_field::{LogoField, LogoState};
use crate::shell::preferences::{languages, themes};
use crate::t;
use crate::ui::button::{Button, ButtonKind};
use crate::ui::field::{SelectField, TextField};
use crate::ui::toast::{Toast, Toasts};
use crate::ui::unsaved_changes::UnsavedChanges;
use leptos::prelude::*;
use pulze_contract::account::{Account, AccountUpdate, Preferences, Theme};
use pulze_contract::validation;

#[component]
pub fn ProfileForm(base: Account, #[prop(into)] on_saved: Callback<Account>) -> impl IntoView {
    let session = Session::expect();
    let toasts = Toasts::expect();
    let id = base.user_id.to_string();
    let email = base.email.clone();
    let base = RwSignal::new(base);
    let name = RwSignal::new(base.read_untracked().name.clone());
    let avatar_url = RwSignal::new(base.read_untracked().avatar_url.clone().unwrap_or_default());
    let preferences = RwSignal::new(base.read_untracked().preferences.clone());
    let picture = RwSignal::new(LogoState::None);
    let changes = move || {
        let base = base.read();
        let changed = |value: String, was: &str| (value != was).then_some(value);
        AccountUpdate {
            name: changed(name.get(), &base.name),
            avatar_url: changed(avatar_url.get(), base.avatar_url.as_deref().unwrap_or_default()),
            preferences: Some(preferences.get()).filter(|preferences| *preferences != base.preferences),
        }
    };
    let dirty = Memo::new(move |_| changes() != AccountUpdate::default());
    UnsavedChanges::expect().follow(dirty);
    let sending = Submission::of_form();
    let (busy, failure) = (sending.busy(), sending.failure());
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let valid = validation::name(&name.read_untracked()).is_ok() && !picture.get_untracked().is_bad();
        if !valid || !dirty.get_untracked() || busy.get_untracked() {
            return;
        }
        let (version, body) = (base.read_untracked().version, untrack(changes));
        let told = move |saved: &Account| {
            take_up(&saved.preferences);
            on_saved.try_run(saved.clone());
            session.refresh();
            toasts.show(Toast::good(text(Key::Saved)));
        };
        sending.send_then(async move { client::account_update(version, &body).await }, told, move |saved| {
            name.set(saved.name.clone());
            avatar_url.set(saved.avatar_url.clone().unwrap_or_default());
            preferences.set(saved.preferences.clone());
            base.set(saved);
        });
    };
    let of_field = move |field: &str| failure.read().as_ref().and_then(|error| error.of_field(field));
    let name_error = Signal::derive(move || validation::name(&name.read()).err().map(rule_text).or_else(|| of_field("name")));
    let sentence = move || failure.read().as_ref().map(ClientError::sentence);
    let blocked = Signal::derive(move || (!dirty.get()).then(t!(NothingToSave)));
    let saved_zone = StoredValue::new(preferences.get_untracked().time_zone.unwrap_or_default());
    let zones = Signal::derive(move || {
        let device = (String::new(), text(Key::TimeZoneOfDevice));
        let known = time_zones(&saved_zone.get_value()).into_iter().map(|zone| (zone.clone(), zone.replace('_', " ")));
        [device].into_iter().chain(known).collect::<Vec<_>>()
    });
    let tongues =
        Signal::derive(|| [(String::new(), text(Key::LanguageOfDevice))].into_iter().chain(languages()).collect::<Vec<_>>());
    let chosen = |text: String| Some(text).filter(|text| !text.is_empty());
    view! {
        <form class="card form" novalidate=true aria-label=t!(Profile) on:submit=submit>
            <h2>{t!(Profile)}</h2>
            <TextField label=Signal::derive(t!(Name)) value=name required=true hint=Signal::derive(t!(AccountNameHint)) error=name_error/>
            <div class="field">
                <span class="field-label">{t!(Email)}</span>
                <p><bdi translate="no">{email}</bdi></p>
                <EmailState/>
            </div>
            <LogoField
                url=avatar_url
                name
                identifier=id
                state=picture
                refused=Signal::derive(move || failure.read().as_ref().and_then(|error| error.field_error("avatar_url").cloned()))
                label=Signal::derive(t!(Picture))
            />
            <SelectField
                label=Signal::derive(t!(Language))
                value=Signal::derive(move || preferences.read().language.clone().unwrap_or_default())
                options=tongues
                on_change=move |tag: String| preferences.update(|preferences| preferences.language = chosen(tag))
            />
            <SelectField
                label=Signal::derive(t!(TimeZone))
                value=Signal::derive(move || preferences.read().time_zone.clone().unwrap_or_default())
                options=zones
                hint=Signal::derive(t!(TimeZoneHint))
                on_change=move |zone: String| preferences.update(|preferences| preferences.time_zone = chosen(zone))
            />
            <SelectField
                label=Signal::derive(t!(Theme))
                value=Signal::derive(move || preferences.read().theme.as_str().to_owned())
                options=Signal::derive(themes)
                on_change=move |theme: String| preferences.update(|preferences| preferences.theme = Theme::parse(&theme).unwrap_or_default())
            />
            <p class="form-error" role="alert">{sentence}</p>
            <div class="form-footer">
                <Button kind=ButtonKind::Primary submits=true busy disabled_reason=blocked>{t!(SaveChanges)}</Button>
            </div>
        </form>
    }
}

/// What was saved holds here at once.
fn take_up(preferences: &Preferences) {
    show_theme(preferences.theme);
    i18n::set_time_zone(preferences.time_zone.clone());
    if let Some(language) = preferences.language.as_deref().and_then(Language::parse) {
        i18n::choose(language);
    }
}
