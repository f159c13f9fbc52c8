//! What stands in for content: while it loads, and when it could not be loaded.

use crate::client::ClientError;
use crate::t;
use crate::ui::button::Button;
use leptos::prelude::*;

/// What will come, so that what stands in for it has its shape. The styles know the shapes by these names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shape {
    #[default]
    Text,
    /// A tool bar, and rows under it.
    List,
    Cards,
    /// Fields with their labels.
    Form,
    /// Four numbers, and a chart under them: five lines.
    Figures,
}

impl Shape {
    fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::List => "list",
            Self::Cards => "cards",
            Self::Form => "form",
            Self::Figures => "figures",
        }
    }
}

/// Grey lines in the shape of what will come.
#[component]
pub fn Skeleton(
    /// How many lines.
    #[prop(default = 3)]
    lines: usize,
    #[prop(default = Shape::Text)] shape: Shape,
) -> impl IntoView {
    view! {
        <div class="skeleton" data-shape=shape.as_str() role="status" aria-label=t!(Loading)>
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
