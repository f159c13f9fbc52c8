//! Invitations, and what they give.

use super::Connection;
use crate::error::{Error, Result};
use pulze_contract::invitation::{Invitation, InvitationState};
use pulze_contract::organization::Seats;
use pulze_contract::space::SpaceGrant;
use pulze_contract::{InvitationId, OrganizationId, Role, SpaceId, Timestamp, UserId};
use sqlx::Row;
use sqlx::any::AnyRow;
use std::collections::HashSet;

/// What [`invitation`] reads, of `invitations i` and `users b`, under names of their own.
pub(super) const COLUMNS: &str =
    "i.id AS invitation_id, i.email AS invited_email, i.role AS invited_role, i.sent_at, i.opened_at,
    i.expires_at, i.declined_at, i.ends_at AS invited_ends_at, COALESCE(b.name, '') AS invited_by";
const FOUND: &str = "i.organization_id, i.message, i.invited_by AS inviter, o.name AS organization_name, o.language
    FROM invitations i JOIN organizations o ON o.id = i.organization_id LEFT JOIN users b ON b.id = i.invited_by";

/// An invitation with the organization it leads to.
pub struct Found {
    pub organization: OrganizationId,
    pub organization_name: String,
    /// The language of the organization's mails.
    pub language: String,
    pub message: String,
    /// Who sent it, and has to stand behind it.
    pub inviter: UserId,
    pub invitation: Invitation,
}

/// By which of an invitation's links somebody came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// The one that was sent to the mailbox: who has it reads what is sent there.
    Mailed,
    /// The one that somebody who invites copied, and handed over to whomever they wanted.
    Copied,
}

fn broken() -> Error {
    Error::Internal("an invitation holds an unknown value".to_owned())
}

/// Without its spaces: [`add_spaces`] adds them.
pub(super) fn invitation(row: &AnyRow, now: Timestamp) -> Result<Invitation> {
    let expires_at = row.try_get("expires_at")?;
    let declined = row.try_get::<i64, _>("declined_at")? > 0;
    Ok(Invitation {
        id: InvitationId::parse(&row.try_get::<String, _>("invitation_id")?).ok_or_else(broken)?,
        email: row.try_get("invited_email")?,
        role: Role::parse(&row.try_get::<String, _>("invited_role")?).ok_or_else(broken)?,
        state: match (declined, expires_at <= now) {
            (true, _) => InvitationState::Declined,
            (false, true) => InvitationState::Expired,
            (false, false) => InvitationState::Pending,
        },
        sent_at: row.try_get("sent_at")?,
        opened_at: Some(row.try_get("opened_at")?).filter(|at| *at > 0),
        expires_at,
        invited_by: row.try_get("invited_by")?,
        spaces: Vec::new(),
        space_names: Vec::new(),
        ends_at: Some(row.try_get("invited_ends_at")?).filter(|at| *at > 0),
        manageable: None,
        backed: None,
    })
}

/// Reads the roles in spaces that an invitation gives.
pub(super) async fn add_spaces(db: &mut Connection, organization: &OrganizationId, invitation: &mut Invitation) -> Result<()> {
    let sql = "SELECT g.space_id, g.role, s.name FROM invitation_spaces g
        JOIN spaces s ON s.organization_id = g.organization_id AND s.id = g.space_id
        WHERE g.organization_id = $1 AND g.invitation_id = $2 ORDER BY s.search, s.id";
    for row in sqlx::query(sql).bind(organization.as_str()).bind(invitation.id.as_str()).fetch_all(db).await? {
        invitation.spaces.push(super::spaces::space_grant(&row)?);
        invitation.space_names.push(row.try_get("name")?);
    }
    Ok(())
}

/// Leaves of an invitation's spaces those that somebody can enter; `None`: all.
pub fn show_spaces(invitation: &mut Invitation, entered: Option<&HashSet<SpaceId>>) {
    let Some(entered) = entered else { return };
    let spaces = std::mem::take(&mut invitation.spaces).into_iter().zip(std::mem::take(&mut invitation.space_names));
    (invitation.spaces, invitation.space_names) = spaces.filter(|(grant, _)| entered.contains(&grant.space_id)).unzip();
}

async fn found(db: &mut Connection, row: Option<AnyRow>, now: Timestamp) -> Result<Option<Found>> {
    let Some(row) = row else { return Ok(None) };
    let mut found = Found {
        organization: OrganizationId::parse(&row.try_get::<String, _>("organization_id")?).ok_or_else(broken)?,
        organization_name: row.try_get("organization_name")?,
        language: row.try_get("language")?,
        message: row.try_get("message")?,
        inviter: super::users::id(&row, "inviter")?,
        invitation: invitation(&row, now)?,
    };
    add_spaces(db, &found.organization, &mut found.invitation).await?;
    Ok(Some(found))
}

pub async fn find(
    db: &mut Connection,
    organization: &OrganizationId,
    id: &InvitationId,
    now: Timestamp,
) -> Result<Option<Found>> {
    let sql = format!("SELECT {COLUMNS}, {FOUND} WHERE i.organization_id = $1 AND i.id = $2");
    let row = sqlx::query(&sql).bind(organization.as_str()).bind(id.as_str()).fetch_optional(&mut *db).await?;
    found(db, row, now).await
}

pub async fn of_email(db: &mut Connection, organization: &OrganizationId, email: &str, now: Timestamp) -> Result<Option<Found>> {
    let sql = format!("SELECT {COLUMNS}, {FOUND} WHERE i.organization_id = $1 AND i.email = $2");
    let row = sqlx::query(&sql).bind(organization.as_str()).bind(email).fetch_optional(&mut *db).await?;
    found(db, row, now).await
}

/// The invitation whose mailed or copied link carries this secret, and which of them it is.
pub async fn of_secret(db: &mut Connection, secret_hash: &str, now: Timestamp) -> Result<Option<(Found, Link)>> {
    let sql = format!("SELECT i.secret_hash, {COLUMNS}, {FOUND} WHERE i.secret_hash = $1 OR i.link_hash = $1");
    let row = sqlx::query(&sql).bind(secret_hash).fetch_optional(&mut *db).await?;
    let mailed = row.as_ref().map(|row| row.try_get::<String, _>("secret_hash")).transpose()?;
    let link = if mailed.as_deref() == Some(secret_hash) { Link::Mailed } else { Link::Copied };
    Ok(found(db, row, now).await?.map(|found| (found, link)))
}

/// Invitations to an address, in every organization, that can be accepted.
pub async fn pending_of(db: &mut Connection, email: &str, now: Timestamp) -> Result<Vec<Found>> {
    let sql = format!(
        "SELECT {COLUMNS}, {FOUND} WHERE i.email = $1 AND i.declined_at = 0 AND i.expires_at > $2 ORDER BY i.sent_at DESC, i.id"
    );
    let rows = sqlx::query(&sql).bind(email).bind(now).fetch_all(&mut *db).await?;
    let mut all = Vec::new();
    for row in rows {
        all.extend(found(db, Some(row), now).await?);
    }
    Ok(all)
}

/// Members and pending invitations of an organization, and the limit of both together.
pub async fn seats(db: &mut Connection, organization: &OrganizationId, now: Timestamp) -> Result<Seats> {
    let row = sqlx::query(
        "SELECT o.seats, (SELECT COUNT(*) FROM memberships m WHERE m.organization_id = o.id)
            + (SELECT COUNT(*) FROM invitations i WHERE i.organization_id = o.id AND i.declined_at = 0 AND i.expires_at > $2) AS taken
         FROM organizations o WHERE o.id = $1",
    )
    .bind(organization.as_str())
    .bind(now)
    .fetch_one(db)
    .await?;
    let number = |column: &str| row.try_get::<i64, _>(column).map(|count| u32::try_from(count).unwrap_or(u32::MAX));
    Ok(Seats { taken: number("taken")?, limit: Some(number("seats")?).filter(|limit| *limit > 0) })
}

pub struct New<'a> {
    pub id: &'a InvitationId,
    pub email: &'a str,
    pub role: Role,
    pub message: &'a str,
    pub secret_hash: &'a str,
    pub by: &'a UserId,
    pub at: Timestamp,
    pub expires_at: Timestamp,
    /// When the membership would end; zero for one that lasts.
    pub ends_at: Timestamp,
    pub spaces: &'a [SpaceGrant],
}

/// Keeps an invitation, in place of an expired or declined one for the same address.
pub async fn insert(db: &mut Connection, organization: &OrganizationId, new: &New<'_>) -> Result<()> {
    sqlx::query("DELETE FROM invitations WHERE organization_id = $1 AND email = $2")
        .bind(organization.as_str())
        .bind(new.email)
        .execute(&mut *db)
        .await?;
    sqlx::query("INSERT INTO invitations (organization_id, id, email, role, message, secret_hash, invited_by, sent_at, expires_at, ends_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)")
        .bind(organization.as_str())
        .bind(new.id.as_str())
        .bind(new.email)
        .bind(new.role.as_str())
        .bind(new.message)
        .bind(new.secret_hash)
        .bind(new.by.as_str())
        .bind(new.at)
        .bind(new.expires_at)
        .bind(new.ends_at)
        .execute(&mut *db)
        .await?;
    insert_spaces(db, organization, new.id, new.spaces).await
}

async fn insert_spaces(
    db: &mut Connection,
    organization: &OrganizationId,
    id: &InvitationId,
    spaces: &[SpaceGrant],
) -> Result<()> {
    for grant in spaces {
        sqlx::query("INSERT INTO invitation_spaces (organization_id, invitation_id, space_id, role) VALUES ($1, $2, $3, $4)")
            .bind(organization.as_str())
            .bind(id.as_str())
            .bind(grant.space_id.as_str())
            .bind(grant.role.as_str())
            .execute(&mut *db)
            .await?;
    }
    Ok(())
}

/// A fresh secret and a fresh term; a declined invitation is open again.
pub async fn renew(
    db: &mut Connection,
    organization: &OrganizationId,
    id: &InvitationId,
    secret_hash: &str,
    at: Timestamp,
    expires_at: Timestamp,
) -> Result<()> {
    sqlx::query("UPDATE invitations SET secret_hash = $3, sent_at = $4, expires_at = $5, link_hash = '', opened_at = 0, declined_at = 0 WHERE organization_id = $1 AND id = $2")
        .bind(organization.as_str())
        .bind(id.as_str())
        .bind(secret_hash)
        .bind(at)
        .bind(expires_at)
        .execute(db)
        .await?;
    Ok(())
}

/// Replaces what the invitation gives.
pub async fn update(
    db: &mut Connection,
    organization: &OrganizationId,
    id: &InvitationId,
    role: Role,
    spaces: &[SpaceGrant],
    ends_at: Timestamp,
) -> Result<()> {
    sqlx::query("UPDATE invitations SET role = $3, ends_at = $4 WHERE organization_id = $1 AND id = $2")
        .bind(organization.as_str())
        .bind(id.as_str())
        .bind(role.as_str())
        .bind(ends_at)
        .execute(&mut *db)
        .await?;
    sqlx::query("DELETE FROM invitation_spaces WHERE organization_id = $1 AND invitation_id = $2")
        .bind(organization.as_str())
        .bind(id.as_str())
        .execute(&mut *db)
        .await?;
    insert_spaces(db, organization, id, spaces).await
}

/// The one link that was copied, in place of one that was copied before.
pub async fn set_link(db: &mut Connection, organization: &OrganizationId, id: &InvitationId, link_hash: &str) -> Result<()> {
    sqlx::query("UPDATE invitations SET link_hash = $3 WHERE organization_id = $1 AND id = $2")
        .bind(organization.as_str())
        .bind(id.as_str())
        .bind(link_hash)
        .execute(db)
        .await?;
    Ok(())
}

/// Notes who stands behind an invitation from now on.
pub async fn set_inviter(db: &mut Connection, organization: &OrganizationId, id: &InvitationId, by: &UserId) -> Result<()> {
    sqlx::query("UPDATE invitations SET invited_by = $3 WHERE organization_id = $1 AND id = $2")
        .bind(organization.as_str())
        .bind(id.as_str())
        .bind(by.as_str())
        .execute(db)
        .await?;
    Ok(())
}

/// Notes the first time that the link was opened.
pub async fn set_opened(db: &mut Connection, organization: &OrganizationId, id: &InvitationId, at: Timestamp) -> Result<()> {
    sqlx::query("UPDATE invitations SET opened_at = $3 WHERE organization_id = $1 AND id = $2 AND opened_at = 0")
        .bind(organization.as_str())
        .bind(id.as_str())
        .bind(at)
        .execute(db)
        .await?;
    Ok(())
}

pub async fn set_declined(db: &mut Connection, organization: &OrganizationId, id: &InvitationId, at: Timestamp) -> Result<()> {
    sqlx::query("UPDATE invitations SET declined_at = $3 WHERE organization_id = $1 AND id = $2")
        .bind(organization.as_str())
        .bind(id.as_str())
        .bind(at)
        .execute(db)
        .await?;
    Ok(())
}

/// Takes an invitation away; `false` when it is gone already.
pub async fn delete(db: &mut Connection, organization: &OrganizationId, id: &InvitationId) -> Result<bool> {
    let done = sqlx::query("DELETE FROM invitations WHERE organization_id = $1 AND id = $2")
        .bind(organization.as_str())
        .bind(id.as_str())
        .execute(db)
        .await?;
    Ok(done.rows_affected() == 1)
}
