//! The one main chart: the answer as series over time.

use super::Asking;
use super::figures::{
    amount, bucket_end, bucket_names, change, dimension_key, filter_value, group_color, group_name, metric_key, range_of,
    rest_name, unfinished, unit,
};
use super::page_query::PageQuery;
use crate::charts::chart::{ALL_COLOR, Chart, Data, Format, NO_COLOR, Series};
use crate::i18n::{Key, iso_in_zone, text, text_with};
use crate::{args, t};
use leptos::prelude::*;
use pulze_contract::usage::{Granularity, Usage};
use std::sync::Arc;

/// The identifier of what is not shown by itself.
const REST: &str = "rest";
/// The identifier of all together.
const ALL: &str = "all";

/// What the chart draws.
fn data(usage: &Usage, query: &PageQuery) -> Data {
    let metric = query.usage.metric;
    let all = || Series {
        id: ALL.to_owned(),
        name: text(Key::AllTogether),
        color: ALL_COLOR,
        values: usage.points.iter().map(|point| point.and_then(|point| point.of(metric))).collect(),
    };
    let series = match query.usage.group {
        None => vec![all()],
        Some(group) => {
            let shown = usage.groups.iter().map(|one| Series {
                id: filter_value(one),
                name: group_name(one, group),
                color: group_color(one),
                values: one.values.clone(),
            });
            let rest = usage.rest.iter().map(|rest| Series {
                id: REST.to_owned(),
                name: rest_name(usage),
                color: NO_COLOR,
                values: rest.values.clone(),
            });
            shown.chain(rest).collect()
        }
    };
    let before = usage.before.as_ref().filter(|_| query.usage.compare).map(|before| before.values.clone()).unwrap_or_default();
    Data {
        kind: query.drawn(),
        title: title(query),
        summary: summary(usage, query),
        series,
        before: before.into_iter().take(usage.buckets.len()).collect(),
        places: (0..usage.buckets.len()).map(|place| bucket_names(usage, place)).collect(),
        times: usage.buckets.iter().map(|at| iso_in_zone(*at, &usage.time_zone)).collect(),
        unit: unit(metric).0,
        decimals: unit(metric).1,
        unfinished: unfinished(usage),
    }
}

fn title(query: &PageQuery) -> String {
    let metric = text(metric_key(query.usage.metric));
    match query.usage.group {
        None => metric,
        Some(group) => text_with(Key::MetricByGroup, args!(metric = metric, group = text(dimension_key(group)))),
    }
}

/// Total, change and peak, in a sentence.
fn summary(usage: &Usage, query: &PageQuery) -> String {
    let metric = query.usage.metric;
    let write = |value: f64| amount(metric, value, false);
    let Some(total) = usage.total.of(metric) else { return text(Key::NothingMeasured) };
    let values = usage.points.iter().map(|point| point.and_then(|point| point.of(metric)));
    let peak = values
        .enumerate()
        .filter_map(|(place, value)| Some((value?, place)))
        .max_by(|one, other| one.0.total_cmp(&other.0).then(other.1.cmp(&one.1)));
    let mut said = text_with(Key::SummaryTotal, args!(total = write(total), metric = title(query)));
    let before = usage.before.as_ref().and_then(|before| before.total.of(metric));
    if let Some(change) = before.and_then(|before| change(before, total)) {
        said = format!("{said} {}", text_with(Key::SummaryChange, args!(change = change)));
    }
    if let Some((value, place)) = peak.filter(|(value, _)| *value > 0.0) {
        let values = args!(value = write(value), when = bucket_names(usage, place).0);
        said = format!("{said} {}", text_with(Key::SummaryPeak, values));
    }
    said
}

#[component]
pub fn UsageChart(asking: Asking) -> impl IntoView {
    // The chart follows the answer, not the question: what stands there keeps its words until the next one comes.
    let answered = RwSignal::new(None::<(Arc<Usage>, PageQuery)>);
    Effect::new(move || {
        let query = asking.query.get();
        if let Some(usage) = asking.usage.known.get().filter(|_| !asking.waiting.get()) {
            answered.set(Some((usage, query)));
        }
    });
    let shown = Memo::new(move |_| answered.read().is_some());
    let none = Memo::new(move |_| answered.read().as_ref().is_some_and(|(usage, _)| usage.total.calls == 0));
    // Everything in the chart reads it: it is made once.
    let drawn = Memo::new(move |_| {
        let answered = answered.read();
        answered.as_ref().map(|(usage, query)| Arc::new(data(usage, query))).unwrap_or_default()
    });
    let format = Signal::derive(move || {
        let metric = answered.read().as_ref().map(|(_, query)| query.usage.metric).unwrap_or_default();
        Format(Arc::new(move |value, short| amount(metric, value, short)))
    });
    // A bucket leads to the shorter ones within it, and in the end to the single calls.
    let choose = Callback::new(move |(place, series): (usize, Option<String>)| {
        let Some((usage, _)) = answered.get_untracked() else { return };
        let Some(from) = usage.buckets.get(place).copied() else { return };
        let to = bucket_end(&usage, place);
        asking.ask(|query| {
            let group = query.usage.group;
            if let Some((group, id)) = group.zip(series).filter(|(_, id)| id != REST && id != ALL) {
                query.usage.set_filter(group, vec![id]);
            }
            match usage.granularity {
                Granularity::Minute => query.calls = true,
                Granularity::Hour | Granularity::Day | Granularity::Week | Granularity::Month => {
                    query.usage.range = range_of(&usage, from, to);
                    query.usage.granularity = None;
                }
            }
        });
    });
    view! {
        <section class="card chart-card" aria-label=t!(UsageOverTime) data-stale=move || asking.waiting.get().then_some("true")>
            {move || match (shown.get(), none.get()) {
                (false, _) => ().into_any(),
                (true, true) => view! { <p class="empty">{t!(PatternsNone)}</p> }.into_any(),
                (true, false) => view! { <Chart data=drawn format on_choose=choose/> }.into_any(),
            }}
        </section>
    }
}
