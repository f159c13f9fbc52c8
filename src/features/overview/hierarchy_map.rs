//! The hierarchy of the organization as a map: what there is, how much of it, and where it is managed.

use crate::args;
use crate::client::{self, Reading};
use crate::i18n::{Key, label, number, relative, text, text_with, words};
use crate::paths;
use crate::session::Session;
use crate::shell::manage::ManagePages;
use crate::ui::icon::Icon;
use crate::ui::load::{Failure, Skeleton};
use leptos::prelude::*;
use pulze_contract::OrganizationId;
use pulze_contract::hierarchy::{Content, Hierarchy};

#[component]
pub fn HierarchyMap(id: OrganizationId) -> impl IntoView {
    let asked = {
        let id = id.clone();
        Reading::new(move || {
            let id = id.clone();
            async move { client::hierarchy_read(&id).await }
        })
    };
    let id = StoredValue::new(id);
    move || match asked.get() {
        None => view! { <Skeleton lines=5/> }.into_any(),
        Some(Err(error)) => view! { <Failure error on_retry=move |()| asked.again()/> }.into_any(),
        Some(Ok(hierarchy)) => view! { <Branches id=id.get_value() hierarchy/> }.into_any(),
    }
}

/// A thing with its number and, where there is a page for the viewer, its address.
struct Leaf {
    name: Key,
    value: Value,
    href: Option<String>,
}

#[derive(Clone, Copy)]
enum Value {
    Count(u64),
    Of(u32, u32),
    /// Nobody has reported it.
    Unknown,
}

impl Value {
    fn text(self) -> String {
        // Counts of things stay exact in a double.
        #[allow(clippy::cast_precision_loss)]
        match self {
            Self::Count(count) => number(count as f64),
            Self::Of(some, all) => text_with(Key::SomeOfAll, args!(some = number(f64::from(some)), all = number(f64::from(all)))),
            Self::Unknown => text(Key::NotReported),
        }
    }
}

#[component]
fn Branches(id: OrganizationId, hierarchy: Hierarchy) -> impl IntoView {
    let session = Session::expect();
    let (pages, permissions) = (expect_context::<ManagePages>(), session.permissions().get_untracked());
    let open = |path: String| pages.open_to(&path, &permissions).then_some(path);
    let page = |slug: &str| open(paths::manage(&id, slug));
    let leaf = |name: Key, value: Value, href: Option<String>| Leaf { name, value, href };
    let content = |name: Key, content: Content| leaf(name, hierarchy.of(content).map_or(Value::Unknown, Value::Count), None);
    let count = |count: u32| Value::Count(u64::from(count));
    let branches = [
        (
            Key::Spaces,
            "spaces",
            vec![
                leaf(Key::Spaces, count(hierarchy.spaces), page(paths::SPACES)),
                content(Key::Conversations, Content::Conversations),
                leaf(Key::Assistants, count(hierarchy.assistants), page(paths::ASSISTANTS)),
                leaf(Key::Tools, count(hierarchy.tools), page(paths::TOOLS)),
                leaf(Key::ModelsEnabledShort, Value::Of(hierarchy.models_enabled, hierarchy.models), page(paths::MODELS)),
                leaf(Key::Routers, count(hierarchy.routers), page(paths::ROUTERS)),
            ],
        ),
        (
            Key::Data,
            "models",
            vec![
                content(Key::Documents, Content::Documents),
                content(Key::Datasets, Content::Datasets),
                content(Key::CustomData, Content::CustomData),
            ],
        ),
        (
            Key::Permissions,
            "members",
            vec![
                leaf(Key::Members, count(hierarchy.members), page(paths::MEMBERS)),
                leaf(Key::RolesInSpaces, count(hierarchy.grants), open(paths::space_access(&id))),
            ],
        ),
        (Key::Tasks, "settings", vec![content(Key::ScheduledTasks, Content::ScheduledTasks)]),
    ];
    let shown = branches.into_iter().map(|(title, icon, leaves)| {
        view! {
            <div class="branch">
                <h3><Icon name=icon/>{label(title)}</h3>
                <ul>{leaves.into_iter().map(row).collect_view()}</ul>
            </div>
        }
    });
    view! {
        <div class="branches">{shown.collect_view()}</div>
        {hierarchy.reported_at.map(|at| view! {
            <p class="quiet">{words(move || text_with(Key::ReportedWhen, args!(when = relative(at))))}</p>
        })}
    }
}

fn row(leaf: Leaf) -> impl IntoView {
    let Leaf { name, value, href } = leaf;
    let unknown = matches!(value, Value::Unknown).then_some("true");
    // Without an address it is no link, for the keyboard either.
    view! {
        <li>
            <a class="leaf" href=href>
                <span class="leaf-name">{label(name)}</span>
                <span class="leaf-count" data-unknown=unknown>{words(move || value.text())}</span>
            </a>
        </li>
    }
}
