//! The list of models: facts, prices, what was used, and the switch.

use super::model_query::Sort;
use super::{Models, abilities, halves, only_admins};
use crate::i18n::{Key, compact, date, money, number, plural, text, text_with, words};
use crate::session::Session;
use crate::shell::switching::{self, count_of};
use crate::ui::button::{Button, ButtonKind};
use crate::ui::jump::{self, JumpKey};
use crate::ui::lazy::preload;
use crate::ui::rows_in_sight::RowsInSight;
use crate::ui::selection::{SelectAll, SelectRow};
use crate::ui::sort_header::SortHeader;
use crate::ui::switch::Switch;
use crate::{args, t};
use leptos::prelude::*;
use pulze_contract::Level;
use pulze_contract::Permission;
use pulze_contract::model::Model;
use pulze_contract::money::Money;
use pulze_contract::resource::RecentUse;

// Not literals: a fully static element would be made through HTML.
const NUMBER: &str = "cell-number";
const SWITCH: &str = "cell-switch";

#[component]
pub fn ModelTable(models: Models) -> impl IntoView {
    let total = Signal::derive(move || count_of(&models.fitting.read()));
    let told = Session::expect().can(Permission::UsageRead);
    let rows = RowsInSight::new(total);
    let every = Signal::derive(move || {
        let fitting = models.fitting.read();
        fitting.iter().filter(|model| model.level >= Level::Manage).map(|model| model.facts.id.clone()).collect::<Vec<_>>()
    });
    view! {
        <SelectionBar models/>
        <div class="table-frame">
            <table class="table models" aria-rowcount=move || (total.get() + 1).to_string()>
                <thead>
                    <tr>
                        <SelectAll every selection=models.selection/>
                        <Column models sort=Sort::Name title=Key::Model/>
                        <Column models sort=Sort::Context title=Key::Context/>
                        <Column models sort=Sort::InputPrice title=Key::PriceIn/>
                        <Column models sort=Sort::OutputPrice title=Key::PriceOut/>
                        {move || told.get().then(|| view! {
                            <Column models sort=Sort::Requests title=Key::Requests/>
                            <Column models sort=Sort::Cost title=Key::Cost/>
                        })}
                        <th scope="col" class=SWITCH>{t!(Enabled)}</th>
                    </tr>
                </thead>
                <tbody node_ref=rows.body>
                    <tr aria-hidden="true" class="spacer"><td style:block-size=move || rows.above()></td></tr>
                    <For each=move || { let (first, last) = rows.range.get(); first..last } key=|place| *place let(place)>
                        <Row models place/>
                    </For>
                    <tr aria-hidden="true" class="spacer"><td style:block-size=move || rows.below()></td></tr>
                </tbody>
            </table>
        </div>
        {move || (total.get() == 0).then(|| view! { <p class="empty">{t!(NoModelFits)}</p> })}
    }
}

#[component]
fn Row(models: Models, place: u32) -> impl IntoView {
    let model = Memo::new(move |_| models.fitting.read().get(place as usize).cloned());
    move || model.get().map(|model| view! { <ModelRow models place model/> })
}

#[component]
fn ModelRow(models: Models, place: u32, model: Model) -> impl IntoView {
    let id = StoredValue::new(model.facts.id.clone());
    let own_id = model.facts.id.clone();
    let selected = Memo::new(move |_| models.selection.read().contains(&own_id));
    let (provider, name) = halves(&model.facts.id);
    let (provider, name) = (provider.to_owned(), name.to_owned());
    let can = abilities(&model);
    let dependents = model.dependents;
    let detail = move || {
        let words = can.iter().map(|key| text(*key));
        let named = (dependents > 0).then(|| plural(Key::NamedByCount, dependents));
        std::iter::once(provider.clone()).chain(named).chain(words).collect::<Vec<_>>().join(" · ")
    };
    let Model { facts, own, enabled, level, usage, .. } = model;
    let manages = level >= Level::Manage;
    // Counts of tokens and requests stay exact in a double.
    #[allow(clippy::cast_precision_loss)]
    let used = usage.map(|RecentUse { requests, cost, spaces }| {
        view! {
            <td class=NUMBER title=move || plural(Key::InSpacesCount, spaces)>
                {words(move || if requests > 0 { number(requests as f64) } else { String::new() })}
            </td>
            <td class=NUMBER>{words(move || if cost > Money::ZERO { money(cost) } else { String::new() })}</td>
        }
    });
    view! {
        <tr class="long-row" aria-rowindex=(place + 2).to_string() data-selected=move || selected.get().then_some("true") data-off=(!enabled).then_some("true")>
            <SelectRow id=id.get_value() name=id.get_value() selection=models.selection selectable=manages/>
            <th scope="row" class="cell-name">
                <button class="person" type="button" on:click=move |_| models.shown.set(Some(id.get_value()))>
                    <span class="person-text">
                        <span class="person-name">
                            <bdi translate="no">{name}</bdi>
                            {own.then(|| view! { <span class="badge" data-kind="accent">{t!(OwnModel)}</span> })}
                            {facts.deprecated_on.map(|at| view! {
                                <span class="badge" data-kind="warning">{words(move || text_with(Key::DeprecatedOn, args!(date = date(at))))}</span>
                            })}
                        </span>
                        <span class="person-email">{words(detail)}</span>
                    </span>
                </button>
            </th>
            <td class=NUMBER>{words(move || facts.context_window.map_or_else(|| "–".to_owned(), |tokens| compact(f64::from(tokens))))}</td>
            <td class=NUMBER>{words(move || money(Money::micro(facts.input_price)))}</td>
            <td class=NUMBER>{words(move || money(Money::micro(facts.output_price)))}</td>
            {used}
            <td class=SWITCH on:pointerenter=move |_| preload(switching::FORM)>
                <Switch
                    label=Signal::derive(t!(EnabledNamed, name = id.get_value()))
                    on=Signal::stored(enabled)
                    disabled_reason=only_admins(manages)
                    on_turn=move |on| models.switch(vec![id.get_value()], on)
                />
            </td>
        </tr>
    }
}

/// A column that the list can be sorted by; a second click turns the order.
#[component]
fn Column(models: Models, sort: Sort, title: Key) -> impl IntoView {
    let sorted = Signal::derive(move || {
        let query = models.query.read();
        (query.sort == sort).then_some(query.descending)
    });
    let turn = move |()| {
        models.ask(|query| {
            // Of numbers the largest are what is looked for first.
            query.descending = if query.sort == sort { !query.descending } else { sort != Sort::Name };
            query.sort = sort;
        });
    };
    let class = if sort == Sort::Name { "cell-name" } else { NUMBER };
    view! { <SortHeader title class sorted on_sort=turn/> }
}

/// Appears when something is selected.
#[component]
fn SelectionBar(models: Models) -> impl IntoView {
    let count = Memo::new(move |_| count_of(&models.selection.read()));
    let some = Memo::new(move |_| count.get() > 0);
    let said = move || {
        let every = models.selection.read().len() == models.fitting.read().len() && models.query.read().filters();
        plural(if every { Key::AllThatMatchCount } else { Key::SelectedCount }, count.get())
    };
    let of_state = move |enabled: bool| {
        let known = models.known.get_untracked().unwrap_or_default();
        let selection = models.selection.get_untracked();
        let fits = |model: &&Model| model.enabled == enabled && selection.contains(&model.facts.id);
        known.iter().filter(fits).map(|model| model.facts.id.clone()).collect::<Vec<_>>()
    };
    let nothing = move |enabled: bool| {
        Signal::derive(move || {
            models.selection.track();
            models.known.track();
            of_state(enabled).is_empty().then(|| text(Key::NothingToSave))
        })
    };
    view! {
        {move || some.get().then(|| view! {
            <div class="selection" role="region" aria-label=t!(Selection) data-jump="true" aria-keyshortcuts=jump::KEY>
                <p>{words(said)}</p>
                <JumpKey/>
                <Button disabled_reason=nothing(false) on_click=move |()| models.switch(of_state(false), true)>{t!(Enable)}</Button>
                <Button kind=ButtonKind::Danger disabled_reason=nothing(true) on_click=move |()| models.switch(of_state(true), false)>{t!(Disable)}</Button>
                <Button kind=ButtonKind::Quiet on_click=move |()| models.selection.set(Vec::new())>{t!(ClearSelection)}</Button>
            </div>
        })}
    }
}
