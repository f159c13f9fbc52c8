//! The list of assistants: whose they are, where they can be talked to, what was asked, and the switch.

use super::assistant_query::Sort;
use super::{Assistants, visibility_key};
use crate::i18n::{Key, money, number, plural, text, words};
use crate::paths;
use crate::session::Session;
use crate::shell::switching::{self, count_of};
use crate::t;
use crate::ui::button::{Button, ButtonKind};
use crate::ui::jump::{self, JumpKey};
use crate::ui::lazy::preload;
use crate::ui::logo::Logo;
use crate::ui::rows_in_sight::RowsInSight;
use crate::ui::selection::{SelectAll, SelectRow};
use crate::ui::sort_header::SortHeader;
use crate::ui::switch::Switch;
use leptos::prelude::*;
use pulze_contract::Level;
use pulze_contract::Permission;
use pulze_contract::assistant::AssistantSummary;
use pulze_contract::money::Money;
use pulze_contract::resource::RecentUse;

// Not literals: a fully static element would be made through HTML.
const NUMBER: &str = "cell-number";
const SWITCH: &str = "cell-switch";
const TEXT: &str = "cell-text";
const OWNER: &str = "cell-text cell-owner";

#[component]
pub fn AssistantTable(assistants: Assistants, #[prop(into)] on_near: Callback<()>) -> impl IntoView {
    let total = Signal::derive(move || count_of(&assistants.fitting.read()));
    let told = Session::expect().can(Permission::UsageRead);
    let rows = RowsInSight::new(total);
    let every = Signal::derive(move || {
        let fitting = assistants.fitting.read();
        let managed = fitting.iter().filter(|assistant| assistant.level >= Level::Manage);
        managed.map(|assistant| assistant.id.to_string()).collect::<Vec<_>>()
    });
    let none = move || assistants.list.known.read().as_ref().is_some_and(|known| known.assistants.is_empty());
    view! {
        <SelectionBar assistants every/>
        <div class="table-frame">
            <table class="table models" aria-rowcount=move || (total.get() + 1).to_string()>
                <thead>
                    <tr>
                        <SelectAll every selection=assistants.selection/>
                        <Column assistants sort=Sort::Name title=Key::Assistant class="cell-name"/>
                        <Column assistants sort=Sort::Owner title=Key::Owner class=TEXT/>
                        <th scope="col" class=TEXT>{t!(Available)}</th>
                        {move || told.get().then(|| view! {
                            <Column assistants sort=Sort::Requests title=Key::Requests class=NUMBER/>
                            <Column assistants sort=Sort::Cost title=Key::Cost class=NUMBER/>
                        })}
                        <th scope="col" class=SWITCH>{t!(Enabled)}</th>
                    </tr>
                </thead>
                <tbody node_ref=rows.body>
                    <tr aria-hidden="true" class="spacer"><td style:block-size=move || rows.above()></td></tr>
                    <For each=move || { let (first, last) = rows.range.get(); first..last } key=|place| *place let(place)>
                        <Row assistants place on_near/>
                    </For>
                    <tr aria-hidden="true" class="spacer"><td style:block-size=move || rows.below()></td></tr>
                </tbody>
            </table>
        </div>
        {move || (total.get() == 0).then(|| {
            let key = if none() { Key::NoAssistantsYet } else { Key::NoAssistantFits };
            view! { <p class="empty">{words(move || text(key))}</p> }
        })}
    }
}

#[component]
fn Row(assistants: Assistants, place: u32, on_near: Callback<()>) -> impl IntoView {
    let assistant = Memo::new(move |_| assistants.fitting.read().get(place as usize).cloned());
    move || assistant.get().map(|assistant| view! { <AssistantRow assistants place assistant on_near/> })
}

#[component]
fn AssistantRow(assistants: Assistants, place: u32, assistant: AssistantSummary, on_near: Callback<()>) -> impl IntoView {
    let AssistantSummary { id, name, avatar_url, visibility, model, tools, spaces, owner, enabled, level, usage, .. } = assistant;
    let manages = level >= Level::Manage;
    let href = paths::assistant(&assistants.organization.read_value(), id.as_str());
    let (row_id, whose) = (StoredValue::new(id.to_string()), StoredValue::new(name.clone()));
    let selected = Memo::new(move |_| assistants.selection.read().contains(&*row_id.read_value()));
    let detail = move || {
        let model = model.clone().unwrap_or_else(|| text(Key::ModelBySpaceRouter));
        let tools = (tools > 0).then(|| plural(Key::ToolsCount, tools));
        [Some(text(visibility_key(visibility))), Some(model), tools].into_iter().flatten().collect::<Vec<_>>().join(" · ")
    };
    // Requests of a month stay exact in a double.
    #[allow(clippy::cast_precision_loss)]
    let used = usage.map(|RecentUse { requests, cost, .. }| {
        view! {
            <td class=NUMBER>{words(move || if requests > 0 { number(requests as f64) } else { String::new() })}</td>
            <td class=NUMBER>{words(move || if cost > Money::ZERO { money(cost) } else { String::new() })}</td>
        }
    });
    let owned = move || if owner.is_empty() { text(Key::OwnerLeft) } else { owner.clone() };
    let available = move || spaces.map_or_else(|| text(Key::EverySpace), |spaces| plural(Key::InSpacesCount, spaces));
    let reason = Signal::derive(move || (!manages).then(|| text(Key::OnlyAdminsAndOwner)));
    view! {
        <tr class="long-row" aria-rowindex=(place + 2).to_string() data-selected=move || selected.get().then_some("true") data-off=(!enabled).then_some("true") on:pointerenter=move |_| { on_near.try_run(()); }>
            <SelectRow id=id.to_string() name=name.clone() selection=assistants.selection selectable=manages/>
            <th scope="row" class="cell-name">
                <a class="person" href=href>
                    <Logo name=name.clone() identifier=id.to_string() url=Some(avatar_url).filter(|url| !url.is_empty())/>
                    <span class="person-text">
                        <span class="person-name"><bdi translate="no">{name.clone()}</bdi></span>
                        <span class="person-email">{words(detail)}</span>
                    </span>
                </a>
            </th>
            <td class=OWNER>{words(owned)}</td>
            <td class=TEXT>{words(available)}</td>
            {used}
            <td class=SWITCH on:pointerenter=move |_| preload(switching::FORM)>
                <Switch
                    label=Signal::derive(t!(EnabledNamed, name = whose.get_value()))
                    on=Signal::stored(enabled)
                    disabled_reason=reason
                    on_turn=move |on| assistants.switch(vec![row_id.get_value()], on)
                />
            </td>
        </tr>
    }
}

/// A column that the list can be sorted by; a second click turns the order.
#[component]
fn Column(assistants: Assistants, sort: Sort, title: Key, class: &'static str) -> impl IntoView {
    let sorted = Signal::derive(move || {
        let query = assistants.query.read();
        (query.sort == sort).then_some(query.descending)
    });
    let turn = move |()| {
        assistants.ask(|query| {
            query.descending = if query.sort == sort { !query.descending } else { sort.is_number() };
            query.sort = sort;
        });
    };
    view! { <SortHeader title class sorted on_sort=turn/> }
}

/// Appears when something is selected.
#[component]
fn SelectionBar(assistants: Assistants, every: Signal<Vec<String>>) -> impl IntoView {
    let count = Memo::new(move |_| count_of(&assistants.selection.read()));
    let some = Memo::new(move |_| count.get() > 0);
    let said = move || {
        let all = assistants.selection.read().len() == every.read().len() && assistants.query.read().filters();
        plural(if all { Key::AllThatMatchCount } else { Key::SelectedCount }, count.get())
    };
    let of_state = move |enabled: bool| {
        let known = assistants.list.known.get();
        let selection = assistants.selection.get();
        let fits = |assistant: &&AssistantSummary| {
            assistant.enabled == enabled && selection.iter().any(|id| *id == assistant.id.as_str())
        };
        let all = known.iter().flat_map(|known| &known.assistants);
        all.filter(fits).map(|assistant| assistant.id.to_string()).collect::<Vec<_>>()
    };
    let nothing = move |enabled: bool| Signal::derive(move || of_state(enabled).is_empty().then(|| text(Key::NothingToSave)));
    view! {
        {move || some.get().then(|| view! {
            <div class="selection" role="region" aria-label=t!(Selection) data-jump="true" aria-keyshortcuts=jump::KEY>
                <p>{words(said)}</p>
                <JumpKey/>
                <Button disabled_reason=nothing(false) on_click=move |()| assistants.switch(untrack(|| of_state(false)), true)>{t!(Enable)}</Button>
                <Button kind=ButtonKind::Danger disabled_reason=nothing(true) on_click=move |()| assistants.switch(untrack(|| of_state(true)), false)>{t!(Disable)}</Button>
                <Button kind=ButtonKind::Quiet on_click=move |()| assistants.selection.set(Vec::new())>{t!(ClearSelection)}</Button>
            </div>
        })}
    }
}
