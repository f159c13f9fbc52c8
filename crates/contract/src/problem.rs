//! RFC 9457 problem documents: the shape of every error that the API answers.

use crate::Timestamp;
use serde::{Deserialize, Serialize};

macro_rules! problem_types {
    ($($(#[$doc:meta])* $variant:ident $name:literal $status:literal,)*) => {
        /// Why a request was refused. The name is stable; the status follows from it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        pub enum ProblemType { $($(#[$doc])* #[serde(rename = $name)] $variant,)* }

        impl ProblemType {
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];
            pub fn as_str(self) -> &'static str { match self { $(Self::$variant => $name,)* } }
            pub fn status(self) -> u16 { match self { $(Self::$variant => $status,)* } }
        }
    };
}

impl<'de> Deserialize<'de> for ProblemType {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        crate::by_name(deserializer, Self::ALL, Self::as_str)
    }
}

problem_types! {
    /// The body or a header could not be understood.
    Malformed "malformed" 400,
    /// Nobody is signed in, or the session has ended.
    SignedOut "signed-out" 401,
    /// Email and password do not belong together.
    WrongCredentials "wrong-credentials" 401,
    /// The request came from another site.
    CrossOrigin "cross-origin" 403,
    /// It is dangerous, and it is too long ago that the caller proved who they are: `session_confirm` first.
    FreshSignInRequired "fresh-sign-in-required" 403,
    /// A member without the permission.
    Forbidden "forbidden" 403,
    /// It does not exist, or is not the caller's to know.
    NotFound "not-found" 404,
    /// The address has a slash too many; without it, it is known.
    ExtraSlash "extra-slash" 404,
    MethodNotAllowed "method-not-allowed" 405,
    /// The body did not arrive in time.
    RequestTimeout "request-timeout" 408,
    /// It would leave the organization without an admin.
    LastAdmin "last-admin" 409,
    /// The invitation was revoked, answered or is too old, or is for somebody else's address.
    InvitationInvalid "invitation-invalid" 409,
    /// Whoever invited does not belong to the organization any more, or could no longer give what the invitation gives.
    InviterGone "inviter-gone" 409,
    /// The address of the account is not verified: `email_verification_create` first.
    AddressUnverified "address-unverified" 403,
    /// The link was replaced, used or is too old, or proves the address of another account.
    VerificationInvalid "verification-invalid" 409,
    /// Every seat of the organization is taken.
    NoSeat "no-seat" 409,
    /// Something else still names it.
    InUse "in-use" 409,
    /// Something would break without a sound, and that was not accepted.
    BreaksNotAccepted "breaks-not-accepted" 409,
    /// Too late to undo, or something else was changed since.
    UndoExpired "undo-expired" 409,
    /// The organization's plan does not have this.
    PlanRequired "plan-required" 409,
    /// A paid plan still runs.
    SubscriptionActive "subscription-active" 409,
    /// Somebody saved in between; `current` is what stands now.
    Conflict "conflict" 412,
    TooLarge "too-large" 413,
    /// The body's type or coding is not one that is taken here; `Accept` or `Accept-Encoding` of the answer says which are.
    UnsupportedMediaType "unsupported-media-type" 415,
    /// One or more fields are not valid; see `errors`.
    Invalid "invalid" 422,
    /// The idempotency key was used for another request.
    KeyReused "idempotency-key-reused" 422,
    /// `If-Match` is missing.
    PreconditionRequired "precondition-required" 428,
    /// Too many attempts; `retry_after_seconds` says when to try again.
    TooManyRequests "too-many-requests" 429,
    /// The request line and the headers are longer than 16 KiB.
    HeadersTooLarge "headers-too-large" 431,
    Internal "internal" 500,
    /// The service that one signs in by does not answer.
    ProviderUnavailable "provider-unavailable" 502,
    /// The database does not answer, or there is too much to do; `retry_after_seconds` says when to try again.
    Unavailable "unavailable" 503,
}

/// A field that is not valid, and why, as a key of the translations.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FieldError {
    /// The field of the request's body.
    pub field: String,
    /// A rule of [`crate::validation::Rule`].
    pub rule: crate::validation::Rule,
    /// What a picture was instead of one that can be taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found: Option<Box<crate::image::ImageFound>>,
}

impl FieldError {
    pub fn new(field: impl Into<String>, rule: crate::validation::Rule) -> Self {
        Self { field: field.into(), rule, found: None }
    }
}

/// The body of every error.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Problem {
    #[serde(rename = "type")]
    pub kind: ProblemType,
    pub status: u16,
    /// One English sentence for logs and integrators; the app has its own words.
    pub title: String,
    /// What it is about this request, in English, for integrators.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_seconds: Option<u32>,
    /// With `conflict`: who saved in between, when, and what stands now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conflict: Option<Box<Conflict>>,
    pub request_id: String,
}

/// What somebody else saved while the caller was editing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Conflict {
    pub changed_by: String,
    pub changed_at: Timestamp,
    pub current: crate::organization::Organization,
}
