//! What to do when an API key leaked: find out which one it is, see what it did, tell its owner.

use super::api_keys::{Uses, require_plan, shown};
use super::organizations::audit;
use super::{Member as Caller, Repeated, members::lock};
use crate::App;
use crate::auth::token;
use crate::error::{Error, Fields, Result};
use crate::mail::{Composed, LeakMail};
use crate::store::{self, api_keys::hour};
use crate::usage::sums::Sums;
use pulze_contract::api_key::{
    ApiKeyEvidence, ApiKeyFind, ApiKeyFound, EVIDENCE_HOURS, KeyModelUse, LEAK_MESSAGE_MAX, LeakNotice, LeakNoticed,
    is_well_formed,
};
use pulze_contract::mail::MailState;
use pulze_contract::money::Money;
use pulze_contract::validation::{self, Rule};
use pulze_contract::{ApiKeyId, FieldError, Permission, ProblemType};
use serde_json::json;

const HOUR_MS: i64 = 3_600_000;
/// Events of a key that are told.
const EVENTS_MAX: u32 = 200;

/// The key of this organization that was found somewhere: by its secret, old or new, or by its identifier.
///
/// # Errors
/// `plan-required`; `invalid` for what is no key by its form; `not-found` for one that is none of this organization's.
pub async fn find(app: &App, caller: &Caller, body: ApiKeyFind) -> Result<ApiKeyFound> {
    let mut db = app.store.read().await?;
    require_plan(&mut db, caller).await?;
    let text = body.key.trim();
    if let Some(id) = ApiKeyId::parse(text) {
        let known = store::api_keys::find(&mut db, &caller.organization, &id).await?;
        return known.map(|key| ApiKeyFound { id: key.id, number: None }).ok_or_else(|| ProblemType::NotFound.into());
    }
    if !is_well_formed(text) {
        return Err(Error::invalid(vec![FieldError::new("key", Rule::KeyMalformed)]));
    }
    let presented = store::api_keys::presented(&mut db, &token::hash(text)).await?;
    let ours = presented.filter(|presented| presented.organization == caller.organization).ok_or(ProblemType::NotFound)?;
    Ok(ApiKeyFound { id: ours.key.id, number: u32::try_from(ours.number).ok() })
}

/// What a key did within the last hours, and what was done to it.
///
/// # Errors
/// `plan-required`, `not-found`; `invalid` for another number of hours than [`EVIDENCE_HOURS`].
pub async fn evidence(app: &App, caller: &Caller, id: &ApiKeyId, hours: u32) -> Result<ApiKeyEvidence> {
    let mut fields = Fields::default();
    fields.check("hours", if EVIDENCE_HOURS.contains(&hours) { Ok(()) } else { Err(Rule::Unknown) });
    fields.finish()?;
    app.key_use.write_down(&app.store).await?;
    let now = crate::now();
    let from = now - i64::from(hours) * HOUR_MS;
    let mut db = app.store.read().await?;
    require_plan(&mut db, caller).await?;
    let row = store::api_keys::find(&mut db, &caller.organization, id).await?.ok_or(ProblemType::NotFound)?;
    let uses = Uses::read(&mut db, &caller.organization, now).await?;
    let mut counted = vec![(0_u32, 0_u32); hours as usize];
    for row in uses.hours.iter().filter(|row| row.key == id.as_str()) {
        let place = usize::try_from(i64::from(hours) - 1 - (hour(now) - row.hour)).ok();
        if let Some(counted) = place.and_then(|place| counted.get_mut(place)) {
            counted.0 = counted.0.saturating_add(u32::try_from(row.good).unwrap_or(u32::MAX));
            counted.1 = counted.1.saturating_add(u32::try_from(row.refused).unwrap_or(u32::MAX));
        }
    }
    let models = store::usage::models_of_key(&mut db, &caller.organization, id.as_str(), from).await?;
    let others = store::api_keys::other_callers(&mut db, &caller.organization, id).await?;
    let model = |(model, sums): (String, Sums)| KeyModelUse {
        model,
        calls: sums.calls,
        tokens: sums.prompt_tokens + sums.completion_tokens,
        cost: Money::nano(sums.cost),
    };
    Ok(ApiKeyEvidence {
        from,
        to: now,
        hours: counted,
        callers: uses.callers_of(id).iter().filter(|caller| caller.last_seen >= from).cloned().collect(),
        other_callers: others.into_iter().filter(|others| others.last_seen >= from).collect(),
        scopes: uses.scopes_of(id).iter().filter(|used| used.last_used >= from).cloned().collect(),
        models: models.into_iter().map(model).collect(),
        events: store::audit::of_key(&mut db, &caller.organization, id, EVENTS_MAX).await?,
        key: shown(row, &uses, now),
    })
}

/// Writes to the owner that the key leaked. Asked again with the same idempotency key: the first
/// answer and `true`, and no second mail.
///
/// # Errors
/// `plan-required`; `not-found`, also where the owner left; `invalid` for too long a message.
pub async fn tell_owner(app: &App, caller: &Caller, id: &ApiKeyId, key: &str, body: LeakNotice) -> Result<(LeakNoticed, bool)> {
    let mut fields = Fields::default();
    let message = fields.check("message", validation::text(&body.message, LEAK_MESSAGE_MAX));
    fields.finish()?;
    let now = crate::now();
    let mut change = app.store.change(&caller.organization).await?;
    let asked = json!(["api_key_leak_notice", caller.organization, id, body]);
    let repeated = match Repeated::claim(&mut change, &caller.actor, key, &asked, now).await? {
        Ok(answer) => return Ok((answer, true)),
        Err(repeated) => repeated,
    };
    lock(&mut change, caller, Permission::ApiKeysRevoke).await?;
    require_plan(&mut change, caller).await?;
    let row = store::api_keys::find(&mut change, &caller.organization, id).await?.ok_or(ProblemType::NotFound)?;
    if row.role.is_none() {
        return Err(ProblemType::NotFound.into());
    }
    let owner = store::users::by_id(&mut change, &row.owner_id).await?.ok_or(ProblemType::NotFound)?;
    let by = store::users::by_id(&mut change, &caller.actor.user_id).await?.ok_or(ProblemType::NotFound)?;
    let organization = store::organizations::of_member(&mut change, &caller.organization, &caller.actor.user_id).await?;
    let organization = organization.ok_or(ProblemType::NotFound)?;
    let uses = Uses::read(&mut change, &caller.organization, now).await?;
    let shown = shown(row, &uses, now);
    let mail = LeakMail {
        language: &organization.language,
        organization: &organization.summary.name,
        key: &shown.content.name,
        preview: &shown.preview,
        by: &by.name,
        message: &message,
        link: &app.config.console_link(&format!("/o/{}/manage/api-keys/{id}", caller.organization)),
    };
    let Composed { subject, text, html } = mail.compose()?;
    let new = store::mails::New {
        recipient: &owner.email,
        subject: &subject,
        text: &text,
        html: &html,
        language: &organization.language,
        state: if app.config.smtp_url.is_some() { MailState::Waiting } else { MailState::Kept },
        at: now,
    };
    store::mails::insert(&mut change, &new).await?;
    let detail = json!({ "recipient": owner.email });
    audit(&mut change, &caller.organization, &caller.actor, "api_key_leak_notice", id.as_str(), detail, now).await?;
    let answer = LeakNoticed { recipient: owner.email };
    repeated.complete(&mut change, &answer).await?;
    change.commit().await?;
    Ok((answer, false))
}
