//! The head of a page: its one `h1`, the document's title, and the focus after a navigation.

use crate::session::Session;
use crate::t;
use crate::ui::browser;
use leptos::html;
use leptos::prelude::*;
use leptos_router::hooks::use_location;
use leptos_router::params::ParamsMap;
use std::cell::Cell;

thread_local! {
    /// The first page of a visit leaves the focus where the browser put it.
    static VISITED: Cell<bool> = const { Cell::new(false) };
}

#[component]
pub fn PageTitle(#[prop(into)] title: Signal<String>, #[prop(into)] purpose: Signal<String>) -> impl IntoView {
    let organization = use_context::<Session>().map(Session::organization);
    let heading = NodeRef::<html::H1>::new();
    Effect::new(move || {
        let place =
            organization.and_then(|organization| organization.get()).map_or_else(t!(AppName), |organization| organization.name);
        browser::document().set_title(&format!("{} · {place}", title.get()));
    });
    Effect::new(move || {
        if let Some(heading) = heading.get()
            && VISITED.with(|visited| visited.replace(true))
        {
            browser::focus(&heading);
        }
    });
    view! {
        <header class="page-header">
            <h1 tabindex="-1" node_ref=heading>{move || title.get()}</h1>
            <p class="page-purpose" hidden=move || purpose.read().is_empty()>{move || purpose.get()}</p>
        </header>
    }
}

/// The parameters in the address of this page, for as long as it is the one that is shown.
///
/// Not the router's `use_query_map`: flat routes leave that as it was where the next page is one of
/// the same route (leptos_router 0.8.17), and a page that is about to go would ask for the next one's.
pub fn page_query() -> Memo<ParamsMap> {
    let location = use_location();
    let path = location.pathname.get_untracked();
    Memo::new(move |before: Option<&ParamsMap>| {
        let here = *location.pathname.read() == path;
        if here { location.query.get() } else { before.cloned().unwrap_or_default() }
    })
}
