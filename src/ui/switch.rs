//! A switch: on or off, and what is asked for when it is turned.

use leptos::prelude::*;

#[component]
pub fn Switch(
    #[prop(into)] label: Signal<String>,
    #[prop(into)] on: Signal<bool>,
    /// Why it cannot be turned now.
    #[prop(optional, into)]
    disabled_reason: Signal<Option<String>>,
    /// Given what it should become; it shows that only once `on` says so.
    #[prop(into)]
    on_turn: Callback<bool>,
) -> impl IntoView {
    view! {
        <input
            class="switch"
            type="checkbox"
            role="switch"
            aria-label=move || label.get()
            title=disabled_reason
            aria-disabled=move || disabled_reason.read().is_some().then_some("true")
            aria-description=disabled_reason
            prop:checked=move || on.get()
            on:click=move |event| {
                // It turns when the server has agreed, not before.
                event.prevent_default();
                if disabled_reason.read_untracked().is_none() {
                    on_turn.try_run(!on.get_untracked());
                }
            }
        />
    }
}
