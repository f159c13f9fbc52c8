//! The defaults that spaces inherit, and what becomes of models that are new.

use crate::client::{self, ClientError, Reading};
use crate::i18n::{Key, money, plural, text, text_with, words};
use crate::lazy_part;
use crate::paths;
use crate::session::submission::Submission;
use crate::shell::switching::{count_of, tell};
use crate::ui::button::{Button, ButtonKind};
use crate::ui::field::{CheckField, ChoiceField, SelectField, TextField};
use crate::ui::lazy::Load;
use crate::ui::load::{Failure, Skeleton};
use crate::ui::number::micro_dollars;
use crate::ui::toast::Toasts;
use crate::{args, t};
use leptos::prelude::*;
use pulze_contract::OrganizationId;
use pulze_contract::model::{Model, NewModels};
use pulze_contract::money::Money;
use pulze_contract::policy::{Defaults, DefaultsUpdate, Existing, OrganizationDefault, Setting, SpaceSetting, titles_cost};
use pulze_contract::router::{LAST_RESORT, Router};

pub const PART: Load<OrganizationId> = || Box::pin(defaults());

lazy_part!(defaults, |id: OrganizationId| view! { <DefaultsCard id/> }.into_any());

/// Spaces that are named one by one; the rest is counted.
const NAMED: usize = 6;

type Known = (Defaults, Vec<Router>, Vec<Model>);

#[component]
fn DefaultsCard(id: OrganizationId) -> impl IntoView {
    let asked = {
        let id = id.clone();
        Reading::new(move || {
            let id = id.clone();
            async move {
                let (defaults, routers, models) =
                    (client::defaults_read(&id).await?, client::router_list(&id).await?, client::model_list(&id).await?);
                Ok::<Known, ClientError>((defaults, routers.routers, models.models))
            }
        })
    };
    // Of the card, not of the form: the form is made anew by every answer, and an undo may come later.
    let reload = Callback::new(move |()| asked.again());
    let id = StoredValue::new(id);
    view! {
        {move || match asked.get() {
            None => view! { <section class="card"><Skeleton lines=5/></section> }.into_any(),
            Some(Err(error)) => view! { <Failure error on_retry=move |()| asked.again()/> }.into_any(),
            Some(Ok(known)) => view! { <Form id=id.get_value() known reload/> }.into_any(),
        }}
    }
}

/// What is being chosen for one setting.
#[derive(Clone, Copy)]
struct Choice {
    setting: Setting,
    value: RwSignal<String>,
    locked: RwSignal<bool>,
    existing: RwSignal<String>,
    /// What stands there now.
    before: StoredValue<OrganizationDefault>,
}

impl Choice {
    fn of(setting: Setting, defaults: &Defaults) -> Self {
        let before = defaults.of(setting).clone();
        Self {
            setting,
            value: RwSignal::new(before.value.clone().unwrap_or_default()),
            locked: RwSignal::new(before.locked),
            existing: RwSignal::new(setting.existing().as_str().to_owned()),
            before: StoredValue::new(before),
        }
    }

    fn wanted(self) -> OrganizationDefault {
        OrganizationDefault { value: Some(self.value.get()).filter(|value| !value.is_empty()), locked: self.locked.get() }
    }

    fn is_other(self) -> bool {
        self.wanted().value != self.before.read_value().value
    }

    fn changed(self) -> bool {
        self.wanted() != *self.before.read_value()
    }

    fn existing(self) -> Option<Existing> {
        let chosen = self.existing.get();
        Existing::ALL.into_iter().find(|existing| existing.as_str() == chosen)
    }
}

#[component]
fn Form(id: OrganizationId, known: Known, reload: Callback<()>) -> impl IntoView {
    let (defaults, routers, models) = known;
    let toasts = Toasts::expect();
    let (router, naming) = (Choice::of(Setting::Router, &defaults), Choice::of(Setting::NamingModel, &defaults));
    let rule = RuleDraft::of(&defaults.new_models);
    let before_rule = StoredValue::new(defaults.new_models.clone());
    let spaces = StoredValue::new(defaults.spaces.into_iter().filter(|space| !space.archived).collect::<Vec<_>>());
    let models = StoredValue::new(models);
    let sending = Submission::of_form();
    let (busy, error) = (sending.busy(), sending.failure());
    let changed = Memo::new(move |_| {
        router.changed() || naming.changed() || rule.read().is_none_or(|rule| rule != *before_rule.read_value())
    });
    let blocked = Signal::derive(move || {
        if rule.read().is_none() { Some(text(Key::RuleNotPositive)) } else { (!changed.get()).then(|| text(Key::NothingToSave)) }
    });
    let for_links = id.clone();
    // One setting a request, so that each can be told, undone and answered for by itself.
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() || blocked.get_untracked().is_some() {
            return;
        }
        let body = untrack(|| DefaultsUpdate {
            router: router.changed().then(|| router.wanted()),
            naming_model: naming.changed().then(|| naming.wanted()),
            new_models: rule.read().filter(|rule| *rule != *before_rule.read_value()),
            existing: match (router.is_other(), naming.is_other()) {
                (true, false) => router.existing(),
                (false, true) => naming.existing(),
                _ => None,
            },
        });
        let (id, of) = (id.clone(), id.clone());
        sending.send(async move { client::defaults_update(&id, &body).await }, move |done| {
            tell(toasts, of, text(Key::Saved), done, reload);
        });
    };
    let router_options = Signal::derive(move || {
        let usable = routers.iter().filter(|router| router.usable() && router.id != LAST_RESORT);
        let named = usable.map(|router| (router.id.clone(), router.name().to_owned()));
        std::iter::once((String::new(), LAST_RESORT.to_owned())).chain(named).collect::<Vec<_>>()
    });
    let model_options = Signal::derive(move || {
        let none = (String::new(), text(Key::FirstWords));
        let models = models.read_value();
        let enabled = models.iter().filter(|model| model.enabled).map(|model| (model.facts.id.clone(), model.facts.id.clone()));
        std::iter::once(none).chain(enabled).collect::<Vec<_>>()
    });
    let cost = Signal::derive(move || {
        let chosen = naming.value.get();
        let models = models.read_value();
        let found = models.iter().find(|model| model.facts.id == chosen);
        found.map_or_else(
            || text(Key::TitlesFree),
            |model| text_with(Key::TitlesCost, args!(cost = money(Money::micro(titles_cost(&model.facts))))),
        )
    });
    let refused = move || {
        error.get().map(|error| {
            let field = ["router.value", "naming_model.value"].into_iter().find_map(|field| error.of_field(field));
            field.unwrap_or_else(|| error.sentence())
        })
    };
    let for_naming = for_links.clone();
    view! {
        <form class="card form" novalidate=true on:submit=submit>
            <h2>{t!(DefaultsTitle)}</h2>
            <SelectField
                label=Signal::derive(t!(DefaultRouter))
                value=router.value
                options=router_options
                hint=Signal::derive(t!(DefaultRouterHint))
                on_change=move |value| router.value.set(value)
            />
            <SpacesOf choice=router spaces organization=for_links/>
            <SelectField
                label=Signal::derive(t!(NamingModel))
                value=naming.value
                options=model_options
                hint=cost
                on_change=move |value| naming.value.set(value)
            />
            <SpacesOf choice=naming spaces organization=for_naming/>
            <RuleFields rule/>
            <p class="form-error" role="alert">{refused}</p>
            <div class="form-footer">
                <Button kind=ButtonKind::Primary submits=true busy disabled_reason=blocked>
                    {move || if busy.get() { t!(Saving)() } else { t!(SaveDefaults)() }}
                </Button>
            </div>
        </form>
    }
}

/// Which spaces inherit and which override; the lock; and, with another value, what becomes of them.
#[component]
fn SpacesOf(choice: Choice, spaces: StoredValue<Vec<SpaceSetting>>, organization: OrganizationId) -> impl IntoView {
    let setting = choice.setting;
    let override_it: Vec<SpaceSetting> =
        spaces.read_value().iter().filter(|space| space.of(setting).is_some()).cloned().collect();
    let overriding = count_of(&override_it);
    let inheriting = count_of(&spaces.read_value()) - overriding;
    let links = override_it.iter().take(NAMED).map(|space| {
        view! { <a href=paths::space(&organization, &space.space_id)>{space.name.clone()}</a>" " }
    });
    let links = links.collect_view();
    let options = Signal::derive(move || {
        Existing::ALL
            .map(|existing| {
                let (title, count) = match existing {
                    Existing::Keep => (Key::ExistingKeep, inheriting),
                    Existing::Follow => (Key::ExistingFollow, inheriting),
                    Existing::Reset => (Key::ExistingReset, inheriting + overriding),
                };
                let meaning = match existing {
                    Existing::Keep => Key::ExistingKeepMeaning,
                    Existing::Follow => Key::ExistingFollowMeaning,
                    Existing::Reset => Key::ExistingResetMeaning,
                };
                (existing.as_str(), plural(title, count), text(meaning))
            })
            .to_vec()
    });
    let counts = move || plural(Key::InheritCount, inheriting) + ", " + &plural(Key::OverrideCount, overriding);
    view! {
        <p class="spaces-of">{words(counts)}" "{links}</p>
        {move || choice.is_other().then(|| view! {
            <ChoiceField label=Signal::derive(t!(ExistingLabel)) value=choice.existing options/>
        })}
        <CheckField label=Signal::derive(t!(LockDefault)) value=choice.locked hint=Signal::derive(t!(LockDefaultHint))/>
    }
}

/// What is being chosen for models that are new.
#[derive(Clone, Copy)]
struct RuleDraft {
    is: RwSignal<String>,
    providers: RwSignal<String>,
    ceiling: RwSignal<String>,
}

impl RuleDraft {
    fn of(rule: &NewModels) -> Self {
        let (is, providers, ceiling) = match rule {
            NewModels::Enabled => ("enabled", String::new(), String::new()),
            NewModels::Disabled => ("disabled", String::new(), String::new()),
            NewModels::Matching { providers, output_price_max } => (
                "matching",
                providers.join(", "),
                output_price_max.map(|most| (most / 1_000_000).to_string()).unwrap_or_default(),
            ),
        };
        Self { is: RwSignal::new(is.to_owned()), providers: RwSignal::new(providers), ceiling: RwSignal::new(ceiling) }
    }

    /// The rule; `None` while the ceiling cannot be read.
    fn read(self) -> Option<NewModels> {
        match self.is.get().as_str() {
            "disabled" => Some(NewModels::Disabled),
            "matching" => {
                let ceiling = Some(self.ceiling.get()).filter(|text| !text.trim().is_empty());
                let output_price_max = match ceiling {
                    None => None,
                    Some(text) => Some(micro_dollars(&text)?),
                };
                let names = self.providers.get();
                let providers = names.split(',').map(|name| name.trim().to_ascii_lowercase()).filter(|name| !name.is_empty());
                Some(NewModels::Matching { providers: providers.collect(), output_price_max })
            }
            _ => Some(NewModels::Enabled),
        }
    }
}

#[component]
fn RuleFields(rule: RuleDraft) -> impl IntoView {
    let options = Signal::derive(|| {
        [("enabled", Key::NewModelsEnabled), ("disabled", Key::NewModelsDisabled), ("matching", Key::NewModelsMatching)]
            .map(|(value, key)| (value.to_owned(), text(key)))
            .to_vec()
    });
    view! {
        <SelectField label=Signal::derive(t!(NewModels)) value=rule.is options hint=Signal::derive(t!(NewModelsHint)) on_change=move |is| rule.is.set(is)/>
        {move || (*rule.is.read() == "matching").then(|| view! {
            <div class="pair">
                <TextField label=Signal::derive(t!(OnlyProviders)) value=rule.providers hint=Signal::derive(t!(OnlyProvidersHint))/>
                <TextField label=Signal::derive(t!(PriceCeiling)) value=rule.ceiling hint=Signal::derive(t!(PriceCeilingHint))/>
            </div>
        })}
    }
}
