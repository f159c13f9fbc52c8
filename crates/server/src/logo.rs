//! Pictures that people name or upload: fetched once by this server, looked at by their content, cleaned, kept by
//! the hash of what is left, and served as data that can do nothing (OWASP, server-side request forgery and file upload).

use crate::App;
use crate::error::{Error, Fields, Result};
use crate::http::answer::problem;
use crate::http::call::RequestId;
use crate::outbound;
use crate::store::{self, Tenant, images::Image};
use axum::Extension;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use clean::{Refused, clean};
use pulze_contract::image::{Finding, ImageFound, KeptImage};
use pulze_contract::validation::{self, IMAGE_MAX, IMAGES, Rule};
use pulze_contract::{FieldError, ProblemType};
use sha2::{Digest, Sha256};
use std::time::Duration;

mod clean;

/// For the whole of a fetch.
const FETCH: Duration = Duration::from_secs(5);
/// Cleans on a thread for blocking work, and keeps what is left.
async fn keep(app: &App, tenant: Tenant, content: Vec<u8>, from: &str) -> Result<std::result::Result<KeptImage, Refused>> {
    let cleaned = tokio::task::spawn_blocking(move || clean(&content)).await;
    let cleaned = match cleaned.map_err(|error| Error::Internal(error.to_string()))? {
        Ok(cleaned) => cleaned,
        Err(found) => return Ok(Err(found)),
    };
    let hash = crate::auth::token::hex(&Sha256::digest(&cleaned.content));
    let image = Image {
        hash: hash.clone(),
        content_type: cleaned.content_type.to_owned(),
        content: STANDARD.encode(&cleaned.content),
        width: i64::from(cleaned.width),
        height: i64::from(cleaned.height),
    };
    let mut change = app.store.change(tenant).await?;
    store::images::put(&mut change, &image, crate::now()).await?;
    change.commit().await?;
    let from: String = url::form_urlencoded::byte_serialize(from.as_bytes()).collect();
    let url = if from.is_empty() { format!("{IMAGES}{hash}") } else { format!("{IMAGES}{hash}?from={from}") };
    Ok(Ok(KeptImage { url, width: cleaned.width, height: cleaned.height }))
}

fn refused(field: &str, rule: Rule) -> Error {
    Error::invalid(vec![FieldError::new(field, rule)])
}

/// Says what was found in place of a picture.
fn unfit(field: &str, found: Refused) -> Error {
    Error::invalid(vec![FieldError { found: Some(found.clone()), ..FieldError::new(field, found.rule()) }])
}

/// Fetches the picture at an address and keeps it. What the address answered otherwise is never told.
///
/// # Errors
/// `invalid` at the field.
pub async fn fetch(app: &App, tenant: Tenant, field: &str, url: &str) -> Result<KeptImage> {
    let allow_private = app.config.allow_private_endpoints;
    let mut fields = Fields::default();
    let checked = if allow_private { validation::endpoint(url).map(Some) } else { validation::logo_url(url) };
    let url = fields.check(field, checked.and_then(|url| url.ok_or(Rule::Required)));
    fields.finish()?;
    let content = match outbound::read(&url, allow_private, FETCH, IMAGE_MAX).await {
        Ok(Some(content)) => content,
        // How long it is nobody knows: it was not read to its end.
        Ok(None) => return Err(unfit(field, Box::new(ImageFound::new(Finding::Bytes)))),
        Err(_) => return Err(refused(field, Rule::ImageUnreachable)),
    };
    keep(app, tenant, content, &url).await?.map_err(|found| unfit(field, found))
}

/// Keeps an uploaded picture.
///
/// # Errors
/// `invalid` at the field `file`.
pub async fn upload(app: &App, tenant: Tenant, content: &[u8]) -> Result<KeptImage> {
    keep(app, tenant, content.to_vec(), "").await?.map_err(|found| unfit("file", found))
}

/// What is kept as a logo for what was typed: nothing, a picture that is kept already, or the one at the address.
///
/// # Errors
/// `invalid` at the field.
pub async fn take(app: &App, tenant: Tenant, field: &str, typed: &str) -> Result<String> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Ok(String::new());
    }
    if let Some(hash) = validation::kept_image(typed) {
        let known = store::images::find(&mut *app.store.read().await?, hash).await?;
        return if known.is_some() { Ok(typed.to_owned()) } else { Err(refused(field, Rule::ImageUnreachable)) };
    }
    Ok(fetch(app, tenant, field, typed).await?.url)
}

/// `GET /images/{hash}`: as data, whatever opens it.
pub async fn serve(
    State(app): State<App>,
    Extension(request_id): Extension<RequestId>,
    path: Result<Path<String>, PathRejection>,
) -> Response {
    match kept(&app, path.as_deref().map_or("", String::as_str)).await {
        Ok(image) => as_data(image),
        Err(error) => problem(&error, &request_id.0),
    }
}

async fn kept(app: &App, hash: &str) -> Result<Image> {
    store::images::find(&mut *app.store.read().await?, hash).await?.ok_or_else(|| ProblemType::NotFound.into())
}

fn as_data(image: Image) -> Response {
    let content = STANDARD.decode(image.content).unwrap_or_default();
    let mut response = content.into_response();
    let headers = response.headers_mut();
    let ending = image.content_type.rsplit('/').next().unwrap_or_default().split('+').next().unwrap_or_default().to_owned();
    let values: [(HeaderName, String); 5] = [
        (header::CONTENT_TYPE, image.content_type),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; style-src 'unsafe-inline'; sandbox".to_owned()),
        (header::CONTENT_DISPOSITION, format!("inline; filename=\"{}.{ending}\"", image.hash.get(..12).unwrap_or("image"))),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable".to_owned()),
        (header::ETAG, format!("\"{}\"", image.hash)),
    ];
    for (name, value) in values {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(name, value);
        }
    }
    response
}
