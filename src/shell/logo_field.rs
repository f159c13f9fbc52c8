//! The field of a picture: an address that the server fetches once, or a file; shown at the sizes where it will appear.

use super::image_sentence::{found_sentence, image_sentence};
use crate::client::{self, ClientError, Listener, error::rule_text};
use crate::i18n::{Key, number, text, text_with};
use crate::ui::browser;
use crate::ui::button::{Button, ButtonKind};
use crate::ui::field::{FieldKind, TextField};
use crate::ui::logo::{Logo, LogoSize};
use crate::{args, t};
use leptos::html;
use leptos::prelude::*;
use pulze_contract::FieldError;
use pulze_contract::image::{Finding, ImageFound, KeptImage, ending};
use pulze_contract::validation::{self, IMAGE_MAX, Rule};
use std::time::Duration;
use wasm_bindgen::JsCast;

/// How long typing rests before the address is looked at.
const REST: Duration = Duration::from_millis(400);

/// What is known about the picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogoState {
    None,
    Malformed(Rule),
    Checking,
    Good {
        width: u32,
        height: u32,
    },
    /// One that is kept already.
    Kept,
    /// The server said no; the sentence stands at the field.
    Refused,
}

impl LogoState {
    /// Whether the form must not be sent.
    pub fn is_bad(self) -> bool {
        matches!(self, Self::Malformed(_) | Self::Refused)
    }
}

/// Why there is no picture.
enum Failure {
    /// The server said so; with the ending of what it looked at.
    Refused(ClientError, Option<String>),
    /// It was not sent.
    Unsent(ImageFound),
}

impl Failure {
    fn sentence(&self) -> String {
        match self {
            Self::Refused(error, ending) => {
                let at_field = error.field_error("url").or_else(|| error.field_error("file"));
                at_field.map_or_else(|| error.sentence(), |error| image_sentence(error, ending.as_deref()))
            }
            Self::Unsent(found) => found_sentence(found, None),
        }
    }
}

/// The address that a kept picture came from; nothing for an uploaded one.
pub fn source_of(url: &str) -> String {
    if validation::kept_image(url).is_none() {
        return url.to_owned();
    }
    let from = url.split_once("?from=").map(|(_, from)| from).unwrap_or_default();
    // As forms write it: a plus is a space, and no address holds one.
    js_sys::decode_uri_component(from).map(String::from).unwrap_or_default()
}

#[component]
pub fn LogoField(
    /// What is saved: the address of a kept picture, or what was typed.
    url: RwSignal<String>,
    #[prop(into)] name: Signal<String>,
    #[prop(into)] identifier: Signal<String>,
    state: RwSignal<LogoState>,
    /// What the server said about the field.
    #[prop(into)]
    refused: Signal<Option<FieldError>>,
    #[prop(optional, into)] label: Option<Signal<String>>,
) -> impl IntoView {
    let typed = RwSignal::new(source_of(&url.get_untracked()));
    let failure = RwSignal::new(None::<Failure>);
    // Counts questions: a late answer to an older one is not taken for this one's.
    let (asked, listener) = (StoredValue::new(0_u32), Listener::here());
    let take = move |kept: KeptImage| {
        state.set(LogoState::Good { width: kept.width, height: kept.height });
        url.set(kept.url);
    };
    let refuse = move |error: ClientError, named: &str| {
        // A server that cannot be reached now will look when the form is saved.
        state.set(if error.names_field() { LogoState::Refused } else { LogoState::None });
        failure.set(Some(Failure::Refused(error, ending(named))));
    };
    // Set from outside: read, discarded, changed by somebody else.
    Effect::new(move || {
        let url = url.get();
        if validation::kept_image(&url).is_some() || url.is_empty() {
            let source = source_of(&url);
            let checking = state.get_untracked() == LogoState::Checking;
            if !checking && *typed.read_untracked() != source {
                typed.set(source);
            }
        }
    });
    // The server is asked about the picture: that is what this effect is for.
    Effect::new(move |_| {
        let text = typed.get().trim().to_owned();
        asked.update_value(|asked| *asked += 1);
        let this = asked.get_value();
        let saved = url.get_untracked();
        if text == source_of(&saved) && (validation::kept_image(&saved).is_some() || text.is_empty()) {
            if !matches!(state.get_untracked(), LogoState::Good { .. }) {
                state.set(if saved.is_empty() { LogoState::None } else { LogoState::Kept });
            }
            return;
        }
        failure.set(None);
        url.set(text.clone());
        state.set(match validation::logo_url(&text) {
            Ok(None) => LogoState::None,
            Ok(Some(_)) => LogoState::Checking,
            Err(rule) => LogoState::Malformed(rule),
        });
        if state.get_untracked() != LogoState::Checking {
            return;
        }
        set_timeout(
            move || {
                if asked.try_get_value() != Some(this) {
                    return;
                }
                let address = text.clone();
                listener.hear(async move { client::image_fetch(&address).await }, move |answer| {
                    if asked.get_value() == this {
                        answer.map_or_else(|error| refuse(error, &text), take);
                    }
                });
            },
            REST,
        );
    });
    let input = NodeRef::<html::Input>::new();
    let choose = move |event: leptos::ev::Event| {
        let chosen = event.target().and_then(|target| target.dyn_into::<web_sys::HtmlInputElement>().ok());
        let Some(file) = chosen.as_ref().and_then(|input| input.files()?.get(0)) else { return };
        // Chosen again, the same file is another choice.
        if let Some(input) = &chosen {
            input.set_value("");
        }
        asked.update_value(|asked| *asked += 1);
        let this = asked.get_value();
        failure.set(None);
        // Whole bytes of a file, far below what a float holds exactly.
        let size = file.size();
        if size > IMAGE_MAX as f64 {
            // Cast saturates: a file of more than 4 GB is said to have that.
            let bytes = Some(size as u32);
            failure.set(Some(Failure::Unsent(ImageFound { bytes, ..ImageFound::new(Finding::Bytes) })));
            state.set(LogoState::Refused);
            return;
        }
        state.set(LogoState::Checking);
        let name = file.name();
        listener.hear(async move { client::image_upload(&file).await }, move |answer| {
            if asked.get_value() == this {
                if let Ok(kept) = &answer {
                    url.set(kept.url.clone());
                    typed.set(String::new());
                }
                answer.map_or_else(|error| refuse(error, &name), take);
            }
        });
    };
    let error = Signal::derive(move || match state.get() {
        LogoState::Malformed(rule) => Some(rule_text(rule)),
        _ => {
            let found = failure.read().as_ref().map(Failure::sentence);
            found.or_else(|| refused.read().as_ref().map(|error| image_sentence(error, ending(&typed.read()).as_deref())))
        }
    });
    let finding = move || match state.get() {
        LogoState::Checking => text(Key::LogoChecking),
        LogoState::Good { width, height } => {
            text_with(Key::LogoGood, args!(width = number(f64::from(width)), height = number(f64::from(height))))
        }
        LogoState::Kept if typed.read().is_empty() => text(Key::LogoUploaded),
        _ => String::new(),
    };
    let shown = Signal::derive(move || Some(url.get()).filter(|url| validation::kept_image(url).is_some()));
    let there = Memo::new(move |_| shown.read().is_some());
    let remove = move |()| {
        asked.update_value(|asked| *asked += 1);
        state.set(LogoState::None);
        failure.set(None);
        url.set(String::new());
        typed.set(String::new());
    };
    let label = label.unwrap_or_else(|| Signal::derive(t!(LogoUrl)));
    view! {
        <div class="logo-field">
            <TextField label value=typed kind=FieldKind::Url hint=Signal::derive(t!(LogoUrlHint)) error/>
            <div class="logo-preview" role="group" aria-label=t!(LogoPreview)>
                <Logo name url=shown identifier size=LogoSize::Large/>
                <Logo name url=shown identifier size=LogoSize::Medium/>
                <Logo name url=shown identifier/>
                <div class="logo-actions">
                    <input
                        class="visually-hidden"
                        type="file"
                        accept="image/png,image/jpeg,image/svg+xml"
                        tabindex="-1"
                        aria-hidden="true"
                        node_ref=input
                        on:change=choose
                    />
                    <Button kind=ButtonKind::Quiet on_click=move |()| if let Some(input) = input.get_untracked() { browser::click(&input) }>{t!(LogoUpload)}</Button>
                    {move || there.get().then(|| view! { <Button kind=ButtonKind::Quiet on_click=remove>{t!(LogoRemove)}</Button> })}
                </div>
                <p class="field-hint" role="status">{finding}</p>
            </div>
        </div>
    }
}
