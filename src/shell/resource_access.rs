//! Who may do what with one resource: saved as it is chosen, with where every level comes from.

use crate::client::{self, Reading};
use crate::i18n::{Key, label, text, text_with, words};
use crate::lazy_part;
use crate::session::Session;
use crate::session::submission::Submission;
use crate::shell::member_finder::MemberFinder;
use crate::shell::role::role_key;
use crate::shell::switching::tell;
use crate::ui::button::{Button, ButtonKind};
use crate::ui::field::{ChoiceField, SelectField};
use crate::ui::lazy::{Lazy, Load};
use crate::ui::load::{Failure, Skeleton};
use crate::ui::logo::Logo;
use crate::ui::toast::Toasts;
use crate::{args, t};
use leptos::prelude::*;
use pulze_contract::resource::{Audience, GrantChange, LevelSource, ResourceAccess, Subject};
use pulze_contract::{Level, OrganizationId, Permission, ResourceKind, Role, SpaceId, UserId};

/// Whose access is shown.
#[derive(Clone)]
pub struct Given {
    pub organization: OrganizationId,
    pub kind: ResourceKind,
    pub id: String,
    /// Runs after every change.
    pub on_done: Callback<()>,
}

const PART: Load<Given> = || Box::pin(resource_access());

lazy_part!(resource_access, |given: Given| view! { <AccessOf given/> }.into_any());

/// The access in a card of its own.
#[component]
pub fn AccessCard(given: Given) -> impl IntoView {
    view! {
        <section class="card resource-access" aria-label=t!(Access)>
            <h2>{t!(Access)}</h2>
            <Lazy load=PART given lines=4/>
        </section>
    }
}

/// The access as it is known, and changes of it.
#[derive(Clone, Copy)]
struct Access {
    given: StoredValue<Given>,
    known: RwSignal<Option<ResourceAccess>>,
    sending: Submission,
    toasts: Toasts,
    reload: Callback<()>,
}

impl Access {
    /// Asks the server; what it refuses stands in its place, and the choice goes back to what holds.
    fn change(self, changes: Vec<GrantChange>) {
        let Given { organization, kind, id, .. } = self.given.get_value();
        let of = organization.clone();
        let request = async move {
            let answer = client::resource_access_update(&of, kind, &id, changes).await;
            if answer.is_err() {
                self.reload.try_run(());
            }
            answer
        };
        self.sending.send(request, move |changed| {
            tell(self.toasts, organization, text(Key::AccessSaved), changed, self.reload);
        });
    }

    fn say(self, subject: Subject, level: Option<Level>) {
        self.change(vec![GrantChange { subject, level }]);
    }
}

#[component]
fn AccessOf(given: Given) -> impl IntoView {
    let given = StoredValue::new(given);
    let asked = Reading::new(move || {
        let Given { organization, kind, id, .. } = given.get_value();
        async move { client::resource_access_read(&organization, kind, &id).await }
    });
    let known = RwSignal::new(None::<ResourceAccess>);
    let reload = Callback::new(move |()| {
        asked.again();
        given.get_value().on_done.try_run(());
    });
    Effect::new(move || {
        if let Some(Ok(access)) = asked.get() {
            known.set(Some(access));
        }
    });
    let access = Access { given, known, sending: Submission::of_form(), toasts: Toasts::expect(), reload };
    let unread = move || asked.get().and_then(Result::err).filter(|_| known.read().is_none());
    let there = Memo::new(move |_| known.read().is_some());
    view! {
        {move || unread().map(|error| view! { <Failure error on_retry=move |()| asked.again()/> })}
        {move || (!there.get() && asked.get().is_none()).then(|| view! { <Skeleton lines=4/> })}
        {move || there.get().then(|| view! { <AudienceField access/> <Levels access/> <div class=GIVE><AddSpace access/> <AddPerson access/></div> })}
        <p class="form-error" role="alert">{access.sending.sentence()}</p>
    }
}

/// Who may use it, in the words of most organizations.
#[component]
fn AudienceField(access: Access) -> impl IntoView {
    let held = Memo::new(move |_| {
        access.known.read().as_ref().map_or("other", |known| match known.audience {
            Audience::Everyone => "everyone",
            Audience::Editors => "editors",
            Audience::Spaces(_) => "spaces",
            Audience::Other => "other",
        })
    });
    let value = RwSignal::new(held.get_untracked().to_owned());
    // What was refused, or changed elsewhere, stands here again as it is.
    Effect::new(move || {
        access.known.track();
        value.set(held.get().to_owned());
    });
    let options = Signal::derive(move || {
        let option = |key: &'static str, name: Key, meaning: Key| (key, text(name), text(meaning));
        let mut options = vec![
            option("everyone", Key::AudienceEveryone, Key::AudienceEveryoneMeaning),
            option("editors", Key::AudienceEditors, Key::AudienceEditorsMeaning),
            option("spaces", Key::AudienceSpaces, Key::AudienceSpacesMeaning),
        ];
        if held.get() == "other" {
            options.push(option("other", Key::AudienceOther, Key::AudienceOtherMeaning));
        }
        options
    });
    Effect::watch(
        move || value.get(),
        move |chosen, _, _| {
            if *chosen == held.get_untracked() {
                return;
            }
            let audience = match chosen.as_str() {
                "everyone" => Audience::Everyone,
                "editors" => Audience::Editors,
                _ => Audience::Spaces(Vec::new()),
            };
            let roles = audience.roles().map(|(role, level)| GrantChange { subject: Subject::Role(role), level });
            let mut changes = roles.to_vec();
            // Spaces that were chosen before count for nothing once everybody, or every editor, may.
            let spaces = access.known.get_untracked().map(|known| known.spaces).unwrap_or_default();
            let gone = spaces.into_iter().filter(|_| !matches!(audience, Audience::Spaces(_)));
            changes.extend(gone.map(|space| GrantChange { subject: Subject::Space(space.space_id), level: None }));
            access.change(changes);
        },
        false,
    );
    view! { <ChoiceField label=Signal::derive(t!(WhoMayUse)) value options/> }
}

pub fn level_key(level: Level) -> Key {
    match level {
        Level::None => Key::LevelNone,
        Level::View => Key::LevelView,
        Level::Use => Key::LevelUse,
        Level::Manage => Key::LevelManage,
        Level::Admin => Key::LevelAdmin,
    }
}

/// Where a level comes from, in words; nothing for what was given to the member, which the row shows.
fn source_text(source: &LevelSource, spaces: &[(SpaceId, String)]) -> Option<String> {
    let role = |role: Role| text(role_key(role));
    match source {
        LevelSource::Role(of) => Some(text_with(Key::LevelByRole, args!(role = role(*of)))),
        LevelSource::GivenToRole(of) => Some(text_with(Key::LevelGivenToRole, args!(role = role(*of)))),
        LevelSource::GivenToSpace(id) => {
            let name = spaces.iter().find(|(space, _)| space == id).map(|(_, name)| name.clone()).unwrap_or_default();
            Some(text_with(Key::LevelGivenToSpace, args!(space = name)))
        }
        LevelSource::GivenToMember => None,
    }
}

/// A row of the list: to whom, what they have and where from, and what to say about it.
struct Line {
    subject: Subject,
    name: String,
    detail: String,
    given: Option<Level>,
    /// What can be said; empty where nothing can.
    levels: &'static [Level],
    /// What it is called to say nothing.
    nothing: Option<Key>,
    identifier: Option<String>,
}

// Not a literal: a fully static element would be made through HTML.
const GIVE: &str = "pair";
const OF_ROLES: [Level; 5] = Level::ALL;
const OF_SPACES: [Level; 2] = [Level::View, Level::Use];
const OF_MEMBERS: [Level; 4] = [Level::View, Level::Use, Level::Manage, Level::Admin];

fn lines(known: &ResourceAccess) -> Vec<Line> {
    let spaces: Vec<_> = known.spaces.iter().map(|space| (space.space_id.clone(), space.name.clone())).collect();
    let has = |level: Level, source: Option<String>| {
        let level = text(level_key(level));
        source.map_or(level.clone(), |source| format!("{level} · {source}"))
    };
    let roles = known.roles.iter().map(|role| Line {
        subject: Subject::Role(role.role),
        name: text(role_key(role.role)),
        detail: has(role.reached.level, source_text(&role.reached.source, &spaces)),
        given: role.given,
        levels: if role.role == Role::Admin { &[] } else { &OF_ROLES },
        nothing: Some(Key::LevelAsItComes),
        identifier: None,
    });
    let of_spaces = known.spaces.iter().map(|space| Line {
        subject: Subject::Space(space.space_id.clone()),
        name: space.name.clone(),
        detail: text(Key::LevelWithinSpace),
        given: Some(space.given),
        levels: &OF_SPACES,
        nothing: None,
        identifier: Some(space.space_id.to_string()),
    });
    let members = known.members.iter().map(|member| Line {
        subject: Subject::Member(member.user_id.clone()),
        name: member.name.clone(),
        detail: match (member.given, source_text(&member.reached.source, &spaces)) {
            (None, _) => text(Key::OwnerHasAll),
            (Some(_), None) => member.email.clone(),
            (Some(_), source) => has(member.reached.level, source),
        },
        given: member.given,
        levels: if member.given.is_some() { &OF_MEMBERS } else { &[] },
        nothing: None,
        identifier: Some(member.user_id.to_string()),
    });
    roles.chain(of_spaces).chain(members).collect()
}

#[component]
fn Levels(access: Access) -> impl IntoView {
    let rows = move || access.known.get().map(|known| lines(&known)).unwrap_or_default();
    view! {
        <div class="levels">
            <p class="field-label">{t!(Levels)}</p>
            <ul class="people" aria-label=t!(Levels)>
                {move || rows().into_iter().map(|line| view! { <LevelRow access line/> }).collect_view()}
            </ul>
        </div>
    }
}

#[component]
fn LevelRow(access: Access, line: Line) -> impl IntoView {
    let Line { subject, name, detail, given, levels, nothing, identifier } = line;
    let (subject, whose) = (StoredValue::new(subject), name.clone());
    let removable = nothing.is_none() && !levels.is_empty();
    view! {
        <li class="grant">
            {identifier.map(|identifier| view! { <Logo name=name.clone() identifier/> })}
            <span class="person-text">
                <span class="person-name"><bdi translate="no">{name.clone()}</bdi></span>
                <span class="person-email">{detail}</span>
            </span>
            {(!levels.is_empty()).then(|| view! {
                <select
                    class="input"
                    aria-label=t!(LevelOf, name = whose)
                    on:change:target=move |event| access.say(subject.get_value(), Level::parse(&event.target().value()))
                >
                    {nothing.map(|key| view! { <option value="" selected=given.is_none()>{label(key)}</option> })}
                    {levels.iter().map(|level| view! {
                        <option value=level.as_str() selected=given == Some(*level)>{label(level_key(*level))}</option>
                    }).collect_view()}
                </select>
            })}
            {removable.then(|| view! {
                <Button kind=ButtonKind::Quiet on_click=move |()| access.say(subject.get_value(), None)>{t!(TakeAccess)}</Button>
            })}
        </li>
    }
}

/// Gives a space the use of the resource.
#[component]
fn AddSpace(access: Access) -> impl IntoView {
    let offered = Reading::new(move || {
        let organization = access.given.get_value().organization;
        async move { client::space_list(&organization).await }
    });
    let choices = Signal::derive(move || {
        let known = access.known.get();
        let given = |id: &SpaceId| known.iter().flat_map(|known| &known.spaces).any(|space| space.space_id == *id);
        let spaces = offered.get().and_then(Result::ok).map(|list| list.spaces).unwrap_or_default();
        let free = spaces.iter().filter(|space| !space.archived && !given(&space.id));
        let first = [(String::new(), text(Key::ChooseSpace))];
        first.into_iter().chain(free.map(|space| (space.id.to_string(), space.name.clone()))).collect::<Vec<_>>()
    });
    let chosen = Signal::derive(move || {
        // Back to nothing once it is given.
        access.known.track();
        String::new()
    });
    view! {
        <SelectField
            label=Signal::derive(t!(GiveSpace))
            value=chosen
            options=choices
            on_change=move |id: String| {
                if let Some(space) = SpaceId::parse(&id) {
                    access.say(Subject::Space(space), Some(Level::Use));
                }
            }
        />
    }
}

/// Gives a member a level. Whoever may not see the members is not offered any.
#[component]
fn AddPerson(access: Access) -> impl IntoView {
    let may = Session::expect().can(Permission::MembersRead);
    let level = RwSignal::new(Level::Use.as_str().to_owned());
    let levels = Signal::derive(|| OF_MEMBERS.map(|level| (level.as_str().to_owned(), text(level_key(level)))).to_vec());
    let meaning = Signal::derive(move || {
        let key = match Level::parse(&level.read()) {
            Some(Level::View) => Key::LevelViewMeaning,
            Some(Level::Manage) => Key::LevelManageMeaning,
            Some(Level::Admin) => Key::LevelAdminMeaning,
            _ => Key::LevelUseMeaning,
        };
        text(key)
    });
    let inside = Signal::derive(move || {
        let known = access.known.get();
        known.into_iter().flat_map(|known| known.members).map(|member| member.user_id).collect::<Vec<_>>()
    });
    let give = move |(user, _): (UserId, String)| access.say(Subject::Member(user), Level::parse(&level.get_untracked()));
    move || {
        may.get().then(|| {
            let organization = access.given.get_value().organization;
            view! {
                <div class="add-person">
                    <MemberFinder organization title=Key::GiveMember action=Key::Grant inside on_found=give>
                        <SelectField label=Signal::derive(t!(Level)) value=level options=levels hint=meaning on_change=move |to| level.set(to)/>
                    </MemberFinder>
                </div>
            }
        })
    }
}

/// What somebody may do with a resource, as a badge in a list; nothing for what is usual.
#[component]
pub fn LevelBadge(level: Level) -> impl IntoView {
    let unusual = matches!(level, Level::View | Level::Manage);
    unusual.then(|| view! { <span class="badge">{words(move || text(level_key(level)))}</span> })
}
