//! What somebody can give to others in an organization: the one comparison of a grant with its granter.
//!
//! Every path that makes, renews, changes, hands out or answers a grant asks [`Granter::can_give`]: invitations and
//! their links, access templates, roles of members, roles in spaces.

use crate::space::SpaceGrant;
use crate::{Permission, Role, SpacePermission};

/// What is given to somebody: a role in the organization, roles in spaces, or both.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Grant {
    /// None where only roles in spaces are given.
    pub role: Option<Role>,
    pub spaces: Vec<SpaceGrant>,
}

impl Grant {
    /// A role in the organization, with these in spaces.
    pub fn new(role: Role, spaces: &[SpaceGrant]) -> Self {
        Self { role: Some(role), spaces: spaces.to_vec() }
    }

    /// A role in the organization alone.
    pub fn of_role(role: Role) -> Self {
        Self { role: Some(role), spaces: Vec::new() }
    }

    /// A role in one space alone.
    pub fn of_space(grant: SpaceGrant) -> Self {
        Self { role: None, spaces: vec![grant] }
    }
}

/// What somebody holds in an organization, as far as it can be passed on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Granter {
    pub role: Role,
    /// Their roles in spaces. An admin of the organization is admin of every space and needs none here.
    pub spaces: Vec<SpaceGrant>,
}

impl Granter {
    /// Whether the grant is no more than what its granter holds: a role no higher than their own, and roles in spaces
    /// whose members they can change.
    pub fn can_give(&self, grant: &Grant) -> bool {
        let everywhere = self.role.grants(Permission::SpacesUpdate);
        let can_give_in = |given: &SpaceGrant| {
            let own = self.spaces.iter().find(|own| own.space_id == given.space_id);
            own.is_some_and(|own| own.role.grants(SpacePermission::MembersUpdate) && given.role <= own.role)
        };
        grant.role.is_none_or(|role| role <= self.role) && (everywhere || grant.spaces.iter().all(can_give_in))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{SpaceId, SpaceRole};

    fn space(letter: char) -> SpaceId {
        SpaceId::from_digits(&letter.to_string().repeat(32))
    }

    /// Every combination of a role in each of two spaces, or none.
    fn grants() -> Vec<Vec<SpaceGrant>> {
        let one = |letter: char| {
            let some = SpaceRole::ALL.map(|role| vec![SpaceGrant { space_id: space(letter), role }]);
            std::iter::once(Vec::new()).chain(some)
        };
        one('a').flat_map(|first| one('b').map(move |second| [first.clone(), second].concat())).collect()
    }

    /// Whoever is given something can give nothing that their granter could not have given: no chain of grants ends higher
    /// than it began.
    #[test]
    fn no_chain_of_grants_ends_higher_than_it_began() {
        let holdings = || Role::ALL.into_iter().flat_map(|role| grants().into_iter().map(move |spaces| Granter { role, spaces }));
        for granter in holdings() {
            for given in holdings().filter(|given| granter.can_give(&Grant::new(given.role, &given.spaces))) {
                for next in holdings().filter(|next| given.can_give(&Grant::new(next.role, &next.spaces))) {
                    assert!(granter.can_give(&Grant::new(next.role, &next.spaces)), "{granter:?} → {given:?} → {next:?}");
                }
            }
        }
    }

    #[test]
    fn grants_by_example() {
        let admin_there = SpaceGrant { space_id: space('a'), role: SpaceRole::Admin };
        let editor = Granter { role: Role::Editor, spaces: vec![admin_there.clone()] };
        assert!(editor.can_give(&Grant::new(Role::Editor, std::slice::from_ref(&admin_there))));
        assert!(!editor.can_give(&Grant::of_role(Role::Admin)));
        assert!(!editor.can_give(&Grant::of_space(SpaceGrant { space_id: space('b'), role: SpaceRole::Viewer })));
        let works_there =
            Granter { role: Role::Editor, spaces: vec![SpaceGrant { role: SpaceRole::Editor, ..admin_there.clone() }] };
        assert!(!works_there.can_give(&Grant::of_space(SpaceGrant { role: SpaceRole::Viewer, ..admin_there.clone() })));
        let admin = Granter { role: Role::Admin, spaces: Vec::new() };
        assert!(admin.can_give(&Grant::new(Role::Admin, &[admin_there])));
    }
}
