//! Parts of the design system, mounted in a real browser.
#![cfg(target_arch = "wasm32")]
#![allow(clippy::unwrap_used)]

use leptos::mount::mount_to;
use leptos::prelude::*;
use leptos::task::tick;
use pulze_console::i18n::{self, Key};
use pulze_console::ui::button::Button;
use pulze_console::ui::field::TextField;
use pulze_console::ui::logo::Logo;
use pulze_contract::money::Money;
use wasm_bindgen::JsCast;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::{Element, HtmlElement};

wasm_bindgen_test_configure!(run_in_browser);

/// Mounts a view in a place of its own.
fn mounted<V: IntoView + 'static>(view: impl FnOnce() -> V + 'static) -> HtmlElement {
    let place: HtmlElement = document().create_element("div").unwrap().unchecked_into();
    document().body().unwrap().append_child(&place).unwrap();
    mount_to(place.clone(), view).forget();
    place
}

fn find(place: &HtmlElement, selector: &str) -> Element {
    place.query_selector(selector).unwrap().unwrap()
}

#[wasm_bindgen_test]
async fn a_blocked_button_says_why_and_does_nothing() {
    let reason = RwSignal::new(Some("Not yet".to_owned()));
    let clicks = RwSignal::new(0);
    let place = mounted(
        move || view! { <Button disabled_reason=reason on_click=move |()| clicks.update(|n| *n += 1)>{move || "Save"}</Button> },
    );
    let button: HtmlElement = find(&place, "button").unchecked_into();
    assert_eq!(button.get_attribute("aria-description").as_deref(), Some("Not yet"));
    button.click();
    assert_eq!(clicks.get_untracked(), 0);
    reason.set(None);
    tick().await;
    assert_eq!(button.get_attribute("aria-disabled"), None);
    button.click();
    assert_eq!(clicks.get_untracked(), 1);
}

#[wasm_bindgen_test]
async fn a_field_is_tied_to_its_label_and_its_error() {
    let (value, error) = (RwSignal::new(String::new()), RwSignal::new(None));
    let place = mounted(move || view! { <TextField label=Signal::derive(|| "Name".to_owned()) value error/> });
    let input = find(&place, "input");
    assert_eq!(find(&place, "label").get_attribute("for"), input.get_attribute("id"));
    assert_eq!(input.get_attribute("aria-invalid"), None);
    error.set(Some("Too long".to_owned()));
    tick().await;
    assert_eq!(input.get_attribute("aria-invalid").as_deref(), Some("true"));
    let described = input.get_attribute("aria-describedby").unwrap();
    assert_eq!(find(&place, &format!("#{described}")).text_content().as_deref(), Some("Too long"));
}

#[wasm_bindgen_test]
async fn a_logo_without_an_address_shows_initials() {
    let place = mounted(
        || view! { <Logo name=Signal::derive(|| "Acme Robotics".to_owned()) identifier=Signal::derive(|| "org_1".to_owned())/> },
    );
    assert_eq!(find(&place, "[data-initials]").get_attribute("data-initials").as_deref(), Some("AR"));
    assert!(place.query_selector("img").unwrap().is_none());
}

#[wasm_bindgen_test]
fn plurals_follow_the_language() {
    assert_eq!(i18n::plural(Key::MembersCount, 1), "1 member");
    assert_eq!(i18n::plural(Key::MembersCount, 1234), "1,234 members");
}

/// Formatters are made once and kept: one is never used for another zone, language or kind of value.
#[wasm_bindgen_test]
fn kept_formatters_do_not_blend() {
    // 2026-03-29 00:30 UTC: in Zurich half an hour before summer time begins, in New York still the day before.
    let at = 1_774_744_200_000;
    let time = [("dateStyle", "short"), ("timeStyle", "short")];
    for _ in 0..2 {
        assert_eq!(i18n::plain_in_zone(at, "Europe/Zurich"), "2026-03-29 01:30");
        assert_eq!(i18n::plain_in_zone(at, "America/New_York"), "2026-03-28 20:30");
        assert_eq!(i18n::plain_in_zone(at + 1_800_000, "Europe/Zurich"), "2026-03-29 03:00");
        assert!(i18n::in_zone(at, "Europe/Zurich", &time).starts_with("3/29/26"));
        assert_eq!(i18n::number(1234.5), "1,234.5");
        assert_eq!(i18n::percent(0.125), "12.5%");
        assert_eq!(i18n::money(Money::micro(1_500_000)), "$1.50");
        assert_eq!(i18n::money(Money::micro(15)), "$0.000015");
        assert_eq!(i18n::money(Money::nano(180)), "$0.00000018");
        assert_eq!(i18n::compact(128_000.0), "128K");
    }
}
