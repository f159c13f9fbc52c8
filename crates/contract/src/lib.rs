//! What the app and the server agree on: types, operations, permissions and validation. No I/O.
//!
//! Read in this order: [`role`] and [`permission`] say who may do what; [`operation`] lists every
//! request with the permission it needs; the modules after them hold the bodies of those requests;
//! [`validation`] holds the rules that both sides check; [`problem`] is the shape of every error.

pub mod access;
pub mod access_template;
pub mod account;
pub mod address;
pub mod api_key;
pub mod assistant;
pub mod availability;
pub mod decimal;
pub mod grant;
pub mod hierarchy;
pub mod id;
pub mod image;
pub mod invitation;
pub mod live;
pub mod mail;
pub mod member;
pub mod model;
pub mod money;
pub mod operation;
pub mod organization;
pub mod page;
pub mod people;
pub mod permission;
pub mod policy;
pub mod problem;
pub mod resource;
pub mod role;
pub mod router;
#[cfg(feature = "schema")]
pub mod schema;
pub mod session;
pub mod space;
pub mod spelling;
pub mod table;
pub mod text;
pub mod tool;
pub mod usage;
pub mod validation;

pub use id::{
    AccessTemplateId, ApiKeyId, AssistantId, AuditEventId, InvitationId, MailId, OrganizationId, RouterId, SessionId, SpaceId,
    ToolId, UsageViewId, UserId,
};
pub use operation::{Access, Method, Operation};
pub use permission::Permission;
pub use problem::{FieldError, Problem, ProblemType};
pub use resource::{Level, ResourceKind};
pub use role::Role;
pub use space::{SpacePermission, SpaceRole};

/// Milliseconds since 1970-01-01T00:00:00 UTC.
pub type Timestamp = i64;

/// Reads one of many by its name.
fn by_name<'de, D: serde::Deserializer<'de>, T: Copy>(
    deserializer: D,
    all: &[T],
    name: fn(T) -> &'static str,
) -> Result<T, D::Error> {
    let text = <std::borrow::Cow<'de, str> as serde::Deserialize>::deserialize(deserializer)?;
    let found = all.iter().copied().find(|one| name(*one) == text);
    found.ok_or_else(|| serde::de::Error::custom("unknown name"))
}

#[cfg(test)]
mod tests {
    use proptest::test_runner::{Config, RngSeed};

    /// `.cargo/config.toml` sets it for every crate: whoever writes a property test gets it.
    #[test]
    fn property_tests_draw_the_same_cases_in_every_run() {
        assert!(matches!(Config::default().rng_seed, RngSeed::Fixed(_)), "PROPTEST_RNG_SEED is set where cargo runs a test");
    }
}
