//! What a file is that is no picture of ours.

use pulze_contract::image::{Finding, ImageFound};

/// Bytes at the beginning that are looked at.
const HEAD: usize = 1024;

/// The beginning as text in lower case, without what may stand before the first character.
fn head(content: &[u8]) -> String {
    let head = String::from_utf8_lossy(content.get(..HEAD).unwrap_or(content)).to_ascii_lowercase();
    head.trim_start_matches('\u{feff}').trim_start().to_owned()
}

/// Whether XML may begin like this, in UTF-8 or UTF-16.
pub(super) fn is_markup(content: &[u8]) -> bool {
    let wide = content.starts_with(&[0xff, 0xfe]) || content.starts_with(&[0xfe, 0xff]);
    wide || (head(content).starts_with('<') && !is_page(content))
}

fn is_page(content: &[u8]) -> bool {
    let head = head(content);
    ["<!doctype html", "<html", "<head", "<body"].iter().any(|start| head.starts_with(start))
}

/// What a file is. Formats are known by their first bytes.
pub(super) fn of(content: &[u8]) -> ImageFound {
    let text = || std::str::from_utf8(content).is_ok_and(|text| !text.contains('\0'));
    match infer::get(content).map(|kind| kind.extension()) {
        _ if content.is_empty() => ImageFound::new(Finding::Empty),
        _ if is_page(content) => ImageFound::new(Finding::WebPage),
        Some("xml" | "html" | "sh") => ImageFound::new(Finding::Text),
        Some(ending) => ImageFound::named(Finding::Format, name(ending)),
        None if text() => ImageFound::new(Finding::Text),
        None => ImageFound::new(Finding::Unknown),
    }
}

/// What people call a format.
fn name(ending: &str) -> String {
    match ending {
        "webp" => "WebP".to_owned(),
        "heif" => "HEIC".to_owned(),
        "tif" => "TIFF".to_owned(),
        "jxl" => "JPEG XL".to_owned(),
        "gz" => "gzip (SVGZ)".to_owned(),
        "ps" => "PostScript (EPS, AI)".to_owned(),
        "psd" => "Photoshop (PSD)".to_owned(),
        other => other.to_ascii_uppercase(),
    }
}
