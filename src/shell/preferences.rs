//! Language and theme: choices of this browser, and of the account of whoever is signed in.

use crate::client;
use crate::i18n::{self, Key, Language, text};
use crate::lazy_part;
use crate::session::{Session, THEME, show_theme};
use crate::t;
use crate::ui::browser;
use crate::ui::field::SelectField;
use crate::ui::lazy::{Lazy, Load};
use leptos::prelude::*;
use leptos::task::spawn_local;
use pulze_contract::account::{Preferences as AccountPreferences, Theme};

/// Takes up the theme that was chosen in this browser.
pub fn apply_theme() {
    browser::set_theme(&browser::stored(THEME).unwrap_or_default());
}

fn stored_theme() -> Theme {
    browser::stored(THEME).and_then(|name| Theme::parse(&name)).unwrap_or_default()
}

/// The themes to choose from.
pub fn themes() -> Vec<(String, String)> {
    let name = |theme: Theme| match theme {
        Theme::System => Key::ThemeSystem,
        Theme::Light => Key::ThemeLight,
        Theme::Dark => Key::ThemeDark,
    };
    Theme::ALL.map(|theme| (theme.as_str().to_owned(), text(name(theme)))).to_vec()
}

/// The languages to choose from, by their own names.
pub fn languages() -> Vec<(String, String)> {
    Language::OFFERED.iter().map(|(language, name)| (language.tag().to_owned(), (*name).to_owned())).collect()
}

/// Keeps a choice with the account, so that it holds on every device; here it holds already.
pub fn keep(session: Session, change: impl FnOnce(&mut AccountPreferences)) {
    let Some(viewer) = session.viewer().get_untracked() else { return };
    let mut preferences = viewer.preferences;
    change(&mut preferences);
    spawn_local(async move {
        // Refused, or changed elsewhere at this moment: the choice stays one of this browser.
        let _ = client::preferences_update(viewer.account_version, preferences).await;
        session.refresh();
    });
}

/// To be fetched when they are about to be seen.
pub const PREFERENCES: Load<()> = || Box::pin(preferences());

lazy_part!(preferences, |_given: ()| view! { <Choices/> }.into_any());

/// Both choices, side by side.
#[component]
pub fn Preferences() -> impl IntoView {
    view! { <div class="preferences-place"><Lazy load=PREFERENCES given=() lines=1/></div> }
}

#[component]
fn Choices() -> impl IntoView {
    let session = Session::expect();
    let theme = RwSignal::new(stored_theme().as_str().to_owned());
    let choose_theme = move |chosen: String| {
        let Some(chosen) = Theme::parse(&chosen) else { return };
        show_theme(chosen);
        theme.set(chosen.as_str().to_owned());
        keep(session, move |preferences| preferences.theme = chosen);
    };
    let choose_language = move |tag: String| {
        let Some(language) = Language::parse(&tag) else { return };
        i18n::choose(language);
        keep(session, move |preferences| preferences.language = Some(tag));
    };
    view! {
        <div class="preferences">
            <SelectField
                label=Signal::derive(t!(Language))
                value=Signal::derive(|| i18n::language().tag().to_owned())
                options=languages()
                on_change=choose_language
            />
            <SelectField label=Signal::derive(t!(Theme)) value=theme options=Signal::derive(themes) on_change=choose_theme/>
        </div>
    }
}
