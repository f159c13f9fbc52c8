//! What was read last, kept on the page while it is read again and where reading fails.

use super::Session;
use crate::client::{ClientError, Reading, Result};
use leptos::prelude::*;
use std::sync::Arc;

/// The newest good answer, and why there is none yet.
pub struct Kept<T: Clone + Send + Sync + 'static> {
    pub known: RwSignal<Option<Arc<T>>>,
    pub failure: RwSignal<Option<ClientError>>,
    reading: Reading<T>,
}

impl<T: Clone + Send + Sync + 'static> Clone for Kept<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Clone + Send + Sync + 'static> Copy for Kept<T> {}

impl<T: Clone + Send + Sync + 'static> Kept<T> {
    /// Asks now, and again whenever a signal that the question reads has changed. A refusal that says
    /// something about the session is told to it.
    pub fn new<F: Future<Output = Result<T>> + 'static>(session: Session, ask: impl Fn() -> F + 'static) -> Self {
        let kept = Self { known: RwSignal::new(None), failure: RwSignal::new(None), reading: Reading::new(ask) };
        Effect::new(move || match kept.reading.get() {
            Some(Ok(answer)) => {
                kept.failure.set(None);
                kept.known.set(Some(Arc::new(answer)));
            }
            Some(Err(error)) => {
                session.learn_from(&error);
                kept.failure.set(Some(error));
            }
            None => {}
        });
        kept
    }

    /// Asks again.
    pub fn again(self) {
        self.reading.again();
    }

    /// Whether there is anything to show yet. Reactive; changes once.
    pub fn is_there(self) -> Memo<bool> {
        Memo::new(move |_| self.known.read().is_some())
    }
}
