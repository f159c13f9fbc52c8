//! Takes calls in: each counts once, and everything that it adds to is written in the same transaction.

use super::model_names::priced_as;
use super::sums::{Sums, add};
use super::zone::{QUARTER_MS, Zone};
use crate::App;
use crate::error::{Error, Fields, Result};
use crate::service::Member;
use crate::store::{
    self,
    usage::{CallRow, Series, Table},
};
use pulze_contract::money::Money;
use pulze_contract::router::names_router;
use pulze_contract::text;
use pulze_contract::tool::names_tool;
use pulze_contract::usage::{CostSource, EVENTS_MAX, EventRefusal, RefusedEvent, TOTAL_MAX, UsageEvent, UsageReceipt, cost};
use pulze_contract::validation::Rule;
use pulze_contract::{ApiKeyId, AssistantId, OrganizationId, Permission, ProblemType, RouterId, SpaceId, Timestamp, UserId};
use serde_json::Value;
use std::collections::{HashMap, HashSet};

/// Rows of one transaction: it is over in some milliseconds.
const AT_ONCE: usize = 200;

/// Takes a batch. A row that cannot be taken is named, and the others are kept.
///
/// # Errors
/// `malformed` for what is no batch; `invalid` for more than [`EVENTS_MAX`] events.
pub async fn import(app: &App, caller: &Member, body: &[u8]) -> Result<UsageReceipt> {
    let batch: Value = serde_json::from_slice(body).map_err(|_| Error::from(ProblemType::Malformed))?;
    let rows = batch.get("events").and_then(Value::as_array).ok_or(ProblemType::Malformed)?;
    let mut fields = Fields::default();
    fields.check("events", if rows.len() <= EVENTS_MAX { Ok(()) } else { Err(Rule::TooMany) });
    fields.finish()?;
    let event = |row: &Value| {
        let id = text::cleaned(row.get("id").and_then(Value::as_str).unwrap_or_default(), 100);
        serde_path_to_error::deserialize(row).map_err(|error| unreadable(row, &id, &error))
    };
    take_all(app, caller, rows.iter().map(event).collect()).await
}

/// Why a row of JSON is no event: the field, and what stands there.
fn unreadable(row: &Value, id: &str, error: &serde_path_to_error::Error<serde_json::Error>) -> RefusedEvent {
    let (said, place) = (error.inner().to_string(), error.path().to_string());
    // A field that is missing or unknown is named by the sentence only.
    let named = said.strip_prefix("missing field `").or_else(|| said.strip_prefix("unknown field `"));
    let field = named.and_then(|rest| rest.split('`').next()).unwrap_or(&place);
    let top = field.split(['.', '[']).next().unwrap_or_default();
    let reason = match top {
        "prompt_tokens" | "completion_tokens" | "latency" | "cost" => EventRefusal::Amount,
        "status" => EventRefusal::Status,
        _ => EventRefusal::Malformed,
    };
    let found = row.get(top).map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned)).unwrap_or_default();
    RefusedEvent::new(id, reason, field.trim_matches('.'), &found)
}

/// Takes events that were read from somewhere, or the reasons why they could not be read. Where it fails half way, what
/// was taken stays, and counts once when it is sent again.
///
/// # Errors
/// The database fails.
pub async fn take_all(
    app: &App,
    caller: &Member,
    events: Vec<std::result::Result<UsageEvent, RefusedEvent>>,
) -> Result<UsageReceipt> {
    let now = crate::now();
    let mut receipt = UsageReceipt::default();
    let mut events = events.into_iter();
    let mut before = 0;
    // A row counts once however often it is sent, so a batch needs no transaction of its own: others get in between.
    loop {
        let chunk: Vec<_> = events.by_ref().take(AT_ONCE).collect();
        let count = u32::try_from(chunk.len()).unwrap_or(u32::MAX);
        let mut change = app.store.change(&caller.organization).await?;
        crate::service::members::lock(&mut change, caller, Permission::UsageImport).await?;
        let taken = take(&mut change, &caller.organization, chunk, now).await?;
        change.commit().await?;
        receipt.accepted += taken.accepted;
        receipt.duplicates += taken.duplicates;
        receipt
            .refused
            .extend(taken.refused.into_iter().map(|refused| RefusedEvent { index: refused.index + before, ..refused }));
        before += count;
        if events.len() == 0 {
            return Ok(receipt);
        }
    }
}

/// What is known of the organization while a batch is taken.
struct Known<'a> {
    organization: &'a OrganizationId,
    zone: Zone,
    /// Whether an identifier of this column may be used.
    there: HashMap<(&'static str, String), bool>,
    prices: HashMap<String, Vec<(Timestamp, i64, i64)>>,
    /// What all calls come to, those of this batch included: tokens in, tokens out, nano-dollars.
    totals: [i64; 3],
    numbers: HashMap<Series, i64>,
}

impl Known<'_> {
    /// Whether there is such a thing, or was when earlier calls named it: a call of last week may name a
    /// member who left since.
    async fn there(&mut self, db: &mut store::Connection, column: &'static str, id: &str) -> Result<bool> {
        if let Some(there) = self.there.get(&(column, id.to_owned())) {
            return Ok(*there);
        }
        let organization = self.organization;
        let there = match column {
            "space_id" if SpaceId::parse(id).is_some() => exists(db, organization, "spaces", "id", id).await?,
            "member_id" if UserId::parse(id).is_some() => exists(db, organization, "memberships", "user_id", id).await?,
            "assistant_id" if AssistantId::parse(id).is_some() => exists(db, organization, "assistants", "id", id).await?,
            "key_id" if ApiKeyId::parse(id).is_some() => exists(db, organization, "api_keys", "id", id).await?,
            "router" if RouterId::parse(id).is_some() => exists(db, organization, "routers", "id", id).await?,
            "router" => names_router(id),
            "tool" => names_tool(id),
            _ => false,
        };
        let there = there || (column != "tool" && text::is_clean(id) && store::usage::seen(db, organization, column, id).await?);
        self.there.insert((column, id.to_owned()), there);
        Ok(there)
    }

    /// The cost of a call, as it was reported or by the prices of its time; none where it is more than a call can cost.
    async fn cost(&mut self, db: &mut store::Connection, event: &UsageEvent) -> Result<Option<(Money, CostSource)>> {
        if let Some(cost) = event.cost {
            return Ok(Some((cost, CostSource::Reported)));
        }
        // Nobody said how much it was: not nothing, unless it failed.
        let tokens = event.prompt_tokens.or(event.completion_tokens);
        if tokens.is_none() && event.status.is_none_or(|status| status < 400) {
            return Ok(Some((Money::ZERO, CostSource::Unknown)));
        }
        if !self.prices.contains_key(&event.model) {
            let mut prices = store::usage::prices(db, self.organization, &event.model).await?;
            if let Some(base) = priced_as(&event.model).filter(|_| prices.is_empty()) {
                prices = store::usage::prices(db, self.organization, &base).await?;
            }
            self.prices.insert(event.model.clone(), prices);
        }
        let prices = self.prices.get(&event.model).map_or(&[][..], Vec::as_slice);
        let price = prices.iter().rev().find(|(since, ..)| *since <= event.at);
        let Some((_, input, output)) = price else { return Ok(Some((Money::ZERO, CostSource::Unknown))) };
        let cost = cost(event.prompt_tokens.unwrap_or(0), event.completion_tokens.unwrap_or(0), *input, *output);
        Ok(cost.map(|cost| (cost, CostSource::Catalogue)))
    }

    /// Counts a call among all of the organization; what it would bring beyond all that can be added up, if anything.
    fn count(&mut self, event: &UsageEvent, cost: Money) -> std::result::Result<(), RefusedEvent> {
        let more = [event.prompt_tokens.unwrap_or(0), event.completion_tokens.unwrap_or(0), cost.as_nano()];
        let fields = ["prompt_tokens", "completion_tokens", "cost"];
        let mut totals = self.totals;
        for ((total, more), field) in totals.iter_mut().zip(more).zip(fields) {
            // Neither is more than half of what an `i64` holds.
            *total = total.saturating_add(more);
            if *total > TOTAL_MAX && more > 0 {
                let found = if field == "cost" { cost.as_micro().to_string() } else { more.to_string() };
                return Err(RefusedEvent::new(&event.id, EventRefusal::Amount, field, &found));
            }
        }
        self.totals = totals;
        Ok(())
    }

    async fn number(&mut self, db: &mut store::Connection, series: Series) -> Result<i64> {
        if let Some(number) = self.numbers.get(&series) {
            return Ok(*number);
        }
        let number = store::usage::number_of(db, self.organization, &series).await?;
        self.numbers.insert(series, number);
        Ok(number)
    }
}

async fn exists(
    db: &mut store::Connection,
    organization: &OrganizationId,
    table: &'static str,
    column: &'static str,
    id: &str,
) -> Result<bool> {
    let sql = format!("SELECT 1 AS found FROM {table} WHERE organization_id = $1 AND {column} = $2");
    Ok(sqlx::query(&sql).bind(organization.as_str()).bind(id).fetch_optional(db).await?.is_some())
}

/// What would become of events, without writing: what each would cost, or why it cannot be taken.
///
/// # Errors
/// The database fails.
pub async fn look(
    db: &mut store::Connection,
    organization: &OrganizationId,
    events: &[&UsageEvent],
    now: Timestamp,
) -> Result<Vec<std::result::Result<(Money, CostSource), RefusedEvent>>> {
    let zone = Zone::named(&store::usage::zone(db, organization).await?);
    let (there, prices, numbers) = (HashMap::new(), HashMap::new(), HashMap::new());
    let mut known = Known { organization, zone, there, prices, totals: [0; 3], numbers };
    let mut looked = Vec::with_capacity(events.len());
    for event in events {
        looked.push(match refusal(db, &mut known, event, now).await? {
            Some(refused) => Err(refused),
            None => known.cost(db, event).await?.ok_or_else(|| {
                RefusedEvent::new(&event.id, EventRefusal::Amount, "cost", "more than a call can cost, by its price")
            }),
        });
    }
    Ok(looked)
}

/// Takes events within a transaction that has locked the organization.
///
/// # Errors
/// The database fails.
pub async fn take(
    db: &mut store::Connection,
    organization: &OrganizationId,
    events: Vec<std::result::Result<UsageEvent, RefusedEvent>>,
    now: Timestamp,
) -> Result<UsageReceipt> {
    let zone = Zone::named(&store::usage::zone(db, organization).await?);
    let totals = store::usage::totals(db, organization).await?;
    let (there, prices, numbers) = (HashMap::new(), HashMap::new(), HashMap::new());
    let mut known = Known { organization, zone, there, prices, totals, numbers };
    let mut receipt = UsageReceipt::default();
    let mut seen = HashSet::new();
    let mut calls = Vec::with_capacity(events.len());
    let mut more: HashMap<String, (String, String, Vec<String>)> = HashMap::new();
    for (place, event) in events.into_iter().enumerate() {
        let taken = match event {
            Ok(event) => match refusal(db, &mut known, &event, now).await? {
                Some(refused) => Err(refused),
                None => Ok(event),
            },
            Err(refused) => Err(refused),
        };
        let mut refuse = |refused: RefusedEvent| {
            receipt.refused.push(RefusedEvent { index: u32::try_from(place).unwrap_or(u32::MAX), ..refused });
        };
        let event = match taken {
            Ok(event) => event,
            Err(refused) => {
                refuse(refused);
                continue;
            }
        };
        let Some((cost, source)) = known.cost(db, &event).await? else {
            refuse(RefusedEvent::new(&event.id, EventRefusal::Amount, "cost", "more than a call can cost, by its price"));
            continue;
        };
        if seen.contains(&event.id) {
            receipt.duplicates += 1;
            continue;
        }
        if let Err(refused) = known.count(&event, cost) {
            refuse(refused);
            continue;
        }
        seen.insert(event.id.clone());
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let series = Series {
            space: text(&event.space_id),
            member: text(&event.member_id),
            assistant: text(&event.assistant_id),
            model: event.model.clone(),
            router: text(&event.router_id),
            key: text(&event.api_key_id),
        };
        if !series.key.is_empty() || !event.tools.is_empty() {
            more.insert(event.id.clone(), (series.key.clone(), series.space.clone(), event.tools));
        }
        calls.push(CallRow {
            series: known.number(db, series).await?,
            id: event.id,
            at: event.at,
            key_version: i64::from(event.api_key_version.unwrap_or(0)),
            prompt_tokens: event.prompt_tokens.unwrap_or(0),
            completion_tokens: event.completion_tokens.unwrap_or(0),
            latency: event.latency.unwrap_or(-1),
            status: i64::from(event.status.unwrap_or(200)),
            cost: cost.as_nano(),
            cost_source: source as i64,
        });
    }
    let new: HashSet<String> = store::usage::insert_calls(db, organization, &calls, now).await?.into_iter().collect();
    let (known_before, counted): (Vec<&CallRow>, Vec<&CallRow>) = calls.iter().partition(|call| !new.contains(&call.id));
    receipt.duplicates += u32::try_from(known_before.len()).unwrap_or(u32::MAX);
    receipt.accepted = u32::try_from(counted.len()).unwrap_or(u32::MAX);
    add_up(db, &known, &counted, &more).await?;
    Ok(receipt)
}

/// Why an event cannot be taken.
async fn refusal(
    db: &mut store::Connection,
    known: &mut Known<'_>,
    event: &UsageEvent,
    now: Timestamp,
) -> Result<Option<RefusedEvent>> {
    if let Err(refused) = event.check(now) {
        return Ok(Some(refused));
    }
    let named = [
        ("space_id", "space_id", &event.space_id, EventRefusal::SpaceUnknown),
        ("member_id", "member_id", &event.member_id, EventRefusal::MemberUnknown),
        ("assistant_id", "assistant_id", &event.assistant_id, EventRefusal::AssistantUnknown),
        ("router", "router_id", &event.router_id, EventRefusal::RouterUnknown),
        ("key_id", "api_key_id", &event.api_key_id, EventRefusal::KeyUnknown),
    ];
    for (column, field, id, reason) in named {
        if let Some(id) = id
            && !known.there(db, column, id).await?
        {
            return Ok(Some(RefusedEvent::new(&event.id, reason, field, id)));
        }
    }
    for tool in &event.tools {
        if !known.there(db, "tool", tool).await? {
            return Ok(Some(RefusedEvent::new(&event.id, EventRefusal::ToolUnknown, "tools", tool)));
        }
    }
    Ok(None)
}

/// What a call adds.
fn sums(call: &CallRow) -> Sums {
    let mut sums = Sums {
        calls: 1,
        errors: i64::from(call.status >= 400),
        prompt_tokens: call.prompt_tokens,
        completion_tokens: call.completion_tokens,
        cost: call.cost,
        unpriced: i64::from(call.cost_source == CostSource::Unknown as i64),
        ..Sums::default()
    };
    if call.latency >= 0 {
        sums.took(call.latency);
    }
    sums
}

async fn add_up(
    db: &mut store::Connection,
    known: &Known<'_>,
    calls: &[&CallRow],
    more: &HashMap<String, (String, String, Vec<String>)>,
) -> Result<()> {
    let Some(first) = calls.iter().map(|call| call.at).min() else { return Ok(()) };
    let newest = calls.iter().map(|call| call.at).max().unwrap_or(first);
    let (mut quarters, mut days) = (HashMap::<_, Sums>::new(), HashMap::<_, Sums>::new());
    let mut months: HashMap<(String, i64), i64> = HashMap::new();
    let mut tools: HashMap<(i64, &str, &str), i64> = HashMap::new();
    let all: Sums = calls.iter().map(|call| sums(call)).sum();
    for call in calls {
        let day = known.zone.day(call.at);
        *quarters.entry((call.at.div_euclid(QUARTER_MS), call.series)).or_default() += sums(call);
        *days.entry((day, call.series)).or_default() += sums(call);
        let Some((key, space, used)) = more.get(&call.id) else { continue };
        if !key.is_empty() {
            add(months.entry((key.clone(), Zone::month_of_day(day))).or_default(), call.cost)?;
        }
        for tool in used {
            *tools.entry((day, tool, space)).or_default() += 1;
        }
    }
    for (table, cells) in [(Table::Quarters, quarters), (Table::Days, days)] {
        let mut cells: Vec<(i64, i64, Sums)> = cells.into_iter().map(|((time, series), sums)| (time, series, sums)).collect();
        cells.sort_by_key(|(time, series, _)| (*time, *series));
        store::usage::add(db, table, known.organization, &cells).await?;
    }
    store::usage::add_key_months(db, known.organization, &months).await?;
    for ((day, tool, space), calls) in tools {
        store::usage::add_tool(db, known.organization, day, (tool, space), calls).await?;
    }
    store::usage::extend(db, known.organization, (first, newest), &all.whole()?).await
}

/// Makes the sums by day again, in the time zone that the organization has now. Within the transaction that
/// changed it: no answer mixes two zones.
///
/// # Errors
/// The database fails.
pub async fn make_days_again(db: &mut store::Connection, organization: &OrganizationId) -> Result<()> {
    let Some((first, newest)) = store::usage::extent(db, organization).await? else { return Ok(()) };
    let zone = Zone::named(&store::usage::zone(db, organization).await?);
    store::usage::forget_days(db, organization).await?;
    let span = (first - first.rem_euclid(QUARTER_MS), newest - newest.rem_euclid(QUARTER_MS) + QUARTER_MS);
    let offsets = zone.day_offsets(span);
    for (place, (from, offset)) in offsets.iter().enumerate() {
        let to = offsets.get(place + 1).map_or(span.1, |(at, _)| *at);
        store::usage::make_days(db, organization, (*from, to), *offset).await?;
    }
    let mut months: HashMap<(String, i64), i64> = HashMap::new();
    for (key, day, cost) in store::usage::key_days(db, organization).await? {
        add(months.entry((key, Zone::month_of_day(day))).or_default(), cost)?;
    }
    store::usage::add_key_months(db, organization, &months).await
}
