//! `/`: goes on to the organization that was last open in this browser, or the first one.

use crate::paths;
use crate::session::Session;
use crate::shell::page::PageTitle;
use crate::t;
use crate::ui::browser;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

#[component]
pub fn HomePage() -> impl IntoView {
    let viewer = Session::expect().viewer();
    let target = Memo::new(move |_| {
        let last = browser::stored("pulze.organization").unwrap_or_default();
        let viewer = viewer.get()?;
        let known = viewer.organizations.iter().find(|organization| organization.id.as_str() == last);
        known.or(viewer.organizations.first()).map(|organization| paths::overview(&organization.id))
    });
    let navigate = use_navigate();
    Effect::new(move || {
        if let Some(target) = target.get() {
            // In place of this entry of the history: Back must not land here again.
            navigate(&target, NavigateOptions { replace: true, ..Default::default() });
        }
    });
    view! {
        <Show when=move || target.read().is_none()>
            <main class="page alone" id="content">
                <PageTitle title=Signal::derive(t!(NoOrganization)) purpose=Signal::derive(t!(NoOrganizationExplained))/>
            </main>
        </Show>
    }
}
