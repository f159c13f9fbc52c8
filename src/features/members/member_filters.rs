//! Search, filters, the number of rows, and the export.

use super::member_pages::MemberPages;
use crate::client::{self, Listener};
use crate::i18n::{Key, plural, text};
use crate::session::Session;
use crate::shell::role::role_key;
use crate::t;
use crate::ui::browser;
use crate::ui::button::{Button, ButtonKind};
use crate::ui::field::SelectField;
use crate::ui::icon::Icon;
use crate::ui::load::Failure;
use crate::ui::search_field::SearchField;
use crate::ui::spreadsheet_menu::SpreadsheetMenu;
use crate::ui::toast::{Toast, Toasts};
use leptos::prelude::*;
use pulze_contract::member::MemberStatus;
use pulze_contract::table::TableFormat;
use pulze_contract::{Permission, Role, SpaceId};

#[component]
pub fn MemberFilters(pages: MemberPages, inviting: RwSignal<bool>) -> impl IntoView {
    let searched = Signal::derive(move || pages.query.read().search.clone());
    let roles = Signal::derive(move || {
        let all = [(String::new(), text(Key::AllRoles))];
        all.into_iter().chain(Role::ALL.map(|role| (role.as_str().to_owned(), text(role_key(role))))).collect::<Vec<_>>()
    });
    let session = Session::expect();
    let (export, invites) = (session.can(Permission::MembersExport), session.can(Permission::MembersInvite));
    let statuses = Signal::derive(move || {
        let all = [(String::new(), text(Key::AllStatuses))];
        let named = |status: MemberStatus| (status.as_str().to_owned(), text(status_key(status)));
        // Invitations are shown to whoever invites.
        let shown = MemberStatus::ALL.into_iter().filter(|status| !status.is_invitation() || invites.get());
        all.into_iter().chain(shown.map(named)).collect::<Vec<_>>()
    });
    let status = Signal::derive(move || pages.query.read().status.map(MemberStatus::as_str).unwrap_or_default().to_owned());
    let role = Signal::derive(move || pages.query.read().role.map(Role::as_str).unwrap_or_default().to_owned());
    let known = client::Reading::new(move || {
        let organization = pages.organization.get_value();
        async move { client::space_list(&organization).await }
    });
    let spaces = Signal::derive(move || {
        let all = [(String::new(), text(Key::AllSpaces))];
        let known = known
            .get()
            .and_then(Result::ok)
            .map(|list| list.spaces)
            .unwrap_or_default()
            .into_iter()
            .map(|space| (space.id.to_string(), space.name));
        all.into_iter().chain(known).collect::<Vec<_>>()
    });
    let space = Signal::derive(move || pages.query.read().space.as_ref().map(ToString::to_string).unwrap_or_default());
    let count = move || pages.total.get().map(|total| plural(Key::MembersFound, total)).unwrap_or_default();
    view! {
        <div class="toolbar toolbar-members" role="search">
            <SearchField
                label=Signal::derive(t!(FindMember))
                searched
                on_search=move |search: String| pages.ask(|query| query.search = search)
            />
            <SelectField
                label=Signal::derive(t!(Role))
                value=role
                options=roles
                on_change=move |role: String| pages.ask(|query| query.role = Role::parse(&role))
            />
            <SelectField
                label=Signal::derive(t!(Status))
                value=status
                options=statuses
                on_change=move |status: String| pages.ask(|query| query.status = MemberStatus::parse(&status))
            />
            <SelectField
                label=Signal::derive(t!(Space))
                value=space
                options=spaces
                on_change=move |space: String| pages.ask(|query| query.space = SpaceId::parse(&space))
            />
            {move || export.get().then(|| view! { <Export pages/> })}
            {move || invites.get().then(|| view! {
                <Button kind=ButtonKind::Primary on_click=move |()| inviting.set(true)>
                    <Icon name="plus"/>
                    <span>{t!(InviteMembers)}</span>
                </Button>
            })}
        </div>
        {move || known.get().and_then(Result::err).map(|error| view! { <Failure error on_retry=move |()| known.again()/> })}
        <p class="count" role="status">{count}</p>
    }
}

/// Everybody who is found, as a file: for programs, or for a spreadsheet.
#[component]
fn Export(pages: MemberPages) -> impl IntoView {
    let (toasts, listener) = (Toasts::expect(), Listener::here());
    let busy = RwSignal::new(false);
    let save = move |format: TableFormat| {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        let (organization, query) = (pages.organization.get_value(), pages.query.get_untracked());
        let answer = async move { client::member_export(&organization, &query, format).await };
        listener.hear(answer, move |answer| {
            busy.set(false);
            match answer {
                Ok(file) => browser::save_file("members.csv", &file),
                Err(error) => toasts.show(Toast::bad(error.sentence())),
            }
        });
    };
    view! {
        <Button busy on_click=move |()| save(TableFormat::Csv)><Icon name="download"/><span>{t!(ExportCsv)}</span></Button>
        <SpreadsheetMenu busy on_choose=Callback::new(save)/>
    }
}

fn status_key(status: MemberStatus) -> Key {
    match status {
        MemberStatus::Member => Key::StatusMember,
        MemberStatus::NeverSignedIn => Key::StatusNeverSignedIn,
        MemberStatus::Ending => Key::StatusEnding,
        MemberStatus::Pending => Key::StatusPending,
        MemberStatus::Declined => Key::StatusDeclined,
        MemberStatus::Expired => Key::StatusExpired,
    }
}
