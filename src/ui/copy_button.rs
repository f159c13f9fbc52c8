//! Copies a text, and says so.

use crate::i18n::{self, Key};
use crate::ui::browser;
use crate::ui::icon::Icon;
use crate::ui::toast::{Toast, Toasts};
use leptos::prelude::*;
use wasm_bindgen_futures::JsFuture;

#[component]
pub fn CopyButton(#[prop(into)] text: Signal<String>, #[prop(default = Key::Copy)] label: Key) -> impl IntoView {
    let toasts = Toasts::expect();
    let copy = Action::new_local(move |text: &String| {
        let promise = browser::window().navigator().clipboard().write_text(text);
        async move { JsFuture::from(promise).await.is_ok() }
    });
    Effect::watch(
        move || copy.value().get(),
        move |copied, _, _| match copied {
            Some(true) => toasts.show(Toast::good(i18n::text(Key::Copied))),
            Some(false) => toasts.show(Toast::bad(i18n::text(Key::CopyFailed))),
            None => {}
        },
        false,
    );
    view! {
        <button class="button" type="button" data-kind="quiet" on:click=move |_| { copy.dispatch(text.get_untracked()); }>
            <Icon name="copy"/>
            <span>{i18n::label(label)}</span>
        </button>
    }
}
