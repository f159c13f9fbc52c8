//! Language and theme: choices of this browser.

use crate::i18n::{self, Language};
use crate::t;
use crate::ui::browser;
use crate::ui::field::SelectField;
use leptos::prelude::*;

const THEME: &str = "pulze.theme";

/// Takes up the theme that was chosen in this browser.
pub fn apply_theme() {
    browser::set_theme(&browser::stored(THEME).unwrap_or_default());
}

/// Both choices, side by side.
#[component]
pub fn Preferences() -> impl IntoView {
    let theme = RwSignal::new(browser::stored(THEME).unwrap_or_default());
    let themes = Signal::derive(move || {
        vec![(String::new(), t!(ThemeSystem)()), ("light".to_owned(), t!(ThemeLight)()), ("dark".to_owned(), t!(ThemeDark)())]
    });
    let languages: Vec<_> =
        Language::OFFERED.iter().map(|(language, name)| (language.tag().to_owned(), (*name).to_owned())).collect();
    let choose_theme = move |chosen: String| {
        browser::store(THEME, &chosen);
        browser::set_theme(&chosen);
        theme.set(chosen);
    };
    view! {
        <div class="preferences">
            <SelectField
                label=Signal::derive(t!(Language))
                value=Signal::derive(|| i18n::language().tag().to_owned())
                options=languages
                on_change=|tag: String| if let Some(language) = Language::parse(&tag) { i18n::choose(language) }
            />
            <SelectField label=Signal::derive(t!(Theme)) value=theme options=themes on_change=choose_theme/>
        </div>
    }
}
