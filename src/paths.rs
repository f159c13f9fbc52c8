//! Every address that we link to.

use pulze_contract::usage::Dimension;
use pulze_contract::{InvitationId, OrganizationId, SpaceId, UserId};

pub const HOME: &str = "/";

/// Where the link of an invitation leads; its secret stands in the fragment.
pub const INVITATION: &str = "/invitation";

/// The documents of the API, beside the app.
pub const API_DOCS: &str = "/api/docs";

/// The mails of the installation.
pub const OUTBOX: &str = "/outbox";

/// The start page of an organization.
pub fn overview(id: &OrganizationId) -> String {
    format!("/o/{id}")
}

/// A page of Manage Organization, by its name in the address.
pub fn manage(id: &OrganizationId, slug: &str) -> String {
    format!("/o/{id}/manage/{slug}")
}

/// The names of the pages of Manage Organization in their addresses.
pub const GENERAL: &str = "general";
pub const MEMBERS: &str = "members";
pub const SPACES: &str = "spaces";
pub const SPACE_ACCESS: &str = "space-access";
pub const ACCESS_TEMPLATES: &str = "access-templates";
pub const MODELS: &str = "models";
pub const ROUTERS: &str = "routers";
pub const ASSISTANTS: &str = "assistants";
pub const TOOLS: &str = "tools";
pub const API_KEYS: &str = "api-keys";
pub const USAGE: &str = "usage";
/// A resource that is being made, in place of its identifier.
pub const NEW: &str = "new";

/// What to do with an API key that leaked, in place of its identifier.
pub const LEAK: &str = "leak";

/// Manage Organization → General.
pub fn general(id: &OrganizationId) -> String {
    manage(id, GENERAL)
}

/// Manage Organization → Members → one of them.
pub fn member(id: &OrganizationId, user: &UserId) -> String {
    format!("{}/{user}", manage(id, MEMBERS))
}

/// Manage Organization → Members, ready to invite.
pub fn invite(id: &OrganizationId) -> String {
    format!("{}?invite=true", manage(id, MEMBERS))
}

/// Manage Organization → Members → an invitation that was not accepted.
pub fn invitation(id: &OrganizationId, invitation: &InvitationId) -> String {
    format!("{}/{invitation}", manage(id, MEMBERS))
}

/// Manage Organization → Members → who has which role in which space.
pub fn space_access(id: &OrganizationId) -> String {
    format!("{}/{SPACE_ACCESS}", manage(id, MEMBERS))
}

/// Manage Organization → Members → access templates.
pub fn access_templates(id: &OrganizationId) -> String {
    format!("{}/{ACCESS_TEMPLATES}", manage(id, MEMBERS))
}

/// Manage Organization → Spaces, ready to make one.
pub fn new_space(id: &OrganizationId) -> String {
    format!("{}?new=true", manage(id, SPACES))
}

/// Manage Organization → Spaces → who is in one of them.
pub fn space(id: &OrganizationId, space: &SpaceId) -> String {
    format!("{}/{space}", manage(id, SPACES))
}

/// Manage Organization → Routers → one of them, or [`NEW`].
pub fn router(id: &OrganizationId, router: &str) -> String {
    format!("{}/{router}", manage(id, ROUTERS))
}

/// Manage Organization → Assistants → one of them, or [`NEW`].
pub fn assistant(id: &OrganizationId, assistant: &str) -> String {
    format!("{}/{assistant}", manage(id, ASSISTANTS))
}

/// Manage Organization → Tools → one of them, or [`NEW`].
pub fn tool(id: &OrganizationId, tool: &str) -> String {
    format!("{}/{tool}", manage(id, TOOLS))
}

/// Manage Organization → API keys → one of them, or [`NEW`].
pub fn api_key(id: &OrganizationId, key: &str) -> String {
    format!("{}/{key}", manage(id, API_KEYS))
}

/// One's own account.
pub const ACCOUNT: &str = "/account";

/// What the viewer used in an organization.
pub fn my_usage(id: &OrganizationId) -> String {
    format!("{}/{USAGE}", overview(id))
}

/// Manage Organization → Usage, of one member, assistant and so on, by model.
pub fn usage_of(id: &OrganizationId, dimension: Dimension, value: &str) -> String {
    let pairs = [("group", Dimension::Model.as_str().to_owned()), (dimension.as_str(), value.to_owned())];
    manage(id, USAGE) + &query(&pairs)
}

/// A text as one part of an address.
pub fn encode(text: &str) -> String {
    js_sys::encode_uri_component(text).into()
}

/// What follows the `?` of an address, with it; nothing for no parameters.
pub fn query(pairs: &[(&str, String)]) -> String {
    let pairs: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
    if pairs.is_empty() { String::new() } else { format!("?{}", pairs.join("&")) }
}

/// The organization that an address names.
pub fn organization_of(path: &str) -> Option<OrganizationId> {
    let rest = path.strip_prefix("/o/")?;
    OrganizationId::parse(rest.split('/').next()?)
}

/// Which page of Manage Organization an address names, and what follows that page's name.
pub fn managed(path: &str) -> Option<(&str, &str)> {
    let (_, page) = path.strip_prefix("/o/")?.split_once('/')?;
    let page = page.strip_prefix("manage/")?;
    let page = page.split(['?', '#']).next().unwrap_or_default();
    Some(page.split_once('/').unwrap_or((page, "")))
}

/// The same page of another organization.
pub fn same_page(path: &str, id: &OrganizationId) -> String {
    let page = path.strip_prefix("/o/").and_then(|rest| rest.split_once('/')).map_or("", |(_, page)| page);
    if page.is_empty() { overview(id) } else { format!("/o/{id}/{page}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_as_it_stands_in_the_address_bar() {
        let id = OrganizationId::from_digits("0190a1b2c3d4e5f60718293a4b5c6d7e");
        let other = OrganizationId::from_digits("ffffffffffffffffffffffffffffffff");
        assert_eq!(overview(&id), "/o/org_0190a1b2c3d4e5f60718293a4b5c6d7e");
        assert_eq!(general(&id), "/o/org_0190a1b2c3d4e5f60718293a4b5c6d7e/manage/general");
        assert_eq!(organization_of(&general(&id)), Some(id.clone()));
        assert_eq!(organization_of("/"), None);
        assert_eq!(organization_of("/o/nonsense"), None);
        assert_eq!(same_page(&general(&id), &other), general(&other));
        assert_eq!(same_page(&overview(&id), &other), overview(&other));
        assert_eq!(managed(&general(&id)), Some((GENERAL, "")));
        assert_eq!(managed(&space_access(&id)), Some((MEMBERS, SPACE_ACCESS)));
        assert_eq!(managed(&invite(&id)), Some((MEMBERS, "")));
        assert_eq!(managed(&overview(&id)), None);
    }
}
