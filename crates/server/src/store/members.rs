//! Memberships. Change them only after [`super::organizations::lock`].

use super::Connection;
use super::invitations;
use super::spaces::Eyes;
use crate::error::{Error, Result};
use pulze_contract::member::{Member, MemberEntry, MemberQuery, MemberSort, MemberStatus, RoleEnd, SPACES_NAMED};
use pulze_contract::{OrganizationId, Role, Timestamp, UserId};
use sqlx::Row;
use sqlx::any::AnyRow;
use std::collections::HashMap;

const COLUMNS: &str = "u.id, u.name, u.email, m.role, m.joined_at, m.last_active_at, m.ends_at, m.then_role,
    (SELECT COUNT(*) FROM space_members g WHERE g.organization_id = m.organization_id AND g.user_id = m.user_id) AS spaces";
/// The same, where spaces are counted together with their names.
const COLUMNS_OF_LIST: &str =
    "u.id, u.name, u.email, m.role, m.joined_at, m.last_active_at, m.ends_at, m.then_role, CAST(0 AS BIGINT) AS spaces";

pub(super) fn role(row: &AnyRow) -> Result<Role> {
    Role::parse(&row.try_get::<String, _>("role")?).ok_or_else(|| broken("role"))
}

fn broken(column: &str) -> Error {
    Error::Internal(format!("{column} of a membership holds an unknown value"))
}

pub(super) fn ends(row: &AnyRow) -> Result<Option<RoleEnd>> {
    let at = row.try_get::<i64, _>("ends_at")?;
    let then = match row.try_get::<String, _>("then_role")?.as_str() {
        "" => None,
        name => Some(Role::parse(name).ok_or_else(|| broken("then_role"))?),
    };
    Ok((at > 0).then_some(RoleEnd { at, then }))
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
        space_names: Vec::new(),
        ends: ends(row)?,
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

/// What the gate needs to know about a person in an organization.
pub struct Standing {
    pub role: Role,
    pub last_active_at: Timestamp,
    pub editors_may_invite: bool,
}

/// The role a person has now: read on every request, so that one taken away works at once.
pub async fn standing(db: &mut Connection, organization: &OrganizationId, user: &UserId) -> Result<Option<Standing>> {
    let row = sqlx::query(
        "SELECT m.role, m.last_active_at, o.editors_may_invite FROM memberships m JOIN organizations o ON o.id = m.organization_id
         WHERE m.organization_id = $1 AND m.user_id = $2",
    )
    .bind(organization.as_str())
    .bind(user.as_str())
    .fetch_optional(db)
    .await?;
    row.map(|row| {
        Ok(Standing {
            role: role(&row)?,
            last_active_at: row.try_get("last_active_at")?,
            editors_may_invite: row.try_get::<i64, _>("editors_may_invite")? != 0,
        })
    })
    .transpose()
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

/// What a list asks: the question, whose eyes spaces are seen with, whether invitations are the caller's to see, and now.
pub struct Asked<'a> {
    pub query: &'a MemberQuery,
    pub eyes: Eyes<'a>,
    pub invitations: bool,
    pub now: Timestamp,
}

impl Asked<'_> {
    /// Conditions on `memberships m`, unless the status asks for invitations alone. `$2` to `$6` are
    /// role, space, search pattern, now and who asks; an empty text means no condition, and `\` makes `%` and
    /// `_` plain characters. A space that the caller cannot enter is found by nothing.
    fn members(&self) -> Option<String> {
        let status = match self.query.status {
            None | Some(MemberStatus::Member) => "",
            Some(MemberStatus::NeverSignedIn) => "AND m.last_active_at = 0",
            Some(MemberStatus::Ending) => "AND m.ends_at > 0",
            Some(_) => return None,
        };
        let seen = self.eyes.condition("$6");
        Some(format!(
            r"m.organization_id = $1 AND ($2 = '' OR m.role = $2)
            AND ($3 = '' OR m.user_id IN (SELECT g.user_id FROM space_members g
                JOIN spaces s ON s.organization_id = g.organization_id AND s.id = g.space_id
                WHERE g.organization_id = $1 AND g.space_id = $3 AND {seen}))
            AND ($4 = '' OR m.search LIKE $4 ESCAPE '\' OR m.user_id IN (SELECT g.user_id FROM space_members g
                JOIN spaces s ON s.organization_id = g.organization_id AND s.id = g.space_id
                WHERE g.organization_id = $1 AND s.search LIKE $4 ESCAPE '\' AND {seen}))
            AND $5 > CAST(0 AS BIGINT) AND $6 <> '' {status}"
        ))
    }

    /// Conditions on `invitations i`, unless the caller may not see them or the status asks for members.
    fn invitations(&self) -> Option<String> {
        let status = match self.query.status {
            _ if !self.invitations => return None,
            None => "",
            Some(MemberStatus::Pending) => "AND i.declined_at = 0 AND i.expires_at > $5",
            Some(MemberStatus::Expired) => "AND i.declined_at = 0 AND i.expires_at <= $5",
            Some(MemberStatus::Declined) => "AND i.declined_at > 0",
            Some(_) => return None,
        };
        let seen = self.eyes.condition("$6");
        Some(format!(
            r"i.organization_id = $1 AND ($2 = '' OR i.role = $2)
            AND ($3 = '' OR i.id IN (SELECT g.invitation_id FROM invitation_spaces g
                JOIN spaces s ON s.organization_id = g.organization_id AND s.id = g.space_id
                WHERE g.organization_id = $1 AND g.space_id = $3 AND {seen}))
            AND ($4 = '' OR i.email LIKE $4 ESCAPE '\' OR i.id IN (SELECT g.invitation_id FROM invitation_spaces g
                JOIN spaces s ON s.organization_id = g.organization_id AND s.id = g.space_id
                WHERE g.organization_id = $1 AND s.search LIKE $4 ESCAPE '\' AND {seen}))
            AND $5 > CAST(0 AS BIGINT) AND $6 <> '' {status}"
        ))
    }

    fn bind<'q>(
        &self,
        sql: &'q str,
        organization: &OrganizationId,
    ) -> sqlx::query::Query<'q, sqlx::Any, sqlx::any::AnyArguments<'q>> {
        let role = self.query.role.map(|role| role.as_str().to_owned()).unwrap_or_default();
        let space = self.query.space.as_ref().map(ToString::to_string).unwrap_or_default();
        sqlx::query(sql)
            .bind(organization.to_string())
            .bind(role)
            .bind(space)
            .bind(super::contains(&self.query.search))
            .bind(self.now)
            .bind(self.eyes.user.to_string())
    }
}

/// Rows `offset` to `offset + limit` of those that fit, members and invitations in one order.
pub async fn list(
    db: &mut Connection,
    organization: &OrganizationId,
    asked: &Asked<'_>,
    offset: u32,
    limit: u32,
) -> Result<Vec<MemberEntry>> {
    // The roles' names happen to stand in the alphabet from most to least.
    let (of_member, of_invitation) = match asked.query.sort {
        MemberSort::Name => ("m.search", "i.email"),
        MemberSort::Role => ("m.role", "i.role"),
        MemberSort::JoinedAt => ("m.joined_at", "i.sent_at"),
        MemberSort::LastActiveAt => ("m.last_active_at", "0"),
    };
    let direction = if asked.query.descending { "DESC" } else { "ASC" };
    let members = asked.members().map(|conditions| {
        format!("SELECT 0 AS invited, m.user_id AS entry, {of_member} AS first, m.search AS second FROM memberships m WHERE {conditions}")
    });
    let invitations = asked.invitations().map(|conditions| {
        format!("SELECT 1 AS invited, i.id AS entry, {of_invitation} AS first, i.email AS second FROM invitations i WHERE {conditions}")
    });
    let parts = [members, invitations].into_iter().flatten().collect::<Vec<_>>();
    if parts.is_empty() {
        return Ok(Vec::new());
    }
    // First the places of the page, by index; then what is shown of them.
    let sql = format!(
        "SELECT {COLUMNS_OF_LIST}, e.invited, {}
         FROM (SELECT * FROM ({}) x ORDER BY first {direction}, second {direction}, entry {direction} LIMIT $7 OFFSET $8) e
         LEFT JOIN memberships m ON e.invited = 0 AND m.organization_id = $1 AND m.user_id = e.entry
         LEFT JOIN users u ON u.id = m.user_id
         LEFT JOIN invitations i ON e.invited = 1 AND i.organization_id = $1 AND i.id = e.entry
         LEFT JOIN users b ON b.id = i.invited_by
         ORDER BY e.first {direction}, e.second {direction}, e.entry {direction}",
        invitations::COLUMNS,
        parts.join(" UNION ALL "),
    );
    let rows = asked.bind(&sql, organization).bind(i64::from(limit)).bind(i64::from(offset)).fetch_all(&mut *db).await?;
    let entry = |row: &AnyRow| {
        Ok(if row.try_get::<i64, _>("invited")? == 0 {
            MemberEntry::Member(member(row)?)
        } else {
            MemberEntry::Invitation(invitations::invitation(row, asked.now)?)
        })
    };
    let mut entries = rows.iter().map(entry).collect::<Result<Vec<_>>>()?;
    name_spaces(db, organization, &asked.eyes, &mut entries).await?;
    Ok(entries)
}

/// Gives each row its spaces, those that the caller can enter: their number and the first few by name for members, all
/// of them for invitations.
async fn name_spaces(
    db: &mut Connection,
    organization: &OrganizationId,
    eyes: &Eyes<'_>,
    entries: &mut [MemberEntry],
) -> Result<()> {
    let ids = entries.iter().filter_map(MemberEntry::member).map(|member| member.user_id.to_string()).collect::<Vec<_>>();
    let seen = eyes.condition("$3");
    let mut names: HashMap<String, (u32, Vec<String>)> = HashMap::new();
    // In portions: both databases take only so many values in one question.
    for ids in ids.chunks(500) {
        let places = (4..ids.len() + 4).map(|place| format!("${place}")).collect::<Vec<_>>().join(", ");
        let sql = format!(
            "SELECT user_id, name, spaces FROM (SELECT g.user_id, s.name, s.search, COUNT(*) OVER (PARTITION BY g.user_id) AS spaces,
                ROW_NUMBER() OVER (PARTITION BY g.user_id ORDER BY s.search, s.id) AS place
                FROM space_members g JOIN spaces s ON s.organization_id = g.organization_id AND s.id = g.space_id
                WHERE g.organization_id = $1 AND $3 <> '' AND g.user_id IN ({places}) AND {seen}) x
             WHERE place <= $2 ORDER BY search"
        );
        let first = i64::try_from(SPACES_NAMED).unwrap_or(i64::MAX);
        let query = sqlx::query(&sql).bind(organization.to_string()).bind(first).bind(eyes.user.to_string());
        let query = ids.iter().fold(query, |query, id| query.bind(id.clone()));
        for row in query.fetch_all(&mut *db).await? {
            let (count, named) = names.entry(row.try_get("user_id")?).or_default();
            *count = u32::try_from(row.try_get::<i64, _>("spaces")?).unwrap_or(u32::MAX);
            named.push(row.try_get("name")?);
        }
    }
    let invited = entries.iter().any(|entry| entry.member().is_none());
    let entered = if invited { super::spaces::entered(db, organization, eyes).await? } else { None };
    for entry in entries {
        match entry {
            MemberEntry::Member(member) => {
                (member.spaces, member.space_names) = names.remove(member.user_id.as_str()).unwrap_or_default();
            }
            MemberEntry::Invitation(invitation) => {
                invitations::add_spaces(db, organization, invitation).await?;
                invitations::show_spaces(invitation, entered.as_ref());
            }
        }
    }
    Ok(())
}

pub async fn count(db: &mut Connection, organization: &OrganizationId, asked: &Asked<'_>) -> Result<u32> {
    let members = asked.members().map(|conditions| format!("(SELECT COUNT(*) FROM memberships m WHERE {conditions})"));
    let invitations = asked.invitations().map(|conditions| format!("(SELECT COUNT(*) FROM invitations i WHERE {conditions})"));
    let counts = [members, invitations].into_iter().flatten().collect::<Vec<_>>();
    if counts.is_empty() {
        return Ok(0);
    }
    let sql = format!("SELECT {} AS n", counts.join(" + "));
    let row = asked.bind(&sql, organization).fetch_one(db).await?;
    Ok(u32::try_from(row.try_get::<i64, _>("n")?).unwrap_or(u32::MAX))
}

pub async fn find(db: &mut Connection, organization: &OrganizationId, user: &UserId) -> Result<Option<Member>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM memberships m JOIN users u ON u.id = m.user_id WHERE m.organization_id = $1 AND m.user_id = $2"
    );
    let row = sqlx::query(&sql).bind(organization.as_str()).bind(user.as_str()).fetch_optional(db).await?;
    row.as_ref().map(member).transpose()
}

/// Admins whose role has no end.
pub async fn lasting_admins(db: &mut Connection, organization: &OrganizationId) -> Result<i64> {
    let row = sqlx::query("SELECT COUNT(*) AS n FROM memberships WHERE organization_id = $1 AND role = 'admin' AND ends_at = 0")
        .bind(organization.as_str())
        .fetch_one(db)
        .await?;
    Ok(row.try_get("n")?)
}

pub async fn update(
    db: &mut Connection,
    organization: &OrganizationId,
    user: &UserId,
    role: Role,
    ends: Option<RoleEnd>,
) -> Result<()> {
    sqlx::query("UPDATE memberships SET role = $3, ends_at = $4, then_role = $5 WHERE organization_id = $1 AND user_id = $2")
        .bind(organization.as_str())
        .bind(user.as_str())
        .bind(role.as_str())
        .bind(ends.map_or(0, |ends| ends.at))
        .bind(ends.and_then(|ends| ends.then).map(Role::as_str).unwrap_or_default())
        .execute(db)
        .await?;
    Ok(())
}

pub async fn delete(db: &mut Connection, organization: &OrganizationId, user: &UserId) -> Result<()> {
    super::resources::forget_subject(db, organization, "member", user.as_str()).await?;
    sqlx::query("DELETE FROM memberships WHERE organization_id = $1 AND user_id = $2")
        .bind(organization.as_str())
        .bind(user.as_str())
        .execute(db)
        .await?;
    Ok(())
}

/// Organizations with an end that is due, of a role or of a grant.
pub async fn organizations_with_ends(db: &mut Connection, now: Timestamp) -> Result<Vec<OrganizationId>> {
    let rows = sqlx::query(
        "SELECT organization_id FROM memberships WHERE ends_at > 0 AND ends_at <= $1
         UNION SELECT organization_id FROM space_members WHERE ends_at > 0 AND ends_at <= $1",
    )
    .bind(now)
    .fetch_all(db)
    .await?;
    let id = |row: &AnyRow| {
        OrganizationId::parse(&row.try_get::<String, _>("organization_id")?).ok_or_else(|| broken("organization_id"))
    };
    rows.iter().map(id).collect()
}

/// Members of an organization whose role has ended.
pub async fn ended(db: &mut Connection, organization: &OrganizationId, now: Timestamp) -> Result<Vec<Member>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM memberships m JOIN users u ON u.id = m.user_id
         WHERE m.organization_id = $1 AND m.ends_at > 0 AND m.ends_at <= $2 ORDER BY m.ends_at, m.user_id"
    );
    let rows = sqlx::query(&sql).bind(organization.as_str()).bind(now).fetch_all(db).await?;
    rows.iter().map(member).collect()
}
