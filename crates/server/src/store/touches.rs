//! Last visits: noted beside requests, never in their way.

use super::{Store, Tenant, members, sessions};
use crate::error::Result;
use pulze_contract::{OrganizationId, Timestamp, UserId};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What was visited.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Touch {
    /// A session, by the hash of its token.
    Session(String),
    Membership(OrganizationId, UserId),
}

#[derive(Default)]
struct Waiting {
    at: HashMap<Touch, Timestamp>,
    /// Whether somebody is about to write them down.
    taken: bool,
}

/// Visits that are not written down yet: each once, however often it was noted meanwhile.
#[derive(Default)]
pub struct Touches(Mutex<Waiting>);

impl Touches {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self) -> HashMap<Touch, Timestamp> {
        let mut waiting = self.lock();
        waiting.taken = false;
        std::mem::take(&mut waiting.at)
    }
}

impl Store {
    /// Notes a visit. It is written down when the installation has its turn; one that cannot be is noted again by the
    /// next request.
    pub fn touch(&self, touch: Touch, at: Timestamp) {
        let mut waiting = self.touches.lock();
        waiting.at.insert(touch, at);
        if std::mem::replace(&mut waiting.taken, true) {
            return;
        }
        let store = self.clone();
        tokio::spawn(async move {
            if let Err(error) = store.write_touches().await {
                store.touches.take();
                tracing::warn!(%error, "last visits were not written down");
            }
        });
    }

    async fn write_touches(&self) -> Result<()> {
        let mut change = self.change(Tenant::Installation).await?;
        // What is noted from here on is for the next turn.
        for (touch, at) in self.touches.take() {
            match touch {
                Touch::Session(hash) => sessions::touch(&mut change, &hash, at).await?,
                Touch::Membership(organization, user) => members::touch(&mut change, &organization, &user, at).await?,
            }
        }
        change.commit().await
    }
}
