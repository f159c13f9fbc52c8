//! The list of members: any number of rows, of which only those in sight are on the page.

use super::change_role::ChangeRole;
use super::member_pages::MemberPages;
use super::member_rows::Row;
use crate::client::Listener;
use crate::i18n::{Key, number, plural, text_with, words};
use crate::session::Session;
use crate::ui::button::{Button, ButtonKind};
use crate::ui::jump::{self, JumpKey};
use crate::ui::load::Failure;
use crate::ui::rows_in_sight::RowsInSight;
use crate::ui::sort_header::SortHeader;
use crate::ui::toast::{Toast, Toasts};
use crate::{args, t};
use leptos::prelude::*;
use pulze_contract::Permission;
use pulze_contract::member::{CHANGES_MAX, Member, MemberSort};

// Not a literal: a fully static element would be made through HTML.
const CHECK: &str = "cell-check";

/// The members that a change of roles is for.
pub type Selection = RwSignal<Vec<Member>>;

#[component]
pub fn MemberTable(pages: MemberPages) -> impl IntoView {
    let selection: Selection = RwSignal::new(Vec::new());
    let changed = RwSignal::new(Vec::<Member>::new());
    let open = RwSignal::new(false);
    let rows = RowsInSight::new(Signal::derive(move || pages.total.get().unwrap_or(0)));
    Effect::new(move || {
        let (first, last) = rows.range.get();
        if last > first && !pages.stale.get() {
            pages.want(first, last);
        }
    });
    let change = move |members: Vec<Member>| {
        changed.set(members);
        open.set(true);
    };
    view! {
        {move || pages.failure.get().map(|error| view! { <Failure error on_retry=move |()| pages.reload()/> })}
        <SelectionBar selection on_change=change/>
        <div class="table-frame" data-stale=move || pages.stale.get().then_some("true")>
            <table
                class="table members"
                aria-rowcount=move || pages.total.get().map(|total| (total + 1).to_string())
                aria-busy=move || pages.stale.get().to_string()
            >
                <thead>
                    <tr>
                        <SelectAll pages selection/>
                        <Column pages sort=MemberSort::Name title=Key::MemberName class="cell-name"/>
                        <Column pages sort=MemberSort::Role title=Key::Role class="cell-role"/>
                        <th scope="col" class="cell-spaces">{t!(Spaces)}</th>
                        <Column pages sort=MemberSort::JoinedAt title=Key::MemberSince class="cell-joined_at"/>
                        <Column pages sort=MemberSort::LastActiveAt title=Key::LastActive class="cell-last_active_at"/>
                    </tr>
                </thead>
                <tbody node_ref=rows.body>
                    <tr aria-hidden="true" class="spacer"><td style:block-size=move || rows.above()></td></tr>
                    <For each=move || { let (first, last) = rows.range.get(); first..last } key=|place| *place let(place)>
                        <Row pages place selection on_change=change/>
                    </For>
                    <tr aria-hidden="true" class="spacer"><td style:block-size=move || rows.below()></td></tr>
                </tbody>
            </table>
        </div>
        {move || (pages.total.get() == Some(0)).then(|| view! {
            <p class="empty">{t!(NobodyFits)}</p>
        })}
        <ChangeRole open members=changed on_done=move |()| {
            selection.set(Vec::new());
            pages.reload();
        }/>
    }
}

/// Selects every member that fits, or nobody.
#[component]
fn SelectAll(pages: MemberPages, selection: Selection) -> impl IntoView {
    let may = Session::expect().can(Permission::MembersUpdate);
    let (toasts, listener) = (Toasts::expect(), Listener::here());
    let most = u32::try_from(CHANGES_MAX).unwrap_or(u32::MAX);
    let reason = Signal::derive(move || {
        let too_many = pages.total.get().is_some_and(|total| total > most);
        too_many.then(|| text_with(Key::SelectAllTooMany, args!(count = number(f64::from(most)))))
    });
    let every = RwSignal::new(None::<usize>);
    let all = move || {
        let all = pages.members_known().or(every.get());
        all.is_some_and(|all| all > 0 && all == selection.read().len())
    };
    let select = move |checked: bool| {
        if !checked {
            return selection.set(Vec::new());
        }
        listener.hear(pages.every_member(), move |answer| match answer {
            Ok(members) => {
                every.set(Some(members.len()));
                selection.set(members);
            }
            Err(error) => toasts.show(Toast::bad(error.sentence())),
        });
    };
    view! {
        <td class=CHECK>
            {move || may.get().then(|| view! {
                <input
                    type="checkbox"
                    aria-label=t!(SelectAll)
                    title=reason
                    aria-disabled=move || reason.read().is_some().then_some("true")
                    aria-description=reason
                    prop:checked=all
                    prop:indeterminate=move || !selection.read().is_empty() && !all()
                    on:click=move |event| if reason.read_untracked().is_some() { event.prevent_default() }
                    on:change:target=move |event| select(event.target().checked())
                />
            })}
        </td>
    }
}

/// A column that the list can be sorted by; a second click turns the order.
#[component]
fn Column(pages: MemberPages, sort: MemberSort, title: Key, class: &'static str) -> impl IntoView {
    let sorted = Signal::derive(move || {
        let query = pages.query.read();
        (query.sort == sort).then_some(query.descending)
    });
    let turn = move |()| {
        pages.ask(|query| {
            query.descending = query.sort == sort && !query.descending;
            query.sort = sort;
        });
    };
    view! { <SortHeader title class sorted on_sort=turn/> }
}

/// Appears when somebody is selected.
#[component]
fn SelectionBar(selection: Selection, #[prop(into)] on_change: Callback<Vec<Member>>) -> impl IntoView {
    let count = Memo::new(move |_| u32::try_from(selection.read().len()).unwrap_or(u32::MAX));
    let some = Memo::new(move |_| count.get() > 0);
    let too_many = Signal::derive(move || {
        let most = u32::try_from(CHANGES_MAX).unwrap_or(u32::MAX);
        (count.get() > most).then(|| text_with(Key::TooManySelected, args!(count = number(f64::from(most)))))
    });
    view! {
        {move || some.get().then(|| view! {
            <div class="selection" role="region" aria-label=t!(Selection) data-jump="true" aria-keyshortcuts=jump::KEY>
                <p role="status">{words(move || plural(Key::SelectedCount, count.get()))}</p>
                <JumpKey/>
                <Button kind=ButtonKind::Primary disabled_reason=too_many on_click=move |()| {
                    on_change.try_run(selection.get_untracked());
                }>{t!(ChangeRole)}</Button>
                <Button kind=ButtonKind::Quiet on_click=move |()| selection.set(Vec::new())>{t!(ClearSelection)}</Button>
            </div>
        })}
    }
}
