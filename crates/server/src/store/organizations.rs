//! Organizations as a member sees them.

use super::Connection;
use crate::error::{Error, Result};
use pulze_contract::organization::{MemberCounts, Organization, OrganizationSummary, Plan};
use pulze_contract::{OrganizationId, Permission, Role, Timestamp, UserId};
use sqlx::Row;
use sqlx::any::AnyRow;

const SELECT: &str = "SELECT o.id, o.name, o.logo_url, o.plan, o.reporting_time_zone, o.language, o.editors_may_invite, o.created_at, o.version, m.role, m.ends_at, m.then_role,
    (SELECT COUNT(*) FROM memberships x WHERE x.organization_id = o.id AND x.role = 'viewer') AS viewers,
    (SELECT COUNT(*) FROM memberships x WHERE x.organization_id = o.id AND x.role = 'editor') AS editors,
    (SELECT COUNT(*) FROM memberships x WHERE x.organization_id = o.id AND x.role = 'admin') AS admins,
    (SELECT COUNT(*) FROM memberships x WHERE x.organization_id = o.id AND x.role = 'admin' AND x.ends_at = 0) AS lasting_admins
    FROM memberships m JOIN organizations o ON o.id = m.organization_id WHERE m.user_id = $1";

fn organization(row: &AnyRow) -> Result<Organization> {
    let text = |column: &str| row.try_get::<String, _>(column);
    let count = |column: &str| row.try_get::<i64, _>(column).map(|count| u32::try_from(count).unwrap_or(u32::MAX));
    let broken = |column: &str| Error::Internal(format!("{column} holds an unknown value"));
    let role = Role::parse(&text("role")?).ok_or_else(|| broken("role"))?;
    let editors_may_invite = row.try_get::<i64, _>("editors_may_invite")? != 0;
    Ok(Organization {
        summary: OrganizationSummary {
            id: OrganizationId::parse(&text("id")?).ok_or_else(|| broken("id"))?,
            name: text("name")?,
            logo_url: Some(text("logo_url")?).filter(|url| !url.is_empty()),
            plan: Plan::parse(&text("plan")?).ok_or_else(|| broken("plan"))?,
            role,
            ends: super::members::ends(row)?,
            permissions: Permission::ALL.iter().copied().filter(|p| role.grants_in(editors_may_invite, *p)).collect(),
            members: MemberCounts {
                viewers: count("viewers")?,
                editors: count("editors")?,
                admins: count("admins")?,
                lasting_admins: count("lasting_admins")?,
            },
        },
        language: text("language")?,
        editors_may_invite,
        reporting_time_zone: text("reporting_time_zone")?,
        created_at: row.try_get("created_at")?,
        version: row.try_get("version")?,
    })
}

/// The organizations of a person, by name.
pub async fn of_user(db: &mut Connection, user: &UserId) -> Result<Vec<OrganizationSummary>> {
    let rows = sqlx::query(SELECT).bind(user.as_str()).fetch_all(db).await?;
    let summary = |row| organization(row).map(|organization| organization.summary);
    let mut all = rows.iter().map(summary).collect::<Result<Vec<_>>>()?;
    // Here and not by the database: each knows the case of other letters.
    all.sort_by_cached_key(|one| (super::search_text(&one.name), one.id.to_string()));
    Ok(all)
}

/// One organization as `user`, a member of it, sees it.
pub async fn of_member(db: &mut Connection, id: &OrganizationId, user: &UserId) -> Result<Option<Organization>> {
    let sql = format!("{SELECT} AND o.id = $2");
    let row = sqlx::query(&sql).bind(user.as_str()).bind(id.as_str()).fetch_optional(db).await?;
    row.as_ref().map(organization).transpose()
}

pub struct NewOrganization<'a> {
    pub id: &'a OrganizationId,
    pub name: &'a str,
    pub logo_url: &'a str,
    pub plan: Plan,
    pub reporting_time_zone: &'a str,
    pub by: &'a UserId,
    pub at: Timestamp,
}

pub async fn insert(db: &mut Connection, new: &NewOrganization<'_>) -> Result<()> {
    sqlx::query(
        "INSERT INTO organizations (id, name, logo_url, plan, reporting_time_zone, created_at, updated_at, updated_by) VALUES ($1, $2, $3, $4, $5, $6, $6, $7)",
    )
    .bind(new.id.as_str()).bind(new.name).bind(new.logo_url).bind(new.plan.as_str()).bind(new.reporting_time_zone).bind(new.at).bind(new.by.as_str())
    .execute(db).await?;
    Ok(())
}

/// Whether there is such an organization.
pub async fn exists(db: &mut Connection, id: &OrganizationId) -> Result<bool> {
    let sql = "SELECT 1 AS found FROM organizations WHERE id = $1";
    Ok(sqlx::query(sql).bind(id.as_str()).fetch_optional(db).await?.is_some())
}

/// Takes the organization's row for the rest of the transaction, so that changes of its members
/// come one after the other. `false` when it does not exist.
pub async fn lock(db: &mut Connection, id: &OrganizationId) -> Result<bool> {
    let done = sqlx::query("UPDATE organizations SET version = version WHERE id = $1").bind(id.as_str()).execute(db).await?;
    Ok(done.rows_affected() == 1)
}

pub struct Change<'a> {
    pub name: &'a str,
    pub logo_url: &'a str,
    pub reporting_time_zone: &'a str,
    pub language: &'a str,
    pub editors_may_invite: bool,
    pub by: &'a UserId,
    pub at: Timestamp,
}

pub async fn update(db: &mut Connection, id: &OrganizationId, change: &Change<'_>) -> Result<()> {
    sqlx::query(
        "UPDATE organizations SET name = $2, logo_url = $3, reporting_time_zone = $4, updated_by = $5, updated_at = $6, language = $7, editors_may_invite = $8, version = version + 1 WHERE id = $1",
    )
    .bind(id.as_str()).bind(change.name).bind(change.logo_url).bind(change.reporting_time_zone).bind(change.by.as_str()).bind(change.at)
    .bind(change.language).bind(i64::from(change.editors_may_invite))
    .execute(db).await?;
    Ok(())
}

/// Who changed the organization last, and when.
pub async fn last_change(db: &mut Connection, id: &OrganizationId) -> Result<(String, Timestamp)> {
    let row = sqlx::query("SELECT COALESCE(u.name, '') AS name, o.updated_at FROM organizations o LEFT JOIN users u ON u.id = o.updated_by WHERE o.id = $1")
        .bind(id.as_str()).fetch_one(db).await?;
    Ok((row.try_get("name")?, row.try_get("updated_at")?))
}

pub async fn delete(db: &mut Connection, id: &OrganizationId) -> Result<()> {
    sqlx::query("DELETE FROM organizations WHERE id = $1").bind(id.as_str()).execute(db).await?;
    Ok(())
}

/// Sets how many members and pending invitations there may be together; zero for no limit. `false`
/// when the organization does not exist.
pub async fn set_seats(db: &mut Connection, id: &OrganizationId, seats: u32) -> Result<bool> {
    let done = sqlx::query("UPDATE organizations SET seats = $2 WHERE id = $1")
        .bind(id.as_str())
        .bind(i64::from(seats))
        .execute(db)
        .await?;
    Ok(done.rows_affected() == 1)
}
