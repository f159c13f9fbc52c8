//! The services that one can sign in by, a button each.

use crate::args;
use crate::client::{self, Listener};
use crate::i18n::{Key, text_with, words};
use crate::session::Session;
use crate::ui::browser;
use crate::ui::button::Button;
use leptos::prelude::*;
use pulze_contract::session::{Provider, ProviderBegin, ProviderPurpose};

#[component]
pub fn ProviderButtons(
    purpose: ProviderPurpose,
    /// The page to come back to.
    #[prop(into)]
    return_to: Callback<(), String>,
    /// In a tab of its own, which tells this one.
    #[prop(optional)]
    elsewhere: bool,
) -> impl IntoView {
    let providers = Session::expect().providers();
    let none = move || providers.read().is_empty();
    let all = move || {
        providers
            .get()
            .into_iter()
            .map(|provider| view! { <ProviderButton provider purpose return_to elsewhere/> })
            .collect_view()
    };
    view! { <div class="providers" hidden=none>{all}</div> }
}

#[component]
pub fn ProviderButton(
    provider: Provider,
    purpose: ProviderPurpose,
    return_to: Callback<(), String>,
    #[prop(optional)] elsewhere: bool,
) -> impl IntoView {
    let (busy, failure) = (RwSignal::new(false), RwSignal::new(None::<String>));
    let listener = Listener::here();
    let Provider { id, name } = provider;
    let go = move |()| {
        busy.set(true);
        failure.set(None);
        let body = ProviderBegin { provider: id.clone(), purpose, return_to: return_to.try_run(()).unwrap_or_default() };
        // Opened within the click, as browsers ask; it goes on when the address is known.
        let tab = elsewhere.then(|| browser::window().open_with_url_and_target("about:blank", "_blank").ok().flatten()).flatten();
        listener.hear(async move { client::provider_begin(&body).await }, move |answer| {
            busy.set(false);
            match (answer, tab) {
                (Ok(address), Some(tab)) => {
                    let _ = tab.location().set_href(&address);
                }
                (Ok(address), None) => browser::go_to(&address),
                (Err(error), tab) => {
                    if let Some(tab) = tab {
                        let _ = tab.close();
                    }
                    failure.set(Some(error.sentence()));
                }
            }
        });
    };
    let key = if purpose == ProviderPurpose::Link { Key::LinkProvider } else { Key::SignInBy };
    view! {
        <Button busy on_click=go>{words(move || text_with(key, args!(name = name.clone())))}</Button>
        <p class="form-error" role="alert">{move || failure.get()}</p>
    }
}
