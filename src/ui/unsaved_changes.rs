//! Asks before typed text is lost: by a link inside the app, by Back and Forward, or by closing the page.

use crate::t;
use crate::ui::browser;
use crate::ui::button::{Button, ButtonKind};
use crate::ui::dialog::Dialog;
use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::Event;

/// Whether a form on this page holds text that is not saved.
#[derive(Clone, Copy, Debug)]
pub struct UnsavedChanges {
    dirty: RwSignal<bool>,
    /// The page of the form, as the address bar named it.
    address: RwSignal<String>,
    /// Where the person wanted to go while there was something to lose, and whether they are asked.
    wanted: StoredValue<Option<Way>>,
    asked: RwSignal<bool>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Way {
    Link(String),
    /// Back or Forward.
    History,
}

impl UnsavedChanges {
    /// To be called before the router is made: of two listeners on the window the earlier one hears first.
    pub fn provide() {
        let changes = Self {
            dirty: RwSignal::new(false),
            address: RwSignal::new(String::new()),
            wanted: StoredValue::new(None),
            asked: RwSignal::new(false),
        };
        provide_context(changes);
        on_cleanup(browser::listen_first(&browser::document(), "click", move |event| changes.catch_link(&event)));
        on_cleanup(browser::listen_first(&browser::window(), "popstate", move |event| changes.catch_history(&event)));
        on_cleanup(browser::listen_first(&browser::window(), "beforeunload", move |event| {
            if changes.dirty.get_untracked() {
                event.prevent_default();
            }
        }));
    }

    pub fn expect() -> Self {
        expect_context()
    }

    /// Follows a form for as long as it is on the page.
    pub fn follow(self, dirty: Memo<bool>) {
        self.address.set(browser::address());
        Effect::new(move || self.dirty.set(dirty.get()));
        on_cleanup(move || self.dirty.set(false));
    }

    pub fn any(self) -> bool {
        self.dirty.get_untracked()
    }

    fn catch_link(self, event: &Event) {
        let Some(click) = event.dyn_ref::<ev::MouseEvent>() else { return };
        let plain = click.button() == 0 && !click.ctrl_key() && !click.meta_key() && !click.shift_key();
        let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
        let link = target.and_then(|target| target.closest("a[href^='/']").ok().flatten());
        if let (true, true, Some(href)) = (self.dirty.get_untracked(), plain, link.and_then(|link| link.get_attribute("href"))) {
            event.prevent_default();
            event.stop_propagation();
            self.ask(Way::Link(href));
        }
    }

    fn ask(self, way: Way) {
        self.wanted.set_value(Some(way));
        self.asked.set(true);
    }

    /// The browser has moved already: this page is put on top again, so that going on means one step back.
    fn catch_history(self, event: &Event) {
        if self.dirty.get_untracked() {
            event.stop_immediate_propagation();
            browser::push_address(&self.address.get_untracked());
            self.ask(Way::History);
        }
    }
}

/// The question, once a page.
#[component]
pub fn UnsavedChangesGuard(
    /// Goes to an address of the app.
    #[prop(into)]
    on_leave: Callback<String>,
) -> impl IntoView {
    let UnsavedChanges { dirty, wanted, asked: open, .. } = UnsavedChanges::expect();
    let leave = move |()| {
        let way = wanted.get_value();
        dirty.set(false);
        open.set(false);
        match way {
            Some(Way::Link(path)) => {
                on_leave.try_run(path);
            }
            Some(Way::History) => browser::back(),
            None => {}
        }
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
