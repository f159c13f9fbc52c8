//! The addresses of the app's pages. The server answers with the page for these, and only for these with success.

use crate::OrganizationId;

/// The routes of the app, as its route tree spells them: `:name` stands for one part, `*name` for any number of parts.
pub const ROUTES: [&str; 8] = [
    "",
    "invitation",
    "verify",
    "account",
    "outbox",
    "o/:organization_id",
    "o/:organization_id/usage",
    "o/:organization_id/manage/:page/*rest",
];

/// Whether the app has a page at a path. A slash at the end does not matter, as it does not to the app.
pub fn is_page(path: &str) -> bool {
    if path.contains("//") {
        return false;
    }
    let path = path.strip_prefix('/').unwrap_or(path);
    let path = path.strip_suffix('/').unwrap_or(path);
    // No name that we give begins with a full stop; what looks for hidden files does.
    !path.split('/').any(|part| part.starts_with('.')) && ROUTES.iter().any(|route| fits(route, path))
}

fn fits(route: &str, path: &str) -> bool {
    let mut parts = path.split('/');
    for wanted in route.split('/') {
        if wanted.starts_with('*') {
            return parts.all(|part| !part.is_empty());
        }
        let Some(part) = parts.next() else { return false };
        let fit = match wanted.strip_prefix(':') {
            Some("organization_id") => OrganizationId::parse(part).is_some(),
            Some(_) => !part.is_empty(),
            None => part == wanted,
        };
        if !fit {
            return false;
        }
    }
    parts.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_by_example() {
        let home = "/o/org_0190a1b2c3d4e5f60718293a4b5c6d7e";
        for page in ["/", "/account", "/account/", "/invitation", "/verify", "/outbox"] {
            assert!(is_page(page), "{page}");
        }
        for rest in ["", "/usage", "/manage/general", "/manage/routers/pulze-v1.0", "/manage/members/a/b", "/manage/models/"] {
            assert!(is_page(&format!("{home}{rest}")), "{rest}");
        }
        for other in ["/x", "/wp-login.php", "/.git/config", "/o", "/o/x", "/account/x", "//", "/index.php", "/o/.git/usage"] {
            assert!(!is_page(other), "{other}");
        }
        for rest in ["/manage", "/usage/x", "/other", "/manage/.env", "/manage/x/../y", "//usage"] {
            assert!(!is_page(&format!("{home}{rest}")), "{rest}");
        }
    }
}
