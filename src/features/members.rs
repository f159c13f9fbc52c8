//! Manage Organization → Members: everybody who belongs or was asked to, one of them, what they may
//! do in which space, and the templates for those who come.

mod access_grid;
mod access_templates;
mod change_role;
mod invitation_details;
mod invite;
mod invited_rows;
mod member_details;
mod member_filters;
mod member_pages;
mod member_rows;
mod member_table;
mod remove_member;
mod space_grants;

use crate::i18n::{Key, label};
use crate::lazy_part;
use crate::paths;
use crate::session::Session;
use crate::shell::manage::{ManagePage, PageAction};
use crate::t;
use crate::ui::lazy::{Lazy, Load, preload};
use crate::ui::load::Shape;
use access_grid::AccessGrid;
use access_templates::AccessTemplates;
use invitation_details::InvitationDetails;
use invite::Invite;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use member_details::MemberDetailsView;
use member_filters::MemberFilters;
use member_pages::MemberPages;
use member_table::MemberTable;
use pulze_contract::{InvitationId, Operation, OrganizationId, Permission, UserId};

pub const PAGE: ManagePage = ManagePage {
    slug: paths::MEMBERS,
    group: Key::Access,
    title: Key::Members,
    purpose: Key::MembersPurpose,
    words: Key::WordsMembers,
    icon: "members",
    skeleton: (8, Shape::List),
    needs: |rest| match Shown::of(rest) {
        Shown::List => Operation::MemberList,
        Shown::Member(_) => Operation::MemberRead,
        Shown::Invitation(_) => Operation::InvitationRead,
        Shown::SpaceAccess => Operation::AccessList,
        // Who invites reads them by name; the page changes them.
        Shown::Templates => Operation::AccessTemplateUpdate,
    },
    content: || {
        // Beside the page, not after it: most who come look at the list.
        preload(LIST);
        Box::pin(members())
    },
    actions: &[PageAction { title: Key::InviteMembers, permission: Permission::MembersInvite, path: |id| paths::invite(id) }],
};

lazy_part!(members, |_given: ()| view! { <Members/> }.into_any());
lazy_part!(member_list, |_given: ()| view! { <MemberList/> }.into_any());
lazy_part!(member_details, |user: UserId| view! { <MemberDetailsView user/> }.into_any());
lazy_part!(invitation_details, |id: InvitationId| view! { <InvitationDetails id/> }.into_any());
lazy_part!(access_grid, |_given: ()| view! { <AccessGrid/> }.into_any());
lazy_part!(access_templates, |_given: ()| view! { <AccessTemplates/> }.into_any());

/// To be fetched when a link to it is pointed at.
const LIST: Load<()> = || Box::pin(member_list());
const DETAILS: Load<UserId> = || Box::pin(member_details());
const INVITATION: Load<InvitationId> = || Box::pin(invitation_details());
const GRID: Load<()> = || Box::pin(access_grid());
const TEMPLATES: Load<()> = || Box::pin(access_templates());

/// What follows the page's own name in the address.
#[derive(Clone, Debug, PartialEq)]
enum Shown {
    List,
    Member(UserId),
    Invitation(InvitationId),
    SpaceAccess,
    Templates,
}

impl Shown {
    fn of(rest: &str) -> Self {
        match rest {
            paths::SPACE_ACCESS => Self::SpaceAccess,
            paths::ACCESS_TEMPLATES => Self::Templates,
            rest => UserId::parse(rest)
                .map(Self::Member)
                .or_else(|| InvitationId::parse(rest).map(Self::Invitation))
                .unwrap_or(Self::List),
        }
    }
}

#[component]
fn Members() -> impl IntoView {
    let parameters = use_params_map();
    let shown = Memo::new(move |_| Shown::of(&parameters.read().get("rest").unwrap_or_default()));
    move || match shown.get() {
        Shown::Member(user) => view! { <Lazy load=DETAILS given=user lines=6/> }.into_any(),
        Shown::Invitation(id) => view! { <Lazy load=INVITATION given=id lines=6/> }.into_any(),
        Shown::SpaceAccess => view! { <Tabs/><Lazy load=GRID given=() lines=6/> }.into_any(),
        Shown::Templates => view! { <Tabs/><Lazy load=TEMPLATES given=() lines=4/> }.into_any(),
        Shown::List => view! { <Tabs/><Lazy load=LIST given=() lines=6/> }.into_any(),
    }
}

/// The views of the page, for those who may see more than one.
#[component]
fn Tabs() -> impl IntoView {
    let session = Session::expect();
    let Some(organization) = session.organization_id().get_untracked() else { return ().into_any() };
    let (grid, templates) = (session.can(Permission::SpacesUpdate), session.can(Permission::MembersUpdate));
    let parameters = use_params_map();
    let rest = Memo::new(move |_| parameters.read().get("rest").unwrap_or_default());
    let tab = move |slug: &'static str, title: Key, href: String, load: Option<Load<()>>| {
        let current = move || (*rest.read() == slug).then_some("page");
        view! {
            <a class="tab" href=href aria-current=current on:pointerenter=move |_| if let Some(load) = load { preload(load) }>
                {label(title)}
            </a>
        }
    };
    let organization = StoredValue::new(organization);
    view! {
        {move || (grid.get() || templates.get()).then(|| view! {
            <nav class="tabs" aria-label=t!(Members)>
                {tab("", Key::People, paths::manage(&organization.read_value(), paths::MEMBERS), None)}
                {move || grid.get().then(|| {
                    tab(paths::SPACE_ACCESS, Key::SpaceAccess, paths::space_access(&organization.read_value()), Some(GRID))
                })}
                {move || templates.get().then(|| {
                    let href = paths::access_templates(&organization.read_value());
                    tab(paths::ACCESS_TEMPLATES, Key::AccessTemplates, href, Some(TEMPLATES))
                })}
            </nav>
        })}
    }
    .into_any()
}

#[component]
fn MemberList() -> impl IntoView {
    let pages = MemberPages::new();
    // The palette's "Invite members" comes with a word in the address.
    let invites = Session::expect().can(Permission::MembersInvite);
    let asked = crate::shell::page::page_query().read_untracked().get("invite").is_some();
    let inviting = RwSignal::new(asked && invites.get_untracked());
    // Who belongs here changed on another device.
    let changed = Session::expect().members_changed();
    Effect::new(move |before: Option<u32>| {
        let now = changed.get();
        if before.is_some_and(|before| before != now) {
            pages.reload();
        }
        now
    });
    let organization: OrganizationId = pages.organization.get_value();
    view! {
        <MemberFilters pages inviting/>
        <MemberTable pages/>
        {move || invites.get().then(|| view! {
            <Invite organization=organization.clone() open=inviting on_sent=move |()| pages.reload()/>
        })}
    }
}
