//! The rules for what people type, checked by the app before sending and by the server always.

use crate::spelling;
use serde::{Deserialize, Serialize};

/// Longest organization name, in characters.
pub const NAME_MAX: usize = 80;
/// Least length of a new password, in characters.
pub const PASSWORD_MIN: usize = 12;
/// Longest password, in characters.
pub const PASSWORD_MAX: usize = 1024;
/// Longest description, in characters.
pub const DESCRIPTION_MAX: usize = 500;
/// Farthest end of a role or a grant, in days from now.
pub const END_MAX_DAYS: i64 = 3650;
/// Longest logo address, in bytes.
pub const URL_MAX: usize = 2048;
/// Largest file of a picture, in bytes.
pub const IMAGE_MAX: usize = 512 * 1024;
/// Where this server serves the pictures that it keeps.
pub const IMAGES: &str = "/images/";
/// Least and greatest side of a logo, in pixels (`organization-management.md`, Logo URL).
pub const LOGO_SIDE: std::ops::RangeInclusive<u32> = 120..=1800;

macro_rules! rules {
    ($($(#[$doc:meta])* $variant:ident $name:literal,)*) => {
        /// Why a field is refused. The app has a sentence for each.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        pub enum Rule { $($(#[$doc])* #[serde(rename = $name)] $variant,)* }

        impl Rule {
            const ALL: &'static [Self] = &[$(Self::$variant,)*];

            fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }
    };
}

/// By its name, out of the table: what serde would derive weighs more in the app.
impl<'de> Deserialize<'de> for Rule {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        crate::by_name(deserializer, Self::ALL, Self::as_str)
    }
}

rules! {
    Required "required",
    TooLong "too_long",
    /// Control characters, or characters that turn the reading direction of what follows.
    InvisibleCharacters "invisible_characters",
    UrlNotHttps "url_not_https",
    UrlMalformed "url_malformed",
    TimeZoneUnknown "time_zone_unknown",
    /// The typed name is not the organization's.
    NameMismatch "name_mismatch",
    /// The person does not belong to the organization.
    NotAMember "not_a_member",
    EmailMalformed "email_malformed",
    /// A column for roles says something that is none.
    RoleUnknown "role_unknown",
    PasswordTooShort "password_too_short",
    /// The same twice in one list, or a name that another one has.
    Duplicate "duplicate",
    /// An end that lies in the past, or more than [`END_MAX_DAYS`] ahead.
    EndNotAhead "end_not_ahead",
    /// What a role becomes at its end must be less than the role.
    NotLess "not_less",
    /// The space does not exist, or its members are not the caller's to change.
    SpaceUnknown "space_unknown",
    /// A language that the product does not speak.
    LanguageUnknown "language_unknown",
    /// Other characters than lower-case letters, digits, `.`, `-` and `_`.
    ModelNameMalformed "model_name_malformed",
    /// The model does not exist here, or is switched off.
    ModelUnavailable "model_unavailable",
    /// The router does not exist here, is switched off or put away.
    RouterUnavailable "router_unavailable",
    /// Routers that fall back to each other in a circle.
    RouterCycle "router_cycle",
    /// A failover chain without a model.
    ChainEmpty "chain_empty",
    /// Weights that are all zero.
    WeightsZero "weights_zero",
    /// Zero or less where only more makes sense.
    NotPositive "not_positive",
    /// More than such an amount can be.
    AmountTooLarge "amount_too_large",
    /// More than may be.
    TooMany "too_many",
    /// Not a whole number.
    NotANumber "not_a_number",
    /// A name that means nothing here.
    Unknown "unknown",
    /// The tool does not exist here, or is switched off.
    ToolUnavailable "tool_unavailable",
    /// A level that the one it is given to cannot have.
    LevelUnfit "level_unfit",
    /// Not an address, or an address with the number of bits that count.
    AddressRangeMalformed "address_range_malformed",
    /// Farther ahead than the organization allows.
    TooFarAhead "too_far_ahead",
    /// More than the person holds.
    BeyondReach "beyond_reach",
    /// The address of a picture does not answer with one.
    ImageUnreachable "image_unreachable",
    /// Neither PNG nor JPEG nor SVG, or broken.
    ImageKind "image_kind",
    /// A side is not within [`LOGO_SIDE`].
    ImageSides "image_sides",
    /// More than [`IMAGE_MAX`] bytes.
    ImageTooLarge "image_too_large",
    /// Neither an API key nor the identifier of one: a character is wrong or missing.
    KeyMalformed "key_malformed",
    /// The secret was entered for another origin, and has to be entered anew.
    SecretOfAnotherOrigin "secret_of_another_origin",
}

/// What is kept of a field. Of a wrong one nothing is, and its rule is noted.
pub fn keep(errors: &mut Vec<(&'static str, Rule)>, field: &'static str, checked: Result<String, Rule>) -> String {
    checked.unwrap_or_else(|rule| {
        errors.push((field, rule));
        String::new()
    })
}

/// The name of an organization, a space or a person as it is kept: trimmed, inner white space as single spaces, in normal
/// form.
///
/// # Errors
/// Empty, longer than [`NAME_MAX`] characters, or with characters that cannot be seen.
pub fn name(text: &str) -> Result<String, Rule> {
    let name = spelling::normal(&text.split_whitespace().collect::<Vec<_>>().join(" "));
    match name.chars().count() {
        0 => Err(Rule::Required),
        count if count > NAME_MAX => Err(Rule::TooLong),
        _ if name.chars().any(char::is_control) || spelling::is_unseen(&name) => Err(Rule::InvisibleCharacters),
        _ => Ok(name),
    }
}

/// A language that the product speaks.
///
/// # Errors
/// Any other.
pub fn language(tag: &str) -> Result<String, Rule> {
    if crate::organization::LANGUAGES.contains(&tag) { Ok(tag.to_owned()) } else { Err(Rule::LanguageUnknown) }
}

/// An end that lies ahead of `now`.
///
/// # Errors
/// It lies in the past, or more than [`END_MAX_DAYS`] ahead.
pub fn end(at: crate::Timestamp, now: crate::Timestamp) -> Result<crate::Timestamp, Rule> {
    let ahead = at > now && at - now <= END_MAX_DAYS * 86_400_000;
    if ahead { Ok(at) } else { Err(Rule::EndNotAhead) }
}

/// An address as it is kept: trimmed, in lower case.
///
/// # Errors
/// Empty, longer than 254 bytes, or without the form `local@host.domain`.
pub fn email(text: &str) -> Result<String, Rule> {
    let text = spelling::normal(&text.trim().to_lowercase());
    if text.is_empty() {
        return Err(Rule::Required);
    }
    if text.len() > 254 {
        return Err(Rule::TooLong);
    }
    let Some((local, host)) = text.split_once('@') else { return Err(Rule::EmailMalformed) };
    let local_valid = !local.is_empty()
        && local.len() <= 64
        && !local.starts_with('.')
        && !local.ends_with('.')
        && local.chars().all(|c| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c));
    let label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_alphanumeric() || c == '-')
    };
    let host_valid = host.contains('.') && host.split('.').all(label);
    if !local_valid || !host_valid {
        return Err(Rule::EmailMalformed);
    }
    let address = format!("{local}@{}", one_host(host)?);
    if address.len() > 254 { Err(Rule::TooLong) } else { Ok(address) }
}

/// An internationalized host in the form that mail servers know (`xn--…`), so that one address is one person however it
/// was typed. Other hosts stay as they are; so do all without the tables.
#[cfg_attr(not(feature = "unicode"), allow(clippy::unnecessary_wraps))]
fn one_host(host: &str) -> Result<String, Rule> {
    #[cfg(feature = "unicode")]
    if !host.is_ascii() {
        return idna::domain_to_ascii(host).map_err(|_| Rule::EmailMalformed);
    }
    Ok(host.to_owned())
}

/// What a password is compared by (RFC 8265, OpaqueString): any space as a plain one, and the normal form, so that two
/// keyboards type the same.
pub fn opaque(password: &str) -> String {
    spelling::normal(&password.replace(|c: char| c.is_whitespace() && !c.is_ascii(), " "))
}

/// A new password: at least [`PASSWORD_MIN`] characters (NIST SP 800-63B asks for length, not for kinds).
///
/// # Errors
/// Too short, or longer than [`PASSWORD_MAX`] characters.
pub fn new_password(text: &str) -> Result<(), Rule> {
    match text.chars().count() {
        0 => Err(Rule::Required),
        count if count < PASSWORD_MIN => Err(Rule::PasswordTooShort),
        count if count > PASSWORD_MAX => Err(Rule::TooLong),
        _ => Ok(()),
    }
}

/// A description as it is kept: trimmed, line breaks stay.
///
/// # Errors
/// Longer than [`DESCRIPTION_MAX`] characters, or with characters that cannot be seen.
pub fn description(text: &str) -> Result<String, Rule> {
    self::text(text, DESCRIPTION_MAX)
}

/// A text of several lines as it is kept: trimmed, at most `most` characters.
///
/// # Errors
/// Longer, or with characters that cannot be seen.
pub fn text(text: &str, most: usize) -> Result<String, Rule> {
    let text = spelling::normal(&text.trim().replace("\r\n", "\n"));
    if text.chars().any(|c| (c.is_control() && c != '\n' && c != '\t') || spelling::turns_direction(c)) {
        return Err(Rule::InvisibleCharacters);
    }
    if text.chars().count() > most { Err(Rule::TooLong) } else { Ok(text) }
}

/// The hash of a kept picture's address, `/images/{hash}?from={address}`; `None` for any other address.
pub fn kept_image(url: &str) -> Option<&str> {
    let hash = url.strip_prefix(IMAGES)?.split('?').next()?;
    let digits = hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    (digits && url.len() <= 2 * URL_MAX).then_some(hash)
}

/// A logo's address, or `None` for an empty field.
///
/// # Errors
/// Neither a picture that is kept, nor `https`; without a host, with a user name in it, with white space, or too long.
pub fn logo_url(text: &str) -> Result<Option<String>, Rule> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    if kept_image(text).is_some() {
        return Ok(Some(text.to_owned()));
    }
    let host = address(text, &["https://"])?;
    if host.contains('.') { Ok(Some(text.to_owned())) } else { Err(Rule::UrlMalformed) }
}

/// The address of a service. Whether `http` and private networks are allowed is the installation's to say.
///
/// # Errors
/// Neither `https` nor `http`, without a host, with a user name in it, with white space, or too long.
pub fn endpoint(text: &str) -> Result<String, Rule> {
    let text = text.trim();
    address(text, &["https://", "http://"]).map(|_| text.to_owned())
}

/// Where an endpoint leads: scheme, host and port (RFC 6454), written one way so that two can be compared. `None` for
/// what is no endpoint. Only letters of ASCII are folded: what is spelled differently counts as another place.
pub fn origin(text: &str) -> Option<String> {
    let text = text.trim();
    let host = address(text, &["https://", "http://"]).ok()?.to_ascii_lowercase();
    let (scheme, rest) = text.split_once("://")?;
    let scheme = scheme.to_ascii_lowercase();
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let usual = if scheme == "https" { 443 } else { 80 };
    let port = authority.rsplit_once(':').map_or(Some(usual), |(_, port)| port.parse::<u16>().ok())?;
    Some(format!("{scheme}://{host}:{port}"))
}

/// The host of an address with one of these beginnings.
fn address<'a>(text: &'a str, schemes: &[&str]) -> Result<&'a str, Rule> {
    if text.len() > URL_MAX {
        return Err(Rule::TooLong);
    }
    let rest = |scheme: &&str| {
        text.get(..scheme.len()).filter(|start| start.eq_ignore_ascii_case(scheme)).map(|_| &text[scheme.len()..])
    };
    let rest = schemes.iter().find_map(rest).ok_or(Rule::UrlNotHttps)?;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
    let port_valid = authority.rsplit_once(':').is_none_or(|(_, port)| port.parse::<u16>().is_ok());
    let odd = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '\\' | '"' | '<' | '>' | '`' | '{' | '}');
    let host_valid = host.split('.').all(|label| !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-'));
    if authority.contains('@') || !host_valid || !port_valid || text.contains(odd) {
        return Err(Rule::UrlMalformed);
    }
    Ok(host)
}

/// A time zone by one of its names in the IANA database, as far as can be seen without it: of two names for one zone
/// (`Asia/Kolkata`, `Asia/Calcutta`) either is kept as it was chosen. The server asks its database.
///
/// # Errors
/// Anything that does not have that form.
pub fn time_zone(text: &str) -> Result<String, Rule> {
    let part = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_uppercase())
            && part.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '+'))
    };
    if text.len() <= 64 && text.split('/').count() <= 3 && text.split('/').all(part) {
        Ok(text.to_owned())
    } else {
        Err(Rule::TimeZoneUnknown)
    }
}

/// Whether the typed name confirms a deletion: the organization's name, white space and its way of writing aside.
pub fn confirms_name(typed: &str, name: &str) -> bool {
    spelling::normal(typed).split_whitespace().eq(spelling::normal(name).split_whitespace())
}

/// One or two letters that stand for a name where there is no logo.
pub fn initials(name: &str) -> String {
    let mut words = name.split(|c: char| !c.is_alphanumeric()).filter_map(|word| word.chars().next());
    let first = words.next();
    first.into_iter().chain(words.next_back()).flat_map(char::to_uppercase).collect()
}

/// A stable choice out of `count` colours for an identifier (FNV-1a, 32 bits).
pub fn color_index(identifier: &str, count: u32) -> u32 {
    let hash = identifier.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    hash % count.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_by_example() {
        assert_eq!(name("  Acme \t Robotics "), Ok("Acme Robotics".to_owned()));
        assert_eq!(name(" \n "), Err(Rule::Required));
        assert_eq!(name(&"x".repeat(81)), Err(Rule::TooLong));
        assert_eq!(name("Acme\u{202e}scitoboR"), Err(Rule::InvisibleCharacters));
    }

    #[test]
    fn logo_addresses_by_example() {
        assert_eq!(logo_url(""), Ok(None));
        assert_eq!(logo_url("https://a.example/l.png"), Ok(Some("https://a.example/l.png".to_owned())));
        assert_eq!(logo_url("HTTPS://a.example:8443/l.svg").map(|url| url.is_some()), Ok(true));
        assert_eq!(logo_url("http://a.example/l.png"), Err(Rule::UrlNotHttps));
        assert_eq!(logo_url("javascript:alert(1)"), Err(Rule::UrlNotHttps));
        for bad in [
            "https://",
            "https://user@a.example/",
            "https://a b.example",
            "https://a..b/",
            "https://host/x",
            "https://a.example:99999/",
        ] {
            assert_eq!(logo_url(bad), Err(Rule::UrlMalformed), "{bad}");
        }
    }

    #[test]
    fn time_zones_by_example() {
        for good in ["UTC", "Europe/Zurich", "America/Argentina/Buenos_Aires", "Etc/GMT+5", "EST5EDT", "GB-Eire", "W-SU"] {
            assert!(time_zone(good).is_ok(), "{good}");
        }
        for bad in ["", "zurich", "europe/zurich", "Europe/", "../etc", "Europe/Zu rich"] {
            assert!(time_zone(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn initials_take_the_first_and_the_last_word() {
        assert_eq!(initials("Acme Robotics"), "AR");
        assert_eq!(initials("the very large company"), "TC");
        assert_eq!(initials("pulze"), "P");
        assert_eq!(initials("!?"), "");
    }

    proptest! {
        #[test]
        fn an_accepted_name_is_accepted_unchanged(text in ".{0,120}") {
            if let Ok(kept) = name(&text) {
                prop_assert_eq!(name(&kept), Ok(kept.clone()));
                prop_assert!(confirms_name(&text, &kept));
            }
        }

        #[test]
        fn an_accepted_logo_is_https_and_names_no_user(text in "(https?://)?[a-z@:./ \\\\?#]{0,40}") {
            if let Ok(Some(url)) = logo_url(&text) {
                prop_assert!(url.to_ascii_lowercase().starts_with("https://"));
                prop_assert!(!url.split(['/', '?', '#']).nth(2).unwrap_or_default().contains('@'));
                prop_assert_eq!(logo_url(&url), Ok(Some(url.clone())));
            }
        }

        #[test]
        fn validation_never_panics(text in any::<String>()) {
            let _ = (name(&text), logo_url(&text), time_zone(&text), initials(&text));
            prop_assert!(color_index(&text, 8) < 8);
        }
    }
}
