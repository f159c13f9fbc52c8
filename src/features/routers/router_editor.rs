//! Makes a router, or changes one.

use super::model_chain::Chain;
use super::{CHAIN, Routers, only_who, strategy_key, strategy_meaning};
use crate::client::{self, Reading};
use crate::i18n::{Key, NamedKey, date, label, text, text_with, words};
use crate::paths;
use crate::session::Session;
use crate::session::submission::Submission;
use crate::ui::browser;
use crate::ui::button::{Button, ButtonKind};
use crate::ui::field::{ChoiceField, SelectField, TextAreaField, TextField};
use crate::ui::lazy::Lazy;
use crate::ui::load::Failure;
use crate::ui::number::micro_dollars;
use crate::ui::toast::{Toast, Toasts};
use crate::ui::unsaved_changes::UnsavedChanges;
use crate::{args, t};
use leptos::prelude::*;
use leptos_router::hooks::use_navigate;
use pulze_contract::router::{CustomRouter, LAST_RESORT, RETRIES_MAX, Router, RouterContent, RouterUpdate, Strategy};
use pulze_contract::validation::Rule;
use pulze_contract::{Level, Permission};

/// What the editor begins with.
#[derive(Clone)]
pub struct Begun {
    pub routers: Routers,
    /// The router that is changed; absent for a new one.
    pub base: Option<Router>,
    /// What a new one is a copy of.
    pub copy: Option<RouterContent>,
}

const STRATEGIES: [Strategy; 6] = [
    Strategy::BestQuality,
    Strategy::LowestCost,
    Strategy::Fastest,
    Strategy::Weighted { quality: 50, cost: 30, speed: 20 },
    Strategy::Failover,
    Strategy::Fixed,
];

/// What is being typed.
#[derive(Clone, Copy)]
struct Draft {
    name: RwSignal<String>,
    description: RwSignal<String>,
    strategy: RwSignal<String>,
    weights: [RwSignal<String>; 3],
    models: RwSignal<Vec<String>>,
    max_cost: RwSignal<String>,
    retries: RwSignal<String>,
    fallback: RwSignal<String>,
}

impl Draft {
    fn of(content: Option<&RouterContent>) -> Self {
        let strategy = content.map_or(Strategy::BestQuality, |content| content.strategy);
        let (quality, cost, speed) = match strategy {
            Strategy::Weighted { quality, cost, speed } => (quality, cost, speed),
            _ => (50, 30, 20),
        };
        let weight = |weight: u8| RwSignal::new(weight.to_string());
        let cost_text = |cost: i64| {
            let (whole, part) = (cost / 1_000_000, cost % 1_000_000);
            format!("{whole}.{part:06}").trim_end_matches('0').trim_end_matches('.').to_owned()
        };
        let text = |part: fn(&RouterContent) -> &String| content.map(part).cloned().unwrap_or_default();
        Self {
            name: RwSignal::new(text(|content| &content.name)),
            description: RwSignal::new(text(|content| &content.description)),
            strategy: RwSignal::new(strategy.as_str().to_owned()),
            weights: [weight(quality), weight(cost), weight(speed)],
            models: RwSignal::new(content.map(|content| content.models.clone()).unwrap_or_default()),
            max_cost: RwSignal::new(content.and_then(|content| content.max_cost).map(cost_text).unwrap_or_default()),
            retries: RwSignal::new(content.map_or(1, |content| content.retries).to_string()),
            fallback: RwSignal::new(content.and_then(|content| content.fallback.clone()).unwrap_or_default()),
        }
    }

    fn strategy(self) -> Strategy {
        let chosen = self.strategy.get();
        let [quality, cost, speed] = self.weights.map(|weight| weight.get().parse().unwrap_or(0));
        match STRATEGIES.into_iter().find(|strategy| strategy.as_str() == chosen) {
            Some(Strategy::Weighted { .. }) => Strategy::Weighted { quality, cost, speed },
            Some(strategy) => strategy,
            None => Strategy::BestQuality,
        }
    }

    /// What was typed, and what of it cannot even be read.
    fn read(self) -> (RouterContent, Vec<(&'static str, Rule)>) {
        let mut errors = Vec::new();
        let max_cost = Some(self.max_cost.get()).filter(|text| !text.trim().is_empty());
        let cost = max_cost.as_deref().map(micro_dollars);
        if cost == Some(None) {
            errors.push(("max_cost", Rule::NotPositive));
        }
        let content = RouterContent {
            name: self.name.get(),
            description: self.description.get(),
            strategy: self.strategy(),
            models: self.models.get(),
            max_cost: cost.flatten(),
            retries: self.retries.get().parse().unwrap_or(0),
            fallback: Some(self.fallback.get()).filter(|fallback| !fallback.is_empty()),
        };
        errors.extend(content.check().err().into_iter().flatten());
        (content, errors)
    }
}

#[component]
pub fn Editor(begun: Begun) -> impl IntoView {
    let Begun { routers, base, copy } = begun;
    let session = Session::expect();
    let toasts = Toasts::expect();
    let new = base.is_none();
    let custom = base.as_ref().and_then(|router| router.custom.clone());
    let may_create = session.can(Permission::RoutersCreate);
    let manages = base.as_ref().is_some_and(|router| router.level >= Level::Manage);
    let may = Memo::new(move |_| if new { may_create.get() } else { manages });
    let mut begun = custom.as_ref().map(|custom| custom.content.clone()).or(copy);
    if let Some(content) = begun.as_mut().filter(|_| new) {
        content.name = text_with(Key::CopyOf, args!(name = content.name.clone()));
    }
    let draft = Draft::of(begun.as_ref());
    let saved = RwSignal::new(untrack(|| draft.read().0));
    let dirty = Memo::new(move |_| draft.read().0 != *saved.read());
    UnsavedChanges::expect().follow(dirty);
    let offered = Reading::new(move || {
        let organization = routers.organization.get_value();
        async move { client::model_list(&organization).await }
    });
    let usable = Signal::derive(move || {
        let models = offered.get().and_then(Result::ok).map(|list| list.models).unwrap_or_default();
        models.into_iter().filter(|model| model.enabled).map(|model| model.facts.id).collect::<Vec<_>>()
    });
    let submitted = RwSignal::new(false);
    let sending = Submission::of_form();
    let (busy, error) = (sending.busy(), sending.failure());
    let key = StoredValue::new(browser::random_key());
    let prefix = if new { "" } else { "content." };
    let wrong = move |field: &'static str| {
        Signal::derive(move || {
            let rule = draft.read().1.into_iter().find(|(name, _)| *name == field).filter(|_| submitted.get());
            let here = rule.map(|(_, rule)| crate::client::error::rule_text(rule));
            here.or_else(|| error.get().and_then(|error| error.of_field(&format!("{prefix}{field}"))))
        })
    };
    let navigate = use_navigate();
    let own_id = base.as_ref().map(|router| router.id.clone());
    let id = StoredValue::new(own_id.clone());
    let version = RwSignal::new(custom.as_ref().map_or(1, |custom| custom.version));
    let archived = RwSignal::new(custom.as_ref().is_some_and(|custom| custom.archived));
    let save = Callback::new(move |archive: bool| {
        let (content, errors) = untrack(|| draft.read());
        submitted.set(true);
        if !errors.is_empty() || busy.get_untracked() {
            return;
        }
        let organization = routers.organization.get_value();
        let (id, key) = (id.get_value(), key.get_value());
        let (before, was_archived) = (version.get_untracked(), archived.get_untracked());
        let navigate = navigate.clone();
        let request = async move {
            match id {
                None => client::router_create(&organization, &content, &key).await,
                Some(id) => {
                    let body = RouterUpdate { content, archived: archive };
                    client::router_update(&organization, &id, before, &body).await
                }
            }
        };
        let told = move |router: &Router| {
            let Some(CustomRouter { content, archived: put_away, .. }) = &router.custom else { return };
            let named = |key: NamedKey| text_with(key, args!(name = content.name.clone()));
            let said = match (new, *put_away == was_archived) {
                (true, _) => named(Key::RouterCreated),
                (false, true) => text(Key::Saved),
                (false, false) if *put_away => named(Key::ArchivedNamed),
                (false, false) => named(Key::RestoredNamed),
            };
            toasts.show(Toast::good(said));
            routers.keep(router.clone());
            routers.reload.try_run(());
        };
        sending.send_then(request, told, move |router| {
            let Some(CustomRouter { content, version: now, archived: put_away, .. }) = router.custom else { return };
            saved.set(content.clone());
            draft.name.set(content.name);
            draft.description.set(content.description);
            version.set(now);
            archived.set(put_away);
            if new {
                navigate(&paths::router(&routers.organization.read_value(), &router.id), Default::default());
            }
        });
    });
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if untrack(|| may.get()) {
            save.try_run(archived.get_untracked());
        }
    };
    let strategies = Signal::derive(|| {
        let choice =
            |strategy: Strategy| (strategy.as_str(), text(strategy_key(Some(strategy))), text(strategy_meaning(Some(strategy))));
        STRATEGIES.map(choice).to_vec()
    });
    let fallbacks = Signal::derive(move || {
        let none = [(String::new(), LAST_RESORT.to_owned())];
        let others = routers.usable().into_iter().filter(|(other, _)| other != LAST_RESORT && Some(other) != own_id.as_ref());
        none.into_iter().chain(others).collect::<Vec<_>>()
    });
    let retries = Signal::derive(|| (0..=RETRIES_MAX).map(|count| (count.to_string(), count.to_string())).collect::<Vec<_>>());
    let ordered = Signal::derive(move || draft.strategy() == Strategy::Failover);
    let models_hint = Signal::derive(move || {
        text(match draft.strategy() {
            Strategy::Failover => Key::ChainHint,
            Strategy::Fixed => Key::FixedHint,
            _ => Key::CandidatesHint,
        })
    });
    let blocked = Signal::derive(move || {
        let reason = only_who(may, Key::OnlyEditors).get();
        reason.or_else(|| (!new && !dirty.get()).then(|| text(Key::NothingToSave)))
    });
    let made = custom.map(|custom| (custom.created_by, custom.created_at));
    view! {
        <form class="card form" novalidate=true on:submit=submit>
            {move || (!may.get()).then(|| view! { <p class="note">{t!(RoutersReadOnly)}</p> })}
            <fieldset class="form-fields" disabled=move || !may.get()>
            {made.map(|(by, at)| view! { <p class="quiet">{words(move || text_with(Key::MadeBy, args!(name = by.clone(), date = date(at))))}</p> })}
            <TextField label=Signal::derive(t!(RouterName)) value=draft.name required=true error=wrong("name")/>
            <TextAreaField label=Signal::derive(t!(Description)) value=draft.description error=wrong("description")/>
            <ChoiceField label=Signal::derive(t!(StrategyLabel)) value=draft.strategy options=strategies/>
            {move || matches!(draft.strategy(), Strategy::Weighted { .. }).then(|| view! { <Weights draft/> })}
            <p class="field-error" role="alert" hidden=move || wrong("strategy").read().is_none()>{move || wrong("strategy").get()}</p>
            {move || offered.get().and_then(Result::err).map(|error| view! { <Failure error on_retry=move |()| offered.again()/> })}
            <Lazy load=CHAIN given=Chain { chosen: draft.models, offered: usable, ordered, hint: models_hint, error: wrong("models") } lines=4/>
            <div class="pair">
                <TextField label=Signal::derive(t!(MaxCost)) value=draft.max_cost hint=Signal::derive(t!(MaxCostHint)) error=wrong("max_cost")/>
                <SelectField label=Signal::derive(t!(Retries)) value=draft.retries options=retries hint=Signal::derive(t!(RetriesHint)) on_change=move |count| draft.retries.set(count)/>
            </div>
            <SelectField label=Signal::derive(t!(FallbackRouter)) value=draft.fallback options=fallbacks hint=Signal::derive(t!(FallbackHint)) on_change=move |router| draft.fallback.set(router)/>
            <p class="field-error" role="alert" hidden=move || wrong("fallback").read().is_none()>{move || wrong("fallback").get()}</p>
            </fieldset>
            <p class="form-error" role="alert">{move || error.get().map(|error| error.sentence())}</p>
            <div class="form-footer">
                <Button kind=ButtonKind::Primary submits=true busy disabled_reason=blocked>
                    {move || match (busy.get(), new) {
                        (true, _) => t!(Saving)(),
                        (false, true) => t!(CreateRouter)(),
                        (false, false) => t!(SaveChanges)(),
                    }}
                </Button>
                {move || (!new && may.get()).then(|| view! { <More routers id=id.get_value().unwrap_or_default() archived save/> })}
            </div>
        </form>
    }
}

/// Copying and putting away.
#[component]
fn More(routers: Routers, id: String, archived: RwSignal<bool>, save: Callback<bool>) -> impl IntoView {
    let may_create = Session::expect().can(Permission::RoutersCreate);
    let copy = paths::router(&routers.organization.read_value(), paths::NEW) + &paths::query(&[("copy", id)]);
    view! {
        {move || may_create.get().then(|| view! { <a class="button" href=copy.clone()>{t!(CopyRouter)}</a> })}
        <Button on_click=move |()| { save.try_run(!archived.get_untracked()); }>
            {move || if archived.get() { t!(Restore)() } else { t!(Archive)() }}
        </Button>
    }
}

/// How much quality, cost and speed count against each other.
#[component]
fn Weights(draft: Draft) -> impl IntoView {
    let share = move |place: usize| {
        let all = draft.weights.map(|weight| weight.get().parse::<f64>().unwrap_or(0.0));
        let sum: f64 = all.iter().sum();
        if sum > 0.0 { crate::i18n::percent(all[place] / sum) } else { String::new() }
    };
    let names = [Key::Quality, Key::Cost, Key::Speed];
    view! {
        <fieldset class="weights">
            <legend class="field-label">{t!(Weights)}</legend>
            {names.into_iter().enumerate().map(|(place, name)| view! {
                <label class="weight">
                    <span>{label(name)}</span>
                    <input type="range" min="0" max="100" step="5" bind:value=draft.weights[place]/>
                    <output>{words(move || share(place))}</output>
                </label>
            }).collect_view()}
        </fieldset>
    }
}
