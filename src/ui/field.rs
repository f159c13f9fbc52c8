//! Form fields: a label, a native control, a hint, and the error where it happened.

use crate::ui::browser;
use leptos::html;
use leptos::prelude::*;
use std::sync::atomic::{AtomicU32, Ordering};

/// An identifier that is unique on the page, to tie a label to its control.
pub fn unique_id(prefix: &str) -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!("{prefix}-{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

/// What the browser should offer to fill in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FieldKind {
    #[default]
    Text,
    Email,
    Password,
    /// One that is made now: the browser may offer to make it up.
    NewPassword,
    Url,
    /// Something secret that is no password of the person's.
    Secret,
}

impl FieldKind {
    fn input_type(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Email => "email",
            Self::Password | Self::NewPassword | Self::Secret => "password",
            Self::Url => "url",
        }
    }

    fn autocomplete(self) -> &'static str {
        match self {
            Self::Email => "username",
            Self::Password => "current-password",
            // "off" is not heard for passwords: this keeps the browser from filling in the person's own.
            Self::NewPassword | Self::Secret => "new-password",
            Self::Text | Self::Url => "off",
        }
    }
}

/// A field of one line.
#[component]
pub fn TextField(
    #[prop(into)] label: Signal<String>,
    value: RwSignal<String>,
    #[prop(optional)] kind: FieldKind,
    #[prop(optional)] required: bool,
    /// What is expected, in a sentence.
    #[prop(optional, into)]
    hint: Signal<String>,
    /// Why the value is refused.
    #[prop(optional, into)]
    error: Signal<Option<String>>,
    /// Takes the focus when it appears: the first field of a dialog or of the sign-in.
    #[prop(optional)]
    first: bool,
) -> impl IntoView {
    let id = unique_id("field");
    let hint_id = format!("{id}-hint");
    let error_id = format!("{id}-error");
    let described = {
        let (hint_id, error_id) = (hint_id.clone(), error_id.clone());
        move || {
            let hint = (!hint.read().is_empty()).then(|| hint_id.clone());
            let error = error.read().is_some().then(|| error_id.clone());
            let all = [error, hint].into_iter().flatten().collect::<Vec<_>>().join(" ");
            (!all.is_empty()).then_some(all)
        }
    };
    let input = NodeRef::<html::Input>::new();
    // `autofocus` serves a dialog that opens with the field inside; this, a field that comes later.
    Effect::new(move || {
        if let Some(input) = input.get().filter(|_| first) {
            browser::after_render(move || browser::focus(&input));
        }
    });
    view! {
        <div class="field">
            <label class="field-label" for=id.clone()>{move || label.get()}</label>
            <input
                node_ref=input
                class="input"
                id=id
                type=kind.input_type()
                autocomplete=kind.autocomplete()
                spellcheck="false"
                aria-required=required.then_some("true")
                aria-invalid=move || error.read().is_some().then_some("true")
                aria-describedby=described
                autofocus=first
                bind:value=value
            />
            <p class="field-hint" id=hint_id hidden=move || hint.read().is_empty()>{move || hint.get()}</p>
            <p class="field-error" id=error_id hidden=move || error.read().is_none()>{move || error.get()}</p>
        </div>
    }
}

/// A field of several lines.
#[component]
pub fn TextAreaField(
    #[prop(into)] label: Signal<String>,
    value: RwSignal<String>,
    /// What is expected, in a sentence.
    #[prop(optional, into)]
    hint: Signal<String>,
    #[prop(optional, into)] error: Signal<Option<String>>,
) -> impl IntoView {
    let id = unique_id("field");
    let (hint_id, error_id) = (format!("{id}-hint"), format!("{id}-error"));
    view! {
        <div class="field">
            <label class="field-label" for=id.clone()>{move || label.get()}</label>
            <textarea
                class="input"
                id=id
                rows="3"
                aria-invalid=move || error.read().is_some().then_some("true")
                aria-describedby=format!("{error_id} {hint_id}")
                bind:value=value
            ></textarea>
            <p class="field-hint" id=hint_id hidden=move || hint.read().is_empty()>{move || hint.get()}</p>
            <p class="field-error" id=error_id hidden=move || error.read().is_none()>{move || error.get()}</p>
        </div>
    }
}

/// One of few values, each with what it means.
#[component]
pub fn ChoiceField(
    #[prop(into)] label: Signal<String>,
    value: RwSignal<String>,
    /// Values, their names, and a sentence each.
    #[prop(into)]
    options: Signal<Vec<(&'static str, String, String)>>,
) -> impl IntoView {
    let name = unique_id("choice");
    view! {
        <fieldset class="choices">
            <legend class="field-label">{move || label.get()}</legend>
            {move || options.get().into_iter().map(|(key, title, meaning)| {
                let hint_id = format!("{name}-{key}");
                view! {
                    <label class="choice">
                        <input
                            type="radio"
                            name=name.clone()
                            value=key
                            prop:checked=move || *value.read() == key
                            aria-describedby=hint_id.clone()
                            on:change=move |_| value.set(key.to_owned())
                        />
                        <span class="choice-title">{title}</span>
                        <span class="choice-meaning" id=hint_id>{meaning}</span>
                    </label>
                }
            }).collect_view()}
        </fieldset>
    }
}

/// Something that is on or off.
#[component]
pub fn CheckField(
    #[prop(into)] label: Signal<String>,
    value: RwSignal<bool>,
    /// What it means, in a sentence.
    #[prop(optional, into)]
    hint: Signal<String>,
) -> impl IntoView {
    let id = unique_id("field");
    let hint_id = format!("{id}-hint");
    view! {
        <div class="check-field">
            <input
                id=id.clone()
                type="checkbox"
                aria-describedby=hint_id.clone()
                prop:checked=move || value.get()
                on:change:target=move |event| value.set(event.target().checked())
            />
            <label class="field-label" for=id>{move || label.get()}</label>
            <p class="field-hint" id=hint_id hidden=move || hint.read().is_empty()>{move || hint.get()}</p>
        </div>
    }
}

/// A choice out of a list of values and their names.
#[component]
pub fn SelectField(
    #[prop(into)] label: Signal<String>,
    #[prop(into)] value: Signal<String>,
    #[prop(into)] options: Signal<Vec<(String, String)>>,
    #[prop(into)] on_change: Callback<String>,
    #[prop(optional, into)] hint: Signal<String>,
) -> impl IntoView {
    let id = unique_id("field");
    let hint_id = format!("{id}-hint");
    view! {
        <div class="field">
            <label class="field-label" for=id.clone()>{move || label.get()}</label>
            <select
                class="input"
                id=id
                aria-describedby=hint_id.clone()
                prop:value=move || { options.track(); value.get() }
                on:change:target=move |event| { on_change.try_run(event.target().value()); }
            >
                {move || options.get().into_iter().map(|(key, name)| {
                    let selected = key.clone();
                    view! { <option value=key selected=move || value.get() == selected>{name}</option> }
                }).collect_view()}
            </select>
            <p class="field-hint" id=hint_id hidden=move || hint.read().is_empty()>{move || hint.get()}</p>
        </div>
    }
}
