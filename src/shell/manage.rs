//! Manage Organization: the side navigation, in groups, beside the page that the address names.

use crate::i18n::{self, Key, label, text};
use crate::paths;
use crate::session::Session;
use crate::shell::not_found::NotFoundPage;
use crate::shell::page::PageTitle;
use crate::ui::browser;
use crate::ui::icon::Icon;
use crate::ui::lazy::{Lazy, Load, preload};
use crate::ui::load::Shape;
use leptos::html;
use leptos::prelude::*;
use leptos_router::components::A;
use leptos_router::hooks::use_params_map;
use pulze_contract::{Operation, OrganizationId, Permission};

/// What a page says of itself, once: navigation, gate and title read it here.
#[derive(Debug)]
pub struct ManagePage {
    /// Its name in the address.
    pub slug: &'static str,
    /// The group of the side navigation that it stands in.
    pub group: Key,
    pub title: Key,
    /// One sentence under the title.
    pub purpose: Key,
    /// What else somebody may type who looks for it.
    pub words: Key,
    pub icon: &'static str,
    /// What stands there while it comes.
    pub skeleton: (usize, Shape),
    /// What stands after the page's name in the address, and what of the API that takes: without the permission
    /// of this operation the page, or this part of it, is one that is not there.
    pub needs: fn(&str) -> Operation,
    /// Arrives as a chunk of its own; wanted at the latest when its link is pointed at.
    pub content: Load<()>,
    /// What can be done there, for the palette.
    pub actions: &'static [PageAction],
}

impl ManagePage {
    /// Whether somebody with these permissions sees the page, or the part of it that `rest` names.
    pub fn opens_to(&self, rest: &str, permissions: &[Permission]) -> bool {
        (self.needs)(rest).permission().is_some_and(|permission| permissions.contains(&permission))
    }
}

/// Something that can be done on a page, at an address of its own.
#[derive(Debug)]
pub struct PageAction {
    pub title: Key,
    /// Without it nobody is offered it.
    pub permission: Permission,
    pub path: fn(&OrganizationId) -> String,
}

/// The pages of Manage Organization, for whoever lists them.
#[derive(Clone, Copy, Debug)]
pub struct ManagePages(pub &'static [&'static ManagePage]);

impl ManagePages {
    /// Whether somebody with these permissions sees what an address of an organization leads to.
    pub fn open_to(self, path: &str, permissions: &[Permission]) -> bool {
        let Some((slug, rest)) = paths::managed(path) else { return true };
        self.0.iter().any(|page| page.slug == slug && page.opens_to(rest, permissions))
    }
}

/// The title of what a page shows in its place, like one member of the list.
#[derive(Clone, Copy, Debug)]
pub struct Heading(RwSignal<Option<String>>);

impl Heading {
    fn provide() -> RwSignal<Option<String>> {
        let heading = RwSignal::new(None);
        provide_context(Self(heading));
        heading
    }

    /// Names what is shown, for as long as it is on the page.
    pub fn show(name: String) {
        let Self(heading) = expect_context();
        heading.set(Some(name));
        on_cleanup(move || {
            let _ = heading.try_set(None);
        });
    }
}

type Pages = &'static [&'static ManagePage];

#[component]
pub fn Manage(pages: Pages) -> impl IntoView {
    let session = Session::expect();
    let parameters = use_params_map();
    let slug = Memo::new(move |_| parameters.read().get("page").unwrap_or_default());
    let page = move || pages.iter().find(|page| page.slug == *slug.read()).copied();
    let permissions = session.permissions();
    let shown = Memo::new(move |_| {
        let rest = parameters.read().get("rest").unwrap_or_default();
        page().filter(|page| page.opens_to(&rest, &permissions.read())).map(|page| page.slug)
    });
    move || match shown.get().and_then(|_| page()) {
        Some(page) => {
            let of = Heading::provide();
            view! {
            <div class="manage">
                <SideNavigation pages/>
                <main class="page" id="content">
                    <PageTitle
                        title=Signal::derive(move || of.get().unwrap_or_else(label(page.title)))
                        purpose=Signal::derive(move || if of.read().is_some() { String::new() } else { label(page.purpose)() })
                    />
                    <Lazy load=page.content given=() lines=page.skeleton.0 shape=page.skeleton.1/>
                </main>
            </div>
        }
        .into_any()
        }
        None => view! { <NotFoundPage/> }.into_any(),
    }
}

/// The pages that the viewer may see, under the names of their groups.
#[component]
fn SideNavigation(pages: Pages) -> impl IntoView {
    let session = Session::expect();
    let permissions = session.permissions();
    let manages = session.can(Permission::OrganizationManage);
    let groups = Memo::new(move |_| {
        let mut groups: Vec<(Key, Vec<usize>)> = Vec::new();
        for (index, page) in pages.iter().enumerate().filter(|(_, page)| page.opens_to("", &permissions.read())) {
            match groups.last_mut().filter(|(group, _)| *group == page.group) {
                Some((_, of_group)) => of_group.push(index),
                None => groups.push((page.group, vec![index])),
            }
        }
        groups
    });
    // On a phone the entries stand in a strip that scrolls by itself.
    let strip = NodeRef::<html::Nav>::new();
    Effect::new(move || {
        groups.track();
        // A language that is written the other way turns the strip around.
        i18n::language();
        if let Some(strip) = strip.get() {
            browser::after_render(move || {
                if let Some(current) = strip.query_selector("[aria-current]").ok().flatten() {
                    browser::scroll_nearest(&current);
                }
            });
        }
    });
    view! {
        <nav class="side" node_ref=strip aria-label=move || text(if manages.get() { Key::ManageOrganization } else { Key::Organization })>
            {move || groups.get().into_iter().map(|(group, of_group)| view! {
                <p class="side-group">{label(group)}</p>
                {of_group.into_iter().map(|index| view! { <PageLink page=pages[index]/> }).collect_view()}
            }).collect_view()}
        </nav>
    }
}

#[component]
fn PageLink(page: &'static ManagePage) -> impl IntoView {
    let session = Session::expect();
    let href = move || session.organization_id().get().map(|id| paths::manage(&id, page.slug)).unwrap_or_default();
    view! {
        <span class="side-entry" on:pointerenter=move |_| preload(page.content) on:focusin=move |_| preload(page.content)>
            <A href=href>
                <Icon name=page.icon/>
                <span>{label(page.title)}</span>
            </A>
        </span>
    }
}
