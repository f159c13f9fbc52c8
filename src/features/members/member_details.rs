//! One member, at an address of their own: role, every space with the reason, and what happened.

use super::change_role::ChangeRole;
use super::remove_member::{Leaver, RemoveMember};
use crate::client;
use crate::i18n::{Key, date, date_time, label, plural, relative, text, text_with, words};
use crate::paths;
use crate::session::Session;
use crate::shell::manage::Heading;
use crate::shell::role::{ends_text, permission_key, role_key, space_role_key};
use crate::ui::button::{Button, ButtonKind};
use crate::ui::load::{Failure, Skeleton};
use crate::ui::logo::{Logo, LogoSize};
use crate::{args, t};
use leptos::prelude::*;
use pulze_contract::member::{Member, MemberDetails, MemberEvent, MemberSession};
use pulze_contract::space::{AccessSource, SpaceAccess};
use pulze_contract::usage::Dimension;
use pulze_contract::{OrganizationId, Permission, UserId};

#[component]
pub fn MemberDetailsView(user: UserId) -> impl IntoView {
    let session = Session::expect();
    let Some(organization) = session.organization_id().get_untracked() else { return ().into_any() };
    let list = paths::manage(&organization, paths::MEMBERS);
    let answer = {
        let organization = organization.clone();
        client::Reading::new(move || {
            let (organization, user) = (organization.clone(), user.clone());
            async move { client::member_read(&organization, &user).await }
        })
    };
    // Of the page, not of what it shows: that is made anew by every answer, and an undo may come later.
    let again = Callback::new(move |()| answer.again());
    view! {
        <a class="back" href=list>{t!(AllMembers)}</a>
        {move || match answer.get() {
            None => view! { <Skeleton lines=6/> }.into_any(),
            Some(Err(error)) => view! { <Failure error on_retry=move |()| answer.again()/> }.into_any(),
            Some(Ok(details)) => view! {
                <Details organization=organization.clone() details on_change=again/>
            }
            .into_any(),
        }}
    }
    .into_any()
}

#[component]
fn Details(organization: OrganizationId, details: MemberDetails, #[prop(into)] on_change: Callback<()>) -> impl IntoView {
    let session = Session::expect();
    Heading::show(details.member.name.clone());
    let (removable, grants) = (session.can(Permission::MembersRemove), session.can(Permission::SpacesUpdate));
    let MemberDetails { member, email_verified, spaces_entered, only_space_admin_of, sessions, history } = details;
    let admins = session.organization().get_untracked().map_or(0, |organization| organization.members.lasting_admins);
    let last = member.role.grants(Permission::OrganizationManage) && member.ends.is_none() && admins == 1;
    let reason = Signal::derive(move || last.then(|| text(Key::LastAdminReason)));
    let (changing, removing) = (RwSignal::new(false), RwSignal::new(false));
    let changed = RwSignal::new(vec![member.clone()]);
    let grid = paths::space_access(&organization) + &paths::query(&[("search", member.email.clone())]);
    let usage = paths::usage_of(&organization, Dimension::Member, member.user_id.as_str());
    let sees_usage = session.can(Permission::UsageRead);
    let leaver = Leaver { organization, member: member.clone(), orphans: only_space_admin_of };
    let Member { user_id, name, email, role, joined_at, last_active_at, ends, .. } = member;
    let granted = role.permissions().map(|permission| view! { <li>{label(permission_key(permission))}</li> });
    view! {
        <section class="card identity">
            <Logo name=name.clone() identifier=user_id.to_string() size=LogoSize::Large/>
            <div class="identity-text">
                <h2>{name.clone()}</h2>
                <p class="quiet">{email}</p>
                {(!email_verified).then(|| view! { <span class="badge" data-kind="warning">{t!(EmailNotVerified)}</span> })}
                {ends.map(|ends| view! { <span class="badge" data-kind="warning">{words(move || ends_text(ends))}</span> })}
            </div>
            {move || sees_usage.get().then(|| view! { <a class="button" href=usage.clone()>{t!(Usage)}</a> })}
            <Button on_click=move |()| changing.set(true)>{t!(ChangeRole)}</Button>
            <Show when=move || removable.get()>
                <Button kind=ButtonKind::Danger disabled_reason=reason on_click=move |()| removing.set(true)>{t!(RemoveMember)}</Button>
            </Show>
        </section>
        <div class="columns">
            <section class="card" aria-labelledby="spaces-title">
                <h2 id="spaces-title">{t!(Spaces)}</h2>
                <Spaces accesses=spaces_entered/>
                {move || grants.get().then(|| view! {
                    <p class="card-actions"><a class="button" href=grid.clone()>{t!(ChangeAccess)}</a></p>
                })}
            </section>
            <section class="card" aria-labelledby="role-title">
                <h2 id="role-title">{label(role_key(role))}</h2>
                <ul class="plain">{granted.collect_view()}</ul>
                <dl class="facts">
                    <dt>{t!(MemberSince)}</dt>
                    <dd>{words(move || date(joined_at))}</dd>
                    <dt>{t!(LastActive)}</dt>
                    <dd>{move || last_active_at.map_or_else(|| text(Key::NeverHere), relative)}</dd>
                </dl>
            </section>
        </div>
        <section class="card" aria-labelledby="sessions-title">
            <h2 id="sessions-title">{t!(SignedInOn)}</h2>
            <Sessions sessions/>
        </section>
        <section class="card" aria-labelledby="history-title">
            <h2 id="history-title">{t!(History)}</h2>
            <History events=history/>
        </section>
        <ChangeRole open=changing members=changed on_done=on_change/>
        <RemoveMember open=removing leaver/>
    }
}

#[component]
fn Spaces(accesses: Vec<SpaceAccess>) -> impl IntoView {
    if accesses.is_empty() {
        return view! { <p class="quiet">{t!(NoSpaces)}</p> }.into_any();
    }
    let rows = accesses.into_iter().map(|SpaceAccess { name, role, source, ends_at, .. }| {
        let source = match source {
            AccessSource::Granted => Key::SourceGranted,
            AccessSource::Visible => Key::SourceVisible,
            AccessSource::OrganizationAdmin => Key::SourceAdmin,
        };
        view! {
            <tr>
                <th scope="row">{name}</th>
                <td>{label(space_role_key(role))}</td>
                <td class="quiet">
                    {label(source)}
                    {ends_at.map(|at| view! {
                        " "<span class="badge" data-kind="warning">{words(move || text_with(Key::EndsWhen, args!(when = relative(at))))}</span>
                    })}
                </td>
            </tr>
        }
    });
    view! {
        <table class="table">
            <thead>
                <tr>
                    <th scope="col">{t!(Space)}</th>
                    <th scope="col">{t!(Role)}</th>
                    <th scope="col">{t!(Source)}</th>
                </tr>
            </thead>
            <tbody>{rows.collect_view()}</tbody>
        </table>
    }
    .into_any()
}

#[component]
fn Sessions(sessions: Vec<MemberSession>) -> impl IntoView {
    if sessions.is_empty() {
        return view! { <p class="quiet">{t!(NoSessions)}</p> }.into_any();
    }
    let items = sessions.into_iter().map(|MemberSession { device, last_used_at, .. }| {
        let device = move || if device.is_empty() { text(Key::UnknownDevice) } else { device.clone() };
        let used = move || text_with(Key::LastUsedWhen, args!(when = relative(last_used_at)));
        view! { <li><span>{device}</span><span class="quiet">{used}</span></li> }
    });
    view! { <ul class="history">{items.collect_view()}</ul> }.into_any()
}

#[component]
fn History(events: Vec<MemberEvent>) -> impl IntoView {
    if events.is_empty() {
        return view! { <p class="quiet">{t!(NoHistory)}</p> }.into_any();
    }
    let items = events.into_iter().map(|MemberEvent { at, by, action, before, after }| {
        let said = move || {
            let role = |name: &Option<String>| name.as_deref().and_then(role_name).unwrap_or_else(|| text(Key::NoRole));
            let (name, before, after) = (by.clone(), role(&before), role(&after));
            match action.as_str() {
                "member_update" => text_with(Key::EventRole, args!(name = name, before = before, after = after)),
                "space_members_update" => text_with(Key::EventSpace, args!(name = name, before = before, after = after)),
                "invitation_accept" => text_with(Key::EventJoined, args!(name = name, after = after)),
                "role_end" => text_with(Key::EventEnded, args!(before = before, after = after)),
                "space_grant_end" => text_with(Key::EventSpaceEnded, args!(before = before)),
                // Of somebody who was here before.
                _ => text_with(Key::EventLeft, args!(name = name, before = before)),
            }
        };
        view! { <li><span>{said}</span><time class="quiet">{words(move || date_time(at))}</time></li> }
    });
    view! { <ul class="history">{items.collect_view()}</ul> }.into_any()
}

/// The reader's word for a role's name on the wire; both kinds of roles share them.
fn role_name(name: &str) -> Option<String> {
    pulze_contract::Role::parse(name).map(|role| text(role_key(role)))
}

/// How many spaces there are, in words; used by the removal too.
pub fn spaces_count(count: usize) -> String {
    plural(Key::SpacesCount, u32::try_from(count).unwrap_or(u32::MAX))
}
