//! A change: one transaction, on behalf of somebody whose turn it is to write.

use crate::error::Result;
use crate::turns::Turn;
use pulze_contract::{OrganizationId, UserId};
use sqlx::{Any, AnyConnection, Transaction};
use std::ops::{Deref, DerefMut};

/// On whose behalf something is written, so that nobody's writing holds up everybody's.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Tenant {
    Organization(OrganizationId),
    /// A person beside their organizations: account, sessions, pictures.
    Person(UserId),
    /// Somebody who is not signed in, by the address that they come from.
    Address(String),
    /// The server itself, and its command line.
    Installation,
}

impl From<&OrganizationId> for Tenant {
    fn from(id: &OrganizationId) -> Self {
        Self::Organization(id.clone())
    }
}

impl From<&UserId> for Tenant {
    fn from(id: &UserId) -> Self {
        Self::Person(id.clone())
    }
}

/// A transaction. Dropped without [`Change::commit`], nothing of it stays.
pub struct Change {
    transaction: Transaction<'static, Any>,
    /// Given on when the transaction is over: fields are dropped in this order.
    turn: Turn<Tenant>,
}

impl Change {
    pub(super) fn new(transaction: Transaction<'static, Any>, turn: Turn<Tenant>) -> Self {
        Self { transaction, turn }
    }

    /// Makes the change last.
    ///
    /// # Errors
    /// The database fails; then nothing of it stays.
    pub async fn commit(self) -> Result<()> {
        let Self { transaction, turn } = self;
        transaction.commit().await?;
        drop(turn);
        Ok(())
    }
}

impl Deref for Change {
    type Target = AnyConnection;

    fn deref(&self) -> &AnyConnection {
        &self.transaction
    }
}

impl DerefMut for Change {
    fn deref_mut(&mut self) -> &mut AnyConnection {
        &mut self.transaction
    }
}
