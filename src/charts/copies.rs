//! A chart taken along: as a picture, as a table for spreadsheets and documents, as text.

use super::chart::{Data, Format};
use super::{numbers, picture};
use crate::i18n::{self, Key, label, text};
use crate::lazy_part;
use crate::t;
use crate::ui::browser;
use crate::ui::field::unique_id;
use crate::ui::icon::Icon;
use crate::ui::lazy::{Lazy, Load, preload};
use crate::ui::toast::{Toast, Toasts};
use js_sys::{Object, Reflect};
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::sync::Arc;
use wasm_bindgen_futures::JsFuture;

#[derive(Clone, Copy)]
enum Form {
    Picture,
    Table,
    Text,
}

impl Form {
    const ALL: [(Self, Key); 3] =
        [(Self::Picture, Key::ChartCopyImage), (Self::Table, Key::ChartCopyTable), (Self::Text, Key::ChartCopyText)];
}

/// What the choices are given.
#[derive(Clone, Copy)]
struct Given {
    data: Signal<Arc<Data>>,
    format: Signal<Format>,
    figure: NodeRef<html::Figure>,
    panel: NodeRef<html::Div>,
}

/// To be fetched when somebody is about to open them: drawing a picture is a part of its own.
const CHOICES: Load<Given> = || Box::pin(chart_copies());

lazy_part!(chart_copies, |given: Given| view! { <Choices given/> }.into_any());

#[component]
pub fn Copies(data: Signal<Arc<Data>>, format: Signal<Format>, figure: NodeRef<html::Figure>) -> impl IntoView {
    let panel = NodeRef::<html::Div>::new();
    let id = unique_id("chart-copies");
    let wanted = RwSignal::new(false);
    let given = Given { data, format, figure, panel };
    view! {
        <button
            class="button"
            data-kind="quiet"
            type="button"
            popovertarget=id.clone()
            on:pointerenter=move |_| preload(CHOICES)
            on:focus=move |_| preload(CHOICES)
        >
            <Icon name="copy"/>
            <span>{t!(Copy)}</span>
        </button>
        <div class="choice-menu" id=id popover="auto" node_ref=panel role="group" aria-label=t!(Copy) on:beforetoggle=move |_: leptos::ev::Event| wanted.set(true)>
            {move || wanted.get().then(|| view! { <Lazy load=CHOICES given lines=3/> })}
        </div>
    }
}

/// The same in several forms, by media type.
fn forms(texts: &[(&str, &str)]) -> Option<Object> {
    let forms = Object::new();
    for (media_type, text) in texts {
        Reflect::set(&forms, &(*media_type).into(), &browser::text_blob(text, media_type)?.into()).ok()?;
    }
    Some(forms)
}

#[component]
fn Choices(given: Given) -> impl IntoView {
    let Given { data, format, figure, panel } = given;
    let toasts = Toasts::expect();
    let copy = move |form: Form| {
        if let Some(panel) = panel.get_untracked() {
            let _ = panel.hide_popover();
        }
        let (data, format) = (data.get_untracked(), format.get_untracked());
        let clipboard = browser::window().navigator().clipboard();
        let promise = match form {
            Form::Picture => figure.get_untracked().and_then(|figure| picture::copy(&data, &format, &figure)),
            Form::Table => {
                let (table, decimal) = (numbers::table(&data, &text(Key::Time)), i18n::decimal());
                let tab_separated = table.tab_separated(decimal);
                let forms = forms(&[("text/html", &table.html(decimal)), ("text/plain", &tab_separated)]);
                // Where the browser knows one form only: the one that spreadsheets read.
                forms.and_then(|forms| browser::copy_forms(&forms)).or_else(|| Some(clipboard.write_text(&tab_separated)))
            }
            Form::Text => Some(clipboard.write_text(&numbers::plain_text(&data, &format))),
        };
        spawn_local(async move {
            let copied = match promise {
                Some(promise) => JsFuture::from(promise).await.is_ok(),
                None => false,
            };
            toasts.show(if copied { Toast::good(text(Key::Copied)) } else { Toast::bad(text(Key::ChartCopyFailed)) });
        });
    };
    view! {
        {Form::ALL.map(|(form, key)| view! {
            <button class="button" data-kind="quiet" type="button" on:click=move |_| copy(form)>{label(key)}</button>
        })}
    }
}
