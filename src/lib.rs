//! The organization console of Pulze, compiled to WebAssembly.
//!
//! Read in this order: [`app`] holds the providers and the whole route tree; [`session`] knows who
//! is signed in, in which organization, and what they may do; [`shell`] is the frame around every
//! page; [`features`] are the pages; [`ui`] is the design system and [`charts`] draw. [`client`] is the only code that
//! knows HTTP, [`paths`] the only code that spells an address, [`i18n`] the only code with words.
//! [`embed`] mounts the same components as custom elements of somebody else's page.

pub mod app;
pub mod charts;
pub mod client;
pub mod embed;
pub mod features;
pub mod i18n;
pub mod paths;
pub mod session;
pub mod shell;
pub mod ui;

use wasm_bindgen::prelude::wasm_bindgen;

/// Runs when the module is loaded. Mounts the app on the console's own page only: a host's page
/// loads the same module for its elements.
#[wasm_bindgen(start)]
pub fn start() {
    ui::browser::hand_panics_to_the_page();
    let ours = ui::browser::document().document_element().is_some_and(|html| html.has_attribute("data-pulze-console"));
    if ours {
        i18n::start();
        leptos::mount::mount_to_body(app::App);
        ui::browser::remove_boot_screen();
    }
}
