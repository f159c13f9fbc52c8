//! Overview: who this organization is, what it consists of, my role in it, and what I may do.

mod abilities;
mod hierarchy_map;

use crate::i18n::{self, Key, label, plural, words};
use crate::lazy_part;
use crate::paths;
use crate::session::Session;
use crate::shell::page::PageTitle;
use crate::shell::role::{ends_text, role_key};
use crate::t;
use crate::ui::copy_button::CopyButton;
use crate::ui::icon::Icon;
use crate::ui::lazy::{Lazy, Load};
use crate::ui::load::Failure;
use crate::ui::logo::{Logo, LogoSize};
use abilities::Abilities;
use hierarchy_map::HierarchyMap;
use leptos::prelude::*;
use pulze_contract::organization::OrganizationSummary;
use pulze_contract::{OrganizationId, Permission};

lazy_part!(hierarchy_map, |id: OrganizationId| view! { <HierarchyMap id/> }.into_any());
lazy_part!(abilities, |_given: ()| view! { <Abilities/> }.into_any());

const MAP: Load<OrganizationId> = || Box::pin(hierarchy_map());
const ABILITIES: Load<()> = || Box::pin(abilities());

#[component]
pub fn OverviewPage() -> impl IntoView {
    let session = Session::expect();
    let organization = session.organization();
    view! {
        <main class="page" id="content">
            <PageTitle title=Signal::derive(t!(Overview)) purpose=Signal::derive(t!(OverviewPurpose))/>
            {move || organization.get().map(|organization| view! { <Overview organization/> })}
        </main>
    }
}

#[component]
fn Overview(organization: OrganizationSummary) -> impl IntoView {
    let session = Session::expect();
    let id = organization.id.clone();
    let members = organization.members;
    let manages = session.can(Permission::OrganizationManage);
    let manage = paths::general(&id);
    let (spaces, people) = (paths::manage(&id, paths::SPACES), paths::manage(&id, paths::MEMBERS));
    let sees_people = session.can(Permission::MembersRead);
    let name = organization.name.clone();
    view! {
        <section class="card identity">
            <Logo name=name.clone() url=organization.logo_url.clone() identifier=id.to_string() size=LogoSize::Large/>
            <div class="identity-text">
                <h2>{name.clone()}</h2>
                <p class="quiet">
                    <bdi translate="no">{organization.plan.display_name()}</bdi>
                    " · "
                    <bdi translate="no">{words(move || plural(Key::MembersCount, members.total()))}</bdi>
                </p>
            </div>
            <Show when=move || manages.get()>
                <a class="button" href=manage.clone()><Icon name="settings"/><span>{t!(ManageOrganization)}</span></a>
            </Show>
            <Show when=move || !manages.get() && sees_people.get()>
                <a class="button" href=people.clone()><Icon name="members"/><span>{t!(Members)}</span></a>
            </Show>
            <Show when=move || !manages.get()>
                <a class="button" href=spaces.clone()><Icon name="spaces"/><span>{t!(Spaces)}</span></a>
            </Show>
        </section>
        // The cards are here before what fills them, and as high: nothing jumps.
        <section class="card map" aria-labelledby="map-title">
            <h2 id="map-title">{t!(WhatThereIs)}</h2>
            <Lazy load=MAP given=id.clone() lines=5/>
        </section>
        <section class="card" aria-labelledby="facts-title">
            <h2 id="facts-title">{t!(Profile)}</h2>
            <Facts organization=organization.clone()/>
        </section>
        <section class="card" aria-labelledby="permissions-title">
            <h2 id="permissions-title">{t!(WhatYouMayDo)}</h2>
            <Lazy load=ABILITIES given=() lines=6/>
        </section>
    }
}

#[component]
fn Facts(organization: OrganizationSummary) -> impl IntoView {
    let session = Session::expect();
    let id = organization.id.clone();
    // Known at once from a former visit; asked for again behind.
    let details = session.details(id.clone());
    let answer = session.read_organization(id.clone());
    let failure = Memo::new(move |_| answer.get().and_then(Result::err).filter(|_| details.read().is_none()));
    let members = organization.members;
    let (role, ends) = (organization.role, organization.ends);
    view! {
        {move || failure.get().map(|error| view! { <Failure error on_retry=move |()| answer.again()/> })}
        <dl class="facts">
            <dt>{t!(YourRole)}</dt>
            <dd>
                {label(role_key(role))}
                {ends.map(|ends| view! { " "<span class="badge" data-kind="warning">{words(move || ends_text(ends))}</span> })}
            </dd>
            <dt>{t!(Members)}</dt>
            <dd>
                {move || [
                    (members.admins, Key::AdminsCount),
                    (members.editors, Key::EditorsCount),
                    (members.viewers, Key::ViewersCount),
                ].into_iter().filter(|(count, _)| *count > 0).map(|(count, key)| plural(key, count)).collect::<Vec<_>>().join(" · ")}
            </dd>
            <dt>{t!(ReportingTimeZone)}</dt>
            <dd>{move || details.get().map_or_else(|| "…".to_owned(), |organization| organization.reporting_time_zone)}</dd>
            <dt>{t!(Created)}</dt>
            <dd>{move || details.get().map_or_else(|| "…".to_owned(), |organization| i18n::date(organization.created_at))}</dd>
            <dt>{t!(Identifier)}</dt>
            <dd class="copyable">
                <code translate="no">{id.to_string()}</code>
                <CopyButton text=id.to_string()/>
            </dd>
        </dl>
    }
}
