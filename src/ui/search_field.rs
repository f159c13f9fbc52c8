//! A field to search by: what is typed becomes one question once the typing pauses.

use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;
use std::time::Duration;

/// Typing is one question once it pauses this long.
const PAUSE: Duration = Duration::from_millis(180);

#[component]
pub fn SearchField(
    #[prop(into)] label: Signal<String>,
    /// What is searched for now, by the address.
    #[prop(into)]
    searched: Signal<String>,
    #[prop(into)] on_search: Callback<String>,
) -> impl IntoView {
    let typed = RwSignal::new(searched.get_untracked());
    let pause = StoredValue::new(None::<TimeoutHandle>);
    let stop = move || {
        if let Some(pause) = pause.try_update_value(Option::take).flatten() {
            pause.clear();
        }
    };
    let ask = move || {
        // Nobody asks any more where the page was left during the pause.
        if let Some(search) = typed.try_get_untracked() {
            let _ = pause.try_set_value(None);
            on_search.try_run(search.trim().to_owned());
        }
    };
    let wait = move || {
        stop();
        pause.set_value(set_timeout_with_handle(ask, PAUSE).ok());
    };
    on_cleanup(stop);
    // Back and Forward change the address: the field follows, but never what is being typed.
    Effect::watch(
        move || searched.get(),
        move |searched, _, _| {
            let typing = pause.with_value(Option::is_some);
            if !typing && typed.read_untracked().trim() != searched {
                typed.set(searched.clone());
            }
        },
        false,
    );
    view! {
        <input
            class="input toolbar-search"
            type="search"
            autocomplete="off"
            aria-label=move || label.get()
            placeholder=move || label.get()
            prop:value=move || typed.get()
            on:input:target=move |event| {
                typed.set(event.target().value());
                wait();
            }
        />
    }
}
