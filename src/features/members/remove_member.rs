//! Removing a member: first what it breaks, then who takes it over, then the confirmation.

use super::member_details::spaces_count;
use crate::client;
use crate::i18n::{Key, text};
use crate::paths;
use crate::session::Session;
use crate::t;
use crate::ui::confirm_dialog::{ConfirmDialog, Question};
use crate::ui::field::SelectField;
use crate::ui::toast::{Toast, Toasts};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::hooks::use_navigate;
use pulze_contract::member::{Member, MemberDelete, MemberQuery, MemberSort};
use pulze_contract::space::SpaceAccess;
use pulze_contract::{OrganizationId, UserId};

#[component]
pub fn RemoveMember(
    open: RwSignal<bool>,
    organization: OrganizationId,
    member: Member,
    /// Spaces that would be left without an admin of their own.
    orphans: Vec<SpaceAccess>,
) -> impl IntoView {
    let session = Session::expect();
    let toasts = Toasts::expect();
    let navigate = StoredValue::new(use_navigate());
    let organization = StoredValue::new(organization);
    let member = StoredValue::new(member);
    let orphans = StoredValue::new(orphans);
    let heir = RwSignal::new(String::new());
    let busy = RwSignal::new(false);
    let failure = RwSignal::new(None::<String>);
    let question = Question {
        action: Signal::derive(t!(RemoveMember)),
        acting: Signal::derive(t!(Removing)),
        consequence: Signal::derive(t!(RemoveExplained, name = member.read_value().name)),
        typed: None,
    };
    let confirm = move |_: String| {
        let (id, user) = (organization.get_value(), member.read_value().user_id.clone());
        let body = MemberDelete { hand_over_to: UserId::parse(&heir.get_untracked()) };
        busy.set(true);
        spawn_local(async move {
            let answer = client::member_delete(&id, &user, &body).await;
            busy.set(false);
            match answer {
                Ok(()) => {
                    open.set(false);
                    toasts.show(Toast::good(text(Key::Removed, &[("name", member.read_value().name.clone())])));
                    session.refresh();
                    navigate.with_value(|navigate| navigate(&paths::manage(&id, paths::MEMBERS), Default::default()));
                }
                Err(error) => {
                    session.learn_from(&error);
                    failure.set(Some(error.sentence()));
                }
            }
        });
    };
    view! {
        <ConfirmDialog open question busy failure=Signal::derive(move || failure.get()) on_confirm=confirm>
            <Show when=move || !orphans.read_value().is_empty()>
                <HandOver organization=organization.get_value() leaver=member.read_value().user_id.clone() orphans=orphans.get_value() heir/>
            </Show>
        </ConfirmDialog>
    }
}

/// Who becomes admin of the spaces that the member leaves behind.
#[component]
fn HandOver(organization: OrganizationId, leaver: UserId, orphans: Vec<SpaceAccess>, heir: RwSignal<String>) -> impl IntoView {
    // Those with most rights first: they are the likely heirs.
    let likely = MemberQuery { sort: MemberSort::Role, ..MemberQuery::default() };
    let people = LocalResource::new(move || {
        let (organization, likely) = (organization.clone(), likely.clone());
        async move { client::member_list(&organization, &likely, 0).await.map(|list| list.members).unwrap_or_default() }
    });
    let options = Signal::derive(move || {
        let nobody = [(String::new(), text(Key::NobodyTakesOver, &[]))];
        let people = people.get().unwrap_or_default().into_iter().filter(|person| person.user_id != leaver);
        nobody.into_iter().chain(people.map(|person| (person.user_id.to_string(), person.name))).collect::<Vec<_>>()
    });
    let named = orphans.iter().take(3).map(|space| space.name.as_str()).collect::<Vec<_>>().join(", ");
    let count = orphans.len();
    view! {
        <div class="note">
            <p>{move || text(Key::OnlyAdminOf, &[("spaces", spaces_count(count)), ("names", named.clone())])}</p>
        </div>
        <SelectField
            label=Signal::derive(t!(HandOverTo))
            value=heir
            options
            on_change=move |user| heir.set(user)
            hint=Signal::derive(t!(HandOverHint))
        />
    }
}
