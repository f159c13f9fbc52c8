//! The words for a role: to show, never to decide by.

use crate::i18n::Key;
use pulze_contract::Role;

pub fn role_key(role: Role) -> Key {
    match role {
        Role::Viewer => Key::RoleViewer,
        Role::Editor => Key::RoleEditor,
        Role::Admin => Key::RoleAdmin,
    }
}
