//! "Not found", with the way home.

use crate::paths;
use crate::session::Session;
use crate::shell::page::PageTitle;
use crate::t;
use leptos::prelude::*;

#[component]
pub fn NotFoundPage() -> impl IntoView {
    // Where the page was there a moment ago, what happened to it is said.
    let notice = Session::expect().notice();
    view! {
        <main class="page alone" id="content">
            <PageTitle title=Signal::derive(t!(NotFound)) purpose=Signal::derive(t!(NotFoundExplained))/>
            {move || notice.get().map(|notice| view! { <p class="note" role="status">{notice}</p> })}
            <a class="button" data-kind="primary" href=paths::HOME>{t!(GoHome)}</a>
        </main>
    }
}
