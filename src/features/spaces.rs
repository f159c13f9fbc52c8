//! Manage Organization → Spaces: find, make, change, archive and delete them, and who is in them.

mod delete_space;
mod space_card;
mod space_dialog;
mod space_form;
mod space_members;
mod space_settings;

use crate::client;
use crate::i18n::{Key, plural, text};
use crate::lazy_part;
use crate::paths;
use crate::session::Session;
use crate::shell::manage::{ManagePage, PageAction};
use crate::shell::page::page_query;
use crate::t;
use crate::ui::browser::lower_case;
use crate::ui::button::{Button, ButtonKind};
use crate::ui::field::SelectField;
use crate::ui::icon::Icon;
use crate::ui::lazy::{Lazy, Load};
use crate::ui::load::{Failure, Shape, Skeleton};
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_params_map};
use pulze_contract::space::{AccessSource, Space};
use pulze_contract::{Operation, OrganizationId, Permission, SpaceId};
use space_card::SpaceCard;
use space_dialog::SpaceDialog;
use space_members::SpaceMembers;

pub const PAGE: ManagePage = ManagePage {
    slug: paths::SPACES,
    group: Key::Access,
    title: Key::Spaces,
    purpose: Key::SpacesPurpose,
    words: Key::WordsSpaces,
    icon: "spaces",
    skeleton: (6, Shape::Cards),
    needs: |rest| if rest.is_empty() { Operation::SpaceList } else { Operation::SpaceRead },
    content: || Box::pin(spaces()),
    actions: &[PageAction { title: Key::NewSpace, permission: Permission::SpacesCreate, path: |id| paths::new_space(id) }],
};

lazy_part!(spaces, |_given: ()| view! { <SpacesPage/> }.into_any());
lazy_part!(space_members, |space: SpaceId| view! { <SpaceMembers space/> }.into_any());

/// Who is in a space, to be fetched when a link to it is pointed at.
const MEMBERS: Load<SpaceId> = || Box::pin(space_members());

/// The list, or the space that the address names.
#[component]
fn SpacesPage() -> impl IntoView {
    let parameters = use_params_map();
    let space = Memo::new(move |_| parameters.read().get("rest").as_deref().and_then(SpaceId::parse));
    move || match space.get() {
        Some(space) => view! { <Lazy load=MEMBERS given=space lines=6/> }.into_any(),
        None => view! { <Spaces/> }.into_any(),
    }
}

/// Which of the spaces that I can enter are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum View {
    #[default]
    All,
    /// A role was granted to me there, or everybody may look in.
    Available,
    Mine,
    Archived,
}

impl View {
    const ALL: [(Self, &'static str, Key); 4] = [
        (Self::All, "", Key::ViewAll),
        (Self::Available, "available", Key::ViewAvailable),
        (Self::Mine, "mine", Key::ViewMine),
        (Self::Archived, "archived", Key::ViewArchived),
    ];

    fn parse(name: &str) -> Self {
        Self::ALL.into_iter().find(|(_, known, _)| *known == name).map(|(view, ..)| view).unwrap_or_default()
    }

    fn shows(self, space: &Space) -> bool {
        match self {
            Self::All => !space.archived,
            Self::Available => !space.archived && space.source != AccessSource::OrganizationAdmin,
            Self::Mine => !space.archived && space.mine,
            Self::Archived => space.archived,
        }
    }
}

/// What is done to one space in a dialog.
#[derive(Clone, Debug, PartialEq)]
pub enum Doing {
    Create,
    Edit(Space),
    Delete(Space),
}

#[component]
fn Spaces() -> impl IntoView {
    let session = Session::expect();
    let Some(organization) = session.organization_id().get_untracked() else { return ().into_any() };
    let answer = {
        let organization = organization.clone();
        client::Reading::new(move || {
            let organization = organization.clone();
            async move { client::space_list(&organization).await }
        })
    };
    // What stands on the page stays there while it is read again.
    let known = RwSignal::new(None::<Vec<Space>>);
    Effect::new(move || match answer.get() {
        Some(Ok(list)) => known.set(Some(list.spaces)),
        Some(Err(error)) => session.learn_from(&error),
        None => {}
    });
    let failure = move || answer.get().and_then(Result::err).filter(|_| known.read().is_none());
    let loading = move || known.read().is_none() && answer.get().is_none();
    // The palette's "New space" comes with a word in the address.
    let creating = page_query().read_untracked().get("new").is_some() && session.can(Permission::SpacesCreate).get_untracked();
    let doing = RwSignal::new(creating.then_some(Doing::Create));
    let reload = Callback::new(move |()| answer.again());
    let for_dialogs = organization.clone();
    view! {
        <Toolbar organization=organization.clone() doing/>
        {move || failure().map(|error| view! { <Failure error on_retry=reload/> })}
        <Show when=loading><Skeleton lines=6 shape=Shape::Cards/></Show>
        <Shown organization known doing reload/>
        {move || doing.get().map(|what| {
            let organization = for_dialogs.clone();
            view! { <SpaceDialog organization what doing reload/> }
        })}
    }
    .into_any()
}

/// Search and view stand in the address, so that a link shows the same.
#[component]
fn Toolbar(organization: OrganizationId, doing: RwSignal<Option<Doing>>) -> impl IntoView {
    let may_create = Session::expect().can(Permission::SpacesCreate);
    let parameters = page_query();
    let navigate = StoredValue::new(use_navigate());
    let search = Signal::derive(move || parameters.read().get("search").unwrap_or_default());
    let view = Signal::derive(move || parameters.read().get("view").unwrap_or_default());
    let go = move |search: String, view: String| {
        let pairs = [("search", search), ("view", view)].into_iter().filter(|(_, value)| !value.is_empty()).collect::<Vec<_>>();
        let path = paths::manage(&organization, paths::SPACES) + &paths::query(&pairs);
        navigate.with_value(|navigate| navigate(&path, NavigateOptions { replace: true, scroll: false, ..Default::default() }));
    };
    let go_view = go.clone();
    let views = Signal::derive(|| View::ALL.iter().map(|(_, name, key)| ((*name).to_owned(), text(*key))).collect::<Vec<_>>());
    view! {
        <div class="toolbar" role="search">
            <input
                class="input toolbar-search"
                type="search"
                autocomplete="off"
                aria-label=t!(FindSpace)
                placeholder=t!(FindSpace)
                prop:value=move || search.get()
                on:input:target=move |event| go(event.target().value(), view.get_untracked())
            />
            <SelectField
                label=Signal::derive(t!(Show))
                value=view
                options=views
                on_change=move |view: String| go_view(search.get_untracked(), view)
            />
            <Show when=move || may_create.get()>
                <Button kind=ButtonKind::Primary on_click=move |()| doing.set(Some(Doing::Create))>
                    <Icon name="plus"/>
                    <span>{t!(NewSpace)}</span>
                </Button>
            </Show>
        </div>
    }
}

/// The spaces that fit search and view.
#[component]
fn Shown(
    organization: OrganizationId,
    known: RwSignal<Option<Vec<Space>>>,
    doing: RwSignal<Option<Doing>>,
    reload: Callback<()>,
) -> impl IntoView {
    let parameters = page_query();
    let fitting = Memo::new(move |_| {
        let parameters = parameters.read();
        let search = lower_case(parameters.get("search").unwrap_or_default().trim());
        let view = View::parse(&parameters.get("view").unwrap_or_default());
        let fits = |space: &Space| view.shows(space) && lower_case(&space.name).contains(&search);
        known.get().map(|spaces| spaces.into_iter().filter(fits).collect::<Vec<_>>())
    });
    let count = move || fitting.read().as_ref().map(|spaces| plural(Key::SpacesCount, u32::try_from(spaces.len()).unwrap_or(0)));
    let organization = StoredValue::new(organization);
    view! {
        <p class="count" role="status">{count}</p>
        <ul class="cards">
            <For each=move || fitting.get().unwrap_or_default() key=Clone::clone let(space)>
                <SpaceCard organization=organization.get_value() space doing reload/>
            </For>
        </ul>
        <Show when=move || fitting.read().as_ref().is_some_and(Vec::is_empty)>
            <p class="empty">
                {move || if known.read().as_ref().is_some_and(Vec::is_empty) { t!(NoSpacesYet)() } else { t!(NoSpaceFits)() }}
            </p>
        </Show>
    }
}
