//! What stands in for content: while it loads, and when it could not be loaded.

use crate::client::ClientError;
use crate::t;
use crate::ui::button::Button;
use leptos::prelude::*;

/// Grey lines in the shape of what will come.
#[component]
pub fn Skeleton(
    /// How many lines.
    #[prop(default = 3)]
    lines: usize,
) -> impl IntoView {
    view! {
        <div class="skeleton" role="status" aria-label=t!(Loading)>
            {(0..lines).map(|line| view! { <span class="skeleton-line" data-line=line.to_string()></span> }).collect_view()}
        </div>
    }
}

/// Something could not be loaded: what happened, and a button to try again.
#[component]
pub fn Failure(error: ClientError, #[prop(into)] on_retry: Callback<()>) -> impl IntoView {
    view! {
        <div class="failure" role="alert">
            <p>{move || error.sentence()}</p>
            <Button on_click=on_retry>{t!(TryAgain)}</Button>
        </div>
    }
}
