//! The rows of the list: a member, an invitation, or one that is still on its way.

use super::change_role;
use super::member_pages::MemberPages;
use super::member_table::Selection;
use crate::i18n::{Key, date, label, number, relative, text, words};
use crate::paths;
use crate::session::Session;
use crate::shell::role::{ends_text, role_key};
use crate::t;
use crate::ui::icon::Icon;
use crate::ui::lazy::preload;
use crate::ui::logo::Logo;
use leptos::prelude::*;
use pulze_contract::Permission;
use pulze_contract::invitation::{Invitation, InvitationState};
use pulze_contract::member::{Member, MemberEntry};

// Not literals: a fully static element would be made through HTML.
const CHECK: &str = "cell-check";
const LINE: &str = "skeleton-line";

#[component]
pub fn Row(
    pages: MemberPages,
    place: u32,
    selection: Selection,
    #[prop(into)] on_change: Callback<Vec<Member>>,
) -> impl IntoView {
    let entry = Memo::new(move |_| pages.row(place));
    move || match entry.get() {
        None => view! { <tr class="member-row"><td class=CHECK></td><td><span class=LINE></span></td></tr> }.into_any(),
        Some(MemberEntry::Member(member)) => view! { <MemberRow pages place member selection on_change/> }.into_any(),
        Some(MemberEntry::Invitation(invitation)) => view! { <InvitationRow pages place invitation/> }.into_any(),
    }
}

/// The first spaces by name, and how many more there are.
fn spaces_text(names: &[String], count: u32) -> String {
    let named = names.join(", ");
    match count.saturating_sub(u32::try_from(names.len()).unwrap_or(u32::MAX)) {
        0 => named,
        more => format!("{named} +{}", number(f64::from(more))),
    }
}

#[component]
fn MemberRow(
    pages: MemberPages,
    place: u32,
    member: Member,
    selection: Selection,
    on_change: Callback<Vec<Member>>,
) -> impl IntoView {
    let session = Session::expect();
    let changes = session.can(Permission::MembersUpdate);
    let me = session.viewer().get_untracked().is_some_and(|viewer| viewer.user_id == member.user_id);
    let href = paths::member(&pages.organization.get_value(), &member.user_id);
    let id = member.user_id.clone();
    let selected = Memo::new(move |_| selection.read().iter().any(|member| member.user_id == id));
    let whole = StoredValue::new(member.clone());
    let Member { name, email, role, joined_at, last_active_at, spaces, space_names, user_id, ends } = member;
    let whose = StoredValue::new(name.clone());
    let select = move |checked: bool| {
        let member = whole.get_value();
        selection.update(|selection| {
            if checked {
                selection.push(member);
            } else {
                selection.retain(|other| other.user_id != member.user_id);
            }
        });
    };
    let person = StoredValue::new((name, email, user_id.to_string()));
    let identity = move || {
        let (name, email, identifier) = person.get_value();
        view! {
            <Logo name=name.clone() identifier/>
            <span class="person-text">
                <span class="person-name">
                    <bdi>{name}</bdi>
                    {me.then(|| view! { <span class="badge">{t!(You)}</span> })}
                    {ends.map(|ends| view! { <span class="badge" data-kind="warning">{words(move || ends_text(ends))}</span> })}
                    {last_active_at.is_none().then(|| view! { <span class="badge badge-narrow">{t!(StatusNeverSignedIn)}</span> })}
                </span>
                <span class="person-email">{email}</span>
            </span>
        }
    };
    view! {
        <tr class="member-row" aria-rowindex=(place + 2).to_string() data-selected=move || selected.get().then_some("true")>
            <td class=CHECK>
                {move || changes.get().then(|| view! {
                    <input
                        type="checkbox"
                        aria-label=t!(SelectMember, name = whose.get_value())
                        prop:checked=move || selected.get()
                        on:change:target=move |event| select(event.target().checked())
                    />
                })}
            </td>
            <th scope="row" class="cell-name" on:pointerenter=move |_| preload(super::DETAILS)>
                {move || if changes.get() {
                    view! { <a class="person" href=href.clone()>{identity()}</a> }.into_any()
                } else {
                    view! { <span class="person">{identity()}</span> }.into_any()
                }}
            </th>
            <td class="cell-role">
                {move || if changes.get() {
                    view! {
                        <button
                            class="button"
                            type="button"
                            data-kind="quiet"
                            aria-description=t!(ChangeRole)
                            on:pointerenter=move |_| preload(change_role::FORM)
                            on:click=move |_| on_change.run(vec![whole.get_value()])
                        >
                            {label(role_key(role))}
                        </button>
                    }
                    .into_any()
                } else {
                    view! { <span>{label(role_key(role))}</span> }.into_any()
                }}
            </td>
            <td class="cell-spaces">{move || if role.grants(Permission::SpacesUpdate) {
                text(Key::AllSpacesAdmin, &[])
            } else {
                spaces_text(&space_names, spaces)
            }}</td>
            <td class="cell-joined_at">{words(move || date(joined_at))}</td>
            <td class="cell-last_active_at" data-never=last_active_at.is_none().then_some("true")>
                {move || last_active_at.map_or_else(|| text(Key::StatusNeverSignedIn, &[]), relative)}
            </td>
        </tr>
    }
}

/// The badge of an invitation.
pub fn state_key(state: InvitationState) -> Key {
    match state {
        InvitationState::Pending => Key::StatePending,
        InvitationState::Expired => Key::StateExpired,
        InvitationState::Declined => Key::StateDeclined,
    }
}

#[component]
fn InvitationRow(pages: MemberPages, place: u32, invitation: Invitation) -> impl IntoView {
    let href = paths::invitation(&pages.organization.get_value(), &invitation.id);
    let Invitation { email, role, state, sent_at, opened_at, expires_at, space_names, invited_by, .. } = invitation;
    let spaces = u32::try_from(space_names.len()).unwrap_or(u32::MAX);
    let named = space_names.into_iter().take(pulze_contract::member::SPACES_NAMED).collect::<Vec<_>>();
    let pending = state == InvitationState::Pending;
    view! {
        <tr class="member-row" aria-rowindex=(place + 2).to_string()>
            <td class=CHECK></td>
            <th scope="row" class="cell-name" on:pointerenter=move |_| preload(super::INVITATION)>
                <a class="person" href=href>
                    <span class="logo logo-invitation"><Icon name="mail"/></span>
                    <span class="person-text">
                        <span class="person-name">
                            <bdi>{email}</bdi>
                            <span class="badge" data-kind=if pending { "accent" } else { "" }>{label(state_key(state))}</span>
                            {pending.then(|| view! {
                                <span class="badge">{words(move || text(Key::ExpiresWhen, &[("when", relative(expires_at))]))}</span>
                            })}
                        </span>
                        <span class="person-email">{words(move || format!("{}: {invited_by}", text(Key::InvitedBy, &[])))}</span>
                    </span>
                </a>
            </th>
            <td class="cell-role">{label(role_key(role))}</td>
            <td class="cell-spaces">{move || if role.grants(Permission::SpacesUpdate) {
                text(Key::AllSpacesAdmin, &[])
            } else {
                spaces_text(&named, spaces)
            }}</td>
            <td class="cell-joined_at">{words(move || text(Key::InvitedWhen, &[("when", relative(sent_at))]))}</td>
            <td class="cell-last_active_at">{move || match opened_at {
                Some(at) => format!("{} {}", text(Key::Opened, &[]), relative(at)),
                None => text(Key::NotOpened, &[]),
            }}</td>
        </tr>
    }
}
