//! A change on its way to the server, bound to the form or button that sent it.
//!
//! The request always runs to its end, and its outcome is always told. What sent it hears of the outcome only while it is
//! still on the page: no answer reads a signal, runs a callback or follows a link of something that is gone.

use super::Session;
use crate::client::{ClientError, Listener, Result};
use crate::ui::toast::{Toast, Toasts};
use leptos::prelude::*;
use leptos::task::spawn_local;

/// One form or button, and what it has sent. Made in the component that it belongs to.
#[derive(Clone, Copy, Debug)]
pub struct Submission {
    busy: RwSignal<bool>,
    failure: RwSignal<Option<ClientError>>,
    /// Whether a failure is shown beside what sent it; otherwise it is a message.
    in_place: bool,
    sender: Listener,
    session: Session,
    toasts: Toasts,
}

impl Submission {
    /// For a form that shows by itself why it was refused.
    pub fn of_form() -> Self {
        Self::of_dialog(RwSignal::new(false))
    }

    /// The same within a dialog, which must not close while `busy` holds.
    pub fn of_dialog(busy: RwSignal<bool>) -> Self {
        Self {
            busy,
            failure: RwSignal::new(None),
            in_place: true,
            sender: Listener::here(),
            session: Session::expect(),
            toasts: Toasts::expect(),
        }
    }

    /// For a button that has no place of its own for a failure.
    pub fn of_button() -> Self {
        Self { in_place: false, ..Self::of_form() }
    }

    /// Whether something is on its way. Reactive.
    pub fn busy(self) -> Signal<bool> {
        self.busy.into()
    }

    /// The same, for a handler.
    pub fn is_busy(self) -> bool {
        self.busy.try_get_untracked().unwrap_or(true)
    }

    /// Why the last one was refused.
    pub fn failure(self) -> RwSignal<Option<ClientError>> {
        self.failure
    }

    /// Why the last one was refused, in a sentence.
    pub fn sentence(self) -> Signal<Option<String>> {
        Signal::derive(move || self.failure.get().map(|error| error.sentence()))
    }

    /// What was refused of a field. Reactive.
    pub fn of_field(self, field: &str) -> Option<String> {
        self.failure.get().and_then(|error| error.of_field(field))
    }

    /// Sends a change, unless one is on its way. After it has succeeded, `told` is run wherever the person is by then: it
    /// shows messages, closes dialogs and runs callbacks by `try_run`, and reads nothing of the page.
    pub fn send<T: 'static>(self, request: impl Future<Output = Result<T>> + 'static, told: impl FnOnce(&T) + 'static) {
        self.send_then(request, told, |_| {});
    }

    /// The same, and after `told` runs `here`, only where the sender is still on the page: it may read what it likes there.
    pub fn send_then<T: 'static>(
        self,
        request: impl Future<Output = Result<T>> + 'static,
        told: impl FnOnce(&T) + 'static,
        here: impl FnOnce(T) + 'static,
    ) {
        if self.is_busy() {
            return;
        }
        self.busy.set(true);
        self.failure.set(None);
        spawn_local(async move {
            let answer = request.await;
            let _ = self.busy.try_set(false);
            match answer {
                Ok(answer) => {
                    told(&answer);
                    if self.sender.is_there() {
                        here(answer);
                    }
                }
                Err(error) => self.refuse(error),
            }
        });
    }

    /// What was refused is never lost: who has left the form is told by a message.
    fn refuse(self, error: ClientError) {
        self.session.learn_from(&error);
        if !(self.in_place && self.sender.is_there()) {
            self.toasts.show(Toast::bad(error.sentence()));
        }
        let _ = self.failure.try_set(Some(error));
    }
}

#[cfg(test)]
mod tests {
    use leptos::prelude::*;

    /// An expectation that nothing fulfils fails the check: this one proves that it refuses what panics.
    #[test]
    #[expect(clippy::disallowed_methods, reason = "never called")]
    fn a_callback_is_not_run_without_looking_whether_it_is_there() {
        let _: fn(Callback<()>) = |callback| callback.run(());
    }
}
