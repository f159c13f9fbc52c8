//! The rules, one module per resource. Every change is one transaction: the change, its audit event
//! and, for creations, its idempotency record.

pub mod access;
pub mod access_templates;
pub mod account;
pub mod api_keys;
pub mod assistants;
pub mod defaults;
mod dependents;
pub mod email_verification;
pub mod ends;
mod grants;
pub mod hierarchy;
pub mod invitations;
pub mod key_leaks;
pub mod key_use;
pub mod key_verify;
pub mod mails;
pub mod members;
pub mod models;
pub mod organizations;
pub mod received_invitations;
pub mod resource_access;
pub mod resources;
pub mod routers;
pub mod sessions;
pub mod settings;
pub mod spaces;
pub mod switching;
pub mod tool_test;
pub mod tools;

use crate::error::{Error, Result};
use crate::store::{self, audit::Claim, sessions::Running};
use pulze_contract::{OrganizationId, Permission, ProblemType, Role, Timestamp, UserId};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// The signed-in person behind a request.
#[derive(Clone, Debug)]
pub struct Actor {
    pub user_id: UserId,
    pub request_id: String,
    /// The session of the request; an API key has none.
    pub session: Option<Running>,
    /// Whether the person proved recently who they are.
    pub fresh: bool,
}

impl Actor {
    /// Somebody without a session: the owner of a key, or what happens by itself.
    pub fn without_session(user_id: UserId, request_id: &str) -> Self {
        Self { user_id, request_id: request_id.to_owned(), session: None, fresh: false }
    }

    /// Writes what somebody did to their own account or sessions, in the transaction of the change.
    ///
    /// # Errors
    /// The database fails.
    pub(crate) async fn note(&self, db: &mut store::Connection, action: &str, subject: &str, detail: Value) -> Result<()> {
        let (actor, at, request_id) = (&self.user_id, crate::now(), self.request_id.as_str());
        store::audit::insert_own(db, &store::audit::OwnEvent { actor, action, subject, detail, at, request_id }).await
    }

    /// # Errors
    /// `fresh-sign-in-required`.
    pub fn require_fresh(&self) -> Result<()> {
        if self.fresh { Ok(()) } else { Err(ProblemType::FreshSignInRequired.into()) }
    }

    /// The same, where an operation raises what somebody may do (`FreshSignIn::WhenItRaises`).
    ///
    /// # Errors
    /// `fresh-sign-in-required`.
    pub fn require_fresh_where(&self, raises: bool) -> Result<()> {
        if raises { self.require_fresh() } else { Ok(()) }
    }
}

/// The versions of something that somebody has seen: they may change one of these, and no other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// Whatever stands there.
    Any,
    Versions(Vec<i64>),
}

impl Seen {
    pub fn allows(&self, version: i64) -> bool {
        match self {
            Self::Any => true,
            Self::Versions(versions) => versions.contains(&version),
        }
    }
}

/// An actor within an organization they belong to and hold the operation's permission in. Only the
/// dispatcher makes one, after it has checked; the rules take it as the proof.
#[derive(Clone, Debug)]
pub struct Member {
    pub actor: Actor,
    pub organization: OrganizationId,
    /// The role that was found at the gate. A change reads it again, within its transaction.
    pub role: Role,
    /// Whether the organization lets its editors invite.
    pub editors_may_invite: bool,
}

impl Member {
    pub fn may(&self, permission: Permission) -> bool {
        self.role.grants_in(self.editors_may_invite, permission)
    }
}

/// A creation under an idempotency key: claimed at the start of the transaction, completed at its end.
pub(crate) struct Repeated {
    user: UserId,
    key: String,
}

impl Repeated {
    /// The answer that was given before for the same key and question, or the claim on a new one.
    ///
    /// # Errors
    /// `idempotency-key-reused` when the key was used for another question.
    pub(crate) async fn claim<T: DeserializeOwned>(
        change: &mut store::Connection,
        actor: &Actor,
        key: &str,
        asked: &Value,
        at: Timestamp,
    ) -> Result<std::result::Result<T, Self>> {
        let asked = crate::auth::token::hash(&asked.to_string());
        match store::audit::claim(change, &actor.user_id, key, &asked, at).await? {
            Claim::New => Ok(Err(Self { user: actor.user_id.clone(), key: key.to_owned() })),
            Claim::Done { fingerprint, .. } if fingerprint != asked => Err(ProblemType::KeyReused.into()),
            Claim::Done { body, .. } => serde_json::from_str(&body).map(Ok).map_err(|error| Error::Internal(error.to_string())),
        }
    }

    /// Keeps the answer for the next time.
    pub(crate) async fn complete(self, change: &mut store::Connection, answer: &impl Serialize) -> Result<()> {
        let body = serde_json::to_string(answer).map_err(|error| Error::Internal(error.to_string()))?;
        store::audit::complete(change, &self.user, &self.key, &body).await
    }
}
