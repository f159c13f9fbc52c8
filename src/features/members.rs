//! Manage Organization → Members: the list, one member, roles and removal.

mod change_role;
mod invitations;
mod invite;
mod member_details;
mod member_filters;
mod member_pages;
mod member_table;
mod remove_member;

use crate::i18n::Key;
use crate::lazy_part;
use crate::paths;
use crate::shell::manage::ManagePage;
use crate::ui::lazy::{Lazy, Load};
use invitations::Invitations;
use invite::Invite;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use member_details::MemberDetailsView;
use member_filters::MemberFilters;
use member_pages::MemberPages;
use member_table::MemberTable;
use pulze_contract::{OrganizationId, Permission, UserId};

pub const PAGE: ManagePage = ManagePage {
    slug: paths::MEMBERS,
    group: Key::Access,
    title: Key::Members,
    purpose: Key::MembersPurpose,
    icon: "members",
    permission: Permission::MembersUpdate,
    content: || Box::pin(members()),
};

lazy_part!(members, |_given: ()| view! { <Members/> }.into_any());

lazy_part!(member_details, |user: UserId| view! { <MemberDetailsView user/> }.into_any());

/// One member, to be fetched when a link to one is pointed at.
const DETAILS: Load<UserId> = || Box::pin(member_details());

lazy_part!(invitations_list, |given: (OrganizationId, RwSignal<u32>)| {
    let (organization, sent) = given;
    view! { <Invitations organization sent/> }.into_any()
});

const INVITATIONS: Load<(OrganizationId, RwSignal<u32>)> = || Box::pin(invitations_list());

/// The list, or the member that the address names.
#[component]
fn Members() -> impl IntoView {
    let parameters = use_params_map();
    let user = Memo::new(move |_| parameters.read().get("rest").as_deref().and_then(UserId::parse));
    move || match user.get() {
        Some(user) => view! { <Lazy load=DETAILS given=user lines=6/> }.into_any(),
        None => view! { <MemberList/> }.into_any(),
    }
}

#[component]
fn MemberList() -> impl IntoView {
    let pages = MemberPages::new();
    let inviting = RwSignal::new(false);
    // Counts what was sent, so that the list of invitations is read again.
    let sent = RwSignal::new(0_u32);
    view! {
        <MemberFilters pages inviting/>
        <Lazy load=INVITATIONS given=(pages.organization.get_value(), sent) lines=0/>
        <MemberTable pages/>
        <Invite organization=pages.organization.get_value() open=inviting sent/>
    }
}
