//! Memberships. Change them only after [`super::organizations::lock`].

use super::Connection;
use crate::error::{Error, Result};
use pulze_contract::member::{Member, MemberQuery, MemberSort};
use pulze_contract::{OrganizationId, Role, Timestamp, UserId};
use sqlx::Row;
use sqlx::any::AnyRow;

const COLUMNS: &str = "SELECT u.id, u.name, u.email, m.role, m.joined_at, m.last_active_at,
    (SELECT COUNT(*) FROM space_members g WHERE g.organization_id = m.organization_id AND g.user_id = m.user_id) AS spaces";
const FROM: &str = "FROM memberships m JOIN users u ON u.id = m.user_id WHERE m.organization_id = $1";
const COUNT: &str = "SELECT COUNT(*) AS n FROM memberships m WHERE m.organization_id = $1";
/// The filters of a [`MemberQuery`]; an empty text means none. `\` makes `%` and `_` plain characters.
const FILTERS: &str = r"AND ($2 = '' OR m.role = $2)
    AND ($3 = '' OR m.user_id IN (SELECT g.user_id FROM space_members g WHERE g.organization_id = $1 AND g.space_id = $3))
    AND ($4 = '' OR m.search LIKE $4 ESCAPE '\' OR m.user_id IN (SELECT g.user_id FROM space_members g
        JOIN spaces s ON s.organization_id = g.organization_id AND s.id = g.space_id
        WHERE g.organization_id = $1 AND s.search LIKE $4 ESCAPE '\'))";

pub(super) fn role(row: &AnyRow) -> Result<Role> {
    Role::parse(&row.try_get::<String, _>("role")?).ok_or_else(|| Error::Internal("role holds an unknown value".to_owned()))
}

fn member(row: &AnyRow) -> Result<Member> {
    Ok(Member {
        user_id: super::users::id(row, "id")?,
        name: row.try_get("name")?,
        email: row.try_get("email")?,
        role: role(row)?,
        joined_at: row.try_get("joined_at")?,
        last_active_at: Some(row.try_get("last_active_at")?).filter(|at| *at > 0),
        spaces: u32::try_from(row.try_get::<i64, _>("spaces")?).unwrap_or(u32::MAX),
    })
}

pub async fn insert(db: &mut Connection, organization: &OrganizationId, user: &UserId, role: Role, at: Timestamp) -> Result<()> {
    sqlx::query("INSERT INTO memberships (organization_id, user_id, role, joined_at, search) SELECT $1, u.id, $3, $4, u.search FROM users u WHERE u.id = $2")
        .bind(organization.as_str())
        .bind(user.as_str())
        .bind(role.as_str())
        .bind(at)
        .execute(db)
        .await?;
    Ok(())
}

/// The role a person has now, and when they were last here: read on every request, so that one
/// taken away works at once.
pub async fn role_of(db: &mut Connection, organization: &OrganizationId, user: &UserId) -> Result<Option<(Role, Timestamp)>> {
    let row = sqlx::query("SELECT role, last_active_at FROM memberships WHERE organization_id = $1 AND user_id = $2")
        .bind(organization.as_str())
        .bind(user.as_str())
        .fetch_optional(db)
        .await?;
    row.map(|row| Ok((role(&row)?, row.try_get("last_active_at")?))).transpose()
}

pub async fn touch(db: &mut Connection, organization: &OrganizationId, user: &UserId, at: Timestamp) -> Result<()> {
    sqlx::query("UPDATE memberships SET last_active_at = $3 WHERE organization_id = $1 AND user_id = $2")
        .bind(organization.as_str())
        .bind(user.as_str())
        .bind(at)
        .execute(db)
        .await?;
    Ok(())
}

/// Rows `offset` to `offset + limit` of those that fit.
pub async fn list(
    db: &mut Connection,
    organization: &OrganizationId,
    query: &MemberQuery,
    offset: u32,
    limit: u32,
) -> Result<Vec<Member>> {
    // The roles' names happen to stand in the alphabet from most to least.
    let order = match query.sort {
        MemberSort::Name => "m.search",
        MemberSort::Role => "m.role",
        MemberSort::JoinedAt => "m.joined_at",
        MemberSort::LastActiveAt => "m.last_active_at",
    };
    let direction = if query.descending { "DESC" } else { "ASC" };
    let sql = format!(
        "{COLUMNS} {FROM} {FILTERS} ORDER BY {order} {direction}, m.search {direction}, m.user_id {direction} LIMIT $5 OFFSET $6"
    );
    let (role, space, search) = arguments(query);
    let rows = sqlx::query(&sql)
        .bind(organization.as_str())
        .bind(role)
        .bind(space)
        .bind(search)
        .bind(i64::from(limit))
        .bind(i64::from(offset))
        .fetch_all(db)
        .await?;
    rows.iter().map(member).collect()
}

pub async fn count(db: &mut Connection, organization: &OrganizationId, query: &MemberQuery) -> Result<u32> {
    let sql = format!("{COUNT} {FILTERS}");
    let (role, space, search) = arguments(query);
    let row = sqlx::query(&sql).bind(organization.as_str()).bind(role).bind(space).bind(search).fetch_one(db).await?;
    Ok(u32::try_from(row.try_get::<i64, _>("n")?).unwrap_or(u32::MAX))
}

fn arguments(query: &MemberQuery) -> (String, String, String) {
    let role = query.role.map(|role| role.as_str().to_owned()).unwrap_or_default();
    let space = query.space.as_ref().map(ToString::to_string).unwrap_or_default();
    (role, space, super::contains(&query.search))
}

pub async fn find(db: &mut Connection, organization: &OrganizationId, user: &UserId) -> Result<Option<Member>> {
    let sql = format!("{COLUMNS} {FROM} AND m.user_id = $2");
    let row = sqlx::query(&sql).bind(organization.as_str()).bind(user.as_str()).fetch_optional(db).await?;
    row.as_ref().map(member).transpose()
}

pub async fn admins(db: &mut Connection, organization: &OrganizationId) -> Result<i64> {
    let row = sqlx::query("SELECT COUNT(*) AS n FROM memberships WHERE organization_id = $1 AND role = 'admin'")
        .bind(organization.as_str())
        .fetch_one(db)
        .await?;
    Ok(row.try_get("n")?)
}

pub async fn update(db: &mut Connection, organization: &OrganizationId, user: &UserId, role: Role) -> Result<()> {
    sqlx::query("UPDATE memberships SET role = $3 WHERE organization_id = $1 AND user_id = $2")
        .bind(organization.as_str())
        .bind(user.as_str())
        .bind(role.as_str())
        .execute(db)
        .await?;
    Ok(())
}

pub async fn delete(db: &mut Connection, organization: &OrganizationId, user: &UserId) -> Result<()> {
    sqlx::query("DELETE FROM memberships WHERE organization_id = $1 AND user_id = $2")
        .bind(organization.as_str())
        .bind(user.as_str())
        .execute(db)
        .await?;
    Ok(())
}
