//! What everything came to, with the change against the period before.

use super::Asking;
use super::figures::{change, float, settled};
use crate::args;
use crate::charts::sparkline::SparkLine;
use crate::i18n::{self, Key, label, money, number, percent, plural, plural_of, text_with, words};
use leptos::prelude::*;
use pulze_contract::usage::{Amounts, Metric, Usage};

#[component]
pub fn Tiles(asking: Asking) -> impl IntoView {
    move || {
        let usage = asking.usage.known.get()?;
        let total = usage.total;
        let before = usage.before.as_ref().map(|before| before.total);
        let milliseconds =
            |latency: Option<i64>| latency.map_or_else(|| "–".to_owned(), |latency| i18n::milliseconds(float(latency)));
        let tokens = move || {
            text_with(
                Key::TokensInOut,
                args!(prompt = number(float(total.prompt_tokens)), completion = number(float(total.completion_tokens))),
            )
        };
        let errors = move || {
            let share = if total.calls == 0 { 0.0 } else { float(total.errors) / float(total.calls) };
            text_with(Key::ErrorsShare, args!(errors = plural_of(Key::ErrorsCount, total.errors), share = percent(share)))
        };
        let unpriced = move || match u32::try_from(total.unpriced).unwrap_or(u32::MAX) {
            0 => String::new(),
            count => plural(Key::UnpricedCalls, count),
        };
        let slowest = move || text_with(Key::SlowestOf, args!(latency = milliseconds(total.latency_p95)));
        Some(view! {
            <ul class="tiles" aria-label=crate::t!(UsageTotals) data-stale=move || asking.waiting.get().then_some("true")>
                <Tile title=Key::MetricCost value=move || money(total.cost) detail=unpriced metric=Metric::Cost usage=usage.clone() before/>
                <Tile title=Key::MetricCalls value=move || number(float(total.calls)) detail=errors metric=Metric::Calls usage=usage.clone() before/>
                <Tile title=Key::MetricTokens value=move || number(float(total.tokens())) detail=tokens metric=Metric::Tokens usage=usage.clone() before/>
                <Tile title=Key::MetricLatencyP50 value=move || milliseconds(total.latency_p50) detail=slowest metric=Metric::LatencyP50 usage before/>
            </ul>
        })
    }
}

#[component]
fn Tile(
    title: Key,
    value: impl Fn() -> String + Send + Sync + 'static,
    detail: impl Fn() -> String + Send + Sync + 'static,
    metric: Metric,
    usage: std::sync::Arc<Usage>,
    before: Option<Amounts>,
) -> impl IntoView {
    let now = usage.total.of(metric);
    let changed = before.and_then(|before| before.of(metric)).zip(now).map(|(before, now)| move || change(before, now));
    let values = settled(&usage, usage.points.iter().map(|point| point.and_then(|point| point.of(metric))));
    view! {
        <li class="tile card">
            <p class="tile-title">{label(title)}</p>
            <p class="tile-value">{words(value)}</p>
            <p class="tile-change">
                {changed.map(|changed| words(move || changed().map(|change| text_with(Key::ChangeBefore, args!(change = change))).unwrap_or_default()))}
            </p>
            <p class="tile-detail">{words(detail)}</p>
            <SparkLine values/>
        </li>
    }
}
