//! Short messages about what has just happened: announced politely, or at once where something failed.

use crate::client::ClientError;
use crate::i18n::{Key, text};
use crate::t;
use crate::ui::icon::Icon;
use crate::ui::jump::{self, JumpKey};
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use wasm_bindgen::JsCast;
use web_sys::{FocusEvent, Node};

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
    /// Whether the pointer or the focus is among the messages: none goes meanwhile.
    pointed: StoredValue<bool>,
    focused: StoredValue<bool>,
}

impl Toasts {
    pub fn provide() {
        provide_context(Self {
            shown: RwSignal::new(Vec::new()),
            next: RwSignal::new(0),
            pointed: StoredValue::new(false),
            focused: StoredValue::new(false),
        });
    }

    pub fn expect() -> Self {
        expect_context()
    }

    /// Shows a message for six seconds, for ten where it can be undone, and for as long as somebody is at the messages; one
    /// that says that something failed stays until closed.
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
            self.close_later(id, Duration::from_secs(seconds));
        }
    }

    /// Takes a change back and says so, wherever the person is by now.
    fn take_back(self, id: u32, undo: &Undo) {
        self.close(id);
        let undone = undo();
        // The messages outlive every page.
        spawn_local(async move {
            self.show(match undone.await {
                Ok(()) => Toast::good(text(Key::Undone)),
                Err(error) => Toast::bad(error.sentence()),
            });
        });
    }

    fn close_later(self, id: u32, after: Duration) {
        let held = move || self.pointed.try_get_value() == Some(true) || self.focused.try_get_value() == Some(true);
        set_timeout(move || if held() { self.close_later(id, after) } else { self.close(id) }, after);
    }

    fn close(self, id: u32) {
        self.shown.try_update(|shown| shown.retain(|(other, _)| *other != id));
    }
}

/// Where the messages appear: once a page.
#[component]
pub fn ToastRegion() -> impl IntoView {
    let toasts = Toasts::expect();
    let region = NodeRef::<html::Section>::new();
    jump::listen(region);
    let of = move |bad: bool| {
        let shown = toasts.shown.get();
        shown.into_iter().filter(|(_, toast)| toast.bad == bad).collect::<Vec<_>>()
    };
    let focus_goes = move |event: FocusEvent| {
        let to = event.related_target().and_then(|to| to.dyn_into::<Node>().ok());
        let stays = region.get_untracked().is_some_and(|region| region.contains(to.as_ref()));
        toasts.focused.set_value(stays);
    };
    view! {
        <section
            class="toasts"
            aria-label=t!(Notifications)
            node_ref=region
            on:pointerenter=move |_| toasts.pointed.set_value(true)
            on:pointerleave=move |_| toasts.pointed.set_value(false)
            on:focusin=move |_| toasts.focused.set_value(true)
            on:focusout=focus_goes
        >
            // Each failure is an alert of its own, so that it interrupts when it comes.
            <For each=move || of(true) key=|(id, _)| *id let((id, toast))><Message id toast/></For>
            <div class="toast-list" role="status" aria-atomic="false">
                <For each=move || of(false) key=|(id, _)| *id let((id, toast))><Message id toast/></For>
            </div>
        </section>
    }
}

#[component]
fn Message(id: u32, toast: Toast) -> impl IntoView {
    let toasts = Toasts::expect();
    let Toast { text, bad, undo, .. } = toast;
    view! {
        <div class="toast" data-bad=bad.then_some("true") role=bad.then_some("alert")>
            <p>{text}</p>
            {undo.map(|undo| view! {
                <button
                    class="button"
                    type="button"
                    data-kind="quiet"
                    aria-keyshortcuts=jump::KEY
                    on:click=move |_| toasts.take_back(id, &undo)
                >
                    {t!(Undo)}
                </button>
                <JumpKey/>
            })}
            <button class="button" type="button" data-kind="quiet" aria-label=t!(Close) on:click=move |_| toasts.close(id)>
                <Icon name="close"/>
            </button>
        </div>
    }
}
