//! A chart taken along: as a picture, as CSV, as text.

use super::chart::{Data, Format};
use super::{numbers, picture};
use crate::i18n::{Key, label, text};
use crate::t;
use crate::ui::browser;
use crate::ui::field::unique_id;
use crate::ui::icon::Icon;
use crate::ui::toast::{Toast, Toasts};
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::sync::Arc;
use wasm_bindgen_futures::JsFuture;

#[derive(Clone, Copy)]
enum Form {
    Picture,
    Csv,
    Text,
}

impl Form {
    const ALL: [(Self, Key); 3] =
        [(Self::Picture, Key::ChartCopyImage), (Self::Csv, Key::ChartCopyCsv), (Self::Text, Key::ChartCopyText)];
}

#[component]
pub fn Copies(data: Signal<Arc<Data>>, format: Signal<Format>, figure: NodeRef<html::Figure>) -> impl IntoView {
    let toasts = Toasts::expect();
    let panel = NodeRef::<html::Div>::new();
    let id = unique_id("chart-copies");
    let copy = move |form: Form| {
        if let Some(panel) = panel.get_untracked() {
            let _ = panel.hide_popover();
        }
        let (data, format) = (data.get_untracked(), format.get_untracked());
        let clipboard = browser::window().navigator().clipboard();
        let promise = match form {
            Form::Picture => figure.get_untracked().and_then(|figure| picture::copy(&data, &format, &figure)),
            Form::Csv => Some(clipboard.write_text(&numbers::csv(&data, &text(Key::Time, &[])))),
            Form::Text => Some(clipboard.write_text(&numbers::plain_text(&data, &format))),
        };
        spawn_local(async move {
            let copied = match promise {
                Some(promise) => JsFuture::from(promise).await.is_ok(),
                None => false,
            };
            toasts.show(if copied { Toast::good(text(Key::Copied, &[])) } else { Toast::bad(text(Key::ChartCopyFailed, &[])) });
        });
    };
    view! {
        <button class="button" data-kind="quiet" type="button" popovertarget=id.clone()>
            <Icon name="copy"/>
            <span>{t!(Copy)}</span>
        </button>
        <div class="chart-copies" id=id popover="auto" node_ref=panel role="group" aria-label=t!(Copy)>
            {Form::ALL.map(|(form, key)| view! {
                <button class="button" data-kind="quiet" type="button" on:click=move |_| copy(form)>{label(key)}</button>
            })}
        </div>
    }
}
