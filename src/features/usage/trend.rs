//! Where the cost of this month is going, and the days on which more was spent than usual.

use super::Asking;
use super::figures::{float, group_name};
use crate::charts::forecast::{KindOfCall, forecast, reasons, unusual};
use crate::client::{self, ClientError, Listener};
use crate::i18n::{Key, in_zone, money, percent, plain_in_zone, text, text_with, words};
use crate::session::Session;
use crate::session::kept::Kept;
use crate::ui::button::{Button, ButtonKind};
use crate::{args, t};
use leptos::prelude::*;
use pulze_contract::OrganizationId;
use pulze_contract::money::Money;
use pulze_contract::usage::{Dimension, Granularity, Metric, Range, Usage, UsageQuery};
use std::collections::HashMap;
use std::sync::Arc;

/// Days that are named, the newest first.
const TOLD: usize = 5;
/// Days that a day is compared with.
const COMPARED: i64 = 28;
const DAY_MS: i64 = 86_400_000;

#[component]
pub fn Trend(asking: Asking) -> impl IntoView {
    let question = Memo::new(move |_| UsageQuery {
        range: Range::Days90,
        metric: Metric::Cost,
        granularity: Some(Granularity::Day),
        filters: asking.query.read().usage.filters.clone(),
        ..UsageQuery::default()
    });
    let history = Kept::new(Session::expect(), move || {
        let (organization, question) = (asking.organization.get_value(), question.get());
        async move { client::usage_read(&organization, asking.own, &question).await }
    });
    view! {
        <section class="card trend" aria-labelledby="trend-title">
            <h2 id="trend-title">{t!(TrendTitle)}</h2>
            {move || history.known.get().map(|usage| view! { <Told asking usage/> })}
        </section>
    }
}

/// Costs of the days that have ended, from the first that was reported.
fn whole_days(usage: &Usage) -> (usize, Vec<f64>) {
    let known: Vec<Option<f64>> = usage.points.iter().map(|point| point.map(|point| point.cost.as_micro())).collect();
    let first = known.iter().position(Option::is_some).unwrap_or(known.len());
    let ended = usage.buckets.iter().skip(1).filter(|end| **end <= usage.now).count();
    (first, known.into_iter().take(ended).skip(first).map(Option::unwrap_or_default).collect())
}

/// `2026-11` of a moment.
fn month(at: i64, zone: &str) -> String {
    plain_in_zone(at, zone).chars().take(7).collect()
}

#[component]
fn Told(asking: Asking, usage: Arc<Usage>) -> impl IntoView {
    let (first, days) = whole_days(&usage);
    let zone = usage.time_zone.clone();
    let this = month(usage.now, &zone);
    // What has been spent this month, today included, and how many days are to come.
    let spent: f64 = usage
        .buckets
        .iter()
        .zip(&usage.points)
        .filter(|(start, _)| month(**start, &zone) == this)
        .filter_map(|(_, point)| point.map(|point| point.cost.as_micro()))
        .sum();
    let to_come = (0..32).filter(|days| month(usage.now + days * DAY_MS, &zone) == this).count().saturating_sub(1);
    // Today counts as one of the days to come, for what of it is still missing.
    let today: f64 = usage.points.get(first + days.len()).copied().flatten().map_or(0.0, |point| point.cost.as_micro());
    let told = forecast(&days, to_come + 1);
    let forecast_text = move || match told {
        None => text(Key::ForecastTooEarly),
        Some(told) => {
            let sum = |more: f64| money(Money::about((spent - today + more.max(today)).round()));
            let (low, high, middle) = (sum(told.low), sum(told.high), sum(told.middle));
            let values = args!(low = low, high = high, middle = middle, spent = money(Money::about(spent)));
            text_with(Key::ForecastText, values)
        }
    };
    let mut days_told: Vec<usize> = unusual(&days).into_iter().map(|place| place + first).collect();
    days_told.reverse();
    days_told.truncate(TOLD);
    let nothing = days_told.is_empty();
    let rows = days_told.into_iter().map(|place| view! { <UnusualDay asking usage=usage.clone() place/> }).collect_view();
    view! {
        <p>{words(forecast_text)}</p>
        <p class="quiet">{t!(ForecastMethod)}</p>
        <h3>{t!(UnusualDays)}</h3>
        {nothing.then(|| view! { <p class="quiet">{t!(UnusualNone)}</p> })}
        <ul class="unusual">{rows}</ul>
    }
}

#[component]
fn UnusualDay(asking: Asking, usage: Arc<Usage>, place: usize) -> impl IntoView {
    let at = usage.buckets[place];
    let zone = StoredValue::new(usage.time_zone.clone());
    let cost = usage.points[place].map_or(Money::ZERO, |point| point.cost);
    let (busy, told) = (RwSignal::new(false), RwSignal::new(None::<Result<Explained, ClientError>>));
    let day = move || in_zone(at, &zone.read_value(), &[("weekday", "long"), ("day", "numeric"), ("month", "long")]);
    let listener = Listener::here();
    let explain = move |()| {
        busy.set(true);
        listener.hear(explained(asking, at, zone.get_value()), move |answer| {
            busy.set(false);
            told.set(Some(answer));
        });
    };
    let show = move |_| {
        let day: String = plain_in_zone(at, &zone.read_value()).chars().take(10).collect();
        asking.ask(|query| {
            query.usage.range = Range::Span(day.clone(), day);
            query.usage.granularity = None;
        });
    };
    view! {
        <li>
            <button class="link" type="button" on:click=show>{words(day)}</button>
            <span>{words(move || money(cost))}</span>
            {move || match told.get() {
                None => view! { <Button kind=ButtonKind::Quiet busy on_click=explain>{t!(UnusualWhy)}</Button> }.into_any(),
                Some(Err(error)) => view! { <span class="form-error">{error.sentence()}</span> }.into_any(),
                Some(Ok(explained)) => view! { <span>{words(move || explained.sentence())}</span> }.into_any(),
            }}
        </li>
    }
}

/// Why a day was dearer.
#[derive(Clone)]
struct Explained {
    /// The assistant and the model that most of the difference comes from, with their share of it.
    most: Option<(String, String, f64)>,
    /// Shares of the difference.
    volume: f64,
    price: f64,
    mix: f64,
}

impl Explained {
    fn sentence(&self) -> String {
        let reasons = [(self.volume, Key::ReasonVolume), (self.price, Key::ReasonPrice), (self.mix, Key::ReasonMix)];
        let mut reasons: Vec<_> = reasons.into_iter().filter(|(share, _)| *share > 0.05).collect();
        reasons.sort_by(|one, other| other.0.total_cmp(&one.0));
        let reasons: Vec<String> =
            reasons.into_iter().map(|(share, key)| text_with(key, args!(share = percent(share)))).collect();
        let most = self.most.as_ref().map(|(assistant, model, share)| {
            let values = args!(share = percent(*share), assistant = assistant.clone(), model = model.clone());
            text_with(Key::UnusualMost, values)
        });
        most.into_iter().chain(reasons).collect::<Vec<_>>().join(" ")
    }
}

/// Cost and calls of each group on a day, and on a usual one.
fn kinds(now: &Usage, before: &Usage) -> HashMap<String, KindOfCall> {
    let mut kinds: HashMap<String, KindOfCall> = HashMap::new();
    let days = float(COMPARED);
    for group in &before.groups {
        let kind = kinds.entry(group.id.clone()).or_default();
        kind.usual_calls = float(group.amounts.calls) / days;
        kind.usual_cost = group.amounts.cost.as_micro() / days;
    }
    for group in &now.groups {
        let kind = kinds.entry(group.id.clone()).or_default();
        kind.calls = float(group.amounts.calls);
        kind.cost = group.amounts.cost.as_micro();
    }
    kinds
}

/// The group that adds most to the difference.
fn most(kinds: &HashMap<String, KindOfCall>) -> Option<(String, f64)> {
    let more = kinds.iter().map(|(id, kind)| (id.clone(), kind.cost - kind.usual_cost));
    more.max_by(|one, other| one.1.total_cmp(&other.1)).filter(|(_, more)| *more > 0.0)
}

fn explained(asking: Asking, at: i64, zone: String) -> impl Future<Output = Result<Explained, ClientError>> + 'static {
    let filters = asking.query.with_untracked(|query| query.usage.filters.clone());
    explained_by(asking.organization.get_value(), asking.own, filters, at, zone)
}

async fn explained_by(
    organization: OrganizationId,
    own: bool,
    filters: Vec<(Dimension, Vec<String>)>,
    at: i64,
    zone: String,
) -> Result<Explained, ClientError> {
    let day = |at: i64| plain_in_zone(at, &zone).chars().take(10).collect::<String>();
    // Noon, so that an hour more or less in spring and autumn stays within the day.
    let noon = at + DAY_MS / 2;
    let (now, before) = (Range::Span(day(noon), day(noon)), Range::Span(day(noon - COMPARED * DAY_MS), day(noon - DAY_MS)));
    let ask = |range: Range, group: Dimension, filters: Vec<(Dimension, Vec<String>)>| {
        let query = UsageQuery { range, metric: Metric::Cost, group: Some(group), filters, ..UsageQuery::default() };
        let organization = organization.clone();
        async move { client::usage_read(&organization, own, &query).await }
    };
    let by_model = ask(now.clone(), Dimension::Model, filters.clone()).await?;
    let models = kinds(&by_model, &ask(before.clone(), Dimension::Model, filters.clone()).await?);
    let by_assistant = ask(now.clone(), Dimension::Assistant, filters.clone()).await?;
    let assistants = kinds(&by_assistant, &ask(before.clone(), Dimension::Assistant, filters.clone()).await?);
    let why = reasons(&models.values().copied().collect::<Vec<_>>());
    let difference = why.volume + why.price + why.mix;
    let share = |part: f64| if difference > 0.0 { part / difference } else { 0.0 };
    let mut told = Explained { most: None, volume: share(why.volume), price: share(why.price), mix: share(why.mix) };
    if let Some((assistant, _)) = most(&assistants) {
        let id = if assistant.is_empty() { pulze_contract::usage::UNALLOCATED.to_owned() } else { assistant.clone() };
        let mut narrowed = UsageQuery { filters, ..UsageQuery::default() };
        narrowed.set_filter(Dimension::Assistant, vec![id]);
        let its_models = ask(now, Dimension::Model, narrowed.filters.clone()).await?;
        let its = kinds(&its_models, &ask(before, Dimension::Model, narrowed.filters).await?);
        let name =
            by_assistant.groups.iter().find(|group| group.id == assistant).map(|group| group_name(group, Dimension::Assistant));
        if let Some((model, more)) = most(&its) {
            told.most = Some((name.unwrap_or_default(), model, share(more)));
        }
    }
    Ok(told)
}
