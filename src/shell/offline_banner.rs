//! The line above every page that says that the connection, or the server, is gone.

use crate::session::Session;
use crate::t;
use crate::ui::browser;
use leptos::ev;
use leptos::prelude::*;

/// Says that the connection is gone, for as long as it is.
#[component]
pub fn OfflineBanner() -> impl IntoView {
    let online = RwSignal::new(browser::window().navigator().on_line());
    let came = window_event_listener(ev::online, move |_| online.set(true));
    let went = window_event_listener(ev::offline, move |_| online.set(false));
    on_cleanup(move || {
        came.remove();
        went.remove();
    });
    let unreachable = Session::expect().unreachable();
    view! {
        <div role="status">
            <Show when=move || !online.get()><p class="banner">{t!(Offline)}</p></Show>
            <Show when=move || online.get() && unreachable.get()><p class="banner">{t!(ServerGone)}</p></Show>
        </div>
    }
}
