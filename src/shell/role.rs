//! The words for a role: to show, never to decide by.

use crate::args;
use crate::i18n::{Key, relative, text, text_with};
use pulze_contract::member::RoleEnd;
use pulze_contract::{Permission, Role, SpaceRole};

pub fn role_key(role: Role) -> Key {
    match role {
        Role::Viewer => Key::RoleViewer,
        Role::Editor => Key::RoleEditor,
        Role::Admin => Key::RoleAdmin,
    }
}

pub fn space_role_key(role: SpaceRole) -> Key {
    match role {
        SpaceRole::Viewer => Key::RoleViewer,
        SpaceRole::Editor => Key::RoleEditor,
        SpaceRole::Admin => Key::RoleAdmin,
    }
}

/// When a role ends, and what it becomes.
pub fn ends_text(ends: RoleEnd) -> String {
    let when = relative(ends.at);
    match ends.then {
        Some(role) => text_with(Key::EndsThen, args!(when = when, role = text(role_key(role)))),
        None => text_with(Key::EndsWhen, args!(when = when)),
    }
}

/// What a role is for, in a sentence.
pub fn role_meaning(role: Role) -> Key {
    match role {
        Role::Viewer => Key::RoleViewerMeaning,
        Role::Editor => Key::RoleEditorMeaning,
        Role::Admin => Key::RoleAdminMeaning,
    }
}

pub fn space_role_meaning(role: SpaceRole) -> Key {
    match role {
        SpaceRole::Viewer => Key::SpaceViewerMeaning,
        SpaceRole::Editor => Key::SpaceEditorMeaning,
        SpaceRole::Admin => Key::SpaceAdminMeaning,
    }
}

/// What a permission lets somebody do, in a few words.
pub fn permission_key(permission: Permission) -> Key {
    match permission {
        Permission::OrganizationRead => Key::PermissionOrganizationRead,
        Permission::OrganizationManage => Key::PermissionOrganizationManage,
        Permission::OrganizationUpdate => Key::PermissionOrganizationUpdate,
        Permission::OrganizationDelete => Key::PermissionOrganizationDelete,
        Permission::MembersRead => Key::PermissionMembersRead,
        Permission::MembersUpdate => Key::PermissionMembersUpdate,
        Permission::MembersInvite => Key::PermissionMembersInvite,
        Permission::MembersRemove => Key::PermissionMembersRemove,
        Permission::MembersExport => Key::PermissionMembersExport,
        Permission::SpacesRead => Key::PermissionSpacesRead,
        Permission::SpacesUpdate => Key::PermissionSpacesUpdate,
        Permission::SpacesCreate => Key::PermissionSpacesCreate,
        Permission::SpacesDelete => Key::PermissionSpacesDelete,
        Permission::ModelsRead => Key::PermissionModelsRead,
        Permission::ModelsUpdate => Key::PermissionModelsUpdate,
        Permission::RoutersRead => Key::PermissionRoutersRead,
        Permission::RoutersCreate => Key::PermissionRoutersCreate,
        Permission::RoutersUpdate => Key::PermissionRoutersUpdate,
        Permission::AssistantsRead => Key::PermissionAssistantsRead,
        Permission::AssistantsUpdate => Key::PermissionAssistantsUpdate,
        Permission::ToolsRead => Key::PermissionToolsRead,
        Permission::ToolsUpdate => Key::PermissionToolsUpdate,
        Permission::ApiKeysRead => Key::PermissionApiKeysRead,
        Permission::ApiKeysCreate => Key::PermissionApiKeysCreate,
        Permission::ApiKeysRotate => Key::PermissionApiKeysRotate,
        Permission::ApiKeysRevoke => Key::PermissionApiKeysRevoke,
        Permission::UsageRead => Key::PermissionUsageRead,
        Permission::UsageReadOwn => Key::PermissionUsageReadOwn,
        Permission::UsageImport => Key::PermissionUsageImport,
        Permission::RoutersSetDefault => Key::PermissionRoutersSetDefault,
    }
}
