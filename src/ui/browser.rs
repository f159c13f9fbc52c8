//! The few places where the app touches the browser itself.

use js_sys::Reflect;
use leptos::prelude::{StoredValue, WithValue};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{Document, Event, EventTarget, HtmlElement, Window};

/// The window; the app runs nowhere else.
pub fn window() -> Window {
    leptos::prelude::window()
}

pub fn document() -> Document {
    leptos::prelude::document()
}

/// A value kept in this browser. `None` also where storage is refused.
pub fn stored(key: &str) -> Option<String> {
    window().local_storage().ok()??.get_item(key).ok()?
}

/// Keeps a value in this browser; a refusal loses only the convenience.
pub fn store(key: &str, value: &str) {
    if let Ok(Some(storage)) = window().local_storage() {
        let _ = storage.set_item(key, value);
    }
}

/// The language that the browser prefers.
pub fn language() -> Option<String> {
    window().navigator().language()
}

pub fn set_document_language(tag: &str, right_to_left: bool) {
    if let Some(html) = document().document_element() {
        let _ = html.set_attribute("lang", tag);
        let _ = html.set_attribute("dir", if right_to_left { "rtl" } else { "ltr" });
    }
}

/// Whether the page is read from right to left.
pub fn right_to_left() -> bool {
    document().document_element().and_then(|html| html.get_attribute("dir")).is_some_and(|direction| direction == "rtl")
}

/// A text in the normal form in which the server keeps names.
pub fn normal(text: &str) -> String {
    js_sys::JsString::from(text).normalize("NFC").into()
}

/// In lower case, by the browser's tables.
pub fn lower_case(text: &str) -> String {
    js_sys::JsString::from(text).to_lower_case().into()
}

/// `light`, `dark`, or nothing for the system's.
pub fn set_theme(theme: &str) {
    if let Some(html) = document().document_element() {
        let _ = if theme.is_empty() { html.remove_attribute("data-theme") } else { html.set_attribute("data-theme", theme) };
    }
}

/// Puts the words of the panic screen where the loader finds them when this module is dead.
pub fn set_panic_words(words: &[String; 3]) {
    if let Some(html) = document().document_element() {
        for (name, word) in ["data-panic-title", "data-panic-text", "data-panic-reload"].into_iter().zip(words) {
            let _ = html.set_attribute(name, word);
        }
    }
}

/// After a panic this module cannot draw any more: the page is told, and draws.
pub fn hand_panics_to_the_page() {
    std::panic::set_hook(Box::new(|info| {
        let message = JsValue::from(info.to_string());
        if let Ok(show) = Reflect::get(&js_sys::global(), &"pulzePanic".into())
            && let Ok(show) = show.dyn_into::<js_sys::Function>()
        {
            let _ = show.call1(&JsValue::UNDEFINED, &message);
        }
    }));
}

/// Milliseconds since 1970.
pub fn now() -> i64 {
    // Whole milliseconds, far below what a float holds exactly.
    #[allow(clippy::cast_possible_truncation)]
    let now = js_sys::Date::now() as i64;
    now
}

pub fn remove_boot_screen() {
    if let Some(boot) = document().get_element_by_id("boot") {
        boot.remove();
    }
}

/// Path and search of this page.
pub fn address() -> String {
    let location = window().location();
    location.pathname().unwrap_or_default() + &location.search().unwrap_or_default()
}

/// What follows the `#`.
pub fn fragment() -> String {
    window().location().hash().unwrap_or_default().trim_start_matches('#').to_owned()
}

/// A parameter of the address, which leaves it.
pub fn take_parameter(name: &str) -> Option<String> {
    let address = web_sys::Url::new(&window().location().href().ok()?).ok()?;
    let parameters = address.search_params();
    let value = parameters.get(name)?;
    parameters.delete(name);
    let rest = address.pathname() + &address.search() + &address.hash();
    window().history().ok()?.replace_state_with_url(&JsValue::NULL, "", Some(&rest)).ok()?;
    Some(value)
}

/// A new entry of the history, without loading anything.
pub fn push_address(address: &str) {
    if let Ok(history) = window().history() {
        let _ = history.push_state_with_url(&JsValue::NULL, "", Some(address));
    }
}

pub fn back() {
    if let Ok(history) = window().history() {
        let _ = history.back();
    }
}

/// Hears an event before everything else on the page does. Ends when the returned function is called.
pub fn listen_first(
    target: &EventTarget,
    event: &'static str,
    on_event: impl Fn(Event) + 'static,
) -> impl FnOnce() + Send + Sync + 'static {
    let listener = Closure::<dyn Fn(Event)>::new(on_event);
    let _ = target.add_event_listener_with_callback_and_bool(event, listener.as_ref().unchecked_ref(), true);
    let kept = StoredValue::new_local((target.clone(), listener));
    move || {
        kept.with_value(|(target, listener)| {
            let _ = target.remove_event_listener_with_callback_and_bool(event, listener.as_ref().unchecked_ref(), true);
        });
    }
}

/// Copies one thing in several forms, by media type: each as a blob, or as the promise of one. Nothing where the
/// browser cannot.
pub fn copy_forms(forms: &js_sys::Object) -> Option<js_sys::Promise> {
    let item = Reflect::get(&js_sys::global(), &"ClipboardItem".into()).ok()?.dyn_into::<js_sys::Function>().ok()?;
    let item = Reflect::construct(&item, &js_sys::Array::of1(forms)).ok()?;
    Some(window().navigator().clipboard().write(&js_sys::Array::of1(&item)))
}

/// A text as a blob of a media type.
pub fn text_blob(text: &str, media_type: &str) -> Option<web_sys::Blob> {
    let options = web_sys::BlobPropertyBag::new();
    options.set_type(media_type);
    web_sys::Blob::new_with_str_sequence_and_options(&js_sys::Array::of1(&text.into()), &options).ok()
}

/// Lets the browser save bytes as a file.
pub fn save_file(name: &str, bytes: &[u8]) {
    let save = || {
        let bytes = js_sys::Uint8Array::from(bytes);
        let blob = web_sys::Blob::new_with_u8_array_sequence(&js_sys::Array::of1(&bytes)).ok()?;
        let address = web_sys::Url::create_object_url_with_blob(&blob).ok()?;
        let link = document().create_element("a").ok()?.dyn_into::<HtmlElement>().ok()?;
        link.set_attribute("href", &address).ok()?;
        link.set_attribute("download", name).ok()?;
        link.click();
        web_sys::Url::revoke_object_url(&address).ok()
    };
    let _ = save();
}

/// Asks for a lock among the tabs of this browser (Web Locks); `false` where there are none.
pub fn request_lock(name: &str, work: &js_sys::Function) -> bool {
    let ask = || {
        let locks = Reflect::get(&window().navigator(), &"locks".into()).ok()?;
        let request = Reflect::get(&locks, &"request".into()).ok()?.dyn_into::<js_sys::Function>().ok()?;
        request.call2(&locks, &name.into(), work).ok()
    };
    ask().is_some()
}

/// Goes to an address outside the app, in this tab.
pub fn go_to(address: &str) {
    let _ = window().location().set_href(address);
}

/// Loads the page anew.
pub fn reload() {
    let _ = window().location().reload();
}

/// A random identifier: one intention of the person, however often it is sent.
pub fn random_key() -> String {
    let crypto = Reflect::get(&js_sys::global(), &"crypto".into()).unwrap_or_default();
    let random =
        Reflect::get(&crypto, &"randomUUID".into()).ok().and_then(|function| function.dyn_into::<js_sys::Function>().ok());
    let uuid = random.and_then(|function| function.call0(&crypto).ok()).and_then(|uuid| uuid.as_string());
    // `randomUUID` is there on https and on loopback only.
    // Written by the browser: the digits of a float would be five kilobytes of ours.
    let digits =
        |number: f64| String::from(js_sys::Number::from(number).to_string_with_radix(10).unwrap_or_default()).replace('.', "");
    uuid.unwrap_or_else(|| format!("{}-{}", digits(js_sys::Date::now()), digits(js_sys::Math::random())))
}

/// Runs something after the current changes are on the page.
pub fn after_render(work: impl FnOnce() + 'static) {
    let callback = Closure::once_into_js(work);
    let _ = window().request_animation_frame(callback.unchecked_ref());
}

/// Whether an element has the focus, also within a shadow root.
pub fn has_focus(element: &web_sys::Element) -> bool {
    element.matches(":focus").unwrap_or(false)
}

/// Whether this is a machine of Apple's, whose commands go by ⌘.
pub fn is_apple() -> bool {
    let platform = Reflect::get(&window().navigator(), &"platform".into()).ok().and_then(|name| name.as_string());
    platform.is_some_and(|name| name.starts_with("Mac") || name.starts_with("iP"))
}

/// Whether a modal dialog is over the page.
pub fn dialog_is_open() -> bool {
    document().query_selector("dialog[open]").ok().flatten().is_some()
}

/// Scrolls an element just so far that it is seen.
pub fn scroll_into_view(id: &str) {
    if let Some(element) = document().get_element_by_id(id) {
        scroll_nearest(&element);
    }
}

/// The same, for an element that was found.
pub fn scroll_nearest(element: &web_sys::Element) {
    let options = web_sys::ScrollIntoViewOptions::new();
    options.set_block(web_sys::ScrollLogicalPosition::Nearest);
    options.set_inline(web_sys::ScrollLogicalPosition::Nearest);
    element.scroll_into_view_with_scroll_into_view_options(&options);
}

/// Focuses an element that was found on the page.
pub fn focus_element(element: &web_sys::Element) {
    if let Some(element) = element.dyn_ref::<HtmlElement>() {
        focus(element);
    }
}

/// Focuses the title of the page, as after a navigation.
pub fn focus_heading() {
    if let Some(heading) = document().query_selector("main h1").ok().flatten() {
        focus_element(&heading);
    }
}

/// Calls `on_change` when something below a node has come or gone. Ends when the returned function is called.
pub fn watch_children(target: &web_sys::Node, on_change: impl Fn() + 'static) -> impl FnOnce() + Send + Sync + 'static {
    let closure = Closure::<dyn Fn()>::new(on_change);
    let observer = web_sys::MutationObserver::new(closure.as_ref().unchecked_ref()).ok();
    let options = web_sys::MutationObserverInit::new();
    options.set_child_list(true);
    options.set_subtree(true);
    if let Some(observer) = &observer {
        let _ = observer.observe_with_options(target, &options);
    }
    let kept = StoredValue::new_local((observer, closure));
    move || {
        kept.try_with_value(|(observer, _)| {
            if let Some(observer) = observer {
                observer.disconnect();
            }
        });
    }
}

/// Does what a click on an element would do.
pub fn click(element: &HtmlElement) {
    element.click();
}

pub fn focus(element: &HtmlElement) {
    let _ = element.focus();
}

pub fn focus_without_scrolling(element: &HtmlElement) {
    let options = web_sys::FocusOptions::new();
    options.set_prevent_scroll(true);
    let _ = element.focus_with_options(&options);
}
