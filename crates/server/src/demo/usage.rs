//! What Acme Robotics used: sums of the last months, and the single calls of the last two days.

use super::{DAY, digits, user};
use crate::error::Result;
use crate::store;
use crate::store::usage::{Series, Table};
use crate::usage::ingest;
use crate::usage::sums::Sums;
use crate::usage::zone::{QUARTER_MS, Zone};
use pulze_contract::router::LAST_RESORT;
use pulze_contract::usage::{UsageEvent, cost};
use pulze_contract::{ApiKeyId, AssistantId, OrganizationId, RouterId, SpaceId};
use std::collections::HashMap;

/// Days that are told.
const DAYS: i64 = 100;
/// Days whose calls are there one by one.
const SINGLE: i64 = 2;
/// Quarters of an hour of the day (UTC) in which most is asked.
const BUSY: [i64; 6] = [30, 35, 40, 47, 53, 60];

/// Who asks what, how often on a working day, and what one call takes.
struct Stream {
    space: &'static str,
    /// Name of a router of the organization's own; empty: the last resort.
    router: &'static str,
    model: &'static str,
    assistant: &'static str,
    key: &'static str,
    member: &'static str,
    calls: i64,
    prompt_tokens: i64,
    completion_tokens: i64,
    latency: i64,
}

const fn stream(names: [&'static str; 6], calls: i64, takes: [i64; 3]) -> Stream {
    let [space, router, model, assistant, key, member] = names;
    let [prompt_tokens, completion_tokens, latency] = takes;
    Stream { space, router, model, assistant, key, member, calls, prompt_tokens, completion_tokens, latency }
}

const SUPPORT: &str = "Customer Support";
const QUICK: &str = "Support, quick first";
const STREAMS: [Stream; 14] = [
    stream([SUPPORT, QUICK, "openai/gpt-4.1-mini", "Support desk", "Shop, production", ""], 180, [1400, 320, 700]),
    stream([SUPPORT, QUICK, "openai/gpt-4.1-mini", "Support desk", "", "editor@acme.test"], 60, [1900, 410, 820]),
    stream([SUPPORT, QUICK, "openai/gpt-4.1-mini", "Support desk", "", "amara@acme.test"], 44, [1700, 380, 760]),
    stream([SUPPORT, QUICK, "anthropic/claude-haiku-4-5", "Returns", "", "amara@acme.test"], 38, [900, 260, 940]),
    stream([SUPPORT, QUICK, "anthropic/claude-sonnet-4-5", "Support desk", "", "editor@acme.test"], 6, [2600, 700, 2800]),
    stream([SUPPORT, QUICK, "openai/gpt-4.1-nano", "", "Shop, production", ""], 130, [220, 12, 260]),
    stream(["Research", "Papers", "anthropic/claude-opus-4-5", "Paper reader", "", "editor@acme.test"], 12, [14_000, 1300, 7200]),
    stream(["Research", "Papers", "anthropic/claude-opus-4-5", "", "", "hiro@acme.test"], 9, [9000, 900, 6400]),
    stream(["Marketing", "", "openai/gpt-4o", "Press writer", "", "chiara@acme.test"], 17, [1100, 1500, 4200]),
    stream(["Marketing", "", "openai/gpt-4o", "Pulze", "", "viewer@acme.test"], 26, [800, 500, 1900]),
    stream(["Marketing", "", "google/gemini-2.5-flash", "Pulze", "", "chiara@acme.test"], 38, [700, 450, 960]),
    stream(["Board", "", "anthropic/claude-sonnet-4-5", "", "", "admin@acme.test"], 5, [6200, 1100, 4800]),
    stream(["Board", "", "anthropic/claude-sonnet-4-5", "", "", "operations@acme.test"], 3, [5100, 900, 4300]),
    stream(["", "", "openai/gpt-4.1-mini", "", "CI pipeline", ""], 22, [600, 90, 480]),
];
/// The tools of the assistants.
const TOOLS: [(&str, &[&str]); 3] =
    [("Support desk", &["space-search"]), ("Pulze", &["space-search", "web-search"]), ("Press writer", &["web-search"])];

impl Stream {
    fn series(&self) -> Series {
        let named = |name: &str, id: String| if name.is_empty() { String::new() } else { id };
        let router = RouterId::from_digits(&digits(self.router)).to_string();
        Series {
            space: named(self.space, SpaceId::from_digits(&digits(self.space)).to_string()),
            member: named(self.member, user(self.member).to_string()),
            assistant: named(
                self.assistant,
                AssistantId::from_digits(&digits(&format!("assistant {}", self.assistant))).to_string(),
            ),
            model: self.model.to_owned(),
            router: if self.router.is_empty() { LAST_RESORT.to_owned() } else { router },
            key: named(self.key, ApiKeyId::from_digits(&digits(&format!("key {}", self.key))).to_string()),
        }
    }

    /// Calls of a day: fewer on Saturdays and Sundays (1970-01-01 was a Thursday), a little more every week, a
    /// pattern that is the same every time, and one day with a press release.
    fn of_day(&self, day: i64, back: i64, place: i64) -> i64 {
        let wave = 80 + (day * 37 + place * 13).rem_euclid(41);
        let grown = 60 + (DAYS - back) * 2 / 5;
        let weekend = if matches!((day + 4) % 7, 0 | 6) { 4 } else { 1 };
        let release = if back == 9 && self.assistant == "Press writer" { 11 } else { 1 };
        self.calls * wave * grown * release / 10_000 / weekend
    }

    fn tools(&self) -> &'static [&'static str] {
        TOOLS.iter().find(|(assistant, _)| *assistant == self.assistant).map_or(&[], |(_, tools)| tools)
    }
}

/// What Acme Robotics used until now.
pub(super) async fn usage(db: &mut store::Connection) -> Result<()> {
    let acme = OrganizationId::from_digits(&digits("Acme Robotics"));
    let zone = Zone::named(&store::usage::zone(db, &acme).await?);
    let now = crate::now();
    let today = store::usage::day(now);
    let (mut quarters, mut days) = (Vec::new(), HashMap::<(i64, i64), Sums>::new());
    let mut months: HashMap<(String, i64), i64> = HashMap::new();
    let mut single = Vec::new();
    for (place, stream) in (0_i64..).zip(&STREAMS) {
        let series = stream.series();
        let number = store::usage::number_of(db, &acme, &series).await?;
        let prices = store::usage::prices(db, &acme, stream.model).await?;
        let (_, input, output) = prices.last().copied().unwrap_or_default();
        for back in 0..DAYS {
            let day = today - back;
            let calls = stream.of_day(day, back, place);
            if back < SINGLE {
                single.extend(calls_of_day(stream, &series, day, calls, now));
                continue;
            }
            for (turn, quarter) in (0..).zip(BUSY) {
                let calls = (calls + turn) / BUSY.len() as i64;
                if calls == 0 {
                    continue;
                }
                let at = day * DAY + quarter * QUARTER_MS;
                let mut sums = Sums {
                    calls,
                    errors: i64::from(calls > 8 && (day + turn) % 5 == 0),
                    prompt_tokens: calls * stream.prompt_tokens,
                    completion_tokens: calls * stream.completion_tokens,
                    cost: cost(calls * stream.prompt_tokens, calls * stream.completion_tokens, input, output)
                        .unwrap_or_default()
                        .as_nano(),
                    ..Sums::default()
                };
                for call in 0..calls {
                    sums.took(took(stream, call + turn));
                }
                quarters.push((at / QUARTER_MS, number, sums));
                *days.entry((zone.day(at), number)).or_default() += sums;
                if !series.key.is_empty() {
                    *months.entry((series.key.clone(), zone.month(at))).or_default() += sums.cost;
                }
            }
            for tool in stream.tools() {
                store::usage::add_tool(db, &acme, day, (tool, &series.space), calls / 2).await?;
            }
        }
    }
    store::usage::add(db, Table::Quarters, &acme, &quarters).await?;
    let all: Sums = days.values().copied().sum();
    let days: Vec<_> = days.into_iter().map(|((day, series), sums)| (day, series, sums)).collect();
    store::usage::add(db, Table::Days, &acme, &days).await?;
    store::usage::add_key_months(db, &acme, &months).await?;
    store::usage::extend(db, &acme, ((today - DAYS + 1) * DAY, now - DAY), &all.whole()?).await?;
    ingest::take(db, &acme, single, now).await?;
    Ok(())
}

/// How long a call took: most about as long as usual, some much longer.
fn took(stream: &Stream, turn: i64) -> i64 {
    stream.latency * (80 + (turn * 29).rem_euclid(60)) / 100 * if turn % 17 == 3 { 4 } else { 1 }
}

type Read = std::result::Result<UsageEvent, pulze_contract::usage::RefusedEvent>;

fn calls_of_day(stream: &Stream, series: &Series, day: i64, calls: i64, now: i64) -> Vec<Read> {
    let named = |id: &String| Some(id.clone()).filter(|id| !id.is_empty());
    let call = |turn: i64| {
        // Between six and eighteen o'clock, and none that has yet to come.
        let at = day * DAY + DAY / 4 + turn * (DAY / 2) / calls.max(1) + turn % 7 * 1000;
        UsageEvent {
            id: digits(&format!("call {day} {series:?} {turn}")),
            at,
            space_id: named(&series.space),
            member_id: named(&series.member),
            assistant_id: named(&series.assistant),
            model: series.model.clone(),
            router_id: named(&series.router),
            api_key_id: named(&series.key),
            api_key_version: named(&series.key).map(|_| 1),
            prompt_tokens: Some(stream.prompt_tokens * (70 + (turn * 31) % 60) / 100),
            completion_tokens: Some(stream.completion_tokens * (60 + (turn * 43) % 80) / 100),
            latency: Some(took(stream, turn)),
            status: Some(if turn % 61 == 60 { 503 } else { 200 }),
            cost: None,
            tools: stream.tools().iter().map(|tool| (*tool).to_owned()).collect(),
        }
    };
    (0..calls).map(call).filter(|event| event.at <= now).map(Ok).collect()
}
