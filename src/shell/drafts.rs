//! What is typed and not saved outlives a reload of its tab: for a new release, by F5, or after a crash of the page. It is
//! kept in the tab alone, for the person and the address that it was typed at, and only until the next page is there.
//! Passwords and secrets are not kept.

use crate::i18n::{Key, text};
use crate::session::Session;
use crate::ui::browser;
use crate::ui::toast::{Toast, Toasts};
use crate::ui::unsaved_changes::UnsavedChanges;
use leptos::prelude::*;
use pulze_contract::UserId;
use serde::{Deserialize, Serialize};
use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{
    CustomEvent, CustomEventInit, HtmlElement, HtmlInputElement, HtmlSelectElement, MutationObserver, MutationObserverInit,
    Storage,
};

const DRAFT: &str = "pulze.draft";

/// The controls of the page's own forms. One in a dialog has none to come back to.
const CONTROLS: &str = "main form :is(input, textarea, select):not([type=password], [type=file], [type=search], dialog *)";

/// So long after the last thing that fitted it is given up: a page and its form come in steps, and what is chosen in one
/// field may bring another.
const GIVE_UP: Duration = Duration::from_secs(15);

#[derive(Serialize, Deserialize)]
struct Draft {
    user: UserId,
    address: String,
    values: Vec<Value>,
    /// Whether the person knows that something came back.
    #[serde(skip)]
    told: bool,
}

/// What one control held. Found again by what it is called, as a person finds it, and by its turn among those of that name.
#[derive(Serialize, Deserialize, PartialEq, Eq)]
struct Value {
    name: String,
    turn: usize,
    value: String,
    checked: bool,
}

/// Keeps drafts of this tab, and brings one back where the page was loaded again.
pub fn keep(session: Session) {
    let changes = UnsavedChanges::expect();
    let toasts = Toasts::expect();
    if let Some(draft) = take().filter(|_| was_reload()) {
        restore(session, toasts, draft);
    }
    // Only what the person changed: the rest is the server's, which may know better by then.
    let changed = StoredValue::new_local(Vec::<HtmlElement>::new());
    on_cleanup(browser::listen_first(&browser::document(), "input", move |event| {
        if let Some(control) = event.target().and_then(|target| target.dyn_into::<HtmlElement>().ok()) {
            changed.update_value(|changed| {
                changed.retain(|other| other.is_connected() && *other != control);
                changed.push(control);
            });
        }
    }));
    on_cleanup(browser::listen_first(&browser::window(), "pagehide", move |_| {
        let Some(user) = session.user_id().filter(|_| changes.any()) else { return };
        let draft = Draft { user, address: browser::address(), values: values(&changed.read_value()), told: false };
        if let (Some(storage), Ok(draft)) = (storage(), serde_json::to_string(&draft)) {
            let _ = storage.set_item(DRAFT, &draft);
        }
    }));
}

fn storage() -> Option<Storage> {
    browser::window().session_storage().ok()?
}

/// The draft, which is kept no longer.
fn take() -> Option<Draft> {
    let storage = storage()?;
    let draft = storage.get_item(DRAFT).ok()??;
    let _ = storage.set_item(DRAFT, "");
    serde_json::from_str(&draft).ok()
}

/// Whether this page is the one before, loaded again. Who went away on purpose left it.
fn was_reload() -> bool {
    let kind = || {
        let get = |of: &JsValue, name: &str| js_sys::Reflect::get(of, &JsValue::from(name)).ok();
        let performance = get(&browser::window(), "performance")?;
        let entries = get(&performance, "getEntriesByType")?.dyn_into::<js_sys::Function>().ok()?;
        let entries = entries.call1(&performance, &JsValue::from("navigation")).ok()?;
        get(&get(&entries, "0")?, "type")?.as_string()
    };
    kind().is_some_and(|kind| kind == "reload")
}

fn controls() -> Vec<(String, usize, HtmlElement)> {
    let mut found: Vec<(String, usize, HtmlElement)> = Vec::new();
    let Ok(list) = browser::document().query_selector_all(CONTROLS) else { return found };
    for control in (0..list.length()).filter_map(|place| list.get(place)?.dyn_into::<HtmlElement>().ok()) {
        let name = name(&control);
        let turn = found.iter().filter(|(other, ..)| *other == name).count();
        found.push((name, turn, control));
    }
    found
}

/// Its label, with the value of a choice: one of several under one name.
fn name(control: &HtmlElement) -> String {
    let id = control.id();
    let of_id = (!id.is_empty()).then(|| browser::document().query_selector(&format!("label[for='{id}']")).ok()).flatten();
    let label = of_id.flatten().or_else(|| control.closest("label").ok().flatten());
    let label = label.and_then(|label| label.text_content()).or_else(|| control.get_attribute("aria-label")).unwrap_or_default();
    match control.get_attribute("type").as_deref() {
        Some("radio" | "checkbox") => format!("{label} {}", control.get_attribute("value").unwrap_or_default()),
        _ => label,
    }
}

/// A text area has the same `value` as a field of one line.
fn value_of(control: &HtmlElement) -> (String, bool) {
    let checked = control.dyn_ref::<HtmlInputElement>().is_some_and(HtmlInputElement::checked);
    let value = match control.dyn_ref::<HtmlSelectElement>() {
        Some(select) => select.value(),
        None => control.unchecked_ref::<HtmlInputElement>().value(),
    };
    (value, checked)
}

fn values(changed: &[HtmlElement]) -> Vec<Value> {
    let value = |(name, turn, control): (String, usize, HtmlElement)| {
        let (value, checked) = value_of(&control);
        Value { name, turn, value, checked }
    };
    controls().into_iter().filter(|(.., control)| changed.contains(control)).map(value).collect()
}

/// Waits for the form, for as long as the person and the address are those of the draft. It looks when something new is on
/// the page, and asks nothing while nothing changes; while nobody is signed in, it waits for them.
fn restore(session: Session, toasts: Toasts, draft: Draft) {
    let watching = StoredValue::new_local(None::<Watching>);
    let end = move || {
        let _ = watching.try_update_value(Option::take);
    };
    let viewer = session.viewer();
    let left = Rc::new(RefCell::new(Some(draft)));
    Effect::new(move |_| {
        if viewer.read().is_none() || left.borrow().is_none() {
            return;
        }
        let left = Rc::clone(&left);
        let look = move || {
            let mut left = left.borrow_mut();
            // Of somebody else, or of a page that was left meanwhile: nothing of it is shown.
            if session.user_id().as_ref() != left.as_ref().map(|draft| &draft.user) {
                *left = None;
            }
            let Some(draft) = left.as_mut().filter(|draft| draft.address == browser::address()) else { return };
            let all = draft.values.len();
            let told = draft.told;
            bring_back(draft);
            draft.told |= draft.values.len() < all;
            if draft.told && !told {
                toasts.show(Toast::good(text(Key::DraftBack)));
            }
        };
        look();
        watching.set_value(Watching::start(look));
        set_timeout(end, GIVE_UP);
    });
    on_cleanup(end);
}

/// Tells when something was added to the page, until it is dropped.
struct Watching {
    observer: MutationObserver,
    _told: Closure<dyn FnMut()>,
}

impl Watching {
    fn start(look: impl FnMut() + 'static) -> Option<Self> {
        let told = Closure::<dyn FnMut()>::new(look);
        let observer = MutationObserver::new(told.as_ref().unchecked_ref()).ok()?;
        let wanted = MutationObserverInit::new();
        wanted.set_child_list(true);
        wanted.set_subtree(true);
        observer.observe_with_options(&browser::document(), &wanted).ok()?;
        Some(Self { observer, _told: told })
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}

/// Brings back what has a place by now. Each value once: what the person does with it afterwards stays.
fn bring_back(draft: &mut Draft) {
    for (name, turn, control) in controls() {
        let kept = draft.values.iter().position(|value| value.name == name && value.turn == turn);
        if let Some(place) = kept.filter(|place| put(&control, &draft.values[*place])) {
            draft.values.remove(place);
        }
    }
}

/// As if the person had done it: the form takes it up by its own listeners.
fn put(control: &HtmlElement, kept: &Value) -> bool {
    let (value, checked) = value_of(control);
    if let Some(kind) = control.get_attribute("type").filter(|kind| kind == "radio" || kind == "checkbox") {
        let differs = kept.checked != checked && (kept.checked || kind == "checkbox");
        if differs {
            control.click();
        }
        return differs;
    }
    if value == kept.value {
        return false;
    }
    let set = |value: &str| match control.dyn_ref::<HtmlSelectElement>() {
        Some(select) => select.set_value(value),
        None => control.unchecked_ref::<HtmlInputElement>().set_value(value),
    };
    set(&kept.value);
    if value_of(control).0 != kept.value {
        // A choice that is not there (yet).
        set(&value);
        return false;
    }
    let bubbles = CustomEventInit::new();
    bubbles.set_bubbles(true);
    for kind in ["input", "change"] {
        if let Ok(event) = CustomEvent::new_with_event_init_dict(kind, &bubbles) {
            let _ = control.dispatch_event(&event);
        }
    }
    true
}
