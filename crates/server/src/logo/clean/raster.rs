//! Photographs and other pixels: decoded within limits, turned upright, and encoded again, so that what is not pixels
//! (metadata, trailing data) is gone.

use super::{Cleaned, Refused};
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};
use pulze_contract::image::{Finding, ImageFound};
use std::io::Cursor;

/// Memory that a decoder may take, in bytes: 1,800 × 1,800 pixels of eight bytes fit.
const DECODER_MAX: u64 = 64 * 1024 * 1024;
/// Of a JPEG that is written again.
const JPEG_QUALITY: u8 = 90;

/// What the format is called.
fn name(format: ImageFormat) -> &'static str {
    if format == ImageFormat::Jpeg { "JPEG" } else { "PNG" }
}

/// Cleans a picture whose sides are accepted.
pub(super) fn clean(
    content: &[u8],
    format: ImageFormat,
    accept: impl FnOnce(u32, u32) -> Result<(), Refused>,
) -> Result<Cleaned, Refused> {
    let damaged = || Box::new(ImageFound::named(Finding::Damaged, name(format)));
    let reader = ImageReader::with_format(Cursor::new(content), format);
    let mut decoder = reader.into_decoder().map_err(|_| damaged())?;
    // A camera writes the pixels as its sensor lies, and beside them how it was held.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let lying = matches!(
        orientation,
        Orientation::Rotate90 | Orientation::Rotate270 | Orientation::Rotate90FlipH | Orientation::Rotate270FlipH
    );
    let (wide, high) = decoder.dimensions();
    let (width, height) = if lying { (high, wide) } else { (wide, high) };
    // Before anything is decoded: a small file can claim to be huge.
    accept(width, height)?;
    if format == ImageFormat::Jpeg && !is_whole_jpeg(content) {
        return Err(damaged());
    }
    let mut limits = Limits::default();
    limits.max_alloc = Some(DECODER_MAX);
    limits.reserve(decoder.total_bytes()).map_err(|_| damaged())?;
    decoder.set_limits(limits).map_err(|_| damaged())?;
    let mut decoded = DynamicImage::from_decoder(decoder).map_err(|_| damaged())?;
    decoded.apply_orientation(orientation);
    let mut content = Cursor::new(Vec::new());
    let written = match format {
        ImageFormat::Jpeg => {
            let encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut content, JPEG_QUALITY);
            DynamicImage::ImageRgb8(decoded.to_rgb8()).write_with_encoder(encoder)
        }
        _ => decoded.write_to(&mut content, ImageFormat::Png),
    };
    written.map_err(|_| damaged())?;
    let content_type = if format == ImageFormat::Jpeg { "image/jpeg" } else { "image/png" };
    Ok(Cleaned { content_type, content: content.into_inner(), width, height })
}

/// Whether a JPEG has its end: the decoder fills what is missing with grey, and says nothing.
fn is_whole_jpeg(content: &[u8]) -> bool {
    const END: u8 = 0xd9;
    let mut rest = content.get(2..).unwrap_or_default();
    loop {
        // To the next marker: within a scan, 0xff is followed by 0 where it is data, and by 0xd0 to 0xd7 at restarts.
        let marker = rest.windows(2).position(|pair| pair[0] == 0xff && !matches!(pair[1], 0 | 0xd0..=0xd7 | 0xff));
        let Some(place) = marker else { return false };
        let (kind, after) = (rest.get(place + 1).copied(), rest.get(place + 2..).unwrap_or_default());
        if kind == Some(END) {
            return true;
        }
        let &[high, low, ..] = after else { return false };
        let length = usize::from(u16::from_be_bytes([high, low]));
        let Some(next) = after.get(length..) else { return false };
        rest = next;
    }
}
