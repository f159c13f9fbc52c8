//! How models are used: what share of the calls, what a call costs and takes, and how fast it is for its price.

use super::Asking;
use super::figures::{float, group_color, group_name};
use crate::charts::chart::{Swatch, color_name};
use crate::charts::marks::Values;
use crate::charts::scale::{apart, logarithmic};
use crate::charts::sparkline::SparkLine;
use crate::client;
use crate::i18n::{self, money, number, percent, words};
use crate::session::Session;
use crate::session::kept::Kept;
use crate::t;
use leptos::prelude::*;
use pulze_contract::money::Money;
use pulze_contract::usage::{Amounts, Dimension, Metric, Usage, UsageGroup, UsageQuery};
use std::sync::Arc;

// Not literals: a fully static element would be made through HTML.
const NUMBER: &str = "cell-number";
const LINE: &str = "cell-line";

#[component]
pub fn Patterns(asking: Asking) -> impl IntoView {
    let question = Memo::new(move |_| {
        let query = asking.query.read();
        UsageQuery {
            range: query.usage.range.clone(),
            metric: Metric::Calls,
            group: Some(Dimension::Model),
            filters: query.usage.filters.clone(),
            ..UsageQuery::default()
        }
    });
    let usage = Kept::new(Session::expect(), move || {
        let (organization, question) = (asking.organization.get_value(), question.get());
        async move { client::usage_read(&organization, asking.own, &question).await }
    });
    let content = move || {
        let usage = usage.known.get()?;
        Some(if usage.groups.is_empty() {
            view! { <p class="empty">{t!(PatternsNone)}</p> }.into_any()
        } else {
            view! {
                <Scatter usage=usage.clone()/>
                <Models usage/>
            }
            .into_any()
        })
    };
    view! {
        <section class="card patterns" aria-labelledby="patterns-title">
            <h2 id="patterns-title">{t!(PatternsTitle)}</h2>
            {content}
        </section>
    }
}

fn per_call(sum: f64, group: &UsageGroup) -> f64 {
    sum / float(group.amounts.calls.max(1))
}

/// Each model as a dot: to the right what a call costs, upwards how long it takes, both on logarithmic axes. The
/// table says the same.
#[component]
fn Scatter(usage: Arc<Usage>) -> impl IntoView {
    let dots: Vec<(u32, String, f64, f64)> = usage
        .groups
        .iter()
        .filter_map(|group| {
            let latency = float(group.amounts.latency_p50?);
            Some((
                group_color(group),
                group_name(group, Dimension::Model),
                per_call(group.amounts.cost.as_micro(), group),
                latency,
            ))
        })
        .collect();
    let ends = |of: fn(&(u32, String, f64, f64)) -> f64| {
        let above = dots.iter().map(of).filter(|value| *value > 0.0);
        (above.clone().fold(f64::INFINITY, f64::min), above.fold(0.0, f64::max))
    };
    let (costs, latencies) = (ends(|dot| dot.2), ends(|dot| dot.3));
    // Room for the names at every edge.
    let place = |dot: &(u32, String, f64, f64)| {
        let (right, up) = (logarithmic(dot.2, costs.0, costs.1), logarithmic(dot.3, latencies.0, latencies.1));
        (0.03 + right * 0.92, 0.06 + up * 0.86)
    };
    let places: Vec<(f64, f64)> = dots.iter().map(place).collect();
    let names = apart(&places, 0.24, 0.085);
    let dots = dots.into_iter().zip(places).zip(names).map(|(((color, name, ..), (right, up)), raised)| {
        let side = if right > 0.7 { "start" } else { "end" };
        let (right, up, raised) = (right * 100.0, up * 100.0, (raised - up) * 220.0);
        view! {
            <span class="scatter-dot" data-color=color_name(color) data-side=side style:inset-inline-start=format!("{right:.2}%") style:inset-block-end=format!("{up:.2}%")>
                <bdi translate="no" style:translate=format!("0 {:.0}px", -raised)>{name}</bdi>
            </span>
        }
    });
    let dots = dots.collect_view();
    view! {
        <figure class="scatter-figure" aria-hidden="true">
            <figcaption class="quiet">{t!(ScatterCaption)}</figcaption>
            <div class="scatter" dir="ltr">{dots}</div>
        </figure>
    }
}

/// The share of a model of all calls, by bucket.
fn shares(usage: &Usage, group: &UsageGroup) -> Values {
    let share = |(value, all): (&Option<f64>, &Option<Amounts>)| {
        let all = all.as_ref().map(|all| all.calls).filter(|all| *all > 0)?;
        value.map(|value| value / float(all))
    };
    group.values.iter().zip(&usage.points).map(share).collect()
}

#[component]
fn Models(usage: Arc<Usage>) -> impl IntoView {
    let calls = usage.total.calls;
    let row = |group: &UsageGroup| {
        let (name, color) = (group_name(group, Dimension::Model), color_name(group_color(group)));
        let (share, tokens) = (float(group.amounts.calls) / float(calls.max(1)), per_call(float(group.amounts.tokens()), group));
        let cost = Money::about(per_call(group.amounts.cost.as_micro(), group));
        let milliseconds =
            |latency: Option<i64>| move || latency.map_or_else(|| "–".to_owned(), |latency| i18n::milliseconds(float(latency)));
        let (p50, p95) = (milliseconds(group.amounts.latency_p50), milliseconds(group.amounts.latency_p95));
        view! {
            <tr>
                <th scope="row" class="cell-name"><span class="usage-name"><Swatch color/><bdi translate="no">{name}</bdi></span></th>
                <td class=NUMBER>{words(move || percent(share))}</td>
                <td class=LINE><SparkLine values=shares(&usage, group) color=group_color(group)/></td>
                <td class=NUMBER>{words(move || money(cost))}</td>
                <td class=NUMBER>{words(move || number(tokens.round()))}</td>
                <td class=NUMBER>{words(p50)}</td>
                <td class=NUMBER>{words(p95)}</td>
            </tr>
        }
    };
    let rows = usage.groups.iter().map(row).collect_view();
    view! {
        <div class="table-scroll" tabindex="0" role="group" aria-labelledby="patterns-title">
            <table class="table usage-table">
                <thead>
                    <tr>
                        <th scope="col" class="cell-name">{t!(DimensionModel)}</th>
                        <th scope="col" class=NUMBER>{t!(ShareOfCalls)}</th>
                        <th scope="col" class=LINE>{t!(ShareOverTime)}</th>
                        <th scope="col" class=NUMBER>{t!(CostPerCall)}</th>
                        <th scope="col" class=NUMBER>{t!(TokensPerCall)}</th>
                        <th scope="col" class=NUMBER>{t!(MetricLatencyP50)}</th>
                        <th scope="col" class=NUMBER>{t!(MetricLatencyP95)}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}
