//! One's own account: name, picture, password, preferences, and where one is signed in.

use crate::validation::{self, Rule};
use crate::{SessionId, Timestamp, UserId};
use serde::{Deserialize, Serialize};

/// Light or dark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// What the device says.
    #[default]
    System,
    Light,
    Dark,
}

impl Theme {
    pub const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|theme| theme.as_str() == text)
    }
}

/// How a person wants the console to be; what is absent is as the device has it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Preferences {
    /// One of [`crate::organization::LANGUAGES`].
    #[cfg_attr(feature = "schema", schemars(extend("enum" = crate::schema::languages())))]
    pub language: Option<String>,
    /// IANA name: times are shown in it.
    #[cfg_attr(feature = "schema", schemars(extend("maxLength" = 64, "pattern" = crate::schema::TIME_ZONE)))]
    pub time_zone: Option<String>,
    pub theme: Theme,
}

/// A way to sign in by another service.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Identity {
    /// Identifier of the provider in this installation.
    pub provider: String,
    /// Its name.
    pub name: String,
    /// The address that it told; empty where it told none.
    pub email: String,
    pub linked_at: Timestamp,
}

/// Answer of `account_read` and `account_update`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Account {
    pub user_id: UserId,
    pub name: String,
    pub email: String,
    /// Whether the address is proved to be this person's.
    pub email_verified: bool,
    pub avatar_url: Option<String>,
    pub preferences: Preferences,
    /// Whether one can sign in by a password.
    pub has_password: bool,
    /// By name of the provider.
    pub identities: Vec<Identity>,
    /// Providers that can be linked and are not.
    pub linkable: Vec<crate::session::Provider>,
    /// Counts changes; the entity tag of the answer.
    pub version: i64,
}

/// Body of `account_update`: what is absent stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AccountUpdate {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(extend("minLength" = 1, "maxLength" = crate::validation::NAME_MAX, "pattern" = crate::schema::NAME)))]
    pub name: Option<String>,
    /// An empty text removes the picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(extend("maxLength" = crate::validation::URL_MAX, "pattern" = crate::schema::PICTURE)))]
    pub avatar_url: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preferences: Option<Preferences>,
}

impl Preferences {
    /// # Errors
    /// The field and its rule, one each.
    pub fn check(&self) -> Result<(), Vec<(&'static str, Rule)>> {
        let language = self.language.as_deref().map_or(Ok(()), |tag| validation::language(tag).map(|_| ()));
        let time_zone = self.time_zone.as_deref().map_or(Ok(()), |zone| validation::time_zone(zone).map(|_| ()));
        let checked = [("language", language), ("time_zone", time_zone)];
        let errors: Vec<_> = checked.into_iter().filter_map(|(field, result)| Some((field, result.err()?))).collect();
        if errors.is_empty() { Ok(()) } else { Err(errors) }
    }
}

/// Body of `password_update`.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PasswordUpdate {
    /// Empty where there is none yet; that takes a fresh sign-in.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(extend("maxLength" = crate::validation::PASSWORD_MAX)))]
    pub current: String,
    #[cfg_attr(feature = "schema", schemars(extend("minLength" = crate::validation::PASSWORD_MIN, "maxLength" = crate::validation::PASSWORD_MAX)))]
    pub new: String,
}

/// How long a link that proves an address is good, in hours.
pub const VERIFICATION_HOURS: i64 = 24;

/// Answer of `email_verification_create`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EmailVerificationCreated {
    /// Whether this installation sends mails. If not, whoever looks after it has the link.
    pub delivers: bool,
}

/// Body of `email_verify`.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct EmailVerify {
    /// The fragment of the link.
    pub secret: String,
}

/// Body of `session_confirm`.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SessionConfirm {
    #[cfg_attr(feature = "schema", schemars(extend("minLength" = 1, "maxLength" = crate::validation::PASSWORD_MAX)))]
    pub password: String,
}

/// A device on which one is signed in.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SignedInDevice {
    pub id: SessionId,
    /// Browser and system, `Firefox, Linux`; empty where they are not known.
    pub device: String,
    /// The network address of the sign-in.
    pub address: String,
    pub created_at: Timestamp,
    pub last_used_at: Timestamp,
    /// The one that asks.
    pub current: bool,
}

/// Answer of `session_list`: the current one first, then the last used.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SessionList {
    pub total: u32,
    pub sessions: Vec<SignedInDevice>,
}
