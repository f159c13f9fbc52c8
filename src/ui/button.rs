//! Buttons.

use leptos::prelude::*;

/// How much a button asks for attention.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ButtonKind {
    #[default]
    Secondary,
    Primary,
    Danger,
    Quiet,
}

impl ButtonKind {
    fn name(self) -> &'static str {
        match self {
            Self::Secondary => "secondary",
            Self::Primary => "primary",
            Self::Danger => "danger",
            Self::Quiet => "quiet",
        }
    }
}

/// A button. There is no bare `disabled`: one that cannot be used says why, and keeps its focus.
#[component]
pub fn Button(
    #[prop(optional)] kind: ButtonKind,
    /// Submits its form instead of calling `on_click`.
    #[prop(optional)]
    submits: bool,
    /// While something is under way.
    #[prop(optional, into)]
    busy: Signal<bool>,
    /// Why it cannot be used now.
    #[prop(optional, into)]
    disabled_reason: Signal<Option<String>>,
    #[prop(optional, into)] on_click: Option<Callback<()>>,
    children: Children,
) -> impl IntoView {
    let blocked = move || busy.get() || disabled_reason.read().is_some();
    view! {
        <button
            class="button"
            type=if submits { "submit" } else { "button" }
            data-kind=kind.name()
            aria-disabled=move || blocked().then_some("true")
            aria-busy=move || busy.get().then_some("true")
            title=disabled_reason
            aria-description=disabled_reason
            on:click=move |event| {
                if busy.get_untracked() || disabled_reason.read_untracked().is_some() {
                    event.prevent_default();
                } else if let Some(on_click) = on_click {
                    on_click.try_run(());
                }
            }
        >
            {children()}
        </button>
    }
}
