//! The rules for texts as patterns, for the JSON Schemas of the OpenAPI document. Lengths and numbers come from the
//! rules' own constants. A test sends what these schemas allow, and none of it may be refused for what a schema can say.
//!
//! Written for ECMA-262 with the `u` flag, as JSON Schema asks for. A pattern may be narrower than its rule where the
//! rule tidies up (white space around a name), and wider where more than one character decides (joiners within a word).

/// The languages that the product speaks, and null for none.
pub fn languages() -> Vec<Option<&'static str>> {
    crate::organization::LANGUAGES.into_iter().map(Some).chain([None]).collect()
}

/// Letters, marks, digits, punctuation, symbols and spaces; joiners and tags, which belong to spellings and emoji.
macro_rules! text {
    ($more:literal) => {
        concat!(r"[\p{L}\p{M}\p{N}\p{P}\p{S}\p{Zs}\u{200C}\u{200D}\u{E0020}-\u{E007F}", $more, "]")
    };
}

/// A host of at least two labels, and a port.
macro_rules! host {
    ($labels:literal) => {
        concat!(
            r"[\p{L}\p{N}\-]+(\.[\p{L}\p{N}\-]+)",
            $labels,
            "(:([0-9]{1,4}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]))?"
        )
    };
}

/// What follows the host of an address.
macro_rules! rest {
    () => {
        r"([/?#][\p{L}\p{M}\p{N}!#-;=?-\[\]_a-z|~]*)?"
    };
}

/// A name: one line, of which something can be seen.
pub const NAME: &str = concat!("^", text!(""), r"*[\p{L}\p{N}\p{P}\p{S}]", text!(""), "*$");
/// A text of several lines.
pub const TEXT: &str = concat!("^", text!(r"\n\t"), "*$");
/// The address of a picture: by https, or one that is kept here; empty for none.
pub const PICTURE: &str = concat!("^(", "[Hh][Tt][Tt][Pp][Ss]://", host!("+"), rest!(), r"|/images/[0-9a-f]{64}(\?[!-~]*)?)?$");
/// The same, and not empty.
pub const PICTURE_SET: &str =
    concat!("^(", "[Hh][Tt][Tt][Pp][Ss]://", host!("+"), rest!(), r"|/images/[0-9a-f]{64}(\?[!-~]*)?)$");
/// The form of a time zone's name; which there are, says the database of the server.
pub const TIME_ZONE: &str = "^[A-Z][A-Za-z0-9_+-]*(/[A-Z][A-Za-z0-9_+-]*){0,2}$";
/// What follows `own/` in the identifier of an own model.
pub const OWN_MODEL: &str = "^[a-z0-9._-]+$";
/// A key by its form, or the identifier of one.
pub const KEY: &str = "^(pk_[0-9A-Za-z]{49}|key_[0-9a-f]{32})$";
/// A page of the console.
pub const PAGE: &str = r"^/([!-.0-\[\]-~][!-\[\]-~]*)?$";
/// An address, or one with the number of bits that count.
pub const ADDRESS_RANGE: &str = concat!(
    r"^((25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(\.(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])){3}(/(3[0-2]|[12]?[0-9]))?|",
    r"(([0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]{1,4}|([0-9A-Fa-f]{1,4}:){1,6}:[0-9A-Fa-f]{1,4}|([0-9A-Fa-f]{1,4}:){1,7}:|::[0-9A-Fa-f]{1,4}|::)",
    r"(/(12[0-8]|1[01][0-9]|[1-9]?[0-9]))?)$"
);
