//! Pictures: logos and portraits, fetched or uploaded once, cleaned, and served from here.

use crate::validation::Rule;
use serde::{Deserialize, Serialize};

/// Body of `image_fetch`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ImageFetch {
    #[cfg_attr(feature = "schema", schemars(extend("maxLength" = crate::validation::URL_MAX, "pattern" = crate::schema::PICTURE_SET)))]
    pub url: String,
}

/// Answer of `image_fetch` and `image_upload`: a picture that is kept.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct KeptImage {
    /// Where it is shown from, and what is saved as a logo.
    pub url: String,
    pub width: u32,
    pub height: u32,
}

macro_rules! findings {
    ($($(#[$doc:meta])* $variant:ident $name:literal,)*) => {
        /// What a refused file turned out to be. The app has a sentence for each.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        pub enum Finding { $($(#[$doc])* #[serde(rename = $name)] $variant,)* }

        impl Finding {
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }
    };
}

impl<'de> Deserialize<'de> for Finding {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        crate::by_name(deserializer, Self::ALL, Self::as_str)
    }
}

findings! {
    /// No bytes at all.
    Empty "empty",
    /// A format that is known and not taken; `name` says which.
    Format "format",
    /// An HTML page, as a server answers in place of a picture.
    WebPage "web_page",
    /// Text, or XML other than SVG.
    Text "text",
    /// Nothing that is known.
    Unknown "unknown",
    /// It begins as the format that `name` says, and cannot be decoded: cut off or changed.
    Damaged "damaged",
    /// SVG that is not well-formed; `line` says where.
    SvgMalformed "svg_malformed",
    /// Entities of the document type that are not declared, or make too much of too little.
    SvgEntities "svg_entities",
    /// Animations, which a still picture cannot show.
    SvgAnimated "svg_animated",
    /// The drawing needs another file; `name` says which.
    SvgLinked "svg_linked",
    /// A picture within the drawing is neither PNG nor JPEG, or is damaged.
    SvgEmbedded "svg_embedded",
    /// Text along a path, or in a font that the drawing brings along: neither is kept.
    SvgText "svg_text",
    /// HTML within the drawing.
    SvgHtml "svg_html",
    /// The drawing has neither a size nor a view box.
    SvgUnsized "svg_unsized",
    /// `width` and `height` say how large it is.
    Sides "sides",
    /// `bytes` says how long it is, where it was read to its end.
    Bytes "bytes",
}

/// What a refused picture turned out to be, with what was measured.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ImageFound {
    pub what: Finding,
    /// The name of a format (`WebP`), or of another file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The line of the file, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// In pixels, upright.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u32>,
}

impl ImageFound {
    pub fn new(what: Finding) -> Self {
        Self { what, name: None, line: None, width: None, height: None, bytes: None }
    }

    /// A finding about what has a name.
    pub fn named(what: Finding, name: impl Into<String>) -> Self {
        Self { name: Some(name.into()), ..Self::new(what) }
    }

    /// The rule that it breaks.
    pub fn rule(&self) -> Rule {
        match self.what {
            Finding::Sides | Finding::SvgUnsized => Rule::ImageSides,
            Finding::Bytes => Rule::ImageTooLarge,
            _ => Rule::ImageKind,
        }
    }
}

/// The format that the ending of a file's name or an address claims, in lower case; nothing where there is none.
pub fn ending(name: &str) -> Option<String> {
    let name = name.split(['?', '#']).next().unwrap_or_default();
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let (stem, ending) = name.rsplit_once('.')?;
    let plain = (1..=5).contains(&ending.len()) && ending.bytes().all(|byte| byte.is_ascii_alphanumeric());
    (plain && !stem.is_empty()).then(|| ending.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endings_by_example() {
        let ends = |name: &str| ending(name);
        assert_eq!(ends("logo.PNG").as_deref(), Some("png"));
        assert_eq!(ends("https://acme.test/a.b/logo.svg?v=1.0#x.y").as_deref(), Some("svg"));
        for none in ["logo", "", ".png", "https://acme.test/", "a.b/logo", "archive.longest", "a.p g"] {
            assert_eq!(ends(none), None, "{none}");
        }
    }
}
