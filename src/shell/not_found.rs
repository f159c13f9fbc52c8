//! "Not found", with the way home.

use crate::paths;
use crate::shell::page::PageTitle;
use crate::t;
use leptos::prelude::*;

#[component]
pub fn NotFoundPage() -> impl IntoView {
    view! {
        <main class="page alone" id="content">
            <PageTitle title=Signal::derive(t!(NotFound)) purpose=Signal::derive(t!(NotFoundExplained))/>
            <a class="button" data-kind="primary" href=paths::HOME>{t!(GoHome)}</a>
        </main>
    }
}
