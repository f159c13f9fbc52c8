//! Who is in a space: roles are changed in place, saved at once, and can be undone.

use super::space_settings;
use crate::client::{self, ClientError, Listener, Reading};
use crate::i18n::{Key, label, relative, text, text_with, words};
use crate::paths;
use crate::session::Session;
use crate::session::submission::Submission;
use crate::shell::manage::Heading;
use crate::shell::member_finder::MemberFinder;
use crate::shell::role::{space_role_key, space_role_meaning};
use crate::ui::button::{Button, ButtonKind};
use crate::ui::date_field::{DateField, end_of_day};
use crate::ui::field::SelectField;
use crate::ui::lazy::Lazy;
use crate::ui::load::{Failure, Skeleton};
use crate::ui::logo::Logo;
use crate::ui::toast::{Toast, Toasts};
use crate::{args, t};
use leptos::prelude::*;
use pulze_contract::member::SpaceRoleChange;
use pulze_contract::space::{Space, SpaceMember};
use pulze_contract::{OrganizationId, SpaceId, SpacePermission, SpaceRole, Timestamp, UserId};

/// A role and its end, or none.
type Grant = Option<(SpaceRole, Option<Timestamp>)>;

/// The members as they are known, and how they are changed.
#[derive(Clone, Copy)]
struct Grants {
    place: StoredValue<(OrganizationId, SpaceId)>,
    members: RwSignal<Option<Vec<SpaceMember>>>,
    failure: RwSignal<Option<ClientError>>,
    sending: Submission,
    listener: Listener,
    toasts: Toasts,
}

impl Grants {
    fn read(self) {
        let (organization, space) = self.place.get_value();
        self.failure.set(None);
        let answer = async move { client::space_member_list(&organization, &space).await };
        self.listener.hear(answer, move |answer| match answer {
            Ok(list) => self.members.set(Some(list.members)),
            Err(error) => self.failure.set(Some(error)),
        });
    }

    /// Gives somebody a role, or takes theirs away; `before` undoes it.
    fn change(self, user: UserId, name: String, wanted: Grant, before: Grant) {
        let place = self.place.get_value();
        self.sending.send(self.send(place.clone(), user.clone(), wanted), move |()| {
            let said = match wanted {
                Some((role, _)) => text_with(Key::RoleChanged, args!(name = name, role = text(space_role_key(role)))),
                None => text_with(Key::AccessTaken, args!(name = name)),
            };
            self.toasts.show(Toast::undoable(said, move || self.send(place.clone(), user.clone(), before)));
        });
    }

    /// What the server answers is shown where the page is still there.
    async fn send(self, (organization, space): (OrganizationId, SpaceId), user_id: UserId, wanted: Grant) -> client::Result<()> {
        let (role, ends_at) = wanted.unzip();
        let change = SpaceRoleChange { user_id, role, ends_at: ends_at.flatten() };
        let list = client::space_members_update(&organization, &space, vec![change]).await?;
        let _ = self.members.try_set(Some(list.members));
        Ok(())
    }
}

#[component]
pub fn SpaceMembers(space: SpaceId) -> impl IntoView {
    let session = Session::expect();
    let Some(organization) = session.organization_id().get_untracked() else { return ().into_any() };
    let list = paths::manage(&organization, paths::SPACES);
    let place = StoredValue::new((organization, space));
    let reading = Reading::new(move || {
        let (organization, space) = place.get_value();
        async move { client::space_read(&organization, &space).await }
    });
    view! {
        <a class="back" href=list>{t!(AllSpaces)}</a>
        {move || match reading.get() {
            None => view! { <Skeleton lines=6/> }.into_any(),
            Some(Err(error)) => view! { <Failure error on_retry=move |()| reading.again()/> }.into_any(),
            Some(Ok(space)) => view! { <Granted space place/> }.into_any(),
        }}
    }
    .into_any()
}

#[component]
fn Granted(space: Space, place: StoredValue<(OrganizationId, SpaceId)>) -> impl IntoView {
    Heading::show(text_with(Key::MembersOf, args!(name = space.name.clone())));
    let settings = (place.get_value().0, space.clone());
    let changes = space.permissions.contains(&SpacePermission::MembersUpdate);
    let grants = Grants {
        place,
        members: RwSignal::new(None),
        failure: RwSignal::new(None),
        sending: Submission::of_button(),
        listener: Listener::here(),
        toasts: Toasts::expect(),
    };
    grants.read();
    view! {
        {changes.then(|| view! { <AddMember grants/> })}
        <section class="card" aria-label=t!(Members)>
            <p class="quiet">{t!(AdminsEverywhere)}</p>
            {move || grants.failure.get().map(|error| view! { <Failure error on_retry=move |()| grants.read()/> })}
            {move || match grants.members.get() {
                None => view! { <Skeleton lines=4/> }.into_any(),
                Some(members) if members.is_empty() => view! { <p class="empty">{t!(NobodyGranted)}</p> }.into_any(),
                Some(members) => {
                    let rows = members.into_iter().map(|member| view! { <GrantRow grants member changes/> });
                    view! { <ul class="people">{rows.collect_view()}</ul> }.into_any()
                }
            }}
        </section>
        <Lazy load=space_settings::PART given=settings lines=3/>
    }
}

#[component]
fn GrantRow(grants: Grants, member: SpaceMember, changes: bool) -> impl IntoView {
    let SpaceMember { user_id, name, email, role, ends_at } = member;
    let (for_change, for_removal) = (user_id.clone(), user_id.clone());
    let (change_name, removal_name, whose) = (name.clone(), name.clone(), name.clone());
    view! {
        <li class="grant">
            <Logo name=name.clone() identifier=user_id.to_string()/>
            <span class="person-text">
                <span class="person-name">
                    <bdi translate="no">{name.clone()}</bdi>
                    {ends_at.map(|at| view! {
                        <span class="badge" data-kind="warning">{words(move || text_with(Key::EndsWhen, args!(when = relative(at))))}</span>
                    })}
                </span>
                <span class="person-email">{email}</span>
            </span>
            {if changes {
                view! {
                    <select
                        class="input"
                        aria-label=t!(RoleOf, name = whose)
                        on:change:target=move |event| {
                            let wanted = SpaceRole::parse(&event.target().value()).map(|role| (role, ends_at));
                            grants.change(for_change.clone(), change_name.clone(), wanted, Some((role, ends_at)));
                        }
                    >
                        {SpaceRole::ALL.map(|option| view! {
                            <option value=option.as_str() selected=option == role>{label(space_role_key(option))}</option>
                        }).collect_view()}
                    </select>
                    <Button kind=ButtonKind::Quiet busy=grants.sending.busy() on_click=move |()| {
                        grants.change(for_removal.clone(), removal_name.clone(), None, Some((role, ends_at)));
                    }>{t!(TakeAccess)}</Button>
                }.into_any()
            } else {
                view! { <span class="badge">{label(space_role_key(role))}</span> }.into_any()
            }}
        </li>
    }
}

/// Finds a member of the organization and grants a role.
#[component]
fn AddMember(grants: Grants) -> impl IntoView {
    let role = RwSignal::new(SpaceRole::Viewer.as_str().to_owned());
    let ends_on = RwSignal::new(String::new());
    let inside = Signal::derive(move || {
        let members = grants.members.get().unwrap_or_default();
        members.into_iter().map(|member| member.user_id).collect::<Vec<_>>()
    });
    let grant = move |(id, name): (UserId, String)| {
        let ends_at = end_of_day(&ends_on.get_untracked());
        let wanted = SpaceRole::parse(&role.get_untracked()).map(|role| (role, ends_at));
        grants.change(id, name, wanted, None);
    };
    let roles = Signal::derive(|| SpaceRole::ALL.map(|role| (role.as_str().to_owned(), text(space_role_key(role)))).to_vec());
    let meaning =
        Signal::derive(move || SpaceRole::parse(&role.read()).map(|role| text(space_role_meaning(role))).unwrap_or_default());
    view! {
        <div class="card add-member" role="search">
            <MemberFinder organization=grants.place.get_value().0 title=Key::AddMember action=Key::Grant inside on_found=grant>
                <SelectField label=Signal::derive(t!(Role)) value=role options=roles on_change=move |value| role.set(value) hint=meaning/>
                <DateField label=Signal::derive(t!(EndsOn)) value=ends_on hint=Signal::derive(t!(EndsOnHint))/>
            </MemberFinder>
        </div>
    }
}
