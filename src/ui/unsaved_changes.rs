//! Asks before typed text is lost: by a link inside the app, or by closing the page.

use crate::t;
use crate::ui::button::{Button, ButtonKind};
use crate::ui::dialog::Dialog;
use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

/// Whether a form on this page holds text that is not saved.
#[derive(Clone, Copy, Debug)]
pub struct UnsavedChanges(RwSignal<bool>);

impl UnsavedChanges {
    pub fn provide() {
        provide_context(Self(RwSignal::new(false)));
    }

    pub fn expect() -> Self {
        expect_context()
    }

    /// Follows a form for as long as it is on the page.
    pub fn follow(self, dirty: Memo<bool>) {
        Effect::new(move || self.0.set(dirty.get()));
        on_cleanup(move || self.0.set(false));
    }
}

/// Catches the links of the app while there is something to lose. Once a page.
#[component]
pub fn UnsavedChangesGuard(
    /// Goes to an address of the app.
    #[prop(into)]
    on_leave: Callback<String>,
) -> impl IntoView {
    let UnsavedChanges(dirty) = UnsavedChanges::expect();
    let open = RwSignal::new(false);
    let wanted = RwSignal::new(String::new());
    let unload = window_event_listener(ev::beforeunload, move |event| {
        if dirty.get_untracked() {
            event.prevent_default();
        }
    });
    on_cleanup(move || unload.remove());

    // In the capture phase, before the router sees the click.
    let catch = move |event: ev::MouseEvent| {
        let plain = event.button() == 0 && !event.ctrl_key() && !event.meta_key() && !event.shift_key();
        let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
        let link = target.and_then(|target| target.closest("a[href^='/']").ok().flatten());
        if let (true, true, Some(href)) = (dirty.get_untracked(), plain, link.and_then(|link| link.get_attribute("href"))) {
            event.prevent_default();
            event.stop_propagation();
            wanted.set(href);
            open.set(true);
        }
    };
    let listener = wasm_bindgen::closure::Closure::<dyn Fn(ev::MouseEvent)>::new(catch);
    let document = crate::ui::browser::document();
    let _ = document.add_event_listener_with_callback_and_bool("click", listener.as_ref().unchecked_ref(), true);
    let listener = StoredValue::new_local(listener);
    on_cleanup(move || {
        listener.with_value(|listener| {
            let _ = document.remove_event_listener_with_callback_and_bool("click", listener.as_ref().unchecked_ref(), true);
        });
    });

    let leave = move |()| {
        dirty.set(false);
        open.set(false);
        on_leave.run(wanted.get_untracked());
    };
    view! {
        <Dialog open title=Signal::derive(t!(UnsavedChanges))>
            <p class="dialog-text">{t!(UnsavedExplained)}</p>
            <div class="dialog-footer">
                <Button on_click=move |()| open.set(false)>{t!(Stay)}</Button>
                <Button kind=ButtonKind::Danger on_click=leave>{t!(LeavePage)}</Button>
            </div>
        </Dialog>
    }
}
