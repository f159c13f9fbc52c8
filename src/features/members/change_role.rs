//! The dialog that changes roles: what each one may do, and the difference in words before it is saved.

use crate::client;
use crate::i18n::{Key, label, plural, text, text_with, words};
use crate::lazy_part;
use crate::session::Session;
use crate::session::submission::Submission;
use crate::shell::role::{permission_key, role_key, role_meaning};
use crate::ui::button::{Button, ButtonKind};
use crate::ui::date_field::{DateField, day_before, end_of_day};
use crate::ui::dialog::Dialog;
use crate::ui::field::{ChoiceField, SelectField};
use crate::ui::lazy::{Lazy, Load};
use crate::ui::toast::{Toast, Toasts};
use crate::{args, t};
use leptos::prelude::*;
use pulze_contract::member::{Member, RoleChange, RoleEnd};
use pulze_contract::{OrganizationId, Permission, Role};

/// Names that are said one by one; the rest is counted.
const NAMED: usize = 3;

#[component]
pub fn ChangeRole(
    open: RwSignal<bool>,
    members: RwSignal<Vec<Member>>,
    /// Something was changed, or changed back.
    #[prop(into)]
    on_done: Callback<()>,
) -> impl IntoView {
    let busy = RwSignal::new(false);
    view! {
        <Dialog open title=Signal::derive(t!(ChangeRole)) busy>
            <Lazy load=FORM given=Given { open, members, busy, on_done } lines=5/>
        </Dialog>
    }
}

/// The form, to be fetched when somebody is about to open the dialog.
pub const FORM: Load<Given> = || Box::pin(change_role());

/// What the form is given by its dialog.
#[derive(Clone, Copy)]
pub struct Given {
    open: RwSignal<bool>,
    members: RwSignal<Vec<Member>>,
    busy: RwSignal<bool>,
    on_done: Callback<()>,
}

lazy_part!(change_role, |given: Given| view! { <ChangeRoleForm given/> }.into_any());

#[component]
fn ChangeRoleForm(given: Given) -> impl IntoView {
    let Given { open, members, busy, on_done } = given;
    let session = Session::expect();
    let toasts = Toasts::expect();
    let now = members.get_untracked();
    let first = now.first().map(|member| member.role).filter(|role| now.iter().all(|member| member.role == *role));
    let chosen = RwSignal::new(first.map(Role::as_str).unwrap_or_default().to_owned());
    let role = Memo::new(move |_| Role::parse(&chosen.read()));
    let sending = Submission::of_dialog(busy);
    let end = RoleEndDraft::of(&now);
    let admins = session.organization().get_untracked().map_or(0, |organization| organization.members.lasting_admins);
    let blocked = Signal::derive(move || {
        let Some(role) = role.get() else { return Some(text(Key::ChooseARole)) };
        let (members, ends) = (members.read(), end.read(role));
        let lasting = |role: Role, ends: Option<RoleEnd>| role.grants(Permission::OrganizationManage) && ends.is_none();
        let given_up = members.iter().filter(|member| lasting(member.role, member.ends) && !lasting(role, ends)).count();
        if members.iter().all(|member| member.role == role && member.ends == ends) {
            Some(text(Key::NothingToSave))
        } else {
            (given_up > 0 && given_up >= admins as usize).then(|| text(Key::LastAdminReason))
        }
    });
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let (Some(role), Some(id)) = (role.get_untracked(), session.organization_id().get_untracked()) else { return };
        if blocked.get_untracked().is_some() || busy.get_untracked() {
            return;
        }
        let members = members.get_untracked();
        let ends = untrack(|| end.read(role));
        let changes = members.iter().map(|member| RoleChange { user_id: member.user_id.clone(), role, ends }).collect();
        let said = match members.as_slice() {
            [one] => text_with(Key::RoleChanged, args!(name = one.name.clone(), role = text(role_key(role)))),
            many => plural(Key::RolesChanged, u32::try_from(many.len()).unwrap_or(u32::MAX)),
        };
        let organization = id.clone();
        sending.send(async move { client::member_update(&organization, changes).await }, move |done| {
            open.set(false);
            finish(session, on_done);
            let before = done.before.clone();
            toasts.show(Toast::undoable(said, move || undo(session, id.clone(), before.clone(), on_done)));
        });
    };
    let options = Signal::derive(|| {
        let meaning = |role: Role| (role.as_str(), text(role_key(role)), text(role_meaning(role)));
        Role::ALL.into_iter().rev().map(meaning).collect::<Vec<_>>()
    });
    view! {
        <form class="dialog-form" novalidate=true on:submit=submit>
            <p class="dialog-text">{words(move || names(&members.read()))}</p>
            <ChoiceField label=Signal::derive(t!(Role)) value=chosen options/>
            <RoleEndFields end role/>
            <div class="difference" role="status">
                {move || role.get().map(|role| differences(&members.read(), role))}
            </div>
            <p class="form-error" role="alert">{move || sending.of_field("ends").or_else(|| sending.sentence().get())}</p>
            <div class="dialog-footer">
                <Button on_click=move |()| open.set(false)>{t!(Cancel)}</Button>
                <Button kind=ButtonKind::Primary submits=true busy disabled_reason=blocked>
                    {move || if busy.get() { t!(Saving)() } else { t!(ChangeRole)() }}
                </Button>
            </div>
        </form>
    }
}

/// When the role ends, as it is typed, and what it becomes.
#[derive(Clone, Copy)]
struct RoleEndDraft {
    on: RwSignal<String>,
    then: RwSignal<String>,
    /// What they all have now: its very moment stays unless another day is chosen.
    before: Option<RoleEnd>,
}

impl RoleEndDraft {
    fn of(members: &[Member]) -> Self {
        let first = members.first().and_then(|member| member.ends);
        let before = first.filter(|_| members.iter().all(|member| member.ends == first));
        let then = before.and_then(|ends| ends.then).map(Role::as_str).unwrap_or_default();
        Self {
            on: RwSignal::new(before.map(|ends| day_before(ends.at)).unwrap_or_default()),
            then: RwSignal::new(then.to_owned()),
            before,
        }
    }

    /// Reactive. A later role that is not less than `role` counts as none.
    fn read(self, role: Role) -> Option<RoleEnd> {
        let same_day = self.before.filter(|ends| day_before(ends.at) == *self.on.read());
        let at = same_day.map(|ends| ends.at).or_else(|| end_of_day(&self.on.read()))?;
        Some(RoleEnd { at, then: Role::parse(&self.then.read()).filter(|then| *then < role) })
    }
}

#[component]
fn RoleEndFields(end: RoleEndDraft, role: Memo<Option<Role>>) -> impl IntoView {
    let afterwards = Signal::derive(move || {
        let less = Role::ALL.into_iter().filter(move |then| role.get().is_some_and(|role| *then < role)).rev();
        let less = less.map(|role| (role.as_str().to_owned(), text(role_key(role))));
        std::iter::once((String::new(), text(Key::LeavesThen))).chain(less).collect::<Vec<_>>()
    });
    view! {
        <div class="pair">
            <DateField label=Signal::derive(t!(EndsOn)) value=end.on hint=Signal::derive(t!(EndsOnHint))/>
            <Show when=move || !end.on.read().is_empty()>
                <SelectField
                    label=Signal::derive(t!(Afterwards))
                    value=end.then
                    options=afterwards
                    on_change=move |then| end.then.set(then)
                />
            </Show>
        </div>
    }
}

/// After a change: the list is read again, and so is what I may do, for I may be among them.
fn finish(session: Session, on_done: Callback<()>) {
    session.refresh();
    on_done.try_run(());
}

async fn undo(session: Session, id: OrganizationId, before: Vec<RoleChange>, on_done: Callback<()>) -> client::Result<()> {
    client::member_update(&id, before).await?;
    finish(session, on_done);
    Ok(())
}

fn names(members: &[Member]) -> String {
    let named = members.iter().take(NAMED).map(|member| member.name.as_str()).collect::<Vec<_>>().join(", ");
    match members.len().saturating_sub(NAMED) {
        0 => named,
        rest => format!("{named} {}", plural(Key::AndMore, u32::try_from(rest).unwrap_or(u32::MAX))),
    }
}

/// For each role that the selected have now: what they gain and lose.
fn differences(members: &[Member], role: Role) -> impl IntoView + use<> {
    let others = Role::ALL.into_iter().filter(|before| *before != role);
    let counted = others.map(|before| (before, members.iter().filter(|member| member.role == before).count()));
    counted
        .filter(|(_, count)| *count > 0)
        .map(|(before, count)| {
            let gained = role.permissions().filter(|permission| !before.grants(*permission)).collect::<Vec<_>>();
            let lost = before.permissions().filter(|permission| !role.grants(*permission)).collect::<Vec<_>>();
            let whose = match before {
                Role::Viewer => Key::ViewersCount,
                Role::Editor => Key::EditorsCount,
                Role::Admin => Key::AdminsCount,
            };
            let count = u32::try_from(count).unwrap_or(u32::MAX);
            view! {
                <section>
                    <h3>{words(move || plural(whose, count))}</h3>
                    <Permissions title=Key::Gains kind="gain" permissions=gained/>
                    <Permissions title=Key::Loses kind="loss" permissions=lost/>
                </section>
            }
        })
        .collect_view()
}

#[component]
fn Permissions(title: Key, kind: &'static str, permissions: Vec<Permission>) -> impl IntoView {
    (!permissions.is_empty()).then(|| {
        let items = permissions.into_iter().map(|permission| view! { <li>{label(permission_key(permission))}</li> });
        view! {
            <p class="difference-title">{label(title)}</p>
            <ul class="difference-list" data-kind=kind>{items.collect_view()}</ul>
        }
    })
}
