//! Custom elements: the console's components on a page of somebody else's.
//!
//! `public/elements.js` defines the elements and gives each one's shadow root to this module.

use crate::i18n;
use crate::session::{Session, Stage};
use crate::shell::profile_menu::ProfileMenu;
use crate::ui::toast::{ToastRegion, Toasts};
use leptos::prelude::*;
use pulze_contract::OrganizationId;
use pulze_contract::organization::OrganizationSummary;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{CustomEvent, CustomEventInit, HtmlElement};

/// Mounts `<pulze-profile-menu>` in `root`, an element inside the shadow root of `host`.
#[wasm_bindgen]
pub fn mount_profile_menu(host: HtmlElement, root: HtmlElement) {
    i18n::start();
    let handle = leptos::mount::mount_to(root, move || view! { <EmbeddedProfileMenu host/> });
    handle.forget();
}

#[component]
fn EmbeddedProfileMenu(host: HtmlElement) -> impl IntoView {
    Toasts::provide();
    let chosen = RwSignal::new(host.get_attribute("organization").as_deref().and_then(OrganizationId::parse));
    let session = Session::provide(chosen.into());
    let console_url = host.get_attribute("console-url").unwrap_or_default();
    let stage = session.stage();
    let host = StoredValue::new_local(host);
    let choose = move |organization: OrganizationSummary| {
        chosen.set(Some(organization.id.clone()));
        host.with_value(|host| announce(host, &organization));
    };
    view! {
        {move || (stage.get() == Stage::SignedIn).then(|| view! {
            <ProfileMenu on_organization=choose on_signed_out=|()| () console_url=console_url.clone()/>
        })}
        <ToastRegion/>
    }
}

/// Tells the host's page: `pulze-organization-changed` with the identifier and the name.
fn announce(host: &HtmlElement, organization: &OrganizationSummary) {
    let _ = host.set_attribute("organization", organization.id.as_str());
    let detail = js_sys::Object::new();
    let _ = js_sys::Reflect::set(&detail, &"id".into(), &organization.id.as_str().into());
    let _ = js_sys::Reflect::set(&detail, &"name".into(), &organization.name.as_str().into());
    let options = CustomEventInit::new();
    options.set_bubbles(true);
    options.set_composed(true);
    options.set_detail(detail.unchecked_ref::<JsValue>());
    if let Ok(event) = CustomEvent::new_with_event_init_dict("pulze-organization-changed", &options) {
        let _ = host.dispatch_event(&event);
    }
}
