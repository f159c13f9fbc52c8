//! The single calls as a picture: when each was, and how long it took or how many tokens it had.

use super::Asking;
use super::figures::float;
use crate::charts::chart::Format;
use crate::charts::cloud::{Cloud, CloudChart, FormatMoment};
use crate::client;
use crate::i18n::{Key, compact, in_zone, milliseconds, number, plural, seconds, text, text_with};
use crate::session::Session;
use crate::session::kept::Kept;
use crate::ui::field::SelectField;
use crate::ui::load::{Failure, Skeleton};
use crate::{args, t};
use leptos::prelude::*;
use pulze_contract::usage::{CallPoints, UsageQuery};
use std::sync::Arc;

/// What stands upwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Upwards {
    Latency,
    Tokens,
}

const TOKENS: &str = "tokens";
const LATENCY: &str = "latency";

#[component]
pub fn CallCloud(asking: Asking) -> impl IntoView {
    let question = Memo::new(move |_| {
        let query = asking.query.read();
        (UsageQuery { compare: false, granularity: None, group: None, ..query.usage.clone() }, query.failed)
    });
    let points = Kept::new(Session::expect(), move || {
        let (organization, (question, failed)) = (asking.organization.get_value(), question.get());
        async move { client::usage_call_points(&organization, asking.own, &question, failed).await }
    });
    let upwards = RwSignal::new(Upwards::Latency);
    let options =
        Signal::derive(|| vec![(LATENCY.to_owned(), text(Key::CallLatency)), (TOKENS.to_owned(), text(Key::MetricTokens))]);
    let value = Signal::derive(move || if upwards.get() == Upwards::Tokens { TOKENS.to_owned() } else { LATENCY.to_owned() });
    // Where nobody said how long calls took, there is nothing to draw.
    let drawn = move || {
        let points = points.known.get()?;
        let usage = asking.usage.known.get()?;
        if points.at.is_empty() {
            return None;
        }
        let cloud = cloud(&points, upwards.get(), (float(usage.from), float(usage.to.min(usage.now))));
        Some((cloud, usage.time_zone.clone()))
    };
    view! {
        {move || points.failure.get().map(|error| view! { <Failure error on_retry=move |()| points.again()/> })}
        {move || (points.known.read().is_none() && points.failure.read().is_none()).then(|| view! { <Skeleton lines=4/> })}
        {move || drawn().map(|(cloud, zone)| view! {
            <div class="call-cloud">
                <SelectField
                    label=Signal::derive(t!(CloudUpwards))
                    value
                    options
                    on_change=move |to: String| upwards.set(if to == TOKENS { Upwards::Tokens } else { Upwards::Latency })
                />
                <CloudChart cloud=Arc::new(cloud) format=format(upwards.get_untracked()) moment=moment(zone)/>
            </div>
        })}
    }
}

fn cloud(points: &CallPoints, upwards: Upwards, whole: (f64, f64)) -> Cloud {
    let values = match upwards {
        Upwards::Latency => &points.latency,
        Upwards::Tokens => &points.tokens,
    };
    let y: Vec<f64> = values.iter().map(|value| if *value < 0 { f64::NAN } else { float(*value) }).collect();
    let count = u32::try_from(points.at.len()).unwrap_or(u32::MAX);
    let mut summary = plural(Key::CloudCalls, count);
    if points.cut {
        summary = format!("{summary} {}", text(Key::CloudCut));
    }
    let mut known: Vec<f64> = y.iter().copied().filter(|value| value.is_finite()).collect();
    known.sort_unstable_by(f64::total_cmp);
    if let Some(middle) = known.get(known.len() / 2) {
        let write = format(upwards);
        let values = args!(middle = (write.0)(*middle, false), most = (write.0)(known[known.len() - 1], false));
        summary = format!("{summary} {}", text_with(Key::CloudSpread, values));
    }
    Cloud {
        title: text(Key::CloudTitle),
        summary,
        x: points.at.iter().map(|at| float(*at)).collect(),
        y,
        marked: points.failed.clone(),
        names: [text(Key::CloudAnswered), text(Key::CloudFailed)],
        whole,
    }
}

fn format(upwards: Upwards) -> Format {
    Format(Arc::new(move |value, short| match upwards {
        Upwards::Latency if short && value >= 1000.0 => seconds(value / 1000.0),
        Upwards::Latency => milliseconds(value.round()),
        Upwards::Tokens if short => compact(value),
        Upwards::Tokens => number(value),
    }))
}

fn moment(zone: String) -> FormatMoment {
    FormatMoment(Arc::new(move |at, length| {
        // Milliseconds since 1970.
        #[allow(clippy::cast_possible_truncation)]
        let at = at as i64;
        let (hour, minute, second) = (("hour", "2-digit"), ("minute", "2-digit"), ("second", "2-digit"));
        let (day, month) = (("day", "numeric"), ("month", "short"));
        const HOUR: f64 = 3_600_000.0;
        match length {
            0.0 => in_zone(at, &zone, &[day, month, hour, minute, second]),
            length if length < HOUR / 6.0 => in_zone(at, &zone, &[hour, minute, second]),
            length if length < 36.0 * HOUR => in_zone(at, &zone, &[hour, minute]),
            length if length < 200.0 * HOUR => in_zone(at, &zone, &[day, month, hour]),
            _ => in_zone(at, &zone, &[day, month]),
        }
    }))
}
