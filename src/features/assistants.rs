//! Manage Organization → Assistants: which there are, where they can be talked to, and who owns them.

mod assistant_editor;
mod assistant_page;
mod assistant_query;
mod assistant_table;

use crate::client;
use crate::i18n::{Key, label, plural, text};
use crate::lazy_part;
use crate::paths;
use crate::session::Session;
use crate::session::kept::Kept;
use crate::shell::manage::{ManagePage, PageAction};
use crate::shell::page::page_query;
use crate::shell::switching::{SwitchOff, SwitchOffDialog, count_of, switch_on};
use crate::t;
use crate::ui::field::SelectField;
use crate::ui::icon::Icon;
use crate::ui::lazy::{Lazy, Load, preload};
use crate::ui::load::{Failure, Shape, Skeleton};
use crate::ui::search_field::SearchField;
use assistant_editor::{Begun, Editor};
use assistant_page::AssistantPage;
use assistant_query::AssistantQuery;
use assistant_table::AssistantTable;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_params_map};
use pulze_contract::assistant::{AssistantList, AssistantSummary, AssistantVisibility};
use pulze_contract::{AssistantId, Level, Operation, OrganizationId, Permission, ResourceKind};
use std::sync::Arc;

pub const PAGE: ManagePage = ManagePage {
    slug: paths::ASSISTANTS,
    group: Key::Resources,
    title: Key::Assistants,
    purpose: Key::AssistantsPurpose,
    words: Key::WordsAssistants,
    icon: "assistants",
    skeleton: (8, Shape::List),
    needs: |rest| if rest == paths::NEW { Operation::AssistantCreate } else { Operation::AssistantList },
    content: || Box::pin(assistants()),
    actions: &[PageAction {
        title: Key::NewAssistant,
        permission: Permission::AssistantsUpdate,
        path: |id| paths::assistant(id, paths::NEW),
    }],
};

lazy_part!(assistants, |_given: ()| view! { <AssistantsPage/> }.into_any());
lazy_part!(assistant_page, |given: (Assistants, String)| view! { <AssistantPage assistants=given.0 id=given.1/> }.into_any());
lazy_part!(assistant_editor, |begun: Begun| view! { <Editor begun/> }.into_any());

/// One assistant, to be fetched when a link to it is pointed at.
const ONE: Load<(Assistants, String)> = || Box::pin(assistant_page());
const EDITOR: Load<Begun> = || Box::pin(assistant_editor());

/// The assistants as they are known, the question of the address, and what is done to them.
#[derive(Clone, Copy)]
pub struct Assistants {
    organization: StoredValue<OrganizationId>,
    list: Kept<AssistantList>,
    query: Memo<AssistantQuery>,
    /// Those that fit, in their order.
    fitting: Memo<Arc<Vec<AssistantSummary>>>,
    selection: RwSignal<Vec<String>>,
    switching_off: RwSignal<Option<SwitchOff>>,
    /// After a change: nothing is selected, and the list is read again. Of the page, not of a row: those are made anew
    /// by every answer, and an undo may come later.
    done: Callback<()>,
    go: Callback<AssistantQuery>,
}

impl Assistants {
    /// Asks another question: the address changes, and the rows follow.
    fn ask(self, change: impl FnOnce(&mut AssistantQuery)) {
        let Some(mut query) = self.query.try_get_untracked() else { return };
        change(&mut query);
        self.go.try_run(query);
    }

    /// Switches assistants; off asks first.
    fn switch(self, ids: Vec<String>, enabled: bool) {
        if enabled {
            return switch_on(ResourceKind::Assistant, self.organization.get_value(), ids, self.done);
        }
        self.switching_off.set(Some(SwitchOff { kind: ResourceKind::Assistant, ids, replacements: Vec::new() }));
    }
}

#[component]
fn AssistantsPage() -> impl IntoView {
    let session = Session::expect();
    let Some(organization) = session.organization_id().get_untracked() else { return ().into_any() };
    let organization = StoredValue::new(organization);
    let list = Kept::new(session, move || {
        let organization = organization.get_value();
        async move { client::assistant_list(&organization).await }
    });
    let parameters = page_query();
    let viewer = session.viewer();
    let query = Memo::new(move |_| AssistantQuery::read(|name| parameters.read().get(name)));
    let fitting = Memo::new(move |_| {
        let known = list.known.read();
        let known = known.as_ref().map_or(&[][..], |known| &known.assistants);
        Arc::new(query.read().fitting(known, viewer.read().as_ref().map(|viewer| &viewer.user_id)))
    });
    let navigate = use_navigate();
    let go = Callback::new(move |query: AssistantQuery| {
        let path = paths::manage(&organization.read_value(), paths::ASSISTANTS) + &paths::query(&query.pairs());
        navigate(&path, NavigateOptions { replace: true, scroll: false, ..Default::default() });
    });
    let (selection, switching_off) = (RwSignal::new(Vec::new()), RwSignal::new(None));
    let done = Callback::new(move |()| {
        selection.set(Vec::new());
        list.again();
    });
    let assistants = Assistants { organization, list, query, fitting, selection, switching_off, done, go };
    // A selection is of what can be seen: it goes where the question changes.
    Effect::watch(move || query.get(), move |_, _, _| selection.set(Vec::new()), false);
    let rest = use_params_map();
    let shown = Memo::new(move |_| {
        let rest = rest.read().get("rest").unwrap_or_default();
        (rest == paths::NEW || AssistantId::parse(&rest).is_some()).then_some(rest)
    });
    let there = list.is_there();
    let content = move || match (shown.get(), there.get()) {
        (Some(id), _) => view! { <Lazy load=ONE given=(assistants, id) lines=6/> }.into_any(),
        (None, true) => view! { <ListView assistants/> }.into_any(),
        (None, false) => match list.failure.get() {
            Some(error) => view! { <Failure error on_retry=move |()| list.again()/> }.into_any(),
            None => view! { <Skeleton lines=8 shape=Shape::List/> }.into_any(),
        },
    };
    content.into_any()
}

#[component]
fn ListView(assistants: Assistants) -> impl IntoView {
    let may_add = Session::expect().can(Permission::AssistantsUpdate);
    let manages = Memo::new(move |_| {
        let known = assistants.list.known.read();
        may_add.get() || known.iter().flat_map(|known| &known.assistants).any(|assistant| assistant.level >= Level::Manage)
    });
    view! {
        {move || (!may_add.get()).then(|| view! {
            <p class="note">{label(if manages.get() { Key::AssistantsOwnerNote } else { Key::AssistantsReadOnly })}</p>
        })}
        <Filters assistants may_add/>
        <AssistantTable assistants on_near=move |()| preload(ONE)/>
        <SwitchOffDialog what=assistants.switching_off on_done=assistants.done/>
    }
}

/// Search, filters and the number of assistants.
#[component]
fn Filters(assistants: Assistants, may_add: Memo<bool>) -> impl IntoView {
    let of = move |part: fn(&AssistantQuery) -> &String| Signal::derive(move || part(&assistants.query.read()).clone());
    let filter = move |title: Key, value, named: &'static [(&'static str, Key)], set: fn(&mut AssistantQuery, String)| {
        let options =
            Signal::derive(move || named.iter().map(|(key, name)| ((*key).to_owned(), text(*name))).collect::<Vec<_>>());
        view! { <SelectField label=Signal::derive(label(title)) value options on_change=move |to| assistants.ask(|query| set(query, to))/> }
    };
    let count = move || {
        let fitting = assistants.fitting.read();
        let enabled = fitting.iter().filter(|assistant| assistant.enabled).count();
        plural(Key::AssistantsFound, count_of(&fitting))
            + " · "
            + &plural(Key::EnabledCount, u32::try_from(enabled).unwrap_or(u32::MAX))
    };
    let new = paths::assistant(&assistants.organization.read_value(), paths::NEW);
    view! {
        <div class="toolbar toolbar-models" role="search">
            <SearchField
                label=Signal::derive(t!(FindAssistant))
                searched=of(|query| &query.search)
                on_search=move |search: String| assistants.ask(|query| query.search = search)
            />
            {filter(Key::Status, of(|query| &query.state), &[("", Key::AnyState), ("enabled", Key::Enabled), ("disabled", Key::Disabled)], |query, to| query.state = to)}
            {filter(Key::Visibility, of(|query| &query.visibility), &[("", Key::AnyVisibility), ("organization", Key::VisibleOrganization), ("private", Key::VisiblePrivate), ("public", Key::VisiblePublic)], |query, to| query.visibility = to)}
            {filter(Key::Owner, of(|query| &query.owner), &[("", Key::AnyOwner), ("me", Key::OwnedByMe), ("none", Key::OwnerLeft)], |query, to| query.owner = to)}
            {filter(Key::Use, of(|query| &query.life), &[("", Key::AnyUse), ("used", Key::InUse), ("unused", Key::Unused)], |query, to| query.life = to)}
            {move || may_add.get().then(|| {
                let new = new.clone();
                view! {
                    <a class="button" data-kind="primary" href=new on:pointerenter=move |_| preload(ONE)>
                        <Icon name="plus"/>
                        <span>{t!(NewAssistant)}</span>
                    </a>
                }
            })}
        </div>
        <p class="count" role="status">{count}</p>
    }
}

/// Who may find an assistant, in a word.
fn visibility_key(visibility: AssistantVisibility) -> Key {
    match visibility {
        AssistantVisibility::Public => Key::VisiblePublic,
        AssistantVisibility::Organization => Key::VisibleOrganization,
        AssistantVisibility::Private => Key::VisiblePrivate,
    }
}
