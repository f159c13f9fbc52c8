//! What the viewer may do in this organization, in words, each with the way to where it is done.

use crate::i18n::label;
use crate::paths;
use crate::session::Session;
use crate::shell::manage::ManagePages;
use crate::shell::role::permission_key;
use crate::ui::icon::Icon;
use leptos::prelude::*;
use pulze_contract::{OrganizationId, Permission};

/// Where somebody does what a permission lets them do.
fn place(permission: Permission, id: &OrganizationId) -> String {
    match permission {
        Permission::OrganizationRead => paths::overview(id),
        Permission::OrganizationManage
        | Permission::OrganizationUpdate
        | Permission::OrganizationDelete
        | Permission::RoutersSetDefault => paths::general(id),
        Permission::MembersInvite => paths::invite(id),
        Permission::MembersRead | Permission::MembersUpdate | Permission::MembersRemove | Permission::MembersExport => {
            paths::manage(id, paths::MEMBERS)
        }
        Permission::SpacesRead | Permission::SpacesDelete => paths::manage(id, paths::SPACES),
        Permission::SpacesCreate => paths::new_space(id),
        Permission::SpacesUpdate => paths::space_access(id),
        Permission::ModelsRead | Permission::ModelsUpdate => paths::manage(id, paths::MODELS),
        Permission::RoutersRead | Permission::RoutersUpdate => paths::manage(id, paths::ROUTERS),
        Permission::RoutersCreate => paths::router(id, paths::NEW),
        Permission::AssistantsRead | Permission::AssistantsUpdate => paths::manage(id, paths::ASSISTANTS),
        Permission::ToolsRead | Permission::ToolsUpdate => paths::manage(id, paths::TOOLS),
        Permission::ApiKeysRead | Permission::ApiKeysRotate | Permission::ApiKeysRevoke => paths::manage(id, paths::API_KEYS),
        Permission::ApiKeysCreate => paths::api_key(id, paths::NEW),
        Permission::UsageRead => paths::manage(id, paths::USAGE),
        Permission::UsageReadOwn => paths::my_usage(id),
        // Programs report it.
        Permission::UsageImport => paths::API_DOCS.to_owned(),
    }
}

#[component]
pub fn Abilities() -> impl IntoView {
    let organization = Session::expect().organization();
    let pages: ManagePages = expect_context();
    let abilities = move || {
        let organization = organization.get()?;
        let held =
            |permission: &Permission| organization.permissions.contains(permission) && organization.plan.includes(*permission);
        let one = |permission: Permission| {
            let path = place(permission, &organization.id);
            // What lies beside the app is not the router's to go to.
            let beside = (path == paths::API_DOCS).then_some("external");
            let open = pages.open_to(&path, &organization.permissions);
            view! {
                <li>
                    <Icon name="check"/>
                    <a href=open.then_some(path) rel=beside data-permission=permission.as_str()>{label(permission_key(permission))}</a>
                </li>
            }
        };
        Some(Permission::ALL.iter().copied().filter(held).map(one).collect_view())
    };
    view! { <ul class="checks">{abilities}</ul> }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::MANAGE_PAGES;
    use pulze_contract::Role;

    /// Every set of permissions that a member can have.
    fn members() -> impl Iterator<Item = Vec<Permission>> {
        [false, true].into_iter().flat_map(|editors_may_invite| {
            Role::ALL.into_iter().map(move |role| {
                let held = |permission: &Permission| role.grants_in(editors_may_invite, *permission);
                Permission::ALL.iter().copied().filter(held).collect()
            })
        })
    }

    #[test]
    fn every_ability_leads_to_a_page_that_is_open_to_whoever_has_it() {
        let (id, pages) = (OrganizationId::from_digits("0190a1b2c3d4e5f60718293a4b5c6d7e"), ManagePages(MANAGE_PAGES));
        for permissions in members() {
            for permission in &permissions {
                let path = place(*permission, &id);
                assert!(pages.open_to(&path, &permissions), "{}: {path} of {permissions:?}", permission.as_str());
            }
        }
    }

    #[test]
    fn every_page_and_action_asks_for_a_permission_that_the_api_asks_for_too() {
        let id = OrganizationId::from_digits("0190a1b2c3d4e5f60718293a4b5c6d7e");
        let parts = ["", paths::NEW, paths::LEAK, paths::SPACE_ACCESS, paths::ACCESS_TEMPLATES, "something"];
        let pages = ManagePages(MANAGE_PAGES);
        for page in MANAGE_PAGES {
            for part in parts {
                assert!((page.needs)(part).permission().is_some(), "{}/{part}", page.slug);
            }
            for permissions in members() {
                for action in page.actions.iter().filter(|action| permissions.contains(&action.permission)) {
                    let path = (action.path)(&id);
                    assert!(pages.open_to(&path, &permissions), "{path} of {permissions:?}");
                }
            }
        }
    }
}
