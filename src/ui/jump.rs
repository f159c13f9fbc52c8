//! One key that leads to what has just appeared far away in the order of the page, and back: the newest message, and the
//! bar of what is selected.

use crate::ui::browser;
use leptos::prelude::*;
use leptos::{ev, html};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

/// As browsers and desktops use it: to the next area of a window.
pub const KEY: &str = "F6";
/// A bar names itself by this attribute.
const BAR: &str = "[data-jump]";

/// The key, where it leads to. Only for those who have keys.
#[component]
pub fn JumpKey() -> impl IntoView {
    view! { <kbd class="jump-key">{KEY}</kbd> }
}

/// Listens for the key for as long as the region of the messages is there.
pub fn listen(messages: NodeRef<html::Section>) {
    let came_from = StoredValue::new_local(None::<HtmlElement>);
    let go = move |event: ev::KeyboardEvent| {
        let plain = !(event.ctrl_key() || event.alt_key() || event.meta_key() || event.shift_key());
        if event.key() != KEY || !plain || browser::dialog_is_open() {
            return;
        }
        let newest = messages.get_untracked().and_then(|messages| {
            let all = messages.query_selector_all(".toast").ok()?;
            all.get(all.length().checked_sub(1)?)?.dyn_into::<Element>().ok()
        });
        let bar = browser::document().query_selector(BAR).ok().flatten();
        let areas: Vec<Element> = newest.into_iter().chain(bar).collect();
        // Nothing of ours: the browser's own use of the key.
        if areas.is_empty() {
            return;
        }
        event.prevent_default();
        let active = browser::document().active_element();
        let at = areas.iter().position(|area| area.contains(active.as_deref()));
        if at.is_none() {
            came_from.set_value(active.and_then(|active| active.dyn_into().ok()));
        }
        let next =
            areas.get(at.map_or(0, |at| at + 1)).and_then(|area| area.query_selector("button, select, input").ok().flatten());
        match next {
            Some(control) => browser::focus_element(&control),
            None => {
                let back = came_from.get_value().filter(|from| from.is_connected());
                back.map_or_else(browser::focus_heading, |from| browser::focus(&from));
            }
        }
    };
    let listener = window_event_listener(ev::keydown, go);
    on_cleanup(move || listener.remove());
}
