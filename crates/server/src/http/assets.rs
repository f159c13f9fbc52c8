//! The built app: every file in memory, with the compressed forms that the build prepared.

use super::call::{RequestId, text};
use super::unknown;
use crate::App;
use axum::Extension;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use pulze_contract::{ProblemType, page};
use std::collections::HashMap;
use std::path::Path;

/// The files of `dist/` by their path, `index.html` among them.
#[derive(Default)]
pub struct Assets {
    files: HashMap<String, Bytes>,
}

#[cfg(feature = "embedded-app")]
#[derive(rust_embed::RustEmbed)]
#[folder = "../../dist"]
struct Embedded;

impl Assets {
    /// Reads a built app from its folder.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn from_folder(folder: &Path) -> std::io::Result<Self> {
        let mut assets = Self::default();
        let mut folders = vec![folder.to_path_buf()];
        while let Some(current) = folders.pop() {
            for entry in std::fs::read_dir(&current)? {
                let path = entry?.path();
                if path.is_dir() {
                    folders.push(path);
                } else if let Ok(name) = path.strip_prefix(folder) {
                    assets.files.insert(format!("/{}", name.to_string_lossy()), std::fs::read(&path)?.into());
                }
            }
        }
        Ok(assets)
    }

    /// The app inside the binary, if it was built with one.
    pub fn embedded() -> Self {
        #[cfg(feature = "embedded-app")]
        let files = Embedded::iter()
            .filter_map(|name| Some((format!("/{name}"), Bytes::from(Embedded::get(&name)?.data.into_owned()))))
            .collect();
        #[cfg(not(feature = "embedded-app"))]
        let files = HashMap::new();
        Self { files }
    }

    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }
}

/// Serves a file, or the app's page. Which address gets what:
///
/// - a file of the app: the file;
/// - a page of the app ([`page::is_page`]): the page, which the app fills;
/// - another address that a browser goes to (it accepts `text/html`) and that could be a page's: the page with 404, so
///   that people read "not found" in their language;
/// - everything else, and names with a full stop (`/wp-login.php`, `/.env`): a problem document with 404.
pub async fn serve(
    State(app): State<App>,
    Extension(request_id): Extension<RequestId>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    if method != Method::GET && method != Method::HEAD {
        let mut response = unknown::method(Extension(request_id), method).await;
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET,HEAD"));
        return response;
    }
    let path = uri.path();
    let folder_page = format!("{}/index.html", path.trim_end_matches('/'));
    let accepts_page = || text(&headers, "accept").is_some_and(|accepted| accepted.to_ascii_lowercase().contains("text/html"));
    let (name, status) = if app.assets.files.contains_key(path) {
        (path, StatusCode::OK)
    } else if app.assets.files.contains_key(&folder_page) {
        (folder_page.as_str(), StatusCode::OK)
    } else if page::is_page(path) {
        ("/index.html", StatusCode::OK)
    } else if !path.contains('.') && accepts_page() {
        ("/index.html", StatusCode::NOT_FOUND)
    } else {
        return super::answer::problem(&ProblemType::NotFound.into(), &request_id.0);
    };
    let Some(plain) = app.assets.files.get(name) else {
        return (StatusCode::NOT_FOUND, "No app was built into this server; start it with --app dist.\n").into_response();
    };
    let accepted = text(&headers, "accept-encoding").unwrap_or_default();
    let compressed = [("br", ".br"), ("gzip", ".gz")]
        .into_iter()
        .filter(|(encoding, _)| accepted.split(',').any(|offer| offer.split(';').next().unwrap_or_default().trim() == *encoding))
        .find_map(|(encoding, ending)| Some((encoding, app.assets.files.get(&format!("{name}{ending}"))?)));
    let mut response = compressed.map_or(plain, |(_, bytes)| bytes).clone().into_response();
    *response.status_mut() = status;
    let out = response.headers_mut();
    out.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type(name)));
    out.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Some((encoding, _)) = compressed {
        out.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    // Names under /assets/ carry a hash of the content: what they name never changes.
    let cache = if name.starts_with("/assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    out.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    response
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "wasm" => "application/wasm",
        "svg" => "image/svg+xml",
        "json" => "application/json",
        "webmanifest" => "application/manifest+json",
        _ => "application/octet-stream",
    }
}
