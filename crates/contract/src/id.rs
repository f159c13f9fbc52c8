//! Typed identifiers: a prefix that names the kind, then a UUIDv7 in 32 hexadecimal digits.
//!
//! They sort by creation, are never reused, and cannot be mistaken for one another by the compiler. There is no way
//! around [`OrganizationId::parse`] and its siblings: what is read from JSON goes through them too.

use serde::{Deserialize, Deserializer, Serialize};

fn is_one(text: &str, prefix: &str) -> bool {
    let digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    text.strip_prefix(prefix).is_some_and(|digits| digits.len() == 32 && digits.bytes().all(digit))
}

/// The text of an identifier, for all kinds at once: each of its own would weigh in the app.
fn read<'de, D: Deserializer<'de>>(deserializer: D, prefix: &str) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    if is_one(&text, prefix) { Ok(text) } else { Err(serde::de::Error::custom(format_args!("not an identifier {prefix}…"))) }
}

macro_rules! identifier {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// What every identifier of this kind starts with.
            pub const PREFIX: &'static str = $prefix;

            /// Joins the prefix and the digits of a new UUIDv7. Only the server makes identifiers.
            pub fn from_digits(digits: &str) -> Self {
                Self(format!("{}{digits}", Self::PREFIX))
            }

            /// Reads an identifier from an address; `None` when it cannot be one.
            pub fn parse(text: &str) -> Option<Self> {
                is_one(text, Self::PREFIX).then(|| Self(text.to_owned()))
            }

            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                read(deserializer, Self::PREFIX).map(Self)
            }
        }

        #[cfg(feature = "schema")]
        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "type": "string", "pattern": format!("^{}[0-9a-f]{{32}}$", Self::PREFIX) })
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str(&self.0)
            }
        }
    };
}

identifier!(
    /// An organization: the tenant. Every page and request names one.
    OrganizationId, "org_"
);
identifier!(
    /// A person, whatever organizations they belong to.
    UserId, "user_"
);
identifier!(
    /// A space of an organization.
    SpaceId, "space_"
);
identifier!(
    /// A sign-in of a person on one device.
    SessionId, "session_"
);
identifier!(
    /// An invitation into an organization.
    InvitationId, "invitation_"
);
identifier!(
    /// A named combination of role, spaces and term.
    AccessTemplateId, "template_"
);
identifier!(
    /// A router that an organization made.
    RouterId, "router_"
);
identifier!(
    /// An assistant of an organization.
    AssistantId, "assistant_"
);
identifier!(
    /// A tool that an organization configured.
    ToolId, "tool_"
);
identifier!(
    /// An API key, whatever its secret.
    ApiKeyId, "key_"
);
identifier!(
    /// A question about usage that somebody keeps.
    UsageViewId, "view_"
);
identifier!(
    /// A mail of the installation.
    MailId, "mail_"
);
identifier!(
    /// An entry of the audit log.
    AuditEventId, "event_"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parse_takes_only_its_own_kind() {
        let digits = "0190a1b2c3d4e5f60718293a4b5c6d7e";
        let id = OrganizationId::from_digits(digits);
        assert_eq!(OrganizationId::parse(id.as_str()), Some(id.clone()));
        assert_eq!(UserId::parse(id.as_str()), None);
        assert_eq!(OrganizationId::parse("org_"), None);
        assert_eq!(OrganizationId::parse(&format!("org_{}", digits.to_uppercase())), None);
        assert_eq!(OrganizationId::parse(&format!("org_{digits}0")), None);
    }

    #[test]
    fn what_is_read_from_json_is_parsed() {
        let digits = "0190a1b2c3d4e5f60718293a4b5c6d7e";
        let read = |text: &str| serde_json::from_value::<SpaceId>(text.into()).ok();
        assert_eq!(read(&format!("space_{digits}")), SpaceId::parse(&format!("space_{digits}")));
        for wrong in ["", "space_", "space_\0", "a\u{0}b", &format!("org_{digits}"), &format!("space_{digits}\0")] {
            assert_eq!(read(wrong), None, "{wrong:?}");
        }
    }
}
