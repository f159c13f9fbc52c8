//! How fast usage is: for the hidden command `measure-usage`, which the bench calls.

use super::{ingest, question};
use crate::error::{Error, Result};
use crate::store::{self, Store, Tenant};
use pulze_contract::organization::Plan;
use pulze_contract::usage::{Dimension, EVENTS_MAX, Metric, Range, UsageEvent, UsageQuery};
use pulze_contract::{OrganizationId, UserId};
use std::time::Instant;

const DAY_MS: i64 = 86_400_000;
const MODELS: [&str; 8] = [
    "openai/gpt-4o",
    "openai/gpt-4.1-mini",
    "openai/gpt-4.1-nano",
    "anthropic/claude-sonnet-4-5",
    "anthropic/claude-haiku-4-5",
    "anthropic/claude-opus-4-5",
    "google/gemini-2.5-flash",
    "google/gemini-2.5-pro",
];
/// Members of the organization that is measured.
const MEMBERS: u64 = 200;
const SPACES: u64 = 20;

/// Numbers that are the same every time, and look drawn (SplitMix64).
struct Drawn(u64);

impl Drawn {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % most
    }
}

/// Takes so many events in, over 90 days, then asks about them; prints one line of JSON.
///
/// # Errors
/// The database fails.
pub async fn run(store: &Store, count: u64) -> Result<()> {
    let mut change = store.change(Tenant::Installation).await?;
    let user = UserId::from_digits(&crate::new_digits());
    let id = OrganizationId::from_digits(&crate::new_digits());
    let organization = id.clone();
    let person = store::users::User {
        id: user.clone(),
        email: format!("{user}@measure.test"),
        name: "Measure".to_owned(),
        administers_installation: false,
    };
    let now = crate::now();
    store::users::insert(&mut change, &person, "none", now).await?;
    let new = store::organizations::NewOrganization {
        id: &id,
        name: "Measure",
        logo_url: "",
        plan: Plan::PulzeXSuite,
        reporting_time_zone: "Europe/Zurich",
        by: &user,
        at: now,
    };
    store::organizations::insert(&mut change, &new).await?;
    let members: Vec<String> = (0..MEMBERS).map(|_| UserId::from_digits(&crate::new_digits()).to_string()).collect();
    for member in &members {
        let id = UserId::parse(member).ok_or_else(|| Error::Internal("identifier".to_owned()))?;
        let person = store::users::User {
            id: id.clone(),
            email: format!("{id}@measure.test"),
            name: "Member".to_owned(),
            administers_installation: false,
        };
        store::users::insert(&mut change, &person, "none", now).await?;
        store::members::insert(&mut change, &organization, &id, pulze_contract::Role::Viewer, now).await?;
    }
    let mut spaces = Vec::new();
    for _ in 0..SPACES {
        let space = pulze_contract::SpaceId::from_digits(&crate::new_digits());
        sqlx::query("INSERT INTO usage_series (organization_id, id, space_id, member_id, assistant_id, model, router, key_id) VALUES ($1, $2, $3, '', '', '', '', '')")
            .bind(id.as_str()).bind(i64::try_from(spaces.len()).unwrap_or(0) + 1).bind(space.as_str()).execute(&mut *change).await?;
        spaces.push(space.to_string());
    }
    change.commit().await?;

    let mut drawn = Drawn(7);
    let begun = Instant::now();
    let mut taken = 0;
    while taken < count {
        let batch = (count - taken).min(EVENTS_MAX as u64);
        let events = (0..batch).map(|number| {
            // Each member works in a space of theirs, with two models.
            let member = drawn.below(MEMBERS);
            let model = MODELS[usize::try_from((member * 3 + drawn.below(2)) % 8).unwrap_or(0)];
            Ok(UsageEvent {
                id: format!("event-{}", taken + number),
                at: now - i64::try_from(drawn.below(90 * DAY_MS.unsigned_abs())).unwrap_or(0),
                space_id: spaces.get(usize::try_from(member % SPACES).unwrap_or(0)).cloned(),
                member_id: members.get(usize::try_from(member).unwrap_or(0)).cloned(),
                model: model.to_owned(),
                prompt_tokens: i64::try_from(drawn.below(4000)).ok(),
                completion_tokens: i64::try_from(drawn.below(900)).ok(),
                latency: Some(i64::try_from(drawn.below(9000)).unwrap_or(0)),
                ..UsageEvent::default()
            })
        });
        let events = events.collect();
        let mut change = store.change(Tenant::Installation).await?;
        store::organizations::lock(&mut change, &id).await?;
        ingest::take(&mut change, &id, events, now).await?;
        change.commit().await?;
        taken += batch;
    }
    let seconds = begun.elapsed().as_secs_f64();
    let mut figures = serde_json::json!({ "events": count, "events_per_second": (count as f64 / seconds).round() });
    for (name, group) in [("by_model_ms", Dimension::Model), ("by_member_ms", Dimension::Member)] {
        let query =
            UsageQuery { range: Range::Days90, metric: Metric::Cost, group: Some(group), compare: true, ..UsageQuery::default() };
        let mut times = Vec::new();
        for _ in 0..5 {
            let begun = Instant::now();
            let usage = question::answer(&mut *store.read().await?, &id, &query, now).await?;
            times.push(begun.elapsed().as_millis());
            if usage.tie_out.iter().any(|way| !way.agrees(&usage.total)) {
                return Err(Error::Internal("the sums do not tie out".to_owned()));
            }
        }
        times.sort_unstable();
        figures[name] = serde_json::json!(times[times.len() / 2]);
    }
    println!("{figures}");
    Ok(())
}
