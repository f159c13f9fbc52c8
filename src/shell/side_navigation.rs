//! The side navigation of Manage Organization, in groups. An entry stands here when its page does.

use crate::i18n::{Key, text};
use crate::paths;
use crate::session::Session;
use crate::t;
use crate::ui::icon::Icon;
use leptos::prelude::*;
use leptos_router::components::A;
use pulze_contract::{OrganizationId, Permission};

struct Entry {
    group: Key,
    title: Key,
    icon: &'static str,
    path: fn(&OrganizationId) -> String,
    permission: Permission,
}

const ENTRIES: [Entry; 1] = [Entry {
    group: Key::Organization,
    title: Key::General,
    icon: "building",
    path: paths::general,
    permission: Permission::OrganizationManage,
}];

/// A page of Manage Organization: navigation beside content.
#[component]
pub fn ManageLayout(children: Children) -> impl IntoView {
    let session = Session::expect();
    view! {
        <div class="manage">
            <nav class="side" aria-label=t!(ManageOrganization)>
                {ENTRIES.iter().map(|entry| {
                    let allowed = session.can(entry.permission);
                    let href = move || session.organization_id().get().map(|id| (entry.path)(&id)).unwrap_or_default();
                    view! {
                        <Show when=move || allowed.get()>
                            <p class="side-group">{move || text(entry.group, &[])}</p>
                            <A href=href>
                                <Icon name=entry.icon/>
                                <span>{move || text(entry.title, &[])}</span>
                            </A>
                        </Show>
                    }
                }).collect_view()}
            </nav>
            <main class="page" id="content">{children()}</main>
        </div>
    }
}
