//! Short messages about what has just happened, announced politely.

use crate::client::ClientError;
use crate::i18n::{Key, text};
use crate::t;
use crate::ui::icon::Icon;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::pin::Pin;
use std::sync::Arc;

/// Sends what takes a change back. It is the message's own: the page that made the change may be gone by then, so
/// nothing of a page is read in it, and a page is told by a callback, which does nothing where its owner is gone.
type Undo = Arc<dyn Fn() -> Pin<Box<dyn Future<Output = Result<(), ClientError>>>> + Send + Sync>;

#[derive(Clone)]
pub struct Toast {
    text: String,
    bad: bool,
    /// Takes back what the message tells of.
    undo: Option<Undo>,
    /// Whether a newer one of these makes its undoing void.
    only_newest: bool,
}

impl Toast {
    pub fn good(text: String) -> Self {
        Self { text, bad: false, undo: None, only_newest: false }
    }

    pub fn bad(text: String) -> Self {
        Self { text, bad: true, undo: None, only_newest: false }
    }

    /// Something that was done and can be undone for ten seconds.
    pub fn undoable<F: Future<Output = Result<(), ClientError>> + 'static>(
        text: String,
        undo: impl Fn() -> F + Send + Sync + 'static,
    ) -> Self {
        Self { text, bad: false, undo: Some(Arc::new(move || Box::pin(undo()))), only_newest: false }
    }

    /// The same, of things of which only the newest can be undone: it takes the place of the one before.
    pub fn newest_undoable<F: Future<Output = Result<(), ClientError>> + 'static>(
        text: String,
        undo: impl Fn() -> F + Send + Sync + 'static,
    ) -> Self {
        Self { only_newest: true, ..Self::undoable(text, undo) }
    }
}

/// The messages of this page.
#[derive(Clone, Copy, Debug)]
pub struct Toasts {
    shown: RwSignal<Vec<(u32, Toast)>>,
    next: RwSignal<u32>,
}

impl Toasts {
    pub fn provide() {
        provide_context(Self { shown: RwSignal::new(Vec::new()), next: RwSignal::new(0) });
    }

    pub fn expect() -> Self {
        expect_context()
    }

    /// Shows a message for six seconds; one that says that something failed stays until closed.
    pub fn show(self, toast: Toast) {
        let next = self.next.try_update(|next| {
            *next += 1;
            *next
        });
        let Some(id) = next else { return };
        let stays = toast.bad;
        let seconds = if toast.undo.is_some() { 10 } else { 6 };
        self.shown.update(|shown| {
            shown.retain(|(_, other)| !(toast.only_newest && other.only_newest));
            shown.push((id, toast));
        });
        if !stays {
            set_timeout(move || self.close(id), std::time::Duration::from_secs(seconds));
        }
    }

    /// Takes a change back and says so, wherever the person is by now.
    fn take_back(self, id: u32, undo: &Undo) {
        self.close(id);
        let undone = undo();
        // The messages outlive every page.
        spawn_local(async move {
            self.show(match undone.await {
                Ok(()) => Toast::good(text(Key::Undone, &[])),
                Err(error) => Toast::bad(error.sentence()),
            });
        });
    }

    fn close(self, id: u32) {
        self.shown.try_update(|shown| shown.retain(|(other, _)| *other != id));
    }
}

/// Where the messages appear: once a page.
#[component]
pub fn ToastRegion() -> impl IntoView {
    let toasts = Toasts::expect();
    view! {
        <div class="toasts" role="status">
            <For each=move || toasts.shown.get() key=|(id, _)| *id let((id, toast))>
                <div class="toast" data-bad=toast.bad.then_some("true")>
                    <p>{toast.text.clone()}</p>
                    {toast.undo.map(|undo| view! {
                        <button class="button" type="button" data-kind="quiet" on:click=move |_| toasts.take_back(id, &undo)>
                            {t!(Undo)}
                        </button>
                    })}
                    <button class="button" type="button" data-kind="quiet" aria-label=t!(Close) on:click=move |_| toasts.close(id)>
                        <Icon name="close"/>
                    </button>
                </div>
            </For>
        </div>
    }
}
