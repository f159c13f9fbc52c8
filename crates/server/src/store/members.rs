//! Memberships. Change them only after [`super::organizations::lock`].

use super::Connection;
use crate::error::{Error, Result};
use pulze_contract::member::Member;
use pulze_contract::{OrganizationId, Role, Timestamp, UserId};
use sqlx::Row;
use sqlx::any::AnyRow;

const SELECT: &str = "SELECT u.id, u.name, u.email, m.role, m.joined_at FROM memberships m JOIN users u ON u.id = m.user_id WHERE m.organization_id = $1";

fn role(row: &AnyRow) -> Result<Role> {
    Role::parse(&row.try_get::<String, _>("role")?).ok_or_else(|| Error::Internal("role holds an unknown value".to_owned()))
}

fn member(row: &AnyRow) -> Result<Member> {
    Ok(Member {
        user_id: super::users::id(row, "id")?,
        name: row.try_get("name")?,
        email: row.try_get("email")?,
        role: role(row)?,
        joined_at: row.try_get("joined_at")?,
    })
}

pub async fn insert(db: &mut Connection, organization: &OrganizationId, user: &UserId, role: Role, at: Timestamp) -> Result<()> {
    sqlx::query("INSERT INTO memberships (organization_id, user_id, role, joined_at) VALUES ($1, $2, $3, $4)")
        .bind(organization.as_str())
        .bind(user.as_str())
        .bind(role.as_str())
        .bind(at)
        .execute(db)
        .await?;
    Ok(())
}

/// The role a person has now: read on every request, so that one taken away works at once.
pub async fn role_of(db: &mut Connection, organization: &OrganizationId, user: &UserId) -> Result<Option<Role>> {
    let row = sqlx::query("SELECT role FROM memberships WHERE organization_id = $1 AND user_id = $2")
        .bind(organization.as_str())
        .bind(user.as_str())
        .fetch_optional(db)
        .await?;
    row.as_ref().map(role).transpose()
}

pub async fn list(db: &mut Connection, organization: &OrganizationId) -> Result<Vec<Member>> {
    let sql = format!("{SELECT} ORDER BY LOWER(u.name), u.id");
    let rows = sqlx::query(&sql).bind(organization.as_str()).fetch_all(db).await?;
    rows.iter().map(member).collect()
}

pub async fn find(db: &mut Connection, organization: &OrganizationId, user: &UserId) -> Result<Option<Member>> {
    let sql = format!("{SELECT} AND m.user_id = $2");
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
