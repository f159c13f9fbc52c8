//! A request as the operations see it: raw at first, then with its caller and organization.

use super::{clean, client_address, entity_tag, json, media};
use crate::App;
use crate::error::{Error, Result};
use crate::service::Seen;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, FromRequestParts, Path};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Uri, header};
use axum::response::Response;
use pulze_contract::ProblemType;
use std::collections::HashMap;
use std::net::SocketAddr;
use url::form_urlencoded;

/// What came over the wire.
#[derive(Default)]
pub struct Incoming {
    pub headers: HeaderMap,
    pub params: HashMap<String, String>,
    /// What follows the `?`.
    pub query: HashMap<String, String>,
    /// Empty until the caller is known: it is read then.
    pub body: Bytes,
    /// Where it comes from, in one form; empty where that cannot be known.
    pub address: String,
    pub request_id: String,
}

/// Set by [`super::security::headers`] on every request.
#[derive(Clone)]
pub struct RequestId(pub String);

impl FromRequestParts<App> for Incoming {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let request_id = parts.extensions.get::<RequestId>().map(|id| id.0.clone()).unwrap_or_default();
        let params = Path::from_request_parts(parts, app).await.map(|Path(params)| params).unwrap_or_default();
        let query = query(&parts.uri).map_err(|error| super::answer::problem(&error, &request_id))?;
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
        let address = client_address::find(&parts.headers, app.config.client_address_header.as_deref(), peer);
        let address = address.map(|address| address.to_string()).unwrap_or_default();
        Ok(Self { headers: parts.headers.clone(), params, query, body: Bytes::new(), address, request_id })
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
    /// `malformed`, `unsupported-media-type`; `invalid` for text that cannot be kept.
    pub fn json<T: serde::de::DeserializeOwned>(&self) -> Result<T> {
        let body = self.declared_json()?;
        clean::require_json(body)?;
        json::read(body)
    }

    /// The body, if it is JSON; for batches, whose rows are looked at one by one.
    ///
    /// # Errors
    /// `malformed`, `unsupported-media-type`.
    pub fn json_bytes(&self) -> Result<&[u8]> {
        let body = self.declared_json()?;
        json::require_unique_names(body)?;
        Ok(body)
    }

    fn declared_json(&self) -> Result<&[u8]> {
        if self.body.is_empty() {
            return Err(Error::because(ProblemType::Malformed, "The request needs a body in JSON."));
        }
        media::require_json(&self.headers)?;
        Ok(&self.body)
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

    /// The versions that `If-Match` names.
    ///
    /// # Errors
    /// `precondition-required` when it is missing, `malformed` when it is no list of entity tags.
    pub fn if_match(&self) -> Result<Seen> {
        entity_tag::if_match(&self.headers)
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

    /// The key that is brought in place of a session. Another scheme is none of ours: a proxy may have its own.
    ///
    /// # Errors
    /// `malformed` for a key beside a session: the two may be different people.
    pub fn bearer(&self, session_cookie: &str) -> Result<Option<&str>> {
        let Some(credentials) = media::single(&self.headers, &header::AUTHORIZATION)? else { return Ok(None) };
        let (scheme, key) = credentials.split_once(' ').unwrap_or((credentials, ""));
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Ok(None);
        }
        if self.cookie(session_cookie).is_some() {
            let detail = "Send either an API key or the cookie of a session, not both.";
            return Err(Error::because(ProblemType::Malformed, detail));
        }
        Ok(Some(key.trim()))
    }

    pub fn user_agent(&self) -> String {
        text(&self.headers, header::USER_AGENT.as_str()).unwrap_or_default().chars().take(300).collect()
    }
}

/// A header as text.
pub fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// What follows the `?`. A name that comes twice is refused, as it is in JSON.
fn query(uri: &Uri) -> Result<HashMap<String, String>> {
    let mut query = HashMap::new();
    for (name, value) in form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()) {
        if let Some(_before) = query.insert(name.to_string(), value.into_owned()) {
            let name: String = name.chars().take(100).collect();
            return Err(Error::because(ProblemType::Malformed, format!("The parameter {name:?} comes twice.")));
        }
    }
    Ok(query)
}
