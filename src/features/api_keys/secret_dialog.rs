//! The one time that a secret is shown. The dialog closes once it was copied or downloaded, or when
//! somebody says that it was kept elsewhere; then the secret is gone from the page.

use super::Keys;
use crate::client::Listener;
use crate::i18n::{Key, text, text_with};
use crate::ui::browser;
use crate::ui::button::{Button, ButtonKind};
use crate::ui::dialog::Dialog;
use crate::ui::field::{CheckField, SelectField};
use crate::ui::icon::Icon;
use crate::ui::toast::{Toast, Toasts};
use crate::ui::unsaved_changes::UnsavedChanges;
use crate::{args, t};
use leptos::prelude::*;
use pulze_contract::api_key::ApiKeyCreated;
use wasm_bindgen_futures::JsFuture;

/// A secret that was just made, and the name of its key.
#[derive(Clone)]
pub struct Fresh {
    pub name: String,
    pub secret: String,
}

impl Fresh {
    /// What was made. An answer that was lost and asked for again may come without it; then it is rotated.
    pub fn of(made: &ApiKeyCreated) -> Option<Self> {
        let name = made.key.content.name.clone();
        made.secret.clone().map(|secret| Self { name, secret })
    }
}

#[component]
pub fn SecretDialog(keys: Keys) -> impl IntoView {
    let open = RwSignal::new(false);
    let (kept, confirmed) = (RwSignal::new(false), RwSignal::new(false));
    let held = Memo::new(move |_| open.get() && !kept.get() && !confirmed.get());
    // Closing the tab, and going elsewhere, ask first.
    UnsavedChanges::expect().follow(held);
    Effect::new(move || {
        if keys.fresh.read().is_some() {
            kept.set(false);
            confirmed.set(false);
            open.set(true);
        }
    });
    Effect::new(move || {
        if !open.get() {
            keys.fresh.maybe_update(|fresh| fresh.take().is_some());
        }
    });
    let title = Signal::derive(move || {
        let name = keys.fresh.read().as_ref().map(|fresh| fresh.name.clone()).unwrap_or_default();
        text_with(Key::SecretOf, args!(name = name))
    });
    view! {
        <Dialog open title busy=held forgets=true>
            {move || keys.fresh.get().map(|fresh| view! { <Secret keys fresh open kept confirmed/> })}
        </Dialog>
    }
}

#[component]
fn Secret(keys: Keys, fresh: Fresh, open: RwSignal<bool>, kept: RwSignal<bool>, confirmed: RwSignal<bool>) -> impl IntoView {
    let toasts = Toasts::expect();
    let secret = StoredValue::new(fresh.secret.clone());
    let listener = Listener::here();
    let copy = move |()| {
        let copied = JsFuture::from(browser::window().navigator().clipboard().write_text(&secret.read_value()));
        listener.hear(copied, move |copied| {
            if copied.is_ok() {
                kept.set(true);
                toasts.show(Toast::good(text(Key::Copied)));
            } else {
                toasts.show(Toast::bad(text(Key::CopyFailed)));
            }
        });
    };
    let address = format!("{}/api/v1/organizations/{}/models", origin(), keys.organization.read_value());
    let chosen = RwSignal::new("curl".to_owned());
    let lines = {
        let secret = fresh.secret.clone();
        move || match chosen.get().as_str() {
            "env" => format!("PULZE_API_KEY={secret}\n"),
            "python" => format!(
                "import os, urllib.request\n\nrequest = urllib.request.Request(\n    \"{address}\",\n    headers={{\"Authorization\": f\"Bearer {{os.environ['PULZE_API_KEY']}}\"}},\n)\nprint(urllib.request.urlopen(request).read())\n"
            ),
            "javascript" => format!(
                "const answer = await fetch(\"{address}\", {{\n  headers: {{ Authorization: `Bearer ${{process.env.PULZE_API_KEY}}` }},\n}});\nconsole.log(await answer.json());\n"
            ),
            _ => format!("curl {address} \\\n  -H \"Authorization: Bearer {secret}\"\n"),
        }
    };
    let uses = Signal::stored(
        [("curl", "curl"), ("env", ".env"), ("python", "Python"), ("javascript", "JavaScript")]
            .map(|(value, name)| (value.to_owned(), name.to_owned()))
            .to_vec(),
    );
    let file = format!("data:text/plain;charset=utf-8,{}", crate::paths::encode(&format!("PULZE_API_KEY={}\n", fresh.secret)));
    let blocked = Signal::derive(move || (!kept.get() && !confirmed.get()).then(|| text(Key::KeepSecretFirst)));
    view! {
        <div class="dialog-form">
            <p class="note" data-kind="warning">{t!(SecretOnce)}</p>
            <p><code translate="no" class="secret" aria-label=t!(TheSecret)>{fresh.secret.clone()}</code></p>
            <div class="card-actions">
                <Button kind=ButtonKind::Primary on_click=copy><Icon name="copy"/>{t!(Copy)}</Button>
                <a class="button" href=file download="pulze-api-key.env" on:click=move |_| kept.set(true)>
                    <Icon name="download"/>
                    <span>{t!(DownloadEnv)}</span>
                </a>
            </div>
            <SelectField label=Signal::derive(t!(UseItWith)) value=chosen options=uses on_change=move |to| chosen.set(to)/>
            <pre class="answer" tabindex="0" aria-label=t!(Example)>{lines}</pre>
            <CheckField label=Signal::derive(t!(KeptElsewhere)) value=confirmed/>
            <div class="dialog-footer">
                <Button disabled_reason=blocked on_click=move |()| open.set(false)>{t!(Done)}</Button>
            </div>
        </div>
    }
}

fn origin() -> String {
    browser::window().location().origin().unwrap_or_default()
}
