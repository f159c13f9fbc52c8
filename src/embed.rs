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
use std::any::Any;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{CustomEvent, CustomEventInit, HtmlElement};

/// What one `<pulze-profile-menu>` shows; freed, it lets go of all that it made.
#[wasm_bindgen]
pub struct MountedProfileMenu {
    organization: ArcRwSignal<Option<OrganizationId>>,
    console_url: ArcRwSignal<String>,
    /// Unmounts when it is dropped.
    _mounted: Box<dyn Any>,
}

#[wasm_bindgen]
impl MountedProfileMenu {
    /// The host changed an attribute.
    pub fn attribute_changed(&self, name: &str, value: Option<String>) {
        match name {
            "organization" => {
                let organization = value.as_deref().and_then(OrganizationId::parse);
                if *self.organization.read_untracked() != organization {
                    self.organization.set(organization);
                }
            }
            "console-url" => self.console_url.set(value.unwrap_or_default()),
            _ => {}
        }
    }
}

/// Mounts `<pulze-profile-menu>` in `root`, an element inside the shadow root of `host`.
#[wasm_bindgen]
pub fn mount_profile_menu(host: HtmlElement, root: HtmlElement) -> MountedProfileMenu {
    i18n::start();
    let organization = ArcRwSignal::new(host.get_attribute("organization").as_deref().and_then(OrganizationId::parse));
    let console_url = ArcRwSignal::new(host.get_attribute("console-url").unwrap_or_default());
    let (chosen, url) = (organization.clone(), console_url.clone());
    let mounted = leptos::mount::mount_to(root, move || view! { <EmbeddedProfileMenu host chosen url/> });
    MountedProfileMenu { organization, console_url, _mounted: Box::new(mounted) }
}

#[component]
fn EmbeddedProfileMenu(
    host: HtmlElement,
    chosen: ArcRwSignal<Option<OrganizationId>>,
    url: ArcRwSignal<String>,
) -> impl IntoView {
    Toasts::provide();
    let chosen = RwSignal::from(chosen);
    let session = Session::provide(chosen.into());
    let stage = session.stage();
    let host = StoredValue::new_local(host);
    let choose = move |organization: OrganizationSummary| {
        chosen.set(Some(organization.id.clone()));
        host.with_value(|host| announce(host, &organization));
    };
    view! {
        {move || (stage.get() == Stage::SignedIn).then(|| view! {
            <ProfileMenu on_organization=choose on_signed_out=|()| () console_url=url.get()/>
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
