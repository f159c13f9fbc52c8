//! One async function per operation: the only code that knows HTTP.

pub mod error;
mod request;

pub use error::ClientError;
use pulze_contract::organization::{Organization, OrganizationCreate, OrganizationDelete, OrganizationUpdate};
use pulze_contract::session::{Session, SessionCreate, Viewer};
use pulze_contract::{Operation, OrganizationId};
use request::Request;
use std::collections::HashMap;

/// What an operation gives, or why it did not.
pub type Result<T> = std::result::Result<T, ClientError>;

pub async fn session_read() -> Result<Option<Viewer>> {
    Request::new(Operation::SessionRead).send::<Session>().await.map(|session| session.viewer)
}

pub async fn session_create(body: &SessionCreate) -> Result<Option<Viewer>> {
    Request::new(Operation::SessionCreate).body(body).send::<Session>().await.map(|session| session.viewer)
}

pub async fn session_delete() -> Result<()> {
    Request::new(Operation::SessionDelete).send_empty().await
}

/// `key` stays the same for one intention, so that asking twice creates once.
pub async fn organization_create(body: &OrganizationCreate, key: &str) -> Result<Organization> {
    Request::new(Operation::OrganizationCreate).header("Idempotency-Key", key).body(body).send().await
}

pub async fn organization_read(id: &OrganizationId) -> Result<Organization> {
    Request::new(Operation::OrganizationRead).organization(id).send().await
}

/// `version` is that of the organization which the person was looking at.
pub async fn organization_update(id: &OrganizationId, version: i64, body: &OrganizationUpdate) -> Result<Organization> {
    Request::new(Operation::OrganizationUpdate)
        .organization(id)
        .header("If-Match", &format!("\"{version}\""))
        .body(body)
        .send()
        .await
}

pub async fn organization_delete(id: &OrganizationId, body: &OrganizationDelete) -> Result<()> {
    Request::new(Operation::OrganizationDelete).organization(id).body(body).send_empty().await
}

pub async fn membership_delete(id: &OrganizationId) -> Result<()> {
    Request::new(Operation::MembershipDelete).organization(id).send_empty().await
}

/// The words of a language.
pub async fn translations(language: &str) -> Result<HashMap<String, String>> {
    request::file(&format!("/locales/{language}.json")).await
}
