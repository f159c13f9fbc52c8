//! Signing in, and what the app learns about the person who did.

use crate::account::Preferences;
use crate::{UserId, invitation::ReceivedInvitation, organization::OrganizationSummary};
use serde::{Deserialize, Serialize};

/// Body of `session_create`.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SessionCreate {
    #[cfg_attr(feature = "schema", schemars(extend("minLength" = 1, "maxLength" = 320)))]
    pub email: String,
    #[cfg_attr(feature = "schema", schemars(extend("minLength" = 1, "maxLength" = crate::validation::PASSWORD_MAX)))]
    pub password: String,
}

/// Answer of `session_read` and `session_create`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Session {
    /// Nobody, while signed out.
    pub viewer: Option<Viewer>,
    /// Services that one can sign in by.
    #[serde(default)]
    pub providers: Vec<Provider>,
    /// Whether mails leave this installation. Without a mail server they are kept for its operators.
    #[serde(default)]
    pub delivers_mail: bool,
}

/// A service that proves who somebody is (OpenID Connect).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Provider {
    pub id: String,
    /// As people know it.
    pub name: String,
}

/// The signed-in person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Viewer {
    pub user_id: UserId,
    pub name: String,
    pub email: String,
    /// Whether the address is proved to be this person's.
    pub email_verified: bool,
    pub avatar_url: Option<String>,
    /// Whether one can sign in by a password.
    pub has_password: bool,
    pub preferences: Preferences,
    /// Counts changes of the account; the entity tag of `account_update`.
    pub account_version: i64,
    /// Whether this person may create an organization.
    pub may_create_organization: bool,
    /// Whether this person looks after the installation: reads the mails that were not sent.
    pub administers_installation: bool,
    /// By name.
    pub organizations: Vec<OrganizationSummary>,
    /// Invitations to this person's address that can be accepted; none until the address is verified.
    pub invitations: Vec<ReceivedInvitation>,
}

/// What a proof by a provider is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ProviderPurpose {
    #[default]
    SignIn,
    /// The signed-in person wants to sign in by it from now on.
    Link,
    /// The signed-in person proves again who they are.
    Confirm,
}

impl ProviderPurpose {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SignIn => "sign_in",
            Self::Link => "link",
            Self::Confirm => "confirm",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::SignIn, Self::Link, Self::Confirm].into_iter().find(|purpose| purpose.as_str() == text)
    }
}

/// Body of `provider_begin`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ProviderBegin {
    pub provider: String,
    #[serde(default)]
    pub purpose: ProviderPurpose,
    /// The page of the console to come back to.
    #[cfg_attr(feature = "schema", schemars(extend("maxLength" = 1000, "pattern" = crate::schema::PAGE)))]
    pub return_to: String,
}

/// Answer of `provider_begin`: where the browser goes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ProviderBegun {
    pub address: String,
}

/// Answer of `session_delete`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SignedOut {
    /// Where the session at the provider is ended as well.
    pub provider_address: Option<String>,
}
