//! Short messages about what has just happened, announced politely.

use crate::t;
use crate::ui::icon::Icon;
use leptos::prelude::*;

#[derive(Clone, Debug)]
pub struct Toast {
    text: String,
    bad: bool,
    /// Takes back what the message tells of.
    undo: Option<Callback<()>>,
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
    pub fn undoable(text: String, undo: Callback<()>) -> Self {
        Self { text, bad: false, undo: Some(undo), only_newest: false }
    }

    /// The same, of things of which only the newest can be undone: it takes the place of the one before.
    pub fn newest_undoable(text: String, undo: Callback<()>) -> Self {
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
        let id = self.next.get_untracked();
        self.next.set(id + 1);
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
                        <button class="button" type="button" data-kind="quiet" on:click=move |_| {
                            toasts.close(id);
                            undo.run(());
                        }>
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
