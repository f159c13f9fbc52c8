//! Pictures that people name or upload: fetched once by this server, looked at by their content, cleaned, kept by
//! the hash of what is left, and served as data that can do nothing (OWASP, server-side request forgery and file upload).

use crate::App;
use crate::error::{Error, Fields, Result};
use crate::outbound;
use crate::store::{self, Tenant, images::Image};
use axum::extract::{Path, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use image::{DynamicImage, ImageFormat, ImageReader, Limits};
use pulze_contract::FieldError;
use pulze_contract::image::KeptImage;
use pulze_contract::validation::{self, IMAGE_MAX, IMAGES, LOGO_SIDE, Rule};
use sha2::{Digest, Sha256};
use std::io::Cursor;
use std::time::Duration;

/// For the whole of a fetch.
const FETCH: Duration = Duration::from_secs(5);
/// Memory that a decoder may take, in bytes: 1,800 × 1,800 pixels of eight bytes fit.
const DECODER_MAX: u64 = 64 * 1024 * 1024;
/// Of a JPEG that is written again.
const JPEG_QUALITY: u8 = 90;
/// What a cleaned SVG must not hold, whatever the cleaner thinks; in lower case.
const NEVER_IN_SVG: [&str; 11] = [
    "<script",
    "<foreignobject",
    "javascript:",
    "<iframe",
    "<!entity",
    "<!doctype",
    "@import",
    "<handler",
    " onload",
    "<set",
    "<animate",
];

/// A picture without anything that a picture does not need.
#[derive(Debug, PartialEq, Eq)]
pub struct Cleaned {
    pub content_type: &'static str,
    pub content: Vec<u8>,
    pub width: u32,
    pub height: u32,
}

/// Looks at the content, not at what somebody says that it is.
///
/// # Errors
/// Neither PNG nor JPEG nor SVG; too large; a side that is too short or too long.
pub fn clean(content: &[u8]) -> std::result::Result<Cleaned, Rule> {
    if content.len() > IMAGE_MAX {
        return Err(Rule::ImageTooLarge);
    }
    match image::guess_format(content) {
        Ok(format @ (ImageFormat::Png | ImageFormat::Jpeg)) => raster(content, format),
        Ok(_) => Err(Rule::ImageKind),
        Err(_) => svg(content),
    }
}

fn require_sides(width: u32, height: u32) -> std::result::Result<(), Rule> {
    if LOGO_SIDE.contains(&width) && LOGO_SIDE.contains(&height) { Ok(()) } else { Err(Rule::ImageSides) }
}

/// Decodes and encodes again: what is not pixels (metadata, trailing data) is gone afterwards.
fn raster(content: &[u8], format: ImageFormat) -> std::result::Result<Cleaned, Rule> {
    let mut limits = Limits::default();
    limits.max_alloc = Some(DECODER_MAX);
    let reader = || ImageReader::with_format(Cursor::new(content), format);
    // The sides first: a small file can claim to be huge.
    let (width, height) = reader().into_dimensions().map_err(|_| Rule::ImageKind)?;
    require_sides(width, height)?;
    let mut reader = reader();
    reader.limits(limits);
    let decoded = reader.decode().map_err(|_| Rule::ImageKind)?;
    let mut content = Cursor::new(Vec::new());
    let written = match format {
        ImageFormat::Jpeg => {
            let encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut content, JPEG_QUALITY);
            DynamicImage::ImageRgb8(decoded.to_rgb8()).write_with_encoder(encoder)
        }
        _ => decoded.write_to(&mut content, ImageFormat::Png),
    };
    written.map_err(|_| Rule::ImageKind)?;
    let content_type = if format == ImageFormat::Jpeg { "image/jpeg" } else { "image/png" };
    Ok(Cleaned { content_type, content: content.into_inner(), width, height })
}

fn svg(content: &[u8]) -> std::result::Result<Cleaned, Rule> {
    let text = std::str::from_utf8(content).map_err(|_| Rule::ImageKind)?;
    // Entities can make very much of very little; a drawing needs none.
    let start = text.trim_start_matches('\u{feff}').to_ascii_lowercase();
    if !start.contains("<svg") || start.contains("<!entity") {
        return Err(Rule::ImageKind);
    }
    let mut cleaned = Vec::new();
    svg_hush::Filter::new().filter(&mut Cursor::new(content), &mut cleaned).map_err(|_| Rule::ImageKind)?;
    let left = String::from_utf8(cleaned).map_err(|_| Rule::ImageKind)?;
    let lower = left.to_ascii_lowercase();
    // The names of its own vocabularies are the only addresses that a drawing has to hold.
    let elsewhere = lower.replace("http://www.w3.org/", "").contains("://");
    if elsewhere || NEVER_IN_SVG.iter().any(|never| lower.contains(never)) {
        return Err(Rule::ImageKind);
    }
    let (width, height) = svg_sides(&left).ok_or(Rule::ImageSides)?;
    require_sides(width, height)?;
    Ok(Cleaned { content_type: "image/svg+xml", content: left.into_bytes(), width, height })
}

/// The sides that a drawing gives itself, in pixels; without them, those of its view box.
fn svg_sides(text: &str) -> Option<(u32, u32)> {
    let root = text.find("<svg").and_then(|at| text.get(at..)?.split('>').next())?;
    let attribute = |name: &str| {
        let at = root.find(&format!(" {name}="))? + name.len() + 2;
        let quote = root.get(at..)?.chars().next().filter(|quote| *quote == '"' || *quote == '\'')?;
        root.get(at + 1..)?.split(quote).next()
    };
    let pixels = |text: &str| text.trim().trim_end_matches("px").parse::<f64>().ok().filter(|side| *side > 0.0 && *side < 1e6);
    let own = attribute("width").and_then(pixels).zip(attribute("height").and_then(pixels));
    let boxed = || {
        let parts: Vec<f64> = attribute("viewBox")?.split([' ', ',']).filter_map(|part| part.trim().parse().ok()).collect();
        let [_, _, width, height] = parts[..] else { return None };
        Some((width, height)).filter(|(width, height)| *width > 0.0 && *height > 0.0 && *width < 1e6 && *height < 1e6)
    };
    let (width, height) = own.or_else(boxed)?;
    // Checked to be positive and small.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let sides = (width.round() as u32, height.round() as u32);
    Some(sides)
}

/// Cleans on a thread for blocking work, and keeps what is left.
async fn keep(app: &App, tenant: Tenant, content: Vec<u8>, from: &str) -> Result<std::result::Result<KeptImage, Rule>> {
    let cleaned = tokio::task::spawn_blocking(move || clean(&content)).await;
    let cleaned = match cleaned.map_err(|error| Error::Internal(error.to_string()))? {
        Ok(cleaned) => cleaned,
        Err(rule) => return Ok(Err(rule)),
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
    Error::invalid(vec![FieldError { field: field.to_owned(), rule }])
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
        Ok(None) => return Err(refused(field, Rule::ImageTooLarge)),
        Err(_) => return Err(refused(field, Rule::ImageUnreachable)),
    };
    keep(app, tenant, content, &url).await?.map_err(|rule| refused(field, rule))
}

/// Keeps an uploaded picture.
///
/// # Errors
/// `invalid` at the field `file`.
pub async fn upload(app: &App, tenant: Tenant, content: &[u8]) -> Result<KeptImage> {
    keep(app, tenant, content.to_vec(), "").await?.map_err(|rule| refused("file", rule))
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
pub async fn serve(State(app): State<App>, Path(hash): Path<String>) -> Response {
    let found = match app.store.read().await {
        Ok(mut db) => store::images::find(&mut db, &hash).await,
        Err(error) => Err(error),
    };
    let image = match found {
        Ok(Some(image)) => image,
        Ok(None) => return StatusCode::NOT_FOUND.into_response(),
        Err(_) => return StatusCode::SERVICE_UNAVAILABLE.into_response(),
    };
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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut content = Cursor::new(Vec::new());
        DynamicImage::new_rgba8(width, height).write_to(&mut content, ImageFormat::Png).unwrap();
        content.into_inner()
    }

    #[test]
    fn pictures_are_known_by_content_and_measured() {
        let cleaned = clean(&png(120, 1800)).unwrap();
        assert_eq!((cleaned.content_type, cleaned.width, cleaned.height), ("image/png", 120, 1800));
        let mut jpeg = Cursor::new(Vec::new());
        DynamicImage::new_rgb8(200, 200).write_to(&mut jpeg, ImageFormat::Jpeg).unwrap();
        assert_eq!(clean(&jpeg.into_inner()).unwrap().content_type, "image/jpeg");
        for (width, height) in [(119, 200), (200, 1801), (1, 1)] {
            assert_eq!(clean(&png(width, height)), Err(Rule::ImageSides), "{width} × {height}");
        }
        assert_eq!(clean(b"GIF89a\x01\x00\x01\x00"), Err(Rule::ImageKind));
        assert_eq!(clean(b"<html><body>no</body></html>"), Err(Rule::ImageKind));
        assert_eq!(clean(&vec![0; IMAGE_MAX + 1]), Err(Rule::ImageTooLarge));
        // Cut off in the middle.
        let whole = png(300, 300);
        assert_eq!(clean(&whole[..whole.len() / 2]), Err(Rule::ImageKind));
    }

    #[test]
    fn what_is_not_pixels_is_gone() {
        let mut marked = png(150, 150);
        marked.extend_from_slice(b"<script>marker</script>");
        let cleaned = clean(&marked).unwrap();
        assert!(!String::from_utf8_lossy(&cleaned.content).contains("marker"));
    }

    #[test]
    fn a_file_that_claims_to_be_huge_is_not_decoded() {
        // The header of a PNG of 20,000 × 20,000 pixels.
        let mut huge = png(120, 120);
        huge[16..24].copy_from_slice(&[0, 0, 0x4e, 0x20, 0, 0, 0x4e, 0x20]);
        assert!(matches!(clean(&huge), Err(Rule::ImageSides | Rule::ImageKind)));
    }

    #[test]
    fn a_drawing_keeps_its_shapes_and_loses_what_acts() {
        let drawing = |inside: &str| {
            format!(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"200\" height=\"160\">{inside}<rect width=\"50\" height=\"50\" fill=\"#123456\"/></svg>"
            )
        };
        let plain = clean(drawing("").as_bytes()).unwrap();
        assert_eq!((plain.content_type, plain.width, plain.height), ("image/svg+xml", 200, 160));
        assert!(String::from_utf8_lossy(&plain.content).contains("#123456"));
        let hostile = [
            "<script>alert(1)</script>",
            "<script xlink:href=\"https://evil.example/x.js\"/>",
            "<SCRIPT>alert(1)</SCRIPT>",
            "<g onclick=\"alert(1)\" onload=\"alert(1)\"/>",
            "<foreignObject><body xmlns=\"http://www.w3.org/1999/xhtml\"><script>alert(1)</script></body></foreignObject>",
            "<a href=\"javascript:alert(1)\"><text>x</text></a>",
            "<a xlink:href=\"javascript:alert(1)\" xmlns:xlink=\"http://www.w3.org/1999/xlink\"><text>x</text></a>",
            "<use href=\"data:image/svg+xml;base64,PHN2Zz48c2NyaXB0PmFsZXJ0KDEpPC9zY3JpcHQ+PC9zdmc+#x\"/>",
            "<use href=\"https://evil.example/x.svg#y\"/>",
            "<image href=\"https://evil.example/pixel.png\"/>",
            "<style>@import url(https://evil.example/x.css);</style>",
            "<style>rect { fill: url(https://evil.example/pixel) }</style>",
            "<animate attributeName=\"href\" values=\"javascript:alert(1)\"/>",
            "<set attributeName=\"onmouseover\" to=\"alert(1)\"/>",
            "<iframe src=\"https://evil.example\"/>",
            "<handler type=\"application/ecmascript\">alert(1)</handler>",
        ];
        for inside in hostile {
            let Ok(cleaned) = clean(drawing(inside).as_bytes()) else { continue };
            let left = String::from_utf8_lossy(&cleaned.content).to_lowercase();
            for never in ["script", "alert", "evil.example", "javascript", "onclick", "onload", "foreignobject", "data:"] {
                assert!(!left.contains(never), "{inside} left {never}: {left}");
            }
        }
        let bomb =
            "<!DOCTYPE svg [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;\">]>".to_owned() + &drawing("<text>&b;</text>");
        assert_eq!(clean(bomb.as_bytes()), Err(Rule::ImageKind));
        assert_eq!(clean(drawing("").replace("width=\"200\"", "width=\"10\"").as_bytes()), Err(Rule::ImageSides));
        let boxed = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 300 150\"><circle r=\"9\"/></svg>";
        assert_eq!(clean(boxed.as_bytes()).map(|cleaned| (cleaned.width, cleaned.height)), Ok((300, 150)));
    }
}
