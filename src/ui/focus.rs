//! Where the focus goes when what had it is gone: a row that was made anew, a message that went, an entry that was opened
//! out of a list, the way back to it. Without this it falls to the body, and who uses a keyboard begins at the top.

use crate::ui::browser;
use leptos::prelude::*;
use std::cell::RefCell;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

/// What is not on the page itself, and gives the focus back to where it came from.
const PASSING: &str = ".toasts";

/// What had the focus, and what would do in its place.
struct Held {
    element: HtmlElement,
    /// From the nearest outwards.
    around: Vec<Element>,
    /// Finds the same control again where it was made anew.
    twin: Option<String>,
    /// Finds the row that it was in by the link there.
    row: Option<String>,
}

#[derive(Default)]
struct Focus {
    held: Option<Held>,
    /// Where it was before it went to something passing.
    before: Option<HtmlElement>,
    /// The address that somebody has come back from: the link to it, as soon as it is there, is where they went on.
    back_from: Option<String>,
}

thread_local! {
    static FOCUS: RefCell<Focus> = RefCell::default();
}

/// Keeps the focus somewhere sensible, for as long as the owner lives.
pub fn keep() {
    let document = browser::document();
    on_cleanup(browser::listen_first(&document, "focusin", |event| {
        if let Some(element) = event.target().and_then(|target| target.dyn_into::<HtmlElement>().ok()) {
            took(element);
        }
    }));
    // Let go by the person, not by what became of it.
    on_cleanup(browser::listen_first(&document, "focusout", |event| {
        let Some(left) = event.target().and_then(|target| target.dyn_into::<HtmlElement>().ok()) else { return };
        browser::after_render(move || {
            FOCUS.with_borrow_mut(|focus| {
                if left.is_connected() && focus.held.as_ref().is_some_and(|held| held.element == left) && is_nowhere() {
                    focus.held = None;
                }
            });
        });
    }));
    for kind in ["keydown", "pointerdown"] {
        on_cleanup(browser::listen_first(&document, kind, |_| FOCUS.with_borrow_mut(|focus| focus.back_from = None)));
    }
    if let Some(body) = document.body() {
        on_cleanup(browser::watch_children(&body, look));
    }
}

/// The page has changed to `now`. Who comes back from an entry of a list goes on at the link to it.
pub fn came(before: &str, now: &str) {
    let up = before.strip_prefix(now).is_some_and(|rest| rest.starts_with('/'));
    FOCUS.with_borrow_mut(|focus| {
        focus.back_from = up.then(|| before.to_owned());
        // The link that led back has a twin where it leads: that is not where somebody went on.
        if let Some(held) = focus.held.as_mut().filter(|_| up) {
            (held.twin, held.row) = (None, None);
        }
    });
    browser::after_render(look);
}

fn is_nowhere() -> bool {
    let document = browser::document();
    let active = document.active_element();
    active.is_none_or(|active| document.body().is_some_and(|body| active == *body.unchecked_ref::<Element>()))
}

fn took(element: HtmlElement) {
    let passing = element.closest(PASSING).ok().flatten().is_some();
    let mut around = Vec::new();
    let mut next = element.parent_element();
    while let Some(parent) = next {
        next = parent.parent_element();
        around.push(parent);
    }
    let row = element.closest("tr, li").ok().flatten().and_then(|row| row.query_selector("a[href]").ok().flatten());
    let row = row.and_then(|link| link.get_attribute("href")).map(|href| by_attribute("a", "href", &href));
    let named = |name: &str| element.get_attribute(name).map(|value| by_attribute(&element.tag_name(), name, &value));
    let twin = named("aria-label").or_else(|| named("href"));
    FOCUS.with_borrow_mut(|focus| {
        if passing {
            let before =
                focus.held.take().map(|held| held.element).filter(|before| before.closest(PASSING).ok().flatten().is_none());
            focus.before = before.or(focus.before.take());
        } else {
            focus.before = None;
        }
        focus.held = Some(Held { element, around, twin, row });
    });
}

fn by_attribute(tag: &str, name: &str, value: &str) -> String {
    format!("{tag}[{name}=\"{}\"]", value.replace('\\', "\\\\").replace('"', "\\\""))
}

/// After every change of the page; most find nothing to do.
fn look() {
    let wanted = FOCUS.with_borrow(|focus| {
        let nowhere = is_nowhere();
        if let Some(link) = focus.back_from.as_ref().and_then(|path| link_to(path)) {
            let at_title = browser::document().active_element().is_some_and(|active| active.matches("main h1").unwrap_or(false));
            return (nowhere || at_title).then_some((link, true));
        }
        let held = focus.held.as_ref().filter(|held| nowhere && !held.element.is_connected())?;
        focus.before.clone().filter(|before| before.is_connected()).or_else(|| in_place_of(held)).map(|element| (element, false))
    });
    let Some((element, goes_on)) = wanted else { return };
    // Not within the borrow: this is heard above. What stands in for something is no reason to scroll away from its place.
    if goes_on {
        browser::focus(&element);
    } else {
        browser::focus_without_scrolling(&element);
    }
    FOCUS.with_borrow_mut(|focus| {
        if focus.back_from.as_ref().and_then(|path| link_to(path)).is_some_and(|link| link == element) {
            focus.back_from = None;
        }
    });
}

/// The link in a list that leads there; not those that lead back, or to another view.
fn link_to(path: &str) -> Option<HtmlElement> {
    let link = format!("main {}:not(.back, .tab)", by_attribute("a", "href", path));
    browser::document().query_selector(&link).ok()??.dyn_into().ok()
}

/// The same control made anew, the link of its row, or the title of the dialog or page that it was on.
fn in_place_of(held: &Held) -> Option<HtmlElement> {
    let around = held.around.iter().find(|around| around.is_connected())?;
    let document = browser::document();
    let dialog = around.closest("dialog[open]").ok().flatten();
    // Under a dialog nothing can be focused.
    if dialog.is_none() && browser::dialog_is_open() {
        return None;
    }
    let within = |selector: &Option<String>| around.query_selector(selector.as_deref()?).ok()?;
    let title = || match &dialog {
        Some(dialog) => dialog.query_selector("h2").ok()?,
        None => document.query_selector("main h1").ok()?,
    };
    within(&held.twin).or_else(|| within(&held.row)).or_else(title)?.dyn_into().ok()
}
