//! Creating, changing, leaving and deleting organizations.

use super::{Actor, Member, Repeated, Seen};
use crate::App;
use crate::error::{Error, Fields, Result};
use crate::store::audit::Event;
use crate::store::organizations::{Change, NewOrganization};
use crate::store::{self, Store};
use crate::{logo, usage};
use pulze_contract::organization::{
    Organization, OrganizationCreate, OrganizationDelete, OrganizationList, OrganizationUpdate, Plan,
};
use pulze_contract::problem::Conflict;
use pulze_contract::validation::{self, Rule};
use pulze_contract::{AuditEventId, OrganizationId, ProblemType, Role};
use serde_json::json;

/// # Errors
/// The database fails.
pub async fn list(store: &Store, actor: &Actor) -> Result<OrganizationList> {
    let organizations = store::organizations::of_user(&mut *store.read().await?, &actor.user_id).await?;
    Ok(OrganizationList { total: u32::try_from(organizations.len()).unwrap_or(u32::MAX), organizations })
}

/// # Errors
/// `not-found` when it was deleted meanwhile.
pub async fn read(store: &Store, member: &Member) -> Result<Organization> {
    let found = store::organizations::of_member(&mut *store.read().await?, &member.organization, &member.actor.user_id).await?;
    found.ok_or_else(|| ProblemType::NotFound.into())
}

/// Creates an organization with the actor as its admin; asked again with the same key, it gives the
/// first answer again and `true`.
///
/// # Errors
/// `invalid`, `forbidden`, `idempotency-key-reused`.
pub async fn create(app: &App, actor: &Actor, key: &str, body: OrganizationCreate) -> Result<(Organization, bool)> {
    let mut fields = Fields::default();
    let name = fields.check("name", validation::name(&body.name));
    let typed = fields.check("logo_url", validation::logo_url(&body.logo_url)).unwrap_or_default();
    fields.finish()?;
    let logo_url = logo::take(app, (&actor.user_id).into(), "logo_url", &typed).await?;

    let now = crate::now();
    let mut change = app.store.change(&actor.user_id).await?;
    let repeated = match Repeated::claim(&mut change, actor, key, &json!([&name, &typed]), now).await? {
        Ok(answer) => return Ok((answer, true)),
        Err(repeated) => repeated,
    };
    super::sessions::require_may_create(&mut change, &app.config, actor).await?;
    let id = OrganizationId::from_digits(&crate::new_digits());
    let new = NewOrganization {
        id: &id,
        name: &name,
        logo_url: &logo_url,
        plan: Plan::Free,
        reporting_time_zone: "UTC",
        by: &actor.user_id,
        at: now,
    };
    store::organizations::insert(&mut change, &new).await?;
    store::members::insert(&mut change, &id, &actor.user_id, Role::Admin, now).await?;
    audit(&mut change, &id, actor, "organization_create", id.as_str(), json!({ "name": name, "logo_url": logo_url }), now)
        .await?;
    let organization = store::organizations::of_member(&mut change, &id, &actor.user_id).await?;
    let organization = organization.ok_or_else(|| Error::Internal("a new organization cannot be read".to_owned()))?;
    repeated.complete(&mut change, &organization).await?;
    change.commit().await?;
    Ok((organization, false))
}

/// Changes what the body names, if the caller has seen what stands there now.
///
/// # Errors
/// `invalid`; `conflict` with who saved in between and what stands now.
pub async fn update(app: &App, member: &Member, seen: &Seen, body: OrganizationUpdate) -> Result<Organization> {
    let mut fields = Fields::default();
    let name = body.name.map(|name| fields.check("name", validation::name(&name)));
    let typed = body.logo_url.map(|url| fields.check("logo_url", validation::logo_url(&url)).unwrap_or_default());
    let zone = body.reporting_time_zone.map(|zone| fields.check("reporting_time_zone", usage::zone::known(&zone)));
    let language = body.language.map(|language| fields.check("language", validation::language(&language)));
    fields.finish()?;
    // Before the transaction: another server may take its time.
    let logo_url = match typed {
        Some(typed) => Some(logo::take(app, (&member.organization).into(), "logo_url", &typed).await?),
        None => None,
    };

    let now = crate::now();
    let mut change = app.store.change(&member.organization).await?;
    let before = locked(&mut change, member).await?;
    if !seen.allows(before.version) {
        let (changed_by, changed_at) = store::organizations::last_change(&mut change, &member.organization).await?;
        return Err(Error::conflict(Conflict { changed_by, changed_at, current: before }));
    }
    let before_logo = before.summary.logo_url.clone().unwrap_or_default();
    let after = Change {
        name: name.as_deref().unwrap_or(&before.summary.name),
        logo_url: logo_url.as_deref().unwrap_or(&before_logo),
        reporting_time_zone: zone.as_deref().unwrap_or(&before.reporting_time_zone),
        language: language.as_deref().unwrap_or(&before.language),
        editors_may_invite: body.editors_may_invite.unwrap_or(before.editors_may_invite),
        by: &member.actor.user_id,
        at: now,
    };
    member.actor.require_fresh_where(after.editors_may_invite && !before.editors_may_invite)?;
    store::organizations::update(&mut change, &member.organization, &after).await?;
    if after.reporting_time_zone != before.reporting_time_zone {
        usage::ingest::make_days_again(&mut change, &member.organization).await?;
    }
    let detail = json!({
        "before": { "name": before.summary.name, "logo_url": before_logo, "reporting_time_zone": before.reporting_time_zone, "language": before.language, "editors_may_invite": before.editors_may_invite },
        "after": { "name": after.name, "logo_url": after.logo_url, "reporting_time_zone": after.reporting_time_zone, "language": after.language, "editors_may_invite": after.editors_may_invite },
    });
    audit(&mut change, &member.organization, &member.actor, "organization_update", member.organization.as_str(), detail, now)
        .await?;
    let organization = store::organizations::of_member(&mut change, &member.organization, &member.actor.user_id).await?;
    change.commit().await?;
    organization.ok_or_else(|| ProblemType::NotFound.into())
}

/// # Errors
/// `invalid` when the typed name is another; `subscription-active` while a paid plan runs.
pub async fn delete(store: &Store, member: &Member, body: OrganizationDelete) -> Result<()> {
    let mut change = store.change(&member.organization).await?;
    let organization = locked(&mut change, member).await?;
    let mut fields = Fields::default();
    let confirmed = validation::confirms_name(&body.confirm_name, &organization.summary.name);
    fields.check("confirm_name", if confirmed { Ok(()) } else { Err(Rule::NameMismatch) });
    fields.finish()?;
    if organization.summary.plan != Plan::Free {
        return Err(ProblemType::SubscriptionActive.into());
    }
    let detail = json!({ "name": organization.summary.name });
    audit(
        &mut change,
        &member.organization,
        &member.actor,
        "organization_delete",
        member.organization.as_str(),
        detail,
        crate::now(),
    )
    .await?;
    store::organizations::delete(&mut change, &member.organization).await?;
    change.commit().await
}

/// Takes the organization for this transaction and reads it as the member sees it now.
async fn locked(change: &mut store::Connection, member: &Member) -> Result<Organization> {
    store::organizations::lock(change, &member.organization).await?;
    let found = store::organizations::of_member(change, &member.organization, &member.actor.user_id).await?;
    found.ok_or_else(|| ProblemType::NotFound.into())
}

/// Writes the event that belongs to a change, in its transaction; returns its identifier.
pub(super) async fn audit(
    change: &mut store::Connection,
    organization: &OrganizationId,
    actor: &Actor,
    action: &str,
    subject: &str,
    detail: serde_json::Value,
    at: i64,
) -> Result<AuditEventId> {
    let event = Event { organization, actor: &actor.user_id, action, subject, detail, at, request_id: &actor.request_id };
    store::audit::insert(change, &event).await
}
