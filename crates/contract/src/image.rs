//! Pictures: logos and portraits, fetched or uploaded once, cleaned, and served from here.

use serde::{Deserialize, Serialize};

/// Body of `image_fetch`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ImageFetch {
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
