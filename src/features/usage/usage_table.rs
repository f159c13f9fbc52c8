//! The same numbers as the chart's, by group: share, change, and a line each. A row narrows the question.

use super::Asking;
use super::figures::{amount, change, dimension_key, filter_value, float, group_color, group_name, rest_name, settled};
use super::page_query::Sort;
use crate::charts::chart::{NO_COLOR, Swatch, color_name};
use crate::charts::sparkline::SparkLine;
use crate::i18n::{Key, label, money, number, percent, text_with, words};
use crate::ui::sort_header::SortHeader;
use crate::{args, t};
use leptos::prelude::*;
use pulze_contract::usage::{Dimension, Metric, Usage, UsageGroup};
use std::cmp::Reverse;
use std::sync::Arc;

// Not literals: a fully static element would be made through HTML.
const NUMBER: &str = "cell-number";
const LINE: &str = "cell-line";

#[component]
pub fn UsageTable(asking: Asking) -> impl IntoView {
    let group = Memo::new(move |_| asking.query.read().usage.group);
    move || match (group.get(), asking.usage.known.get()) {
        (Some(group), Some(usage)) => view! { <Groups asking group usage/> }.into_any(),
        _ => ().into_any(),
    }
}

/// The groups in the order that is asked for.
fn ordered(usage: &Usage, sort: Sort, group: Dimension, metric: Metric) -> Vec<UsageGroup> {
    let mut groups = usage.groups.clone();
    let changed = |group: &UsageGroup| {
        let before = group.before.and_then(|before| before.of(metric)).unwrap_or(0.0);
        group.amounts.of(metric).unwrap_or(0.0) - before
    };
    match sort {
        // As the server ordered them.
        Sort::Metric => {}
        Sort::Name => groups.sort_by_cached_key(|one| group_name(one, group).to_lowercase()),
        Sort::Calls => groups.sort_by_key(|group| -group.amounts.calls),
        Sort::Tokens => groups.sort_by_key(|group| -group.amounts.tokens()),
        Sort::Cost => groups.sort_by_key(|group| Reverse(group.amounts.cost)),
        Sort::Change => groups.sort_by(|one, other| changed(other).total_cmp(&changed(one))),
    }
    groups
}

#[component]
fn Groups(asking: Asking, group: Dimension, usage: Arc<Usage>) -> impl IntoView {
    let metric = asking.query.get_untracked().usage.metric;
    let sort = Memo::new(move |_| asking.query.read().sort);
    let shown = u32::try_from(usage.groups.len()).unwrap_or(u32::MAX);
    let rest = usage.rest.clone();
    let whole = usage.total.of(metric);
    let of_all = {
        let (all, rest) = (usage.groups_total, rest.clone());
        move || {
            let rest = rest.as_ref().and_then(|rest| rest.amounts.of(metric)).filter(|_| metric.adds_up());
            let share = rest.zip(whole).filter(|(_, whole)| *whole != 0.0).map(|(rest, whole)| percent(rest / whole));
            let (shown, all) = (number(f64::from(shown)), number(f64::from(all)));
            match share {
                Some(share) => text_with(Key::GroupsShownRest, args!(shown = shown, all = all, share = share)),
                None => text_with(Key::GroupsShown, args!(shown = shown, all = all)),
            }
        }
    };
    let rows = {
        let usage = usage.clone();
        move || {
            ordered(&usage, sort.get(), group, metric)
                .into_iter()
                .map(|one| view! { <Row asking usage=usage.clone() group one metric whole/> })
                .collect_view()
        }
    };
    let rest_row = rest.map(|rest| {
        let name = rest_name(&usage);
        view! {
            <tr class="rest-row">
                <th scope="row" class="cell-name"><span class="usage-name"><Swatch color="none".to_owned()/>{name}</span></th>
                <Numbers usage=usage.clone() one=rest metric whole/>
            </tr>
        }
    });
    let column = move |sorted: Sort, title: Key, class: &'static str| {
        let state = Signal::derive(move || (sort.get() == sorted).then_some(sorted != Sort::Name));
        view! { <SortHeader title class sorted=state on_sort=move |()| asking.ask(|query| query.sort = sorted)/> }
    };
    let total = usage.total;
    view! {
        <section class="usage-groups" aria-label=label(dimension_key(group))>
            <p class="count" role="status">{words(of_all)}</p>
            <div class="table-frame" data-stale=move || asking.waiting.get().then_some("true")>
                <table class="table usage-table">
                    <thead>
                        <tr>
                            {column(Sort::Name, dimension_key(group), "cell-name")}
                            {column(Sort::Metric, Key::Share, NUMBER)}
                            {column(Sort::Cost, Key::MetricCost, NUMBER)}
                            {column(Sort::Calls, Key::MetricCalls, NUMBER)}
                            {column(Sort::Tokens, Key::MetricTokens, NUMBER)}
                            {column(Sort::Change, Key::Change, NUMBER)}
                            <th scope="col" class="cell-line">{t!(Trend)}</th>
                        </tr>
                    </thead>
                    <tbody>
                        {rows}
                        {rest_row}
                    </tbody>
                    <tfoot>
                        <tr>
                            <th scope="row" class="cell-name">{t!(Total)}</th>
                            <td class=NUMBER></td>
                            <td class=NUMBER>{words(move || money(total.cost))}</td>
                            <td class=NUMBER>{words(move || number(float(total.calls)))}</td>
                            <td class=NUMBER>{words(move || number(float(total.tokens())))}</td>
                            <td class=NUMBER></td>
                            <td class=LINE></td>
                        </tr>
                    </tfoot>
                </table>
            </div>
        </section>
    }
}

#[component]
fn Row(
    asking: Asking,
    usage: Arc<Usage>,
    group: Dimension,
    one: UsageGroup,
    metric: Metric,
    whole: Option<f64>,
) -> impl IntoView {
    let (name, color, id) = (group_name(&one, group), color_name(group_color(&one)), filter_value(&one));
    // Narrowed to one, another way to group says more than the same again.
    let narrow = move |_| {
        asking.ask(|query| {
            query.usage.set_filter(group, vec![id.clone()]);
            query.usage.group = Some(if group == Dimension::Model { Dimension::Space } else { Dimension::Model });
        });
    };
    let hint = name.clone();
    view! {
        <tr class="long-row">
            <th scope="row" class="cell-name">
                <button class="usage-name" type="button" aria-description=move || text_with(Key::NarrowTo, args!(name = hint.clone())) on:click=narrow>
                    <Swatch color/>
                    <bdi translate="no">{name}</bdi>
                </button>
            </th>
            <Numbers usage one metric whole/>
        </tr>
    }
}

#[component]
fn Numbers(usage: Arc<Usage>, one: UsageGroup, metric: Metric, whole: Option<f64>) -> impl IntoView {
    let UsageGroup { amounts, before, values, id, color, .. } = one;
    let value = amounts.of(metric);
    let share = move || {
        let share = value.zip(whole).filter(|(_, whole)| metric.adds_up() && *whole != 0.0);
        // Latencies have no share: what stands there is the value itself.
        share.map_or_else(
            || value.map_or_else(|| "–".to_owned(), |value| amount(metric, value, false)),
            |(value, whole)| percent(value / whole),
        )
    };
    let changed = move || {
        let before = before.and_then(|before| before.of(metric));
        before.zip(value).and_then(|(before, now)| change(before, now)).unwrap_or_else(|| "–".to_owned())
    };
    let values = settled(&usage, values.into_iter());
    let color = if id.is_empty() { NO_COLOR } else { color };
    view! {
        <td class=NUMBER>{words(share)}</td>
        <td class=NUMBER>{words(move || money(amounts.cost))}</td>
        <td class=NUMBER>{words(move || number(float(amounts.calls)))}</td>
        <td class=NUMBER>{words(move || number(float(amounts.tokens())))}</td>
        <td class=NUMBER>{words(changed)}</td>
        <td class="cell-line"><SparkLine values color/></td>
    }
}
