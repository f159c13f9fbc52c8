//! Several of a list: boxes under one heading.

use crate::ui::field::unique_id;
use leptos::prelude::*;

#[component]
pub fn CheckList(
    #[prop(into)] label: Signal<String>,
    chosen: RwSignal<Vec<String>>,
    /// Values and their names.
    #[prop(into)]
    options: Signal<Vec<(String, String)>>,
    /// What stands there where there is nothing to choose.
    #[prop(into)]
    empty: Signal<String>,
    #[prop(optional, into)] error: Signal<Option<String>>,
) -> impl IntoView {
    let error_id = unique_id("list");
    let described = error_id.clone();
    let turn = move |value: &str, on: bool| {
        chosen.update(|chosen| {
            chosen.retain(|other| other != value);
            if on {
                chosen.push(value.to_owned());
            }
        });
    };
    view! {
        <fieldset class="check-list" aria-describedby=described>
            <legend class="field-label">{move || label.get()}</legend>
            <div class="check-options">
                {move || options.get().into_iter().map(|(value, name)| {
                    let held = value.clone();
                    view! {
                        <label class="check-option">
                            <input
                                type="checkbox"
                                prop:checked=move || chosen.read().contains(&held)
                                on:change:target=move |event| turn(&value, event.target().checked())
                            />
                            <span>{name}</span>
                        </label>
                    }
                }).collect_view()}
            </div>
            <p class="field-hint" hidden=move || !options.read().is_empty()>{move || empty.get()}</p>
            <p class="field-error" id=error_id hidden=move || error.read().is_none()>{move || error.get()}</p>
        </fieldset>
    }
}
