//! Which role holds which permission: the one table that server, app, OpenAPI and tests read.

use crate::Role;
use serde::{Deserialize, Serialize};

macro_rules! permissions {
    ($($(#[$doc:meta])* $variant:ident = $name:literal from $role:ident,)*) => {
        /// A right within one organization, written `area:action`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        pub enum Permission {
            $($(#[$doc])* #[serde(rename = $name)] $variant,)*
        }

        impl Permission {
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name on the wire, `area:action`.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// The least role that holds this permission in every organization.
            pub fn least_role(self) -> Role {
                match self { $(Self::$variant => Role::$role,)* }
            }
        }
    };
}

/// By its name, out of the table: what serde would derive weighs two kilobytes more in the app.
impl<'de> Deserialize<'de> for Permission {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        crate::by_name(deserializer, Self::ALL, Self::as_str)
    }
}

// The table grows with the pages: a permission stands here once an operation or a page asks for it.
permissions! {
    /// See the organization: name, logo, identifier, counts.
    OrganizationRead = "organization:read" from Viewer,
    /// Enter Manage Organization.
    OrganizationManage = "organization:manage" from Admin,
    /// Change name, logo and reporting time zone.
    OrganizationUpdate = "organization:update" from Admin,
    /// Delete the organization and everything in it.
    OrganizationDelete = "organization:delete" from Admin,
    /// See who belongs to the organization.
    MembersRead = "members:read" from Viewer,
    /// Invite people.
    MembersInvite = "members:invite" from Admin,
    /// Change somebody's role.
    MembersUpdate = "members:update" from Admin,
    /// Take somebody out of the organization.
    MembersRemove = "members:remove" from Admin,
    /// Take the list of members away as a file.
    MembersExport = "members:export" from Admin,
    /// See the spaces that one can enter.
    SpacesRead = "spaces:read" from Viewer,
    /// Be admin of every space; whoever is admin of one changes that one.
    SpacesUpdate = "spaces:update" from Admin,
    /// Make a space.
    SpacesCreate = "spaces:create" from Editor,
    /// Delete a space; an editor only one where they are space admin.
    SpacesDelete = "spaces:delete" from Editor,
    /// See the models that there are, and which of them are enabled.
    ModelsRead = "models:read" from Viewer,
    /// Enable, disable and add models.
    ModelsUpdate = "models:update" from Admin,
    /// See the routers, the defaults, and how routers did.
    RoutersRead = "routers:read" from Viewer,
    /// Make routers.
    RoutersCreate = "routers:create" from Editor,
    /// Change the routers that the organization made, and put them away.
    RoutersUpdate = "routers:update" from Editor,
    /// See the assistants that one may see, and how they are used.
    AssistantsRead = "assistants:read" from Viewer,
    /// Make, change, enable and disable assistants.
    AssistantsUpdate = "assistants:update" from Admin,
    /// See the tools that one may see.
    ToolsRead = "tools:read" from Viewer,
    /// Configure, enable and disable tools.
    ToolsUpdate = "tools:update" from Admin,
    /// See the API keys, and how they are used.
    ApiKeysRead = "api_keys:read" from Admin,
    /// Make API keys, change them and hand them over.
    ApiKeysCreate = "api_keys:create" from Admin,
    /// Give API keys new secrets.
    ApiKeysRotate = "api_keys:rotate" from Admin,
    /// Disable, enable and revoke API keys.
    ApiKeysRevoke = "api_keys:revoke" from Admin,
    /// See what the whole organization used, and what it cost.
    UsageRead = "usage:read" from Admin,
    /// See what one used oneself.
    UsageReadOwn = "usage:read_own" from Viewer,
    /// Report what was used.
    UsageImport = "usage:import" from Admin,
    /// Set the defaults of the organization, and switch routers on and off.
    RoutersSetDefault = "routers:set_default" from Admin,
}

impl Role {
    /// Whether this role holds `permission`. Roles are ordered: a higher one holds all of a lower.
    pub fn grants(self, permission: Permission) -> bool {
        self >= permission.least_role()
    }

    /// Everything this role holds in every organization.
    pub fn permissions(self) -> impl Iterator<Item = Permission> {
        Permission::ALL.iter().copied().filter(move |permission| self.grants(*permission))
    }

    /// Whether this role holds `permission` in an organization that lets its editors invite, or does
    /// not (`permissions.md`, note at `members:invite`).
    pub fn grants_in(self, editors_may_invite: bool, permission: Permission) -> bool {
        let invites = editors_may_invite && permission == Permission::MembersInvite && self >= Role::Editor;
        invites || self.grants(permission)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `permissions.md`, written out again by hand so that a slip in the table shows.
    #[test]
    fn the_table_is_the_one_that_was_decided() {
        let names = |role: Role| role.permissions().map(Permission::as_str).collect::<Vec<_>>();
        assert_eq!(
            names(Role::Viewer),
            [
                "organization:read",
                "members:read",
                "spaces:read",
                "models:read",
                "routers:read",
                "assistants:read",
                "tools:read",
                "usage:read_own"
            ]
        );
        let editor = [
            "organization:read",
            "members:read",
            "spaces:read",
            "spaces:create",
            "spaces:delete",
            "models:read",
            "routers:read",
            "routers:create",
            "routers:update",
            "assistants:read",
            "tools:read",
            "usage:read_own",
        ];
        assert_eq!(names(Role::Editor), editor);
        assert_eq!(names(Role::Admin), Permission::ALL.iter().map(|p| p.as_str()).collect::<Vec<_>>());
    }
}
