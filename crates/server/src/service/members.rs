//! Roles and memberships. An organization always keeps at least one admin, on every path.

use super::organizations::audit;
use super::{Actor, Member as Caller, grants, spaces};
use crate::config::Config;
use crate::error::{Fields, Result};
use crate::store::members::Asked;
use crate::store::{self, Store};
use pulze_contract::grant::Grant;
use pulze_contract::invitation::InvitationState;
use pulze_contract::member::{
    CHANGES_MAX, MemberDelete, MemberDetails, MemberEntry, MemberList, MemberQuery, MemberUpdate, MemberUpdated, PAGE_MAX,
    RoleChange, RoleEnd,
};
use pulze_contract::space::SpaceGrant;
use pulze_contract::table::{Cell, Table};
use pulze_contract::validation::{self, Rule};
use pulze_contract::{OrganizationId, Permission, ProblemType, Role, SpaceRole, Timestamp, UserId};
use serde_json::json;
use std::collections::HashSet;
use std::hash::Hash;

/// Events in a member's history.
const HISTORY_MAX: u32 = 50;

/// Rows from `offset` on, at most [`PAGE_MAX`], and how many there are in all. Invitations are
/// among them for a caller who may invite.
///
/// # Errors
/// The database fails.
pub async fn list(store: &Store, caller: &Caller, query: &MemberQuery, offset: u32, limit: u32) -> Result<MemberList> {
    let mut db = store.read().await?;
    let asked = asked(caller, query);
    let entries = store::members::list(&mut db, &caller.organization, &asked, offset, limit.clamp(1, PAGE_MAX)).await?;
    let total = store::members::count(&mut db, &caller.organization, &asked).await?;
    Ok(MemberList { total, offset, entries })
}

fn asked<'a>(caller: &'a Caller, query: &'a MemberQuery) -> Asked<'a> {
    let eyes = spaces::eyes(&caller.actor.user_id, caller.role);
    Asked { query, eyes, invitations: caller.may(Permission::MembersInvite), now: crate::now() }
}

/// # Errors
/// `not-found` for somebody who is not a member.
pub async fn read(store: &Store, config: &Config, caller: &Caller, user: &UserId) -> Result<MemberDetails> {
    let mut db = store.read().await?;
    let member = store::members::find(&mut db, &caller.organization, user).await?.ok_or(ProblemType::NotFound)?;
    let eyes = spaces::eyes(user, member.role);
    let spaces_entered = store::spaces::accesses(&mut db, &caller.organization, &eyes).await?;
    let only_space_admin_of = store::spaces::only_admin_of(&mut db, &caller.organization, user).await?;
    let sessions = super::sessions::of_member(&mut db, config, user).await?;
    let history = store::audit::of_member(&mut db, &caller.organization, user, HISTORY_MAX).await?;
    let email_verified = store::users::verified_email(&mut db, user).await?.is_some();
    Ok(MemberDetails { member, email_verified, spaces_entered, only_space_admin_of, sessions, history })
}

/// Changes roles and their ends, all or none.
///
/// # Errors
/// `invalid` for none, too many, the same person twice, an end that is not ahead, or one after which
/// the role would not be less; `not-found` for somebody who is not a member; `last-admin`.
pub async fn update(store: &Store, caller: &Caller, body: MemberUpdate) -> Result<MemberUpdated> {
    let now = crate::now();
    require_distinct(body.changes.iter().map(|change| &change.user_id))?;
    let mut fields = Fields::default();
    for change in &body.changes {
        fields.check("ends", require_end(change, now));
    }
    fields.finish()?;
    let mut change = store.change(&caller.organization).await?;
    let own = lock(&mut change, caller, Permission::MembersUpdate).await?;
    let mut before = Vec::new();
    for RoleChange { user_id, role, ends } in &body.changes {
        let member = store::members::find(&mut change, &caller.organization, user_id).await?.ok_or(ProblemType::NotFound)?;
        before.push(RoleChange { user_id: user_id.clone(), role: member.role, ends: member.ends });
        if member.role == *role && member.ends == *ends {
            continue;
        }
        let then = ends.and_then(|ends| ends.then).map(Grant::of_role);
        let grants = [Grant::of_role(member.role), Grant::of_role(*role)].into_iter().chain(then).collect::<Vec<_>>();
        grants::require(&mut change, caller, own, &grants).await?;
        // Who may do everything is made with care: not by somebody who found a page open.
        let end = |ends: Option<RoleEnd>| ends.map(|ends| ends.at);
        caller.actor.require_fresh_where(raises((member.role, end(member.ends)), (*role, end(*ends))))?;
        store::members::update(&mut change, &caller.organization, user_id, *role, *ends).await?;
        let detail = json!({ "before": member.role, "after": role, "ends_before": member.ends, "ends": ends });
        audit(&mut change, &caller.organization, &caller.actor, "member_update", user_id.as_str(), detail, now).await?;
    }
    require_an_admin(&mut change, &caller.organization).await?;
    change.commit().await?;
    Ok(MemberUpdated { before })
}

/// Whether a role and its end make an admin of somebody, or one for longer.
pub(super) fn raises(before: (Role, Option<Timestamp>), after: (Role, Option<Timestamp>)) -> bool {
    let admin = |role: Role| role.grants(Permission::OrganizationManage);
    let longer = after.1.unwrap_or(Timestamp::MAX) > before.1.unwrap_or(Timestamp::MAX);
    admin(after.0) && (longer || !admin(before.0))
}

fn require_end(change: &RoleChange, now: Timestamp) -> std::result::Result<(), Rule> {
    let Some(RoleEnd { at, then }) = change.ends else { return Ok(()) };
    validation::end(at, now)?;
    if then.is_none_or(|then| then < change.role) { Ok(()) } else { Err(Rule::NotLess) }
}

/// Removes a member; spaces that would be left without an admin of their own go to `hand_over_to`.
///
/// # Errors
/// `not-found` for somebody who is not a member; `invalid` when the heir is not one; `last-admin`.
pub async fn delete(store: &Store, caller: &Caller, user: &UserId, body: MemberDelete) -> Result<()> {
    let mut change = store.change(&caller.organization).await?;
    let own = lock(&mut change, caller, Permission::MembersRemove).await?;
    let member = store::members::find(&mut change, &caller.organization, user).await?.ok_or(ProblemType::NotFound)?;
    grants::require(&mut change, caller, own, &[Grant::of_role(member.role)]).await?;
    let mut handed_over = Vec::new();
    if let Some(heir) = &body.hand_over_to {
        let known = heir != user && store::members::find(&mut change, &caller.organization, heir).await?.is_some();
        let mut fields = Fields::default();
        fields.check("hand_over_to", if known { Ok(()) } else { Err(Rule::NotAMember) });
        fields.finish()?;
        for space in store::spaces::only_admin_of(&mut change, &caller.organization, user).await? {
            let grant = SpaceGrant { space_id: space.space_id.clone(), role: SpaceRole::Admin };
            grants::require(&mut change, caller, own, &[Grant::of_space(grant)]).await?;
            store::spaces::grant(&mut change, &caller.organization, &space.space_id, heir, SpaceRole::Admin, 0, crate::now())
                .await?;
            handed_over.push(space.space_id);
        }
    }
    let detail = json!({ "handed_over": handed_over, "to": body.hand_over_to });
    remove(&mut change, caller, user, "member_delete", detail).await?;
    change.commit().await
}

/// The caller leaves.
///
/// # Errors
/// `last-admin`.
pub async fn leave(store: &Store, caller: &Caller) -> Result<()> {
    let mut change = store.change(&caller.organization).await?;
    lock(&mut change, caller, Permission::OrganizationRead).await?;
    remove(&mut change, caller, &caller.actor.user_id, "membership_delete", json!({})).await?;
    change.commit().await
}

async fn remove(
    change: &mut store::Connection,
    caller: &Caller,
    user: &UserId,
    action: &str,
    mut detail: serde_json::Value,
) -> Result<()> {
    let member = store::members::find(change, &caller.organization, user).await?.ok_or(ProblemType::NotFound)?;
    store::members::delete(change, &caller.organization, user).await?;
    require_an_admin(change, &caller.organization).await?;
    detail["before"] = json!(member.role);
    audit(change, &caller.organization, &caller.actor, action, user.as_str(), detail, crate::now()).await?;
    Ok(())
}

/// The members and invitations that fit, as a table.
///
/// # Errors
/// The database fails.
pub async fn export(store: &Store, caller: &Caller, query: &MemberQuery) -> Result<Table> {
    let mut db = store.read().await?;
    let asked = asked(caller, query);
    let mut spaces = store::spaces::grants_in_words(&mut db, &caller.organization).await?;
    let mut table =
        Table::new(["id", "name", "email", "status", "role", "since", "last_active_at", "ends_at", "then_role", "spaces"]);
    let time = |at: Option<Timestamp>| at.map(crate::iso_time).unwrap_or_default();
    for entry in store::members::list(&mut db, &caller.organization, &asked, 0, u32::MAX).await? {
        let cells = match entry {
            MemberEntry::Member(member) => {
                let then = member.ends.map(|ends| ends.then.map_or("none", Role::as_str)).unwrap_or_default();
                let spaces = spaces.remove(&member.user_id).unwrap_or_default();
                [
                    member.user_id.to_string(),
                    member.name,
                    member.email,
                    if member.last_active_at.is_some() { "active" } else { "never_signed_in" }.to_owned(),
                    member.role.as_str().to_owned(),
                    crate::iso_time(member.joined_at),
                    time(member.last_active_at),
                    time(member.ends.map(|ends| ends.at)),
                    then.to_owned(),
                    spaces.join("; "),
                ]
            }
            MemberEntry::Invitation(invitation) => {
                let status = match invitation.state {
                    InvitationState::Pending => "pending",
                    InvitationState::Expired => "expired",
                    InvitationState::Declined => "declined",
                };
                let spaces = invitation.space_names.iter().zip(&invitation.spaces);
                let spaces = spaces.map(|(name, grant)| format!("{name} ({})", grant.role.as_str())).collect::<Vec<_>>();
                [
                    invitation.id.to_string(),
                    String::new(),
                    invitation.email,
                    status.to_owned(),
                    invitation.role.as_str().to_owned(),
                    crate::iso_time(invitation.sent_at),
                    String::new(),
                    time(invitation.ends_at),
                    String::new(),
                    spaces.join("; "),
                ]
            }
        };
        table.push(cells.map(Cell::text));
    }
    Ok(table)
}

/// Takes the organization for this transaction, and makes sure that the caller still holds the
/// permission: another change may have come first.
pub(crate) async fn lock(change: &mut store::Connection, caller: &Caller, permission: Permission) -> Result<Role> {
    let Caller { actor: Actor { user_id, .. }, organization, .. } = caller;
    store::organizations::lock(change, organization).await?;
    let standing = store::members::standing(change, organization, user_id).await?.ok_or(ProblemType::NotFound)?;
    let may = standing.role.grants_in(standing.editors_may_invite, permission);
    if may { Ok(standing.role) } else { Err(ProblemType::Forbidden.into()) }
}

/// An admin whose role lasts: so an end never comes at the cost of the last one.
async fn require_an_admin(change: &mut store::Connection, organization: &OrganizationId) -> Result<()> {
    if store::members::lasting_admins(change, organization).await? > 0 { Ok(()) } else { Err(ProblemType::LastAdmin.into()) }
}

/// At least one person, at most [`CHANGES_MAX`], nobody twice.
pub(super) fn require_distinct<'a>(people: impl ExactSizeIterator<Item = &'a UserId>) -> Result<()> {
    require_distinct_up_to(CHANGES_MAX, people)
}

/// At least one, at most `most`, each once.
pub(super) fn require_distinct_up_to<T: Eq + Hash>(most: usize, changes: impl ExactSizeIterator<Item = T>) -> Result<()> {
    let count = changes.len();
    let distinct = changes.collect::<HashSet<_>>().len();
    let mut fields = Fields::default();
    let result = match count {
        0 => Err(Rule::Required),
        count if count > most => Err(Rule::TooLong),
        count if count != distinct => Err(Rule::Duplicate),
        _ => Ok(()),
    };
    fields.check("changes", result);
    fields.finish()
}
