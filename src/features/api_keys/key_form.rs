//! Makes a key, or changes what one may do.

use super::scope_changes::{self, Differences};
use super::secret_dialog::Fresh;
use super::{Keys, scope_key, scope_level_key};
use crate::client::{self, ClientError, Reading, error::rule_text};
use crate::i18n::{Key, label, text, text_with};
use crate::paths;
use crate::session::Session;
use crate::session::submission::Submission;
use crate::ui::browser;
use crate::ui::button::{Button, ButtonKind};
use crate::ui::check_list::CheckList;
use crate::ui::date_field::{DateField, day_before, end_of_day};
use crate::ui::field::{ChoiceField, SelectField, TextAreaField, TextField};
use crate::ui::load::Failure;
use crate::ui::number::micro_dollars;
use crate::ui::toast::{Toast, Toasts};
use crate::ui::unsaved_changes::UnsavedChanges;
use crate::{args, t};
use leptos::prelude::*;
use leptos_router::hooks::use_navigate;
use pulze_contract::api_key::{ApiKey, ApiKeyContent, ApiKeyUpdate, EXPIRES_CHOICES, EXPIRES_DAYS, Scope, ScopeLevel, Scopes};
use pulze_contract::validation::Rule;
use pulze_contract::{OrganizationId, SpaceId, Timestamp};

/// What the form begins with; no base for a new key.
#[derive(Clone, Copy)]
pub struct Begun {
    pub keys: Keys,
    pub base: Option<RwSignal<ApiKey>>,
}

const EVERYWHERE: &str = "everywhere";
const CHOSEN: &str = "chosen";
/// Choices of an expiry beside the numbers of days.
const ON_A_DAY: &str = "day";
const NEVER: &str = "never";

/// What is being typed.
#[derive(Clone, Copy)]
struct Draft {
    name: RwSignal<String>,
    purpose: RwSignal<String>,
    place: RwSignal<String>,
    spaces: RwSignal<Vec<String>>,
    scopes: RwSignal<Scopes>,
    models: RwSignal<Vec<String>>,
    every_model: RwSignal<String>,
    monthly_limit: RwSignal<String>,
    requests_per_minute: RwSignal<String>,
    address_ranges: RwSignal<String>,
    expires: RwSignal<String>,
    day: RwSignal<String>,
    /// The end that stands there, which stays to the millisecond unless its day is changed.
    held: StoredValue<Option<Timestamp>>,
}

impl Draft {
    fn of(content: Option<&ApiKeyContent>) -> Self {
        let chat = Scopes::default().with(Scope::ChatCompletions, ScopeLevel::Write);
        let dollars = |cost: i64| {
            let (whole, part) = (cost / 1_000_000, cost % 1_000_000);
            format!("{whole}.{part:06}").trim_end_matches('0').trim_end_matches('.').to_owned()
        };
        let spaces = content.and_then(|content| content.spaces.clone());
        let models = content.and_then(|content| content.models.clone());
        let expires = content.map_or(EXPIRES_DAYS.to_string(), |content| match content.expires_at {
            Some(_) => ON_A_DAY.to_owned(),
            None => NEVER.to_owned(),
        });
        let held = content.and_then(|content| content.expires_at);
        let text = |text: Option<String>| RwSignal::new(text.unwrap_or_default());
        Self {
            name: text(content.map(|content| content.name.clone())),
            purpose: text(content.map(|content| content.purpose.clone())),
            place: RwSignal::new(if spaces.is_some() { CHOSEN } else { EVERYWHERE }.to_owned()),
            spaces: RwSignal::new(spaces.unwrap_or_default().iter().map(|space| space.to_string()).collect()),
            scopes: RwSignal::new(content.map_or(chat, |content| content.scopes)),
            every_model: RwSignal::new(if models.is_some() { CHOSEN } else { EVERYWHERE }.to_owned()),
            models: RwSignal::new(models.unwrap_or_default()),
            monthly_limit: text(content.and_then(|content| content.monthly_limit).map(dollars)),
            requests_per_minute: text(content.and_then(|content| content.requests_per_minute).map(|most| most.to_string())),
            address_ranges: text(content.map(|content| content.address_ranges.join("\n"))),
            expires: RwSignal::new(expires),
            day: text(held.map(day_before)),
            held: StoredValue::new(held),
        }
    }

    fn expires_at(self) -> Option<Timestamp> {
        match self.expires.get().as_str() {
            NEVER => None,
            ON_A_DAY => {
                let held = self.held.get_value().filter(|held| day_before(*held) == *self.day.read());
                held.or_else(|| end_of_day(&self.day.read()))
            }
            days => days.parse::<i64>().ok().map(|days| browser::now() + days * 86_400_000),
        }
    }

    /// What was typed, and what of it cannot even be read.
    fn read(self) -> (ApiKeyContent, Vec<(&'static str, Rule)>) {
        let mut errors = Vec::new();
        let written = |value: String| Some(value).filter(|value| !value.trim().is_empty());
        let limit = written(self.monthly_limit.get()).map(|limit| micro_dollars(&limit));
        if limit == Some(None) {
            errors.push(("monthly_limit", Rule::NotPositive));
        }
        let rate = written(self.requests_per_minute.get()).map(|rate| rate.trim().parse::<u32>());
        if matches!(rate, Some(Err(_))) {
            errors.push(("requests_per_minute", Rule::NotANumber));
        }
        let expires_at = self.expires_at();
        if self.expires.get() == ON_A_DAY && expires_at.is_none() {
            errors.push(("expires_at", Rule::Required));
        }
        let spaces = self.spaces.get().iter().filter_map(|id| SpaceId::parse(id)).collect();
        let content = ApiKeyContent {
            name: self.name.get(),
            purpose: self.purpose.get(),
            spaces: (self.place.get() == CHOSEN).then_some(spaces),
            scopes: self.scopes.get(),
            models: (self.every_model.get() == CHOSEN).then(|| self.models.get()),
            monthly_limit: limit.flatten(),
            requests_per_minute: rate.and_then(Result::ok),
            address_ranges: self.address_ranges.get().lines().map(str::to_owned).collect(),
            expires_at,
        };
        errors.extend(content.check().err().into_iter().flatten());
        (content, errors)
    }

    /// What was typed, to be compared: an end that is counted from now moves on by itself.
    fn compared(self) -> (ApiKeyContent, String, String) {
        let content = ApiKeyContent { expires_at: None, ..self.read().0 };
        (content, self.expires.get(), self.day.get())
    }
}

/// What can be chosen.
#[derive(Clone)]
struct Offered {
    models: Vec<(String, String)>,
    spaces: Vec<(String, String)>,
}

async fn offered(organization: OrganizationId) -> Result<Offered, ClientError> {
    let models = client::model_list(&organization).await?.models;
    let spaces = client::space_list(&organization).await?.spaces;
    Ok(Offered {
        models: models.into_iter().filter(|model| model.enabled).map(|model| (model.facts.id.clone(), model.facts.id)).collect(),
        spaces: spaces.into_iter().filter(|space| !space.archived).map(|space| (space.id.to_string(), space.name)).collect(),
    })
}

#[component]
pub fn KeyForm(begun: Begun) -> impl IntoView {
    let Begun { keys, base } = begun;
    let toasts = Toasts::expect();
    let new = base.is_none();
    let draft = Draft::of(base.map(|base| base.get_untracked().content).as_ref());
    let saved = RwSignal::new(untrack(|| draft.compared()));
    let dirty = Memo::new(move |_| draft.compared() != *saved.read());
    UnsavedChanges::expect().follow(dirty);
    // What was taken back beside the form is taken back in it, unless other scopes were chosen meanwhile.
    if let Some(base) = base {
        let held = Memo::new(move |_| base.read().content.scopes);
        let follow = move |now: &Scopes, before: Option<&Scopes>, _: Option<()>| {
            if before.is_some_and(|before| *before == draft.scopes.get_untracked()) {
                draft.scopes.set(*now);
            }
            saved.update(|saved| saved.0.scopes = *now);
        };
        Effect::watch(move || held.get(), follow, false);
    }
    let choices = Reading::new(move || offered(keys.organization.get_value()));
    let known = move || choices.get().and_then(Result::ok);
    let policy = move || keys.list.known.get().map(|known| known.policy).unwrap_or_default();
    let submitted = RwSignal::new(false);
    let sending = Submission::of_form();
    let (busy, error) = (sending.busy(), sending.failure());
    let intention = StoredValue::new(browser::random_key());
    let prefix = if new { "" } else { "content." };
    let wrong = move |field: &'static str| {
        Signal::derive(move || {
            let rule = draft.read().1.into_iter().find(|(name, _)| *name == field).filter(|_| submitted.get());
            let here = rule.map(|(_, rule)| rule_text(rule));
            here.or_else(|| error.get().and_then(|error| error.of_field(&format!("{prefix}{field}"))))
        })
    };
    let navigate = use_navigate();
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let (content, errors) = untrack(|| draft.read());
        submitted.set(true);
        if busy.get_untracked() || !errors.is_empty() {
            return;
        }
        let (organization, navigate, intention) = (keys.organization.get_value(), navigate.clone(), intention.get_value());
        let path = move |key: &ApiKey| paths::api_key(&keys.organization.get_value(), key.id.as_str());
        let before = base.map(|base| base.get_untracked());
        let request = async move {
            let Some(key) = before else {
                let made = client::api_key_create(&organization, &content, &intention).await?;
                keys.fresh.set(Fresh::of(&made));
                return Ok(made.key);
            };
            let body = ApiKeyUpdate { content, owner_id: None };
            client::api_key_update(&organization, key.id.as_str(), key.version, &body).await
        };
        let told = move |_: &ApiKey| {
            keys.list.again();
            if !new {
                toasts.show(Toast::good(text(Key::Saved)));
            }
        };
        sending.send_then(request, told, move |key| {
            submitted.set(false);
            saved.set(untrack(|| draft.compared()));
            if let Some(base) = base {
                draft.held.set_value(key.content.expires_at);
                base.set(key);
            } else {
                navigate(&path(&key), Default::default());
            }
        });
    };
    let places = Signal::derive(|| {
        vec![
            (EVERYWHERE, text(Key::WholeOrganization), text(Key::WholeOrganizationMeaning)),
            (CHOSEN, text(Key::ChosenSpaces), text(Key::KeySpacesMeaning)),
        ]
    });
    let models = Signal::derive(|| {
        vec![
            (EVERYWHERE, text(Key::EveryModel), text(Key::EveryModelMeaning)),
            (CHOSEN, text(Key::ChosenModels), text(Key::ChosenModelsMeaning)),
        ]
    });
    let expiries = Signal::derive(move || {
        let policy = policy();
        let fits = |days: &i64| policy.days_max.is_none_or(|most| *days <= i64::from(most));
        let days = |days: i64| (days.to_string(), crate::i18n::plural(Key::DaysCount, u32::try_from(days).unwrap_or(0)));
        let mut options: Vec<_> = EXPIRES_CHOICES.into_iter().filter(fits).map(days).collect();
        options.push((ON_A_DAY.to_owned(), text(Key::OnADay)));
        if policy.may_never_expire && policy.days_max.is_none() || draft.expires.get() == NEVER {
            options.push((NEVER.to_owned(), text(Key::NeverExpires)));
        }
        options
    });
    let expiry_hint = Signal::derive(move || match policy().days_max {
        Some(most) => crate::i18n::plural(Key::KeysLiveAtMost, most),
        None => text(Key::ExpiryHint),
    });
    let differences = Signal::derive(move || {
        let before = base.map(|base| base.get().content).filter(|_| dirty.get());
        before.map(|before| scope_changes::of_content(&before, &draft.read().0)).unwrap_or_default()
    });
    let changes = Memo::new(move |_| !differences.read().is_empty());
    let blocked = Signal::derive(move || (!new && !dirty.get()).then(|| text(Key::NothingToSave)));
    let said = move |field: &'static str| {
        view! { <p class="field-error" role="alert" hidden=move || wrong(field).read().is_none()>{move || wrong(field).get()}</p> }
    };
    view! {
        <form class="card form" novalidate=true on:submit=submit>
            <div class="form-fields">
                <TextField label=Signal::derive(t!(Name)) value=draft.name required=true hint=Signal::derive(t!(KeyNameHint)) error=wrong("name")/>
                <TextAreaField label=Signal::derive(t!(Purpose)) value=draft.purpose error=wrong("purpose")/>
                <ScopesField draft/>
                {said("scopes")}
                {move || choices.get().and_then(Result::err).map(|error| view! { <Failure error on_retry=move |()| choices.again()/> })}
                <ChoiceField label=Signal::derive(t!(WhereUsed)) value=draft.place options=places/>
                {move || (draft.place.get() == CHOSEN).then(|| {
                    let options = Signal::derive(move || known().map(|known| known.spaces).unwrap_or_default());
                    view! { <CheckList label=Signal::derive(t!(Spaces)) chosen=draft.spaces options empty=Signal::derive(t!(NoSpacesYet)) error=wrong("spaces")/> }
                })}
                <ChoiceField label=Signal::derive(t!(Models)) value=draft.every_model options=models/>
                {move || (draft.every_model.get() == CHOSEN).then(|| {
                    let options = Signal::derive(move || known().map(|known| known.models).unwrap_or_default());
                    view! { <CheckList label=Signal::derive(t!(ModelsAllowed)) chosen=draft.models options empty=Signal::derive(t!(Loading)) error=wrong("models")/> }
                })}
                <div class="pair">
                    <TextField label=Signal::derive(t!(MonthlyLimit)) value=draft.monthly_limit hint=Signal::derive(t!(MonthlyLimitHint)) error=wrong("monthly_limit")/>
                    <TextField label=Signal::derive(t!(RequestsPerMinute)) value=draft.requests_per_minute hint=Signal::derive(t!(RequestsPerMinuteHint)) error=wrong("requests_per_minute")/>
                </div>
                <TextAreaField label=Signal::derive(t!(AddressRanges)) value=draft.address_ranges hint=Signal::derive(t!(AddressRangesHint)) error=wrong("address_ranges")/>
                <div class="pair">
                    <SelectField label=Signal::derive(t!(Expires)) value=draft.expires options=expiries hint=expiry_hint on_change=move |to| draft.expires.set(to)/>
                    {move || (draft.expires.get() == ON_A_DAY).then(|| view! { <DateField label=Signal::derive(t!(LastDay)) value=draft.day/> })}
                </div>
                {said("expires_at")}
            </div>
            <p class="form-error" role="alert">{move || error.get().map(|error| error.sentence())}</p>
            {move || changes.get().then(|| view! {
                <section class="note" aria-label=t!(WhatChanges)>
                    <p class="field-label">{t!(WhatChanges)}</p>
                    <Differences of=differences/>
                </section>
            })}
            <div class="form-footer">
                <Button kind=ButtonKind::Primary submits=true busy disabled_reason=blocked>
                    {move || match (busy.get(), new) {
                        (true, _) => t!(Saving)(),
                        (false, true) => t!(CreateKey)(),
                        (false, false) => t!(SaveChanges)(),
                    }}
                </Button>
            </div>
        </form>
    }
}

/// Each area with its level. What the person does not hold is out of reach, and says so.
#[component]
fn ScopesField(draft: Draft) -> impl IntoView {
    let session = Session::expect();
    let preset = move |scopes: Scopes| move |()| draft.scopes.set(scopes);
    let read_only = Scopes::all(ScopeLevel::Read);
    let chat = Scopes::default().with(Scope::ChatCompletions, ScopeLevel::Write);
    view! {
        <fieldset class="scopes">
            <legend class="field-label">{t!(ScopesTitle)}</legend>
            <div class="card-actions">
                <Button on_click=preset(Scopes::all(ScopeLevel::Write))>{t!(PresetAll)}</Button>
                <Button on_click=preset(read_only)>{t!(PresetRead)}</Button>
                <Button on_click=preset(chat)>{t!(PresetChat)}</Button>
            </div>
            {Scope::ALL.map(|scope| view! {
                <label class="scope-row">
                    <span>{label(scope_key(scope))}</span>
                    <select
                        class="input"
                        prop:value=move || draft.scopes.get().of(scope).as_str()
                        on:change:target=move |event| {
                            if let Some(level) = ScopeLevel::parse(&event.target().value()) {
                                draft.scopes.update(|scopes| *scopes = scopes.with(scope, level));
                            }
                        }
                    >
                        {ScopeLevel::ALL.map(|level| {
                            let held = move || scope.needs(level).is_none_or(|permission| session.can(permission).get());
                            view! {
                                <option
                                    value=level.as_str()
                                    selected=move || draft.scopes.get().of(scope) == level
                                    disabled=move || !held()
                                >
                                    {move || if held() { text(scope_level_key(level)) } else { text_with(Key::ScopeOutOfReach, args!(level = text(scope_level_key(level)))) }}
                                </option>
                            }
                        }).collect_view()}
                    </select>
                </label>
            }).collect_view()}
        </fieldset>
    }
}
