//! Spaces, and the roles granted in them.

use super::Connection;
use crate::error::{Error, Result};
use pulze_contract::access::{AccessGrant, AccessSpace};
use pulze_contract::space::{AccessSource, Space, SpaceAccess, SpaceGrant, SpaceMember, Visibility, effective_role};
use pulze_contract::{OrganizationId, SpaceId, SpacePermission, SpaceRole, Timestamp, UserId};
use sqlx::Row;
use sqlx::any::AnyRow;
use std::collections::{HashMap, HashSet};

/// Whose eyes a space is seen with.
pub struct Eyes<'a> {
    pub user: &'a UserId,
    /// Whether the person's organization role makes them admin of every space.
    pub everywhere: bool,
}

impl Eyes<'_> {
    /// A condition on `spaces s`: the person, whose identifier is this parameter, can enter them. The same rule as
    /// [`effective_role`], asked of the database.
    pub fn condition(&self, parameter: &str) -> String {
        if self.everywhere {
            return "1 = 1".to_owned();
        }
        format!(
            "(s.visibility = 'organization' OR EXISTS (SELECT 1 FROM space_members v
                WHERE v.organization_id = s.organization_id AND v.space_id = s.id AND v.user_id = {parameter}))"
        )
    }
}

/// Spaces with the role granted to the person of `$2`.
const SELECT: &str =
    "SELECT s.id, s.name, s.description, s.logo_url, s.visibility, s.archived_at, s.created_at, s.created_by, s.version,
    COALESCE(g.role, '') AS granted, COALESCE(g.ends_at, 0) AS ends_at,
    (SELECT COUNT(*) FROM space_members x WHERE x.organization_id = s.organization_id AND x.space_id = s.id) AS members
    FROM spaces s LEFT JOIN space_members g ON g.organization_id = s.organization_id AND g.space_id = s.id AND g.user_id = $2
    WHERE s.organization_id = $1";

fn id(row: &AnyRow, column: &str) -> Result<SpaceId> {
    SpaceId::parse(&row.try_get::<String, _>(column)?).ok_or_else(|| broken(column))
}

fn broken(column: &str) -> Error {
    Error::Internal(format!("{column} of a space holds an unknown value"))
}

fn role(row: &AnyRow, column: &str) -> Result<Option<SpaceRole>> {
    match row.try_get::<String, _>(column)?.as_str() {
        "" => Ok(None),
        name => SpaceRole::parse(name).map(Some).ok_or_else(|| broken(column)),
    }
}

/// A role in a space, of a row with `space_id` and `role`.
pub(super) fn space_grant(row: &AnyRow) -> Result<SpaceGrant> {
    Ok(SpaceGrant { space_id: id(row, "space_id")?, role: role(row, "role")?.ok_or_else(|| broken("role"))? })
}

fn ends_at(row: &AnyRow) -> Result<Option<Timestamp>> {
    Ok(Some(row.try_get("ends_at")?).filter(|at| *at > 0))
}

/// How the person enters the space of a row, if at all.
fn access(row: &AnyRow, everywhere: bool) -> Result<Option<(SpaceRole, AccessSource)>> {
    let visibility = Visibility::parse(&row.try_get::<String, _>("visibility")?).ok_or_else(|| broken("visibility"))?;
    Ok(effective_role(everywhere, role(row, "granted")?, visibility))
}

fn space(row: &AnyRow, eyes: &Eyes<'_>) -> Result<Option<Space>> {
    let Some((role, source)) = access(row, eyes.everywhere)? else { return Ok(None) };
    Ok(Some(Space {
        id: id(row, "id")?,
        name: row.try_get("name")?,
        description: row.try_get("description")?,
        logo_url: Some(row.try_get::<String, _>("logo_url")?).filter(|url| !url.is_empty()),
        visibility: Visibility::parse(&row.try_get::<String, _>("visibility")?).ok_or_else(|| broken("visibility"))?,
        archived: row.try_get::<i64, _>("archived_at")? > 0,
        role,
        source,
        permissions: SpacePermission::ALL.into_iter().filter(|permission| role.grants(*permission)).collect(),
        mine: row.try_get::<String, _>("created_by")? == eyes.user.as_str(),
        members: u32::try_from(row.try_get::<i64, _>("members")?).unwrap_or(u32::MAX),
        created_at: row.try_get("created_at")?,
        version: row.try_get("version")?,
    }))
}

/// The spaces that the person can enter, by name; those in use first.
pub async fn list(db: &mut Connection, organization: &OrganizationId, eyes: &Eyes<'_>) -> Result<Vec<Space>> {
    let sql = format!("{SELECT} ORDER BY CASE WHEN s.archived_at > 0 THEN 1 ELSE 0 END, s.search, s.id");
    let rows = sqlx::query(&sql).bind(organization.as_str()).bind(eyes.user.as_str()).fetch_all(db).await?;
    rows.iter().filter_map(|row| space(row, eyes).transpose()).collect()
}

/// The spaces that the person can enter; `None`: all.
pub async fn entered(db: &mut Connection, organization: &OrganizationId, eyes: &Eyes<'_>) -> Result<Option<HashSet<SpaceId>>> {
    if eyes.everywhere {
        return Ok(None);
    }
    Ok(Some(list(db, organization, eyes).await?.into_iter().map(|space| space.id).collect()))
}

/// One space, if the person can enter it.
pub async fn find(
    db: &mut Connection,
    organization: &OrganizationId,
    space_id: &SpaceId,
    eyes: &Eyes<'_>,
) -> Result<Option<Space>> {
    let sql = format!("{SELECT} AND s.id = $3");
    let row =
        sqlx::query(&sql).bind(organization.as_str()).bind(eyes.user.as_str()).bind(space_id.as_str()).fetch_optional(db).await?;
    row.map_or(Ok(None), |row| space(&row, eyes))
}

/// Every space that the person can enter, with the reason.
pub async fn accesses(db: &mut Connection, organization: &OrganizationId, eyes: &Eyes<'_>) -> Result<Vec<SpaceAccess>> {
    let sql = format!("{SELECT} ORDER BY s.search, s.id");
    let rows = sqlx::query(&sql).bind(organization.as_str()).bind(eyes.user.as_str()).fetch_all(db).await?;
    let access = |row: &AnyRow| {
        let Some(space) = space(row, eyes)? else { return Ok(None) };
        // The end of a grant says nothing where another reason gives the access.
        let ends_at = if space.source == AccessSource::Granted { ends_at(row)? } else { None };
        Ok(Some(SpaceAccess { space_id: space.id, name: space.name, role: space.role, source: space.source, ends_at }))
    };
    rows.iter().filter_map(|row| access(row).transpose()).collect()
}

/// The spaces in which this person is the only one with the role admin granted.
pub async fn only_admin_of(db: &mut Connection, organization: &OrganizationId, user: &UserId) -> Result<Vec<SpaceAccess>> {
    let rows = sqlx::query(
        "SELECT s.id, s.name FROM spaces s JOIN space_members g ON g.organization_id = s.organization_id AND g.space_id = s.id
         WHERE s.organization_id = $1 AND g.user_id = $2 AND g.role = 'admin' AND NOT EXISTS (SELECT 1 FROM space_members x
             WHERE x.organization_id = s.organization_id AND x.space_id = s.id AND x.role = 'admin' AND x.user_id <> g.user_id)
         ORDER BY s.search, s.id",
    )
    .bind(organization.as_str())
    .bind(user.as_str())
    .fetch_all(db)
    .await?;
    let access = |row: &AnyRow| {
        Ok(SpaceAccess {
            space_id: id(row, "id")?,
            name: row.try_get("name")?,
            role: SpaceRole::Admin,
            source: AccessSource::Granted,
            ends_at: None,
        })
    };
    rows.iter().map(access).collect()
}

/// What is kept of a space, apart from who made it.
pub struct Content<'a> {
    pub name: &'a str,
    pub description: &'a str,
    pub logo_url: &'a str,
    pub visibility: Visibility,
    /// Zero while it is in use.
    pub archived_at: Timestamp,
}

pub async fn insert(
    db: &mut Connection,
    organization: &OrganizationId,
    space_id: &SpaceId,
    content: &Content<'_>,
    by: &UserId,
    at: Timestamp,
) -> Result<()> {
    sqlx::query("INSERT INTO spaces (organization_id, id, name, search, description, logo_url, visibility, archived_at, created_at, created_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)")
        .bind(organization.as_str())
        .bind(space_id.as_str())
        .bind(content.name)
        .bind(super::search_text(content.name))
        .bind(content.description)
        .bind(content.logo_url)
        .bind(content.visibility.as_str())
        .bind(content.archived_at)
        .bind(at)
        .bind(by.as_str())
        .execute(db)
        .await?;
    Ok(())
}

/// Writes the content if `version` is still the current one; `false` when it is not.
pub async fn update(
    db: &mut Connection,
    organization: &OrganizationId,
    space_id: &SpaceId,
    version: i64,
    content: &Content<'_>,
) -> Result<bool> {
    let done = sqlx::query("UPDATE spaces SET name = $4, search = $5, description = $6, logo_url = $7, visibility = $8, archived_at = $9, version = version + 1 WHERE organization_id = $1 AND id = $2 AND version = $3")
        .bind(organization.as_str())
        .bind(space_id.as_str())
        .bind(version)
        .bind(content.name)
        .bind(super::search_text(content.name))
        .bind(content.description)
        .bind(content.logo_url)
        .bind(content.visibility.as_str())
        .bind(content.archived_at)
        .execute(db)
        .await?;
    Ok(done.rows_affected() == 1)
}

pub async fn delete(db: &mut Connection, organization: &OrganizationId, space_id: &SpaceId) -> Result<()> {
    super::resources::forget_subject(db, organization, "space", space_id.as_str()).await?;
    sqlx::query("DELETE FROM spaces WHERE organization_id = $1 AND id = $2")
        .bind(organization.as_str())
        .bind(space_id.as_str())
        .execute(db)
        .await?;
    Ok(())
}

pub async fn members(db: &mut Connection, organization: &OrganizationId, space_id: &SpaceId) -> Result<Vec<SpaceMember>> {
    let rows = sqlx::query(
        "SELECT u.id, u.name, u.email, g.role, g.ends_at FROM space_members g JOIN users u ON u.id = g.user_id
         WHERE g.organization_id = $1 AND g.space_id = $2 ORDER BY u.search, u.id",
    )
    .bind(organization.as_str())
    .bind(space_id.as_str())
    .fetch_all(db)
    .await?;
    let member = |row: &AnyRow| {
        Ok(SpaceMember {
            user_id: super::users::id(row, "id")?,
            name: row.try_get("name")?,
            email: row.try_get("email")?,
            role: role(row, "role")?.ok_or_else(|| broken("role"))?,
            ends_at: ends_at(row)?,
        })
    };
    rows.iter().map(member).collect()
}

/// The role granted to a person in a space, and its end.
pub async fn granted(
    db: &mut Connection,
    organization: &OrganizationId,
    space_id: &SpaceId,
    user: &UserId,
) -> Result<Option<(SpaceRole, Option<Timestamp>)>> {
    let row =
        sqlx::query("SELECT role, ends_at FROM space_members WHERE organization_id = $1 AND space_id = $2 AND user_id = $3")
            .bind(organization.as_str())
            .bind(space_id.as_str())
            .bind(user.as_str())
            .fetch_optional(db)
            .await?;
    row.map(|row| Ok((role(&row, "role")?.ok_or_else(|| broken("role"))?, ends_at(&row)?))).transpose()
}

/// Grants a role to a member of the organization, or changes it; `ends_at` is zero for one that lasts.
pub async fn grant(
    db: &mut Connection,
    organization: &OrganizationId,
    space_id: &SpaceId,
    user: &UserId,
    role: SpaceRole,
    ends_at: Timestamp,
    at: Timestamp,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO space_members (organization_id, space_id, user_id, role, ends_at, granted_at) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (organization_id, space_id, user_id) DO UPDATE SET role = excluded.role, ends_at = excluded.ends_at",
    )
    .bind(organization.as_str())
    .bind(space_id.as_str())
    .bind(user.as_str())
    .bind(role.as_str())
    .bind(ends_at)
    .bind(at)
    .execute(db)
    .await?;
    Ok(())
}

pub async fn revoke(db: &mut Connection, organization: &OrganizationId, space_id: &SpaceId, user: &UserId) -> Result<()> {
    sqlx::query("DELETE FROM space_members WHERE organization_id = $1 AND space_id = $2 AND user_id = $3")
        .bind(organization.as_str())
        .bind(space_id.as_str())
        .bind(user.as_str())
        .execute(db)
        .await?;
    Ok(())
}

/// Every space in use, by name.
pub async fn columns(db: &mut Connection, organization: &OrganizationId) -> Result<Vec<AccessSpace>> {
    let rows =
        sqlx::query("SELECT id, name, visibility FROM spaces WHERE organization_id = $1 AND archived_at = 0 ORDER BY search, id")
            .bind(organization.as_str())
            .fetch_all(db)
            .await?;
    let column = |row: &AnyRow| {
        let visibility = Visibility::parse(&row.try_get::<String, _>("visibility")?).ok_or_else(|| broken("visibility"))?;
        Ok(AccessSpace { id: id(row, "id")?, name: row.try_get("name")?, visibility })
    };
    rows.iter().map(column).collect()
}

/// What these people were granted.
pub async fn grants_of(
    db: &mut Connection,
    organization: &OrganizationId,
    users: &[UserId],
) -> Result<HashMap<UserId, Vec<AccessGrant>>> {
    let mut grants: HashMap<UserId, Vec<AccessGrant>> = HashMap::new();
    if users.is_empty() {
        return Ok(grants);
    }
    let places = (2..users.len() + 2).map(|place| format!("${place}")).collect::<Vec<_>>().join(", ");
    let sql = format!(
        "SELECT user_id, space_id, role, ends_at FROM space_members WHERE organization_id = $1 AND user_id IN ({places})"
    );
    let query = users.iter().fold(sqlx::query(&sql).bind(organization.as_str()), |query, user| query.bind(user.as_str()));
    for row in query.fetch_all(db).await? {
        let SpaceGrant { space_id, role } = space_grant(&row)?;
        let grant = AccessGrant { space_id, role, ends_at: ends_at(&row)? };
        grants.entry(super::users::id(&row, "user_id")?).or_default().push(grant);
    }
    Ok(grants)
}

/// Grants that have ended: who, where, and which role.
pub async fn ended(db: &mut Connection, organization: &OrganizationId, now: Timestamp) -> Result<Vec<(UserId, SpaceGrant)>> {
    let rows = sqlx::query(
        "SELECT user_id, space_id, role FROM space_members WHERE organization_id = $1 AND ends_at > 0 AND ends_at <= $2",
    )
    .bind(organization.as_str())
    .bind(now)
    .fetch_all(db)
    .await?;
    rows.iter().map(|row| Ok((super::users::id(row, "user_id")?, space_grant(row)?))).collect()
}

/// What everybody was granted, in words for a file: `Research (editor)`, by name.
pub async fn grants_in_words(db: &mut Connection, organization: &OrganizationId) -> Result<HashMap<UserId, Vec<String>>> {
    let rows = sqlx::query(
        "SELECT g.user_id, g.role, s.name FROM space_members g
         JOIN spaces s ON s.organization_id = g.organization_id AND s.id = g.space_id
         WHERE g.organization_id = $1 ORDER BY s.search, s.id",
    )
    .bind(organization.as_str())
    .fetch_all(db)
    .await?;
    let mut words: HashMap<UserId, Vec<String>> = HashMap::new();
    for row in rows {
        let (name, role): (String, String) = (row.try_get("name")?, row.try_get("role")?);
        words.entry(super::users::id(&row, "user_id")?).or_default().push(format!("{name} ({role})"));
    }
    Ok(words)
}
