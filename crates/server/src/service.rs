//! The rules, one module per resource. Every change is one transaction: the change, its audit event
//! and, for creations, its idempotency record.

pub mod members;
pub mod organizations;
pub mod sessions;

use pulze_contract::{OrganizationId, UserId};

/// The signed-in person behind a request.
#[derive(Clone, Debug)]
pub struct Actor {
    pub user_id: UserId,
    pub request_id: String,
}

/// An actor within an organization they belong to and hold the operation's permission in. Only the
/// dispatcher makes one, after it has checked; the rules take it as the proof.
#[derive(Clone, Debug)]
pub struct Member {
    pub actor: Actor,
    pub organization: OrganizationId,
}
