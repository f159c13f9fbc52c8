//! Icons from the sprite `/icons.svg`. They say nothing to a screen reader: the text beside them does.

use leptos::prelude::*;

/// An icon by its name in the sprite.
#[component]
pub fn Icon(name: &'static str) -> impl IntoView {
    view! {
        <svg class=format!("icon icon-{name}") aria-hidden="true" viewBox="0 0 16 16">
            <use_ href=format!("/icons.svg#{name}")/>
        </svg>
    }
}
