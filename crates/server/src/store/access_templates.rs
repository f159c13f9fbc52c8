//! Access templates and their spaces.

use super::Connection;
use crate::error::{Error, Result};
use pulze_contract::access_template::AccessTemplate;
use pulze_contract::space::SpaceGrant;
use pulze_contract::{AccessTemplateId, OrganizationId, Role};
use sqlx::Row;
use sqlx::any::AnyRow;
use std::collections::HashMap;

const SELECT: &str = "SELECT id, name, role, ends_after_days FROM access_templates WHERE organization_id = $1";

fn template(row: &AnyRow, spaces: &mut HashMap<String, Vec<SpaceGrant>>) -> Result<AccessTemplate> {
    let broken = || Error::Internal("an access template holds an unknown value".to_owned());
    let id: String = row.try_get("id")?;
    Ok(AccessTemplate {
        name: row.try_get("name")?,
        role: Role::parse(&row.try_get::<String, _>("role")?).ok_or_else(broken)?,
        spaces: spaces.remove(&id).unwrap_or_default(),
        ends_after_days: u32::try_from(row.try_get::<i64, _>("ends_after_days")?).ok().filter(|days| *days > 0),
        id: AccessTemplateId::parse(&id).ok_or_else(broken)?,
    })
}

/// The templates of an organization, by name.
pub async fn list(db: &mut Connection, organization: &OrganizationId) -> Result<Vec<AccessTemplate>> {
    let mut spaces: HashMap<String, Vec<SpaceGrant>> = HashMap::new();
    let sql = "SELECT g.template_id, g.space_id, g.role FROM access_template_spaces g
        JOIN spaces s ON s.organization_id = g.organization_id AND s.id = g.space_id
        WHERE g.organization_id = $1 ORDER BY s.search, s.id";
    for row in sqlx::query(sql).bind(organization.as_str()).fetch_all(&mut *db).await? {
        spaces.entry(row.try_get("template_id")?).or_default().push(super::spaces::space_grant(&row)?);
    }
    let rows = sqlx::query(&format!("{SELECT} ORDER BY search, id")).bind(organization.as_str()).fetch_all(db).await?;
    rows.iter().map(|row| template(row, &mut spaces)).collect()
}

/// Keeps a template, new or in place of the one with its identifier.
pub async fn put(db: &mut Connection, organization: &OrganizationId, template: &AccessTemplate) -> Result<()> {
    sqlx::query(
        "INSERT INTO access_templates (organization_id, id, name, search, role, ends_after_days) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (organization_id, id) DO UPDATE SET name = excluded.name, search = excluded.search, role = excluded.role, ends_after_days = excluded.ends_after_days",
    )
    .bind(organization.as_str())
    .bind(template.id.as_str())
    .bind(&template.name)
    .bind(super::search_text(&template.name))
    .bind(template.role.as_str())
    .bind(i64::from(template.ends_after_days.unwrap_or(0)))
    .execute(&mut *db)
    .await?;
    sqlx::query("DELETE FROM access_template_spaces WHERE organization_id = $1 AND template_id = $2")
        .bind(organization.as_str())
        .bind(template.id.as_str())
        .execute(&mut *db)
        .await?;
    for grant in &template.spaces {
        sqlx::query("INSERT INTO access_template_spaces (organization_id, template_id, space_id, role) VALUES ($1, $2, $3, $4)")
            .bind(organization.as_str())
            .bind(template.id.as_str())
            .bind(grant.space_id.as_str())
            .bind(grant.role.as_str())
            .execute(&mut *db)
            .await?;
    }
    Ok(())
}

/// `false` when it is gone already.
pub async fn delete(db: &mut Connection, organization: &OrganizationId, id: &AccessTemplateId) -> Result<bool> {
    let done = sqlx::query("DELETE FROM access_templates WHERE organization_id = $1 AND id = $2")
        .bind(organization.as_str())
        .bind(id.as_str())
        .execute(db)
        .await?;
    Ok(done.rows_affected() == 1)
}
