//! Something that is read from the server and can be read again.

use super::Result;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::pin::Pin;

type Asking<T> = Pin<Box<dyn Future<Output = Result<T>>>>;

/// Whoever waits for an answer, as long as they are on the page. Made in the component that waits.
#[derive(Clone, Copy, Debug)]
pub struct Listener(StoredValue<()>);

impl Listener {
    /// For as long as the current owner lives.
    pub fn here() -> Self {
        Self(StoredValue::new(()))
    }

    pub fn is_there(self) -> bool {
        !self.0.is_disposed()
    }

    /// Does `work` to its end; `then` hears what came of it only while the listener is there. What `work` reads of a page
    /// is read before it is given here.
    pub fn hear<T: 'static>(self, work: impl Future<Output = T> + 'static, then: impl FnOnce(T) + 'static) {
        spawn_local(async move {
            let outcome = work.await;
            if self.is_there() {
                then(outcome);
            }
        });
    }
}

/// The newest answer to a question. Smaller in wasm than a resource, which also knows suspense,
/// streaming and hydration: one of those costs 5 KB (brotli) a type.
pub struct Reading<T: Clone + Send + Sync + 'static> {
    answer: RwSignal<Option<Result<T>>>,
    again: RwSignal<u32>,
}

impl<T: Clone + Send + Sync + 'static> Clone for Reading<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Clone + Send + Sync + 'static> Copy for Reading<T> {}

impl<T: Clone + Send + Sync + 'static> Reading<T> {
    /// Asks now, and again whenever a signal that the question reads has changed.
    pub fn new<F: Future<Output = Result<T>> + 'static>(ask: impl Fn() -> F + 'static) -> Self {
        Self::start(Box::new(move || Box::pin(ask())))
    }

    fn start(ask: Box<dyn Fn() -> Asking<T>>) -> Self {
        let reading = Self { answer: RwSignal::new(None), again: RwSignal::new(0) };
        // Counts questions: a late answer to an older one is not taken for this one's.
        let newest = StoredValue::new(0_u32);
        Effect::new(move || {
            reading.again.track();
            let asking = ask();
            newest.update_value(|newest| *newest += 1);
            let question = newest.get_value();
            spawn_local(async move {
                let answer = asking.await;
                if newest.try_get_value() == Some(question) {
                    reading.answer.set(Some(answer));
                }
            });
        });
        reading
    }

    /// The answer, once there is one. Reactive.
    pub fn get(&self) -> Option<Result<T>> {
        self.answer.get()
    }

    /// Asks again; the answer that is there stays until the next one comes.
    pub fn again(self) {
        self.again.update(|again| *again += 1);
    }
}
