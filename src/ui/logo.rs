//! A logo, or initials on a colour that the identifier chooses.

use leptos::prelude::*;
use pulze_contract::validation::{color_index, initials};

/// How large a logo is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogoSize {
    /// 24 px: header and menu.
    #[default]
    Small,
    /// 40 px.
    Medium,
    /// 64 px: a page about it.
    Large,
}

/// Decorative: the name always stands beside it.
#[component]
pub fn Logo(
    #[prop(into)] name: Signal<String>,
    #[prop(optional, into)] url: Signal<Option<String>>,
    /// What the colour is chosen by.
    #[prop(into)]
    identifier: Signal<String>,
    #[prop(optional)] size: LogoSize,
) -> impl IntoView {
    let failed = RwSignal::new(None::<String>);
    let shown = Memo::new(move |_| url.get().filter(|url| !url.is_empty() && failed.read().as_ref() != Some(url)));
    let size = match size {
        LogoSize::Small => "small",
        LogoSize::Medium => "medium",
        LogoSize::Large => "large",
    };
    view! {
        <span
            class="logo"
            aria-hidden="true"
            data-size=size
            data-color=move || shown.read().is_none().then(|| color_index(&identifier.read(), 8).to_string())
        >
            {move || match shown.get() {
                Some(url) => {
                    let broken = url.clone();
                    view! {
                        <img src=url alt="" referrerpolicy="no-referrer" decoding="async" on:error=move |_| failed.set(Some(broken.clone()))/>
                    }.into_any()
                }
                // Drawn by the style sheet: it is a picture, not a text to read out or to select.
                None => view! { <span class="logo-initials" data-initials=move || initials(&name.read())></span> }.into_any(),
            }}
        </span>
    }
}
