//! Typed identifiers: a prefix that names the kind, then a UUIDv7 in 32 hexadecimal digits.
//!
//! They sort by creation, are never reused, and cannot be mistaken for one another by the compiler.

use serde::{Deserialize, Serialize};

macro_rules! identifier {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
                let digits = text.strip_prefix(Self::PREFIX)?;
                let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
                (digits.len() == 32 && digits.bytes().all(is_digit)).then(|| Self(text.to_owned()))
            }

            pub fn as_str(&self) -> &str {
                &self.0
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
}
