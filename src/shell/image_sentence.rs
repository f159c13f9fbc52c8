//! What a refused picture turned out to be, as a sentence.

use crate::args;
use crate::client::error::rule_text;
use crate::i18n::{Key, number, text, text_with};
use pulze_contract::FieldError;
use pulze_contract::image::{Finding, ImageFound};

/// The endings of what is taken: a file that has another format and one of these says something else than it is.
const TAKEN: [&str; 4] = ["png", "jpg", "jpeg", "svg"];

/// Why a picture was refused. `ending` is that of the file's name or of its address.
pub fn image_sentence(error: &FieldError, ending: Option<&str>) -> String {
    error.found.as_deref().map_or_else(|| rule_text(error.rule), |found| found_sentence(found, ending))
}

/// What was found in place of a picture that can be taken.
pub fn found_sentence(found: &ImageFound, ending: Option<&str>) -> String {
    let name = found.name.clone().unwrap_or_default();
    let whole = |value: Option<u32>| number(f64::from(value.unwrap_or_default()));
    let plain = |key| text(key);
    match found.what {
        Finding::Empty => plain(Key::ImageFoundEmpty),
        Finding::Format => match ending.filter(|ending| TAKEN.contains(ending)) {
            Some(ending) => text_with(Key::ImageFoundNamed, args!(format = name, ending = ending.to_owned())),
            None => text_with(Key::ImageFoundFormat, args!(format = name)),
        },
        Finding::WebPage => plain(Key::ImageFoundPage),
        Finding::Text => plain(Key::ImageFoundText),
        Finding::Unknown => plain(Key::ImageFoundUnknown),
        Finding::Damaged => text_with(Key::ImageFoundDamaged, args!(format = name)),
        Finding::SvgMalformed => text_with(Key::ImageFoundSvgLine, args!(line = whole(found.line))),
        Finding::SvgEntities => plain(Key::ImageFoundSvgEntities),
        Finding::SvgAnimated => plain(Key::ImageFoundSvgAnimated),
        Finding::SvgLinked if name.is_empty() => plain(Key::ImageFoundSvgLinkedFile),
        Finding::SvgLinked => text_with(Key::ImageFoundSvgLinked, args!(name = name)),
        Finding::SvgEmbedded => plain(Key::ImageFoundSvgEmbedded),
        Finding::SvgText => plain(Key::ImageFoundSvgText),
        Finding::SvgHtml => plain(Key::ImageFoundSvgHtml),
        Finding::SvgUnsized => plain(Key::ImageFoundSvgUnsized),
        Finding::Sides => text_with(Key::ImageFoundSides, args!(width = whole(found.width), height = whole(found.height))),
        Finding::Bytes => match found.bytes {
            // Rounded up: what is a little too large is not 512.
            Some(bytes) => text_with(Key::ImageFoundBytes, args!(kilobytes = number(f64::from(bytes.div_ceil(1024))))),
            None => plain(Key::ImageFoundTooLarge),
        },
    }
}
