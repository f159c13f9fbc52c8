//! Access templates: kept by admins, used by whoever invites.

use super::members::lock;
use super::organizations::audit;
use super::{Member as Caller, Repeated, grants};
use crate::error::{Fields, Result};
use crate::store::{self, Store};
use pulze_contract::access_template::{AccessTemplate, AccessTemplateContent, AccessTemplateList, TEMPLATES_MAX, TERM_MAX_DAYS};
use pulze_contract::grant::Grant;
use pulze_contract::space::SpaceGrant;
use pulze_contract::validation::{self, Rule};
use pulze_contract::{AccessTemplateId, OrganizationId, Permission, ProblemType, Role};
use serde_json::json;
use std::collections::HashSet;

/// Those that the caller can use: what gives more than they can give is not among them.
///
/// # Errors
/// The database fails.
pub async fn list(store: &Store, caller: &Caller) -> Result<AccessTemplateList> {
    let mut db = store.read().await?;
    let mut templates = store::access_templates::list(&mut db, &caller.organization).await?;
    let given = templates.iter().map(|template| Grant::new(template.role, &template.spaces)).collect::<Vec<_>>();
    let own = grants::granter(&mut db, &caller.organization, &caller.actor.user_id, caller.role, &given).await?;
    templates.retain(|template| own.can_give(&Grant::new(template.role, &template.spaces)));
    Ok(AccessTemplateList { total: u32::try_from(templates.len()).unwrap_or(u32::MAX), templates })
}

/// Makes a template; asked again with the same key, the first answer again and `true`.
///
/// # Errors
/// `invalid`, among others for a name that another template has; `forbidden` for more than the caller can give;
/// `idempotency-key-reused`.
pub async fn create(store: &Store, caller: &Caller, key: &str, body: AccessTemplateContent) -> Result<(AccessTemplate, bool)> {
    let now = crate::now();
    let mut change = store.change(&caller.organization).await?;
    let asked = json!(["access_template", caller.organization, body]);
    let repeated = match Repeated::claim(&mut change, &caller.actor, key, &asked, now).await? {
        Ok(answer) => return Ok((answer, true)),
        Err(repeated) => repeated,
    };
    let own = lock(&mut change, caller, Permission::MembersUpdate).await?;
    grants::require(&mut change, caller, own, &[Grant::new(body.role, &body.spaces)]).await?;
    let id = AccessTemplateId::from_digits(&crate::new_digits());
    let template = checked(&mut change, &caller.organization, id, body).await?;
    caller.actor.require_fresh_where(raises(None, &template))?;
    store::access_templates::put(&mut change, &caller.organization, &template).await?;
    let detail = json!({ "after": template });
    audit(&mut change, &caller.organization, &caller.actor, "access_template_create", template.id.as_str(), detail, now).await?;
    repeated.complete(&mut change, &template).await?;
    change.commit().await?;
    Ok((template, false))
}

/// # Errors
/// `not-found`, `invalid`; `forbidden` for more than the caller can give.
pub async fn update(
    store: &Store,
    caller: &Caller,
    id: &AccessTemplateId,
    body: AccessTemplateContent,
) -> Result<AccessTemplate> {
    let mut change = store.change(&caller.organization).await?;
    let own = lock(&mut change, caller, Permission::MembersUpdate).await?;
    let known = store::access_templates::list(&mut change, &caller.organization).await?;
    let before = known.into_iter().find(|template| template.id == *id).ok_or(ProblemType::NotFound)?;
    let both = [Grant::new(before.role, &before.spaces), Grant::new(body.role, &body.spaces)];
    grants::require(&mut change, caller, own, &both).await?;
    let template = checked(&mut change, &caller.organization, id.clone(), body).await?;
    caller.actor.require_fresh_where(raises(Some(&before), &template))?;
    store::access_templates::put(&mut change, &caller.organization, &template).await?;
    let detail = json!({ "before": before, "after": template });
    audit(&mut change, &caller.organization, &caller.actor, "access_template_update", id.as_str(), detail, crate::now()).await?;
    change.commit().await?;
    Ok(template)
}

/// # Errors
/// `not-found`.
pub async fn delete(store: &Store, caller: &Caller, id: &AccessTemplateId) -> Result<()> {
    let mut change = store.change(&caller.organization).await?;
    let own = lock(&mut change, caller, Permission::MembersUpdate).await?;
    let known = store::access_templates::list(&mut change, &caller.organization).await?;
    let before = known.into_iter().find(|template| template.id == *id).ok_or(ProblemType::NotFound)?;
    grants::require(&mut change, caller, own, &[Grant::new(before.role, &before.spaces)]).await?;
    store::access_templates::delete(&mut change, &caller.organization, id).await?;
    audit(&mut change, &caller.organization, &caller.actor, "access_template_delete", id.as_str(), json!({}), crate::now())
        .await?;
    change.commit().await
}

/// Whether whoever is invited by it becomes an admin who would not have been, or one for longer.
fn raises(before: Option<&AccessTemplate>, after: &AccessTemplate) -> bool {
    let end = |template: &AccessTemplate| template.ends_after_days.map(i64::from);
    let before = before.map_or((Role::Viewer, None), |before| (before.role, end(before)));
    super::members::raises(before, (after.role, end(after)))
}

/// The template that the body describes, if it may stand beside the others.
async fn checked(
    change: &mut store::Connection,
    organization: &OrganizationId,
    id: AccessTemplateId,
    body: AccessTemplateContent,
) -> Result<AccessTemplate> {
    let others = store::access_templates::list(change, organization).await?;
    let others = others.iter().filter(|other| other.id != id).collect::<Vec<_>>();
    let mut fields = Fields::default();
    let name = validation::name(&body.name).and_then(|name| {
        let taken = others.iter().any(|other| crate::store::search_text(&other.name) == crate::store::search_text(&name));
        let too_many = others.len() >= TEMPLATES_MAX as usize;
        if taken {
            Err(Rule::Duplicate)
        } else if too_many {
            Err(Rule::TooLong)
        } else {
            Ok(name)
        }
    });
    let name = fields.check("name", name);
    fields.check("spaces", require_spaces(change, organization, &body.spaces).await?);
    let term = body.ends_after_days.is_none_or(|days| (1..=TERM_MAX_DAYS).contains(&days));
    fields.check("ends_after_days", if term { Ok(()) } else { Err(Rule::EndNotAhead) });
    fields.finish()?;
    Ok(AccessTemplate { id, name, role: body.role, spaces: body.spaces, ends_after_days: body.ends_after_days })
}

/// Each space once, and each one that the organization has in use.
async fn require_spaces(
    change: &mut store::Connection,
    organization: &OrganizationId,
    grants: &[SpaceGrant],
) -> Result<std::result::Result<(), Rule>> {
    let known = store::spaces::columns(change, organization).await?;
    let mut seen = HashSet::new();
    Ok(if !grants.iter().all(|grant| seen.insert(&grant.space_id)) {
        Err(Rule::Duplicate)
    } else if !grants.iter().all(|grant| known.iter().any(|space| space.id == grant.space_id)) {
        Err(Rule::SpaceUnknown)
    } else {
        Ok(())
    })
}
