//! One model: its facts, who depends on it, and deleting one of the organization's own.

use super::Models;
use crate::client::{self, Reading};
use crate::i18n::{Key, date, label, money, number, text, text_with, words};
use crate::lazy_part;
use crate::session::submission::Submission;
use crate::shell::resource_access::{AccessCard, Given};
use crate::shell::switching::ImpactView;
use crate::ui::button::{Button, ButtonKind};
use crate::ui::dialog::Dialog;
use crate::ui::lazy::{Lazy, Load};
use crate::ui::load::{Failure, Skeleton};
use crate::ui::toast::{Toast, Toasts};
use crate::{args, t};
use leptos::prelude::*;
use pulze_contract::availability::Switch;
use pulze_contract::model::Model;
use pulze_contract::money::Money;
use pulze_contract::resource::RecentUse;
use pulze_contract::{Level, ResourceKind};

/// Open while a model is shown.
#[component]
pub fn ModelDialog(models: Models) -> impl IntoView {
    let open = RwSignal::new(false);
    Effect::new(move || open.set(models.shown.read().is_some()));
    Effect::new(move || {
        if !open.get() {
            models.shown.maybe_update(|shown| shown.take().is_some());
        }
    });
    let title = Signal::derive(move || models.shown.get().unwrap_or_default());
    let model = move || {
        let (shown, known) = (models.shown.get()?, models.known.get()?);
        known.iter().find(|model| model.facts.id == shown).cloned()
    };
    view! {
        <Dialog open title>
            {move || model().map(|model| view! { <Lazy load=DETAILS given=(models, model) lines=6/> })}
        </Dialog>
    }
}

const DETAILS: Load<(Models, Model)> = || Box::pin(model_details());

lazy_part!(model_details, |given: (Models, Model)| view! { <ModelDetails models=given.0 model=given.1/> }.into_any());

#[component]
fn ModelDetails(models: Models, model: Model) -> impl IntoView {
    let Model { facts, own, enabled, level, usage, .. } = model;
    let tokens = |count: Option<u32>| move || count.map_or_else(|| text(Key::NotStated), |count| number(f64::from(count)));
    let fact = |name: Key, value: Box<dyn Fn() -> String + Send + Sync>| view! { <dt>{label(name)}</dt><dd>{words(value)}</dd> };
    // Requests of a month stay exact in a double.
    #[allow(clippy::cast_precision_loss)]
    let used = usage.map(|RecentUse { requests, cost, spaces }| {
        view! {
            {fact(Key::Requests30, Box::new(move || number(requests as f64)))}
            {fact(Key::Cost30, Box::new(move || money(cost)))}
            {fact(Key::SpacesUsing, Box::new(move || number(f64::from(spaces))))}
        }
    });
    let id = StoredValue::new(facts.id.clone());
    let can = [(facts.vision, Key::Vision), (facts.functions, Key::Functions), (facts.json_schema, Key::JsonSchema)];
    let can = move || {
        let words: Vec<String> = can.iter().filter(|(has, _)| *has).map(|(_, key)| text(*key)).collect();
        if words.is_empty() { text(Key::NotStated) } else { words.join(", ") }
    };
    view! {
        <div class="dialog-form">
            <dl class="facts">
                {fact(Key::Context, Box::new(tokens(facts.context_window)))}
                {fact(Key::MaxOutput, Box::new(tokens(facts.max_output_tokens)))}
                {fact(Key::PriceInLong, Box::new(move || money(Money::micro(facts.input_price))))}
                {fact(Key::PriceOutLong, Box::new(move || money(Money::micro(facts.output_price))))}
                {fact(Key::Ability, Box::new(can))}
                {facts.deprecated_on.map(|at| fact(Key::DeprecatedFrom, Box::new(move || date(at))))}
                {used}
            </dl>
            {(level >= Level::Manage).then(|| view! { <Dependents models id/> })}
            {move || (own && models.may_add.get()).then(|| view! { <DeleteOwn models id/> })}
            {(!enabled).then(|| view! { <p class="quiet">{t!(DisabledEverywhere)}</p> })}
            {(level >= Level::Admin).then(|| {
                let given = Given {
                    organization: models.organization.get_value(),
                    kind: ResourceKind::Model,
                    id: id.get_value(),
                    on_done: Callback::new(move |()| { models.reload.try_run(()); }),
                };
                view! { <AccessCard given/> }
            })}
        </div>
    }
}

#[component]
fn Dependents(models: Models, id: StoredValue<String>) -> impl IntoView {
    let asked = Reading::new(move || {
        let organization = models.organization.get_value();
        let body = Switch { ids: vec![id.get_value()], ..Switch::default() };
        async move { client::switch_check(ResourceKind::Model, &organization, &body).await }
    });
    move || match asked.get() {
        None => view! { <Skeleton lines=2/> }.into_any(),
        Some(Err(error)) => view! { <Failure error on_retry=move |()| asked.again()/> }.into_any(),
        // One that is off already changes nothing, and nothing is told of it.
        Some(Ok(impact)) if impact.changes == 0 => ().into_any(),
        Some(Ok(impact)) => view! { <ImpactView impact/> }.into_any(),
    }
}

#[component]
fn DeleteOwn(models: Models, id: StoredValue<String>) -> impl IntoView {
    let toasts = Toasts::expect();
    let sending = Submission::of_button();
    let busy = sending.busy();
    let delete = move |()| {
        let (organization, name, deleted) = (models.organization.get_value(), id.get_value(), id.get_value());
        sending.send(async move { client::model_delete(&organization, &deleted).await }, move |()| {
            models.shown.set(None);
            models.reload.try_run(());
            toasts.show(Toast::good(text_with(Key::Deleted, args!(name = name))));
        });
    };
    view! {
        <div class="dialog-footer">
            <Button kind=ButtonKind::Danger busy on_click=delete>{t!(DeleteModel)}</Button>
        </div>
    }
}
