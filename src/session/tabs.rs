//! What the tabs of one browser tell each other: who signed in or out, and what one of them heard from the server.

use crate::ui::browser;
use leptos::prelude::*;
use pulze_contract::live::LiveEvent;
use pulze_contract::{OrganizationId, UserId};
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{BroadcastChannel, MessageEvent};

const CHANNEL: &str = "pulze-console";

/// What a tab tells the others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TabMessage {
    SignedIn(UserId),
    SignedOut,
    /// The person proved again who they are.
    Confirmed,
    /// Heard from the server about an organization.
    Happened(OrganizationId, LiveEvent),
}

thread_local! {
    /// What is told goes out by this one; what the others tell comes in by the one of [`listen`].
    static OUT: Option<BroadcastChannel> = BroadcastChannel::new(CHANNEL).ok();
}

/// Tells the other tabs. This tab hears it too: what follows from it is the same.
pub fn tell(message: &TabMessage) {
    if let Ok(text) = serde_json::to_string(message) {
        OUT.with(|channel| channel.as_ref().map(|channel| channel.post_message(&JsValue::from(text))));
    }
}

/// Listens for as long as the owner lives.
pub fn listen(on_message: impl Fn(TabMessage) + 'static) {
    let Ok(channel) = BroadcastChannel::new(CHANNEL) else { return };
    let listener = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
        if let Some(message) = event.data().as_string().and_then(|text| serde_json::from_str(&text).ok()) {
            on_message(message);
        }
    });
    channel.set_onmessage(Some(listener.as_ref().unchecked_ref()));
    let kept = StoredValue::new_local((channel, listener));
    on_cleanup(move || kept.with_value(|(channel, _)| channel.close()));
}

/// Runs something in one tab of all that want it, until `on_cleanup`: the lock goes to the next tab when this one is
/// closed. `begin` starts it and gives what ends it.
pub fn in_one_tab(name: &str, begin: impl Fn() -> Box<dyn FnOnce()> + 'static) {
    let held = StoredValue::new_local(None::<Box<dyn FnOnce()>>);
    let over = StoredValue::new_local(false);
    let release = StoredValue::new_local(None::<js_sys::Function>);
    let work = Closure::once_into_js(move |_lock: JsValue| -> JsValue {
        if over.try_get_value().unwrap_or(true) {
            return JsValue::UNDEFINED;
        }
        held.set_value(Some(begin()));
        js_sys::Promise::new(&mut |done, _| {
            release.try_set_value(Some(done));
        })
        .into()
    });
    if !browser::request_lock(name, work.unchecked_ref()) {
        // Without locks every tab has its own.
        let _ = work.unchecked_ref::<js_sys::Function>().call1(&JsValue::UNDEFINED, &JsValue::UNDEFINED);
    }
    on_cleanup(move || {
        over.try_set_value(true);
        if let Some(end) = held.try_update_value(Option::take).flatten() {
            end();
        }
        if let Some(done) = release.try_update_value(Option::take).flatten() {
            let _ = done.call0(&JsValue::UNDEFINED);
        }
    });
}
