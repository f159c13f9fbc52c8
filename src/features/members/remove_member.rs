//! Removing a member: first what it breaks, then who takes it over, then the confirmation.

use super::member_details::spaces_count;
use crate::client;
use crate::i18n::{Key, text, text_with, words};
use crate::paths;
use crate::session::Session;
use crate::session::submission::Submission;
use crate::ui::confirm_dialog::{Confirm, Question};
use crate::ui::dialog::Dialog;
use crate::ui::field::SelectField;
use crate::ui::load::Failure;
use crate::ui::toast::{Toast, Toasts};
use crate::{args, t};
use leptos::prelude::*;
use leptos_router::hooks::use_navigate;
use pulze_contract::member::{Member, MemberDelete, MemberList, MemberQuery, MemberSort, MemberStatus};
use pulze_contract::space::SpaceAccess;
use pulze_contract::{OrganizationId, UserId};

/// What the question is given.
#[derive(Clone)]
pub struct Leaver {
    pub organization: OrganizationId,
    pub member: Member,
    /// Spaces that would be left without an admin of their own.
    pub orphans: Vec<SpaceAccess>,
}

#[component]
pub fn RemoveMember(open: RwSignal<bool>, leaver: Leaver) -> impl IntoView {
    let busy = RwSignal::new(false);
    view! {
        <Dialog open title=Signal::derive(t!(RemoveMember)) busy forgets=true>
            <RemoveQuestion leaver=leaver.clone() open busy/>
        </Dialog>
    }
}

#[component]
fn RemoveQuestion(leaver: Leaver, open: RwSignal<bool>, busy: RwSignal<bool>) -> impl IntoView {
    let Leaver { organization, member, orphans } = leaver;
    let session = Session::expect();
    let toasts = Toasts::expect();
    let navigate = StoredValue::new(use_navigate());
    let organization = StoredValue::new(organization);
    let member = StoredValue::new(member);
    let heir = RwSignal::new(String::new());
    let sending = Submission::of_dialog(busy);
    let confirm = move |_: String| {
        let (id, user) = (organization.get_value(), member.read_value().user_id.clone());
        let name = member.read_value().name.clone();
        let body = MemberDelete { hand_over_to: UserId::parse(&heir.get_untracked()) };
        let list = paths::manage(&id, paths::MEMBERS);
        let told = move |(): &()| {
            open.set(false);
            toasts.show(Toast::good(text_with(Key::Removed, args!(name = name))));
            session.refresh();
        };
        let request = async move { client::member_delete(&id, &user, &body).await };
        sending.send_then(request, told, move |()| navigate.with_value(|navigate| navigate(&list, Default::default())));
    };
    let question = Question {
        action: Signal::derive(t!(RemoveMember)),
        acting: Signal::derive(t!(Removing)),
        consequence: Signal::derive(t!(RemoveExplained, name = member.read_value().name)),
        typed: None,
        busy: sending.busy(),
        failure: sending.sentence(),
        on_confirm: Callback::new(confirm),
    };
    let hand_over = (!orphans.is_empty()).then(|| {
        let (organization, leaver) = (organization.get_value(), member.read_value().user_id.clone());
        view! { <HandOver organization leaver orphans heir/> }
    });
    view! { <Confirm open question>{hand_over}</Confirm> }
}

/// Who becomes admin of the spaces that the member leaves behind.
#[component]
fn HandOver(organization: OrganizationId, leaver: UserId, orphans: Vec<SpaceAccess>, heir: RwSignal<String>) -> impl IntoView {
    // Those with most rights first: they are the likely heirs.
    let likely = MemberQuery { sort: MemberSort::Role, status: Some(MemberStatus::Member), ..MemberQuery::default() };
    let people = client::Reading::new(move || {
        let (organization, likely) = (organization.clone(), likely.clone());
        async move { client::member_list(&organization, &likely, 0).await }
    });
    let options = Signal::derive(move || {
        let nobody = [(String::new(), text(Key::NobodyTakesOver))];
        let people = people.get().and_then(Result::ok).into_iter().flat_map(MemberList::into_members);
        let people = people.filter(|person| person.user_id != leaver);
        nobody.into_iter().chain(people.map(|person| (person.user_id.to_string(), person.name))).collect::<Vec<_>>()
    });
    let named = orphans.iter().take(3).map(|space| space.name.as_str()).collect::<Vec<_>>().join(", ");
    let count = orphans.len();
    let failed = move || people.get().and_then(Result::err);
    view! {
        {move || failed().map(|error| view! { <Failure error on_retry=move |()| people.again()/> })}
        <div class="note">
            <p>{words(move || text_with(Key::OnlyAdminOf, args!(spaces = spaces_count(count), names = named.clone())))}</p>
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
