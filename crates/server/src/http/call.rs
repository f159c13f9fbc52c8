//! A request as the operations see it: raw at first, then with its caller and organization.

use super::clean;
use crate::App;
use crate::error::{Error, Result};
use axum::body::Bytes;
use axum::extract::{ConnectInfo, FromRequestParts, Path, Query};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use pulze_contract::ProblemType;
use std::collections::HashMap;
use std::convert::Infallible;
use std::net::SocketAddr;

/// What came over the wire.
pub struct Incoming {
    pub headers: HeaderMap,
    pub params: HashMap<String, String>,
    /// What follows the `?`.
    pub query: HashMap<String, String>,
    /// Empty until the caller is known: it is read then.
    pub body: Bytes,
    pub address: String,
    pub request_id: String,
}

/// Set by [`super::security::headers`] on every request.
#[derive(Clone)]
pub struct RequestId(pub String);

impl FromRequestParts<App> for Incoming {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        let request_id = parts.extensions.get::<RequestId>().map(|id| id.0.clone()).unwrap_or_default();
        let params = Path::from_request_parts(parts, app).await.map(|Path(params)| params).unwrap_or_default();
        let query = Query::try_from_uri(&parts.uri).map(|Query(query)| query).unwrap_or_default();
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip().to_string());
        let forwarded = app.config.client_address_header.as_deref().and_then(|name| text(&parts.headers, name));
        let forwarded = forwarded.and_then(|value| value.rsplit(',').next()).map(|value| value.trim().to_owned());
        let headers = parts.headers.clone();
        Ok(Self { headers, params, query, body: Bytes::new(), address: forwarded.or(peer).unwrap_or_default(), request_id })
    }
}

impl Incoming {
    /// What the address says is text that can be kept. Asked before anything else.
    ///
    /// # Errors
    /// `not-found` for a part of the path, `invalid` for a parameter.
    pub fn require_clean_address(&self) -> Result<()> {
        clean::require_path(&self.params)?;
        clean::require_query(&self.query)
    }

    /// The body as JSON; an unknown field is refused.
    ///
    /// # Errors
    /// `malformed`; `invalid` for text that cannot be kept.
    pub fn json<T: serde::de::DeserializeOwned>(&self) -> Result<T> {
        clean::require_json(self.json_bytes()?)?;
        serde_json::from_slice(self.json_bytes()?).map_err(|_| ProblemType::Malformed.into())
    }

    /// The body, if it is JSON; for batches, whose rows are looked at one by one.
    ///
    /// # Errors
    /// `malformed` for another kind.
    pub fn json_bytes(&self) -> Result<&[u8]> {
        let kind = text(&self.headers, header::CONTENT_TYPE.as_str());
        let is_json = kind.is_some_and(|kind| kind.starts_with("application/json"));
        if is_json { Ok(&self.body) } else { Err(ProblemType::Malformed.into()) }
    }

    /// The `Idempotency-Key`.
    ///
    /// # Errors
    /// `malformed` when it is missing, or not 8 to 64 letters, digits, `-` and `_`.
    pub fn idempotency_key(&self) -> Result<&str> {
        let valid = |key: &&str| {
            (8..=64).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        };
        text(&self.headers, "idempotency-key").filter(valid).ok_or_else(|| ProblemType::Malformed.into())
    }

    /// The version that `If-Match` names.
    ///
    /// # Errors
    /// `precondition-required` when it is missing, `malformed` when it is not one of our entity tags.
    pub fn if_match(&self) -> Result<i64> {
        let tag = text(&self.headers, header::IF_MATCH.as_str()).ok_or(Error::from(ProblemType::PreconditionRequired))?;
        let version = tag.strip_prefix('"').and_then(|tag| tag.strip_suffix('"')).and_then(|tag| tag.parse().ok());
        version.ok_or_else(|| ProblemType::Malformed.into())
    }

    /// A whole number of the query, if there is one of that name.
    pub fn number(&self, name: &str) -> Option<u32> {
        self.query.get(name).and_then(|text| text.parse().ok())
    }

    /// A cookie's value.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        let cookies = self.headers.get_all(header::COOKIE).into_iter().filter_map(|value| value.to_str().ok());
        cookies.flat_map(|line| line.split(';')).find_map(|pair| pair.trim().strip_prefix(name)?.strip_prefix('='))
    }

    /// The key that is brought in place of a session.
    pub fn bearer(&self) -> Option<&str> {
        text(&self.headers, header::AUTHORIZATION.as_str())?.strip_prefix("Bearer ").map(str::trim)
    }

    pub fn user_agent(&self) -> String {
        text(&self.headers, header::USER_AGENT.as_str()).unwrap_or_default().chars().take(300).collect()
    }
}

/// A header as text.
pub fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        super::answer::problem(&self, "")
    }
}
