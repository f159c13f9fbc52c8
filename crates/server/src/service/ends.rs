//! Ends of roles and of grants in spaces: applied before anything is answered after them.

use super::Actor;
use super::organizations::audit;
use crate::error::Result;
use crate::store::{self, Store};
use pulze_contract::{OrganizationId, Timestamp, UserId};
use serde_json::json;

/// Applies every end that is due. It is asked at every request, so that a role that has ended works
/// for none, and costs one look at an index while there is nothing to do.
///
/// An organization always keeps an admin whose role lasts, on every path that gives an end or takes
/// a role away; so what ends here is never the last admin's.
///
/// Gives the organizations whose ends could not be applied: nothing may be answered about them, and they hold up no
/// other one.
///
/// # Errors
/// The database does not answer.
pub async fn settle(store: &Store, now: Timestamp) -> Result<Vec<OrganizationId>> {
    let mut failed = Vec::new();
    for organization in store::members::organizations_with_ends(&mut *store.read().await?, now).await? {
        match settle_one(store, &organization, now).await {
            Ok(()) => {}
            Err(error) if error.is_about_the_row() => {
                tracing::error!(%organization, %error, "ends of an organization could not be applied");
                failed.push(organization);
            }
            Err(error) => return Err(error),
        }
    }
    Ok(failed)
}

async fn settle_one(store: &Store, organization: &OrganizationId, now: Timestamp) -> Result<()> {
    let mut change = store.change(organization).await?;
    store::organizations::lock(&mut change, organization).await?;
    end_grants(&mut change, organization, now).await?;
    end_roles(&mut change, organization, now).await?;
    change.commit().await
}

async fn end_grants(change: &mut store::Connection, organization: &OrganizationId, now: Timestamp) -> Result<()> {
    for (user, grant) in store::spaces::ended(change, organization, now).await? {
        store::spaces::revoke(change, organization, &grant.space_id, &user).await?;
        let detail = json!({ "space_id": grant.space_id, "before": grant.role });
        audit(change, organization, &nobody(), "space_grant_end", user.as_str(), detail, now).await?;
    }
    Ok(())
}

async fn end_roles(change: &mut store::Connection, organization: &OrganizationId, now: Timestamp) -> Result<()> {
    for member in store::members::ended(change, organization, now).await? {
        let then = member.ends.and_then(|ends| ends.then);
        match then {
            Some(role) => store::members::update(change, organization, &member.user_id, role, None).await?,
            None => store::members::delete(change, organization, &member.user_id).await?,
        }
        let detail = json!({ "before": member.role, "after": then });
        audit(change, organization, &nobody(), "role_end", member.user_id.as_str(), detail, now).await?;
    }
    Ok(())
}

/// The actor of what ends by itself, or is done by somebody who is not known: no person has this identifier.
pub(super) fn nobody() -> Actor {
    Actor::without_session(UserId::from_digits("00000000000000000000000000000000"), "")
}
