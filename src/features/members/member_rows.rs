//! The rows of the list: a member, an invitation, or one that is still on its way.

use super::change_role;
use super::member_pages::MemberPages;
use super::member_table::Selection;
use crate::i18n::{Key, date, label, number, relative, text, text_with, words};
use crate::paths;
use crate::session::Session;
use crate::shell::role::{ends_text, role_key};
use crate::ui::icon::Icon;
use crate::ui::lazy::preload;
use crate::ui::logo::Logo;
use crate::{args, t};
use leptos::prelude::*;
use pulze_contract::Permission;
use pulze_contract::invitation::{Invitation, InvitationState};
use pulze_contract::member::{Member, MemberEntry, SPACES_NAMED};

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
    let changes = Session::expect().can(Permission::MembersUpdate);
    move || match entry.get() {
        None => view! { <tr class="member-row"><td class=CHECK></td><td><span class=LINE></span></td></tr> }.into_any(),
        Some(MemberEntry::Member(member)) => {
            view! { <MemberRow pages place member changes=changes.get() selection on_change/> }.into_any()
        }
        Some(MemberEntry::Invitation(invitation)) => view! { <InvitationRow pages place invitation/> }.into_any(),
    }
}

/// The first spaces by name, and how many more there are.
fn spaces_text(everywhere: bool, names: &[String], count: u32) -> String {
    if everywhere {
        return text(Key::AllSpacesAdmin);
    }
    let named = names.join(", ");
    match count.saturating_sub(u32::try_from(names.len()).unwrap_or(u32::MAX)) {
        0 => named,
        more => format!("{named} +{}", number(f64::from(more))),
    }
}

/// What a row shows, whoever it is about.
struct Line {
    /// Where the name leads; nowhere for those who may only look.
    href: Option<String>,
    avatar: AnyView,
    name: String,
    /// Kind and words.
    badges: Vec<(&'static str, Words)>,
    detail: Words,
    check: AnyView,
    role: AnyView,
    spaces: Words,
    since: Words,
    last: Words,
}

type Words = Box<dyn Fn() -> String + Send + Sync>;

fn line(line: Line) -> AnyView {
    let Line { href, avatar, name, badges, detail, check, role, spaces, since, last } = line;
    let badges = badges.into_iter().map(|(kind, said)| view! { <span class="badge" data-kind=kind>{words(said)}</span> });
    let identity = view! {
        {avatar}
        <span class="person-text">
            <span class="person-name"><bdi translate="no">{name}</bdi>{badges.collect_view()}</span>
            <span class="person-email">{words(detail)}</span>
        </span>
    };
    // Without an address it is no link, for the keyboard either.
    view! {
        <td class=CHECK>{check}</td>
        <th scope="row" class="cell-name"><a class="person" href=href>{identity}</a></th>
        <td class="cell-role">{role}</td>
        <td class="cell-spaces">{words(spaces)}</td>
        <td class="cell-joined_at">{words(since)}</td>
        <td class="cell-last_active_at">{words(last)}</td>
    }
    .into_any()
}

#[component]
fn MemberRow(
    pages: MemberPages,
    place: u32,
    member: Member,
    /// Whether the viewer may open and change members.
    changes: bool,
    selection: Selection,
    on_change: Callback<Vec<Member>>,
) -> impl IntoView {
    let me = Session::expect().viewer().get_untracked().is_some_and(|viewer| viewer.user_id == member.user_id);
    let href = changes.then(|| paths::member(&pages.organization.get_value(), &member.user_id));
    let id = member.user_id.clone();
    let selected = Memo::new(move |_| selection.read().iter().any(|member| member.user_id == id));
    let whole = StoredValue::new(member.clone());
    let Member { name, email, role, joined_at, last_active_at, spaces, space_names, user_id, ends } = member;
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
    let mut badges: Vec<(&'static str, Words)> = Vec::new();
    if me {
        badges.push(("", Box::new(label(Key::You))));
    }
    if let Some(ends) = ends {
        badges.push(("warning", Box::new(move || ends_text(ends))));
    }
    if last_active_at.is_none() {
        // Said in its column where there is room for that.
        badges.push(("narrow", Box::new(label(Key::StatusNeverSignedIn))));
    }
    let check = changes.then(|| {
        view! {
            <input
                type="checkbox"
                aria-label=t!(SelectMember, name = whole.read_value().name)
                prop:checked=move || selected.get()
                on:change:target=move |event| select(event.target().checked())
            />
        }
    });
    let role_cell = if changes {
        view! {
            <button
                class="button"
                type="button"
                data-kind="quiet"
                aria-description=t!(ChangeRole)
                on:pointerenter=move |_| preload(change_role::FORM)
                on:click=move |_| { on_change.try_run(vec![whole.get_value()]); }
            >
                {label(role_key(role))}
            </button>
        }
        .into_any()
    } else {
        label(role_key(role)).into_any()
    };
    let everywhere = role.grants(Permission::SpacesUpdate);
    let cells = line(Line {
        href,
        avatar: view! { <Logo name=name.clone() identifier=user_id.to_string()/> }.into_any(),
        name,
        badges,
        detail: Box::new(move || email.clone()),
        check: check.into_any(),
        role: role_cell,
        spaces: Box::new(move || spaces_text(everywhere, &space_names, spaces)),
        since: Box::new(move || date(joined_at)),
        last: Box::new(move || last_active_at.map_or_else(|| text(Key::StatusNeverSignedIn), relative)),
    });
    view! {
        <tr
            class="member-row"
            aria-rowindex=(place + 2).to_string()
            data-selected=move || selected.get().then_some("true")
            on:pointerenter=move |_| preload(super::DETAILS)
        >
            {cells}
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
    let Invitation { id, email, role, state, sent_at, opened_at, expires_at, space_names, invited_by, .. } = invitation;
    let spaces = u32::try_from(space_names.len()).unwrap_or(u32::MAX);
    let named = space_names.into_iter().take(SPACES_NAMED).collect::<Vec<_>>();
    let everywhere = role.grants(Permission::SpacesUpdate);
    let pending = state == InvitationState::Pending;
    let mut badges: Vec<(&'static str, Words)> = vec![(if pending { "accent" } else { "" }, Box::new(label(state_key(state))))];
    if pending {
        badges.push(("", Box::new(move || text_with(Key::ExpiresWhen, args!(when = relative(expires_at))))));
    }
    let cells = line(Line {
        href: Some(paths::invitation(&pages.organization.get_value(), &id)),
        avatar: view! { <span class="logo logo-invitation"><Icon name="mail"/></span> }.into_any(),
        name: email,
        badges,
        detail: Box::new(move || format!("{} {invited_by}", text(Key::InvitedBy))),
        check: ().into_any(),
        role: label(role_key(role)).into_any(),
        spaces: Box::new(move || spaces_text(everywhere, &named, spaces)),
        since: Box::new(move || text_with(Key::InvitedWhen, args!(when = relative(sent_at)))),
        last: Box::new(move || match opened_at {
            Some(at) => format!("{} {}", text(Key::Opened), relative(at)),
            None => text(Key::NotOpened),
        }),
    });
    view! {
        <tr class="member-row" aria-rowindex=(place + 2).to_string() on:pointerenter=move |_| preload(super::INVITATION)>
            {cells}
        </tr>
    }
}
