//! What happened just now, for pages that are open.

use super::Connection;
use crate::error::Result;
use pulze_contract::live::LiveKind;
use pulze_contract::{OrganizationId, SessionId, Timestamp, UserId};
use sqlx::Row;

/// Something that happened, and to whom it matters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Happened {
    pub id: String,
    pub kind: LiveKind,
    /// Each empty where it does not matter.
    pub organization: String,
    pub user: String,
    pub session: String,
    /// Name of the person who did it.
    pub by: String,
}

/// Whom it matters to.
#[derive(Clone, Copy, Default)]
pub struct Whom<'a> {
    pub organization: Option<&'a OrganizationId>,
    pub user: Option<&'a UserId>,
    pub session: Option<&'a SessionId>,
    /// Who did it.
    pub by: Option<&'a UserId>,
}

pub async fn insert(db: &mut Connection, kind: LiveKind, whom: Whom<'_>, at: Timestamp) -> Result<()> {
    sqlx::query("INSERT INTO live_events (id, at, kind, organization_id, user_id, session_id, by_user_id) VALUES ($1, $2, $3, $4, $5, $6, $7)")
        .bind(crate::new_digits())
        .bind(at)
        .bind(kind.as_str())
        .bind(whom.organization.map_or("", OrganizationId::as_str))
        .bind(whom.user.map_or("", UserId::as_str))
        .bind(whom.session.map_or("", SessionId::as_str))
        .bind(whom.by.map_or("", UserId::as_str))
        .execute(db)
        .await?;
    Ok(())
}

/// What happened since a moment, oldest first.
pub async fn since(db: &mut Connection, at: Timestamp) -> Result<Vec<Happened>> {
    let rows = sqlx::query(
        "SELECT e.id, e.kind, e.organization_id, e.user_id, e.session_id, COALESCE(u.name, '') AS name
         FROM live_events e LEFT JOIN users u ON u.id = e.by_user_id WHERE e.at >= $1 ORDER BY e.at, e.id",
    )
    .bind(at)
    .fetch_all(db)
    .await?;
    let mut all = Vec::with_capacity(rows.len());
    for row in &rows {
        // A kind of a newer server, while both run: not for this one.
        let Some(kind) = LiveKind::parse(&row.try_get::<String, _>("kind")?) else { continue };
        let (id, by) = (row.try_get("id")?, row.try_get("name")?);
        let (organization, user, session) =
            (row.try_get("organization_id")?, row.try_get("user_id")?, row.try_get("session_id")?);
        all.push(Happened { id, kind, organization, user, session, by });
    }
    Ok(all)
}

pub async fn delete_before(db: &mut Connection, at: Timestamp) -> Result<()> {
    sqlx::query("DELETE FROM live_events WHERE at < $1").bind(at).execute(db).await?;
    Ok(())
}
