//! A picture by its content, not by what somebody says that it is: cleaned, or refused with what it turned out to be.

mod css;
mod drawing;
mod kind;
mod raster;
mod sides;
#[cfg(test)]
mod tests;

use image::ImageFormat;
use pulze_contract::image::{Finding, ImageFound};
use pulze_contract::validation::{IMAGE_MAX, LOGO_SIDE};

/// A picture without anything that a picture does not need.
#[derive(Debug, PartialEq, Eq)]
pub struct Cleaned {
    pub content_type: &'static str,
    pub content: Vec<u8>,
    pub width: u32,
    pub height: u32,
}

/// Why a picture is not taken.
pub type Refused = Box<ImageFound>;

/// Cleans a PNG, JPEG or SVG.
///
/// # Errors
/// What the file is instead, what is wrong with it, or how large it is.
pub fn clean(content: &[u8]) -> Result<Cleaned, Refused> {
    if content.len() > IMAGE_MAX {
        let bytes = u32::try_from(content.len()).ok();
        return Err(Box::new(ImageFound { bytes, ..ImageFound::new(Finding::Bytes) }));
    }
    match image::guess_format(content) {
        Ok(format @ (ImageFormat::Png | ImageFormat::Jpeg)) => raster::clean(content, format, require_sides),
        _ if kind::is_markup(content) => drawing::clean(content),
        _ => Err(Box::new(kind::of(content))),
    }
}

fn require_sides(width: u32, height: u32) -> Result<(), Refused> {
    if LOGO_SIDE.contains(&width) && LOGO_SIDE.contains(&height) {
        return Ok(());
    }
    Err(Box::new(ImageFound { width: Some(width), height: Some(height), ..ImageFound::new(Finding::Sides) }))
}
