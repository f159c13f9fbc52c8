//! The field "Logo URL": checks the image in the browser and shows it at the sizes where it will appear.

use crate::client::error::rule_text;
use crate::i18n::{Key, number, text};
use crate::t;
use crate::ui::field::{FieldKind, TextField};
use crate::ui::logo::{Logo, LogoSize};
use leptos::prelude::*;
use pulze_contract::validation::{self, LOGO_SIDE, Rule};
use wasm_bindgen::JsCast;

/// What the browser found out about the image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogoState {
    None,
    Malformed(Rule),
    Checking,
    Good {
        width: u32,
        height: u32,
    },
    WrongSize {
        width: u32,
        height: u32,
    },
    WrongFormat,
    /// Not a reason to refuse it: another reader's network may reach what this one does not.
    Unreachable,
}

impl LogoState {
    /// Whether the form must not be sent.
    pub fn is_bad(self) -> bool {
        matches!(self, Self::Malformed(_) | Self::WrongSize { .. } | Self::WrongFormat)
    }
}

/// The address without what follows the path, if its ending names a format that is not a logo's.
fn has_other_format(url: &str) -> bool {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let last = path.rsplit('/').next().unwrap_or_default();
    let ending = last.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default();
    matches!(ending.as_str(), "gif" | "webp" | "avif" | "bmp" | "ico" | "tif" | "tiff" | "pdf" | "heic")
}

#[component]
pub fn LogoField(
    url: RwSignal<String>,
    #[prop(into)] name: Signal<String>,
    #[prop(into)] identifier: Signal<String>,
    state: RwSignal<LogoState>,
    /// What the server said about the field.
    #[prop(into)]
    refused: Signal<Option<String>>,
) -> impl IntoView {
    let address = Memo::new(move |_| validation::logo_url(&url.read()));
    // The outside world is asked about the image: that is what this effect is for.
    Effect::new(move || {
        state.set(match address.get() {
            Ok(None) => LogoState::None,
            Ok(Some(url)) if has_other_format(&url) => LogoState::WrongFormat,
            Ok(Some(_)) => LogoState::Checking,
            Err(rule) => LogoState::Malformed(rule),
        });
    });
    let checked = Memo::new(move |_| address.get().ok().flatten().filter(|url| !has_other_format(url)));
    let loaded = move |event: leptos::ev::Event| {
        let image = event.target().and_then(|target| target.dyn_into::<web_sys::HtmlImageElement>().ok());
        let Some(image) = image else { return };
        let (width, height) = (image.natural_width(), image.natural_height());
        let fits = LOGO_SIDE.contains(&width) && LOGO_SIDE.contains(&height);
        state.set(if fits { LogoState::Good { width, height } } else { LogoState::WrongSize { width, height } });
    };
    let size = |key: Key, width: u32, height: u32| {
        text(key, &[("width", number(f64::from(width))), ("height", number(f64::from(height)))])
    };
    let error = Signal::derive(move || match state.get() {
        LogoState::Malformed(rule) => Some(rule_text(rule)),
        LogoState::WrongFormat => Some(text(Key::LogoWrongFormat, &[])),
        LogoState::WrongSize { width, height } => Some(size(Key::LogoWrongSize, width, height)),
        _ => refused.get(),
    });
    let finding = move || match state.get() {
        LogoState::Checking => text(Key::LogoChecking, &[]),
        LogoState::Good { width, height } => size(Key::LogoGood, width, height),
        LogoState::Unreachable => text(Key::LogoUnreachable, &[]),
        _ => String::new(),
    };
    let shown = Signal::derive(move || matches!(state.get(), LogoState::Good { .. }).then(|| checked.get()).flatten());
    view! {
        <div class="logo-field">
            <TextField label=Signal::derive(t!(LogoUrl)) value=url kind=FieldKind::Url hint=Signal::derive(t!(LogoUrlHint)) error/>
            {move || checked.get().map(|url| view! {
                <img class="probe" src=url alt="" referrerpolicy="no-referrer" on:load=loaded on:error=move |_| state.set(LogoState::Unreachable)/>
            })}
            <div class="logo-preview" role="group" aria-label=t!(LogoPreview)>
                <Logo name url=shown identifier size=LogoSize::Large/>
                <Logo name url=shown identifier size=LogoSize::Medium/>
                <Logo name url=shown identifier/>
                <p class="field-hint" role="status">{finding}</p>
            </div>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::has_other_format;

    #[test]
    fn only_an_ending_of_another_format_is_refused() {
        assert!(has_other_format("https://a.example/logo.GIF?x=1"));
        for fine in
            ["https://a.example/logo.png", "https://a.example/logo", "https://a.example/v1.2/logo", "https://a.example/?f=x.gif"]
        {
            assert!(!has_other_format(fine), "{fine}");
        }
    }
}
