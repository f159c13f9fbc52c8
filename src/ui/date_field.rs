//! A day, chosen with the browser's own calendar.

use crate::ui::field::unique_id;
use js_sys::Date;
use leptos::prelude::*;
use pulze_contract::Timestamp;
use wasm_bindgen::JsValue;

/// The end of a day as the reader's clock has it; `None` for what is no day.
pub fn end_of_day(day: &str) -> Option<Timestamp> {
    let mut parts = day.split('-').map(|part| part.parse::<i32>().ok());
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    let next = Date::new_with_year_month_day(u32::try_from(year).ok()?, month - 1, day + 1).get_time();
    // Whole milliseconds, far below what a float holds exactly.
    #[allow(clippy::cast_possible_truncation)]
    (!next.is_nan()).then_some(next as Timestamp)
}

/// The day that ends at this moment, as the browser's calendar writes it.
pub fn day_before(at: Timestamp) -> String {
    #[allow(clippy::cast_precision_loss)]
    let date = Date::new(&JsValue::from_f64((at - 1) as f64));
    format!("{:04}-{:02}-{:02}", date.get_full_year(), date.get_month() + 1, date.get_date())
}

#[component]
pub fn DateField(
    #[prop(into)] label: Signal<String>,
    /// `2026-12-01`, or nothing.
    value: RwSignal<String>,
    /// Whether a day that has gone by can be chosen too.
    #[prop(optional)]
    any: bool,
    #[prop(optional, into)] hint: Signal<String>,
    #[prop(optional, into)] error: Signal<Option<String>>,
) -> impl IntoView {
    let id = unique_id("field");
    let (hint_id, error_id) = (format!("{id}-hint"), format!("{id}-error"));
    #[allow(clippy::cast_possible_truncation)]
    let today = day_before(Date::now() as Timestamp);
    view! {
        <div class="field">
            <label class="field-label" for=id.clone()>{move || label.get()}</label>
            <input
                class="input"
                id=id
                type="date"
                min=(!any).then_some(today)
                aria-invalid=move || error.read().is_some().then_some("true")
                aria-describedby=format!("{error_id} {hint_id}")
                bind:value=value
            />
            <p class="field-hint" id=hint_id hidden=move || hint.read().is_empty()>{move || hint.get()}</p>
            <p class="field-error" id=error_id hidden=move || error.read().is_none()>{move || error.get()}</p>
        </div>
    }
}
