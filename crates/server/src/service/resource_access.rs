//! Who may do what with one resource: shown with where it comes from, given and taken away.

use super::resources::{Reach, Resources};
use super::settings::{Settings, apply};
use super::{Member as Caller, members::lock, members::require_distinct_up_to};
use crate::error::{Fields, Result};
use crate::store::{self, Store};
use pulze_contract::availability::Changed;
use pulze_contract::resource::{
    Audience, GRANTS_MAX, Grant, MemberLevel, ResourceAccess, ResourceAccessUpdate, RoleLevel, SpaceLevel, Subject, reached,
};
use pulze_contract::validation::Rule;
use pulze_contract::{Level, Permission, ResourceKind, Role, UserId};
use std::collections::HashSet;

/// # Errors
/// `not-found`, `forbidden`.
pub async fn read(store: &Store, caller: &Caller, kind: ResourceKind, id: &str) -> Result<ResourceAccess> {
    let mut db = store.read().await?;
    let resources = Resources::read(&mut db, &caller.organization).await?;
    let reach = Reach::read(&mut db, caller, caller.role).await?;
    resources.require(&reach, kind, id, Level::Admin)?;
    let grants = resources.grants(kind, id);
    let said = resources.said(kind, id);
    let given = |subject: &Subject| said.iter().find(|grant| grant.subject == *subject).map(|grant| grant.level);
    let nobody = UserId::from_digits("");
    let role = |role: Role| RoleLevel {
        role,
        given: given(&Subject::Role(role)),
        reached: reached(kind, &nobody, role, |_| false, &grants),
    };
    let mut spaces = Vec::new();
    for space in resources.spaces.iter().filter(|space| reach.enters(&space.space_id)) {
        let given = given(&Subject::Space(space.space_id.clone()));
        spaces.extend(given.map(|given| SpaceLevel { space_id: space.space_id.clone(), name: space.name.clone(), given }));
    }
    let mut members = Vec::new();
    for grant in &grants {
        let Subject::Member(user) = &grant.subject else { continue };
        if members.iter().any(|member: &MemberLevel| member.user_id == *user) {
            continue;
        }
        // An owner who left has a level, but nobody has it.
        let Some(member) = store::members::find(&mut db, &caller.organization, user).await? else { continue };
        let eyes = super::spaces::eyes(user, member.role);
        let entered = store::spaces::list(&mut db, &caller.organization, &eyes).await?;
        let enters = |space: &pulze_contract::SpaceId| entered.iter().any(|entered| entered.id == *space);
        members.push(MemberLevel {
            user_id: user.clone(),
            name: member.name,
            email: member.email,
            given: given(&grant.subject),
            reached: reached(kind, user, member.role, enters, &grants),
        });
    }
    members.sort_by_key(|member| crate::store::search_text(&member.name));
    Ok(ResourceAccess {
        kind,
        id: id.to_owned(),
        name: resources.name_of(kind, id),
        audience: Audience::of(kind, &grants),
        roles: Role::ALL.into_iter().map(role).collect(),
        spaces,
        members,
    })
}

/// Gives levels and takes them away, all or none.
///
/// # Errors
/// `not-found`, `forbidden`; `invalid` for a level that does not fit, or somebody who is not there.
pub async fn update(store: &Store, caller: &Caller, kind: ResourceKind, id: &str, body: ResourceAccessUpdate) -> Result<Changed> {
    require_distinct_up_to(GRANTS_MAX, body.changes.iter().map(|change| &change.subject))?;
    let mut change = store.change(&caller.organization).await?;
    let role = lock(&mut change, caller, Permission::OrganizationRead).await?;
    let resources = Resources::read(&mut change, &caller.organization).await?;
    let reach = Reach::read(&mut change, caller, role).await?;
    resources.require(&reach, kind, id, Level::Admin)?;
    let mut fields = Fields::default();
    let mut grants = resources.said(kind, id).to_vec();
    let spaces: HashSet<_> = resources.spaces.iter().map(|space| &space.space_id).collect();
    for said in body.changes {
        let there = match &said.subject {
            Subject::Role(_) => Ok(()),
            Subject::Space(space) if spaces.contains(space) && reach.enters(space) => Ok(()),
            Subject::Space(_) => Err(Rule::SpaceUnknown),
            Subject::Member(user) => {
                let standing = store::members::standing(&mut change, &caller.organization, user).await?;
                standing.map(|_| ()).ok_or(Rule::NotAMember)
            }
        };
        fields.check("changes", there);
        grants.retain(|grant| grant.subject != said.subject);
        if let Some(level) = said.level {
            let grant = Grant { subject: said.subject, level };
            fields.check("changes", if grant.fits() { Ok(()) } else { Err(Rule::LevelUnfit) });
            grants.push(grant);
        }
    }
    fields.check("changes", if grants.len() <= GRANTS_MAX { Ok(()) } else { Err(Rule::TooMany) });
    fields.finish()?;
    // The order in which they are read.
    grants.sort_by(|one, other| order(one).cmp(&order(other)));
    let after = Settings { grants: vec![(kind, id.to_owned(), grants)], ..Settings::default() };
    let answer = apply(&mut change, caller, &resources, "resource_access_update", &after).await?;
    change.commit().await?;
    Ok(answer)
}

fn order(grant: &Grant) -> (&'static str, &str) {
    match &grant.subject {
        Subject::Role(role) => ("role", role.as_str()),
        Subject::Space(space) => ("space", space.as_str()),
        Subject::Member(user) => ("member", user.as_str()),
    }
}
