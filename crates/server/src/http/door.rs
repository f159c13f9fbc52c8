//! What a request's head must be before anybody looks at the request: short enough, and for one host.

use super::answer::problem;
use super::call::RequestId;
use crate::error::Error;
use axum::extract::{ConnectInfo, Request};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, Version, header};
use axum::middleware::Next;
use axum::response::Response;
use pulze_contract::ProblemType;
use std::net::SocketAddr;

/// Longest request line and headers together, in bytes.
const HEAD_MAX: usize = 16 * 1024;

/// Put on requests of connections beyond the limit: only signs of life are answered there.
#[derive(Clone, Copy)]
pub struct Crowded;

/// Refuses what no request may look like.
pub async fn check(request: Request, next: Next) -> Response {
    match refusal(&request) {
        Some(error) => {
            let id = request.extensions().get::<RequestId>().map(|id| id.0.clone()).unwrap_or_default();
            problem(&error, &id)
        }
        None => next.run(request).await,
    }
}

fn refusal(request: &Request) -> Option<Error> {
    let extensions = request.extensions();
    if extensions.get::<Crowded>().is_some() && !matches!(request.uri().path(), "/healthz" | "/readyz") {
        return Some(Error::unavailable("There are too many connections."));
    }
    if head_length(request) > HEAD_MAX {
        return Some(ProblemType::HeadersTooLarge.into());
    }
    // What did not come over a connection was not addressed to a host.
    let by_connection = extensions.get::<ConnectInfo<SocketAddr>>().is_some();
    if by_connection && !names_one_host(request.headers(), request.version()) {
        return Some(Error::because(ProblemType::Malformed, "A request names its host, once, in `Host`."));
    }
    None
}

/// The head as it came, give or take some spaces.
fn head_length(request: &Request) -> usize {
    let line = request.method().as_str().len() + request.uri().path_and_query().map_or(0, |path| path.as_str().len());
    request.headers().iter().fold(line + 12, |length, (name, value)| length + name.as_str().len() + value.len() + 4)
}

/// RFC 9112, 3.2: none, two, or one that is no host are refused; the first version of HTTP had no such header.
fn names_one_host(headers: &HeaderMap, version: Version) -> bool {
    let mut hosts = headers.get_all(header::HOST).into_iter();
    let Some(host) = hosts.next() else { return version < Version::HTTP_11 };
    let host = host.to_str().ok().and_then(|host| host.parse::<Authority>().ok());
    hosts.next().is_none() && host.is_some_and(|host| !host.as_str().contains('@'))
}
