//! HTTP: every operation of the contract becomes a route, and every request passes the same gates.

pub mod answer;
pub mod assets;
pub mod body;
pub mod call;
pub mod clean;
pub mod client_address;
pub mod connections;
pub mod docs;
mod door;
pub mod entity_tag;
pub mod json;
pub mod media;
pub mod openapi;
pub mod operations;
mod otlp;
pub mod security;
mod unknown;

use crate::App;
use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{Method, StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::{MethodRouter, any, get, on, post};
use body::Unread;
use pulze_contract::Operation;
use pulze_contract::operation::{API_ROOT, Method as ContractMethod};
use std::collections::BTreeMap;

/// Longest body of what is no operation, in bytes: reports of browsers.
const REPORT_MAX: usize = 16 * 1024;

/// The whole server. The routes are made from the operation table and answered by one exhaustive
/// `match` in [`operations`]: a route without an operation, or the reverse, does not compile.
pub fn router(app: App) -> Router {
    let mut routes: BTreeMap<String, MethodRouter<App>> = BTreeMap::new();
    for &operation in Operation::ALL {
        let filter = match operation.method() {
            ContractMethod::Get => axum::routing::MethodFilter::GET,
            ContractMethod::Post => axum::routing::MethodFilter::POST,
            ContractMethod::Patch => axum::routing::MethodFilter::PATCH,
            ContractMethod::Delete => axum::routing::MethodFilter::DELETE,
        };
        let handler = move |State(app): State<App>, call: call::Incoming, body: Body| {
            operations::dispatch(app, operation, call, Unread::new(body, operation.body_max()))
        };
        let path = with_slashes(operation.path());
        let route = routes.remove(&path).unwrap_or_default();
        routes.insert(path, route.merge(on(filter, handler)));
    }
    let mut api = Router::new();
    for (path, route) in routes {
        api = api.route(&path, route);
    }
    let api = api.route("/openapi.json", get(openapi::document)).fallback(unknown::address);
    Router::new()
        .nest(API_ROOT, api)
        .route("/api", any(unknown::address))
        .route("/api/", any(unknown::address))
        .route("/api/{*rest}", any(unknown::address))
        .route("/api/docs", get(docs::page))
        .route("/api/docs/style.css", get(docs::style))
        .route("/images/{hash}", get(crate::logo::serve))
        .route(crate::auth::openid::CALLBACK, get(operations::provider_callback))
        .route("/healthz", get(|| async { StatusCode::NO_CONTENT }))
        .route("/readyz", get(ready))
        .route("/_reports", post(security::report))
        .fallback(assets::serve)
        .method_not_allowed_fallback(unknown::method)
        .layer(DefaultBodyLimit::max(REPORT_MAX))
        .layer(axum::middleware::from_fn(door::check))
        .layer(axum::middleware::from_fn_with_state(app.clone(), security::headers))
        .with_state(app)
}

/// A path whose last parameter may hold slashes, as the identifiers of models do: proxies decode `%2F` on the way.
fn with_slashes(path: &str) -> String {
    path.replace("{model_id}", "{*model_id}").replace("{resource_id}", "{*resource_id}")
}

async fn ready(State(app): State<App>, _method: Method) -> impl IntoResponse {
    match app.store.ping().await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "2")]).into_response(),
    }
}
