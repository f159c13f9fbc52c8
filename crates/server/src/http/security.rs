//! What keeps other sites and scripts out: headers, the cookie, and the refusal of foreign requests.

use super::call::{RequestId, text};
use crate::App;
use crate::config::Config;
use crate::error::Result;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use pulze_contract::ProblemType;
use pulze_contract::operation::Method;

/// One policy for every answer. No inline script or style, no HTML sink (Trusted Types with no
/// policy allowed). Pictures are kept and served here, so no page asks another site for anything.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
    img-src 'self'; font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; \
    frame-ancestors 'none'; object-src 'none'; require-trusted-types-for 'script'; trusted-types 'none'; \
    report-uri /_reports; report-to csp";

const FIXED: [(&str, &str); 8] = [
    ("content-security-policy", CONTENT_SECURITY_POLICY),
    ("reporting-endpoints", "csp=\"/_reports\""),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    ("x-frame-options", "DENY"),
];

/// Gives every request an id and every answer its headers.
pub async fn headers(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let request_id = crate::new_digits();
    request.extensions_mut().insert(RequestId(request_id.clone()));
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in FIXED {
        // What is served as data has a stricter policy of its own.
        if name != "content-security-policy" || !headers.contains_key(name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
    if app.config.secure() {
        headers.insert("strict-transport-security", HeaderValue::from_static("max-age=63072000; includeSubDomains"));
    }
    if !headers.contains_key("cache-control") {
        headers.insert("cache-control", HeaderValue::from_static("no-store"));
    }
    if let Ok(id) = HeaderValue::from_str(&request_id) {
        headers.insert("x-request-id", id);
    }
    response
}

/// Refuses changes that another site's page sends: by `Sec-Fetch-Site`, and by `Origin` where a
/// browser does not send that. A request with neither is no browser's, so no cookie was lured out.
///
/// # Errors
/// `cross-origin`.
pub fn refuse_other_sites(config: &Config, method: Method, headers: &HeaderMap) -> Result<()> {
    if method == Method::Get {
        return Ok(());
    }
    let allowed = match text(headers, "sec-fetch-site") {
        Some(site) => matches!(site, "same-origin" | "none"),
        None => text(headers, "origin").is_none_or(|origin| is_ours(config, headers, origin)),
    };
    if allowed { Ok(()) } else { Err(ProblemType::CrossOrigin.into()) }
}

fn is_ours(config: &Config, headers: &HeaderMap, origin: &str) -> bool {
    let by_address = config.public_url.as_deref().is_some_and(|url| url == origin);
    let by_host = origin.split_once("://").is_some_and(|(_, host)| text(headers, "host") == Some(host));
    by_address || by_host
}

/// A cookie that scripts cannot read; no value ends it.
fn set_cookie(config: &Config, name: &str, value: &str, seconds: u64) -> String {
    let secure = if config.secure() { "; Secure" } else { "" };
    format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}")
}

/// The session cookie; no token ends it.
pub fn cookie(config: &Config, token: &str, seconds: u64) -> String {
    set_cookie(config, config.cookie_name(), token, seconds)
}

/// The cookie that binds a sign-in by a provider to this browser.
pub fn sign_in_cookie(config: &Config, secret: &str, seconds: u64) -> String {
    set_cookie(config, config.sign_in_cookie_name(), secret, seconds)
}

/// Takes the browsers' reports of refused content into the log.
pub async fn report(body: Bytes) -> StatusCode {
    let text = String::from_utf8_lossy(&body);
    tracing::warn!(report = %text.chars().take(2000).collect::<String>(), "content security policy");
    StatusCode::NO_CONTENT
}
