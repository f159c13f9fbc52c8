//! Who has which role in which space: a grid to walk with the keyboard, changed in one go.

mod cells;
mod review;

use crate::client::{self, Reading};
use crate::i18n::{Key, number, plural, takes, text, text_with, words};
use crate::paths;
use crate::session::Session;
use crate::shell::manage::Heading;
use crate::shell::page::page_query;
use crate::shell::role::space_role_key;
use crate::ui::button::{Button, ButtonKind};
use crate::ui::date_field::{DateField, end_of_day};
use crate::ui::field::SelectField;
use crate::ui::load::{Failure, Skeleton};
use crate::ui::search_field::SearchField;
use crate::ui::unsaved_changes::UnsavedChanges;
use crate::{args, t};
use cells::Cells;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use pulze_contract::access::{ACCESS_CHANGES_MAX, AccessChange, AccessList, AccessMember, AccessSpace};
use pulze_contract::member::{MemberQuery, MemberStatus};
use pulze_contract::{OrganizationId, SpaceId, SpaceRole, Timestamp, UserId};
use review::Review;

/// Rows of a page, and columns that are shown at a time.
const ROWS: u32 = 25;
const COLUMNS: usize = 8;

/// A role and its end, or none.
type Grant = Option<(SpaceRole, Option<Timestamp>)>;

/// What is to become of one cell, with the words to say it.
#[derive(Clone, Debug, PartialEq)]
struct Pending {
    cell: (UserId, SpaceId),
    member: String,
    space: String,
    before: Grant,
    after: Grant,
}

/// The grid as it is known, walked and changed.
#[derive(Clone, Copy)]
struct Grid {
    organization: StoredValue<OrganizationId>,
    list: RwSignal<Option<AccessList>>,
    /// What is not applied yet, also on pages that are not in sight.
    pending: RwSignal<Vec<Pending>>,
    /// First column in sight.
    columns_from: RwSignal<usize>,
    /// Row and column of the cell that has the focus, and of the corner where the selection began.
    active: RwSignal<(usize, usize)>,
    anchor: RwSignal<(usize, usize)>,
}

impl Grid {
    fn members(self) -> Vec<AccessMember> {
        self.list.read_untracked().as_ref().map(|list| list.members.clone()).unwrap_or_default()
    }

    /// The columns in sight.
    fn spaces(self) -> Vec<AccessSpace> {
        let from = self.columns_from.get_untracked();
        let list = self.list.read_untracked();
        list.as_ref().map(|list| list.spaces.iter().skip(from).take(COLUMNS).cloned().collect()).unwrap_or_default()
    }

    /// Whether a cell lies between the corners of the selection. Reactive.
    fn selects(self, row: usize, column: usize) -> bool {
        let ((r1, c1), (r2, c2)) = (self.active.get(), self.anchor.get());
        (r1.min(r2)..=r1.max(r2)).contains(&row) && (c1.min(c2)..=c1.max(c2)).contains(&column)
    }

    /// Reactive.
    fn selected(self) -> u32 {
        let ((r1, c1), (r2, c2)) = (self.active.get(), self.anchor.get());
        u32::try_from((r1.abs_diff(r2) + 1) * (c1.abs_diff(c2) + 1)).unwrap_or(u32::MAX)
    }

    /// Notes this for every selected cell; what is as it was is no change.
    fn set(self, wanted: Grant) {
        let (members, spaces) = (self.members(), self.spaces());
        self.pending.update(|pending| {
            for (row, member) in members.iter().enumerate().filter(|(_, member)| !member.everywhere) {
                for (column, space) in spaces.iter().enumerate() {
                    if !untrack(|| self.selects(row, column)) {
                        continue;
                    }
                    let before = granted(member, &space.id);
                    let cell = (member.user_id.clone(), space.id.clone());
                    pending.retain(|other| other.cell != cell);
                    if before != wanted {
                        let (member, space) = (member.name.clone(), space.name.clone());
                        pending.push(Pending { cell, member, space, before, after: wanted });
                    }
                }
            }
        });
    }

    fn changes(self) -> Vec<AccessChange> {
        let change = |Pending { cell: (user_id, space_id), after, .. }: &Pending| {
            let (role, ends_at) = after.unzip();
            AccessChange { user_id: user_id.clone(), space_id: space_id.clone(), role, ends_at: ends_at.flatten() }
        };
        self.pending.read_untracked().iter().map(change).collect()
    }
}

fn granted(member: &AccessMember, space: &SpaceId) -> Grant {
    member.grants.iter().find(|grant| grant.space_id == *space).map(|grant| (grant.role, grant.ends_at))
}

/// The words for a role, or for none.
fn grant_text(grant: Grant) -> String {
    grant.map_or_else(|| text(Key::GridNone), |(role, _)| text(space_role_key(role)))
}

#[component]
pub fn AccessGrid() -> impl IntoView {
    let session = Session::expect();
    let Some(organization) = session.organization_id().get_untracked() else { return ().into_any() };
    Heading::show(text(Key::SpaceAccess));
    let grid = Grid {
        organization: StoredValue::new(organization),
        list: RwSignal::new(None),
        pending: RwSignal::new(Vec::new()),
        columns_from: RwSignal::new(0),
        active: RwSignal::new((0, 0)),
        anchor: RwSignal::new((0, 0)),
    };
    let parameters = page_query();
    let search = Memo::new(move |_| parameters.read().get("search").unwrap_or_default());
    let offset = RwSignal::new(0_u32);
    Effect::watch(move || search.get(), move |_, _, _| offset.set(0), false);
    let reading = Reading::new(move || {
        let query = MemberQuery { search: search.get(), status: Some(MemberStatus::Member), ..MemberQuery::default() };
        let (organization, offset) = (grid.organization.get_value(), offset.get());
        async move { client::access_list(&organization, &query, offset, ROWS).await }
    });
    Effect::new(move || match reading.get() {
        Some(Ok(list)) => {
            // Who went from a page before this one has moved those here by one: nobody is skipped.
            let gone = grid.list.read_untracked().as_ref().map_or(0, |before| before.total.saturating_sub(list.total));
            let at = offset.get_untracked();
            if gone > 0 && at > 0 {
                grid.list.set(Some(list));
                return offset.set(at.saturating_sub(gone));
            }
            grid.active.set((0, 0));
            grid.anchor.set((0, 0));
            grid.list.set(Some(list));
        }
        Some(Err(error)) => session.learn_from(&error),
        None => {}
    });
    let dirty = Memo::new(move |_| !grid.pending.read().is_empty());
    UnsavedChanges::expect().follow(dirty);
    let reviewing = RwSignal::new(false);
    view! {
        <Toolbar grid search offset/>
        {move || reading.get().and_then(Result::err).map(|error| view! { <Failure error on_retry=move |()| reading.again()/> })}
        <Show when=move || grid.list.read().is_none() && reading.get().is_none()><Skeleton lines=6/></Show>
        {move || {
            let empty = grid.list.read().as_ref().map(|list| (list.spaces.is_empty(), list.members.is_empty()));
            match empty {
                None => ().into_any(),
                Some((true, _)) => view! { <p class="card empty">{t!(NoSpacesInUse)}</p> }.into_any(),
                Some((_, true)) => view! { <p class="card empty">{t!(NobodyFits)}</p> }.into_any(),
                Some(_) => view! { <Cells grid/><SelectionBar grid reviewing/> }.into_any(),
            }
        }}
        <Review grid open=reviewing on_applied=move |()| reading.again()/>
    }
    .into_any()
}

/// Search in the address, and the pages of rows and columns.
#[component]
fn Toolbar(grid: Grid, search: Memo<String>, offset: RwSignal<u32>) -> impl IntoView {
    let navigate = StoredValue::new(use_navigate());
    let ask = move |search: String| {
        let pairs = (!search.is_empty()).then_some(("search", search)).into_iter().collect::<Vec<_>>();
        let path = paths::space_access(&grid.organization.get_value()) + &paths::query(&pairs);
        let options = NavigateOptions { replace: true, scroll: false, ..Default::default() };
        let _ = navigate.try_with_value(|navigate| navigate(&path, options));
    };
    let (total, spaces) = (
        Memo::new(move |_| grid.list.read().as_ref().map_or(0, |list| list.total)),
        Memo::new(move |_| grid.list.read().as_ref().map_or(0, |list| list.spaces.len())),
    );
    let (many_members, many_spaces) = (Memo::new(move |_| total.get() > ROWS), Memo::new(move |_| spaces.get() > COLUMNS));
    let rows_said = move || range_text(Key::PageRange, offset.get(), ROWS, total.get());
    let columns_said = move || {
        let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        range_text(Key::SpacesRange, count(grid.columns_from.get()), count(COLUMNS), count(spaces.get()))
    };
    view! {
        <div class="toolbar" role="search">
            <SearchField label=Signal::derive(t!(FindMember)) searched=search on_search=ask/>
            {move || many_spaces.get().then(|| view! {
                <Pager
                    said=Signal::derive(columns_said)
                    before=Signal::derive(move || grid.columns_from.get() > 0)
                    after=Signal::derive(move || grid.columns_from.get() + COLUMNS < spaces.get())
                    on_turn=move |forward: bool| turn(grid, grid.columns_from, COLUMNS, forward)
                />
            })}
            {move || many_members.get().then(|| view! {
                <Pager
                    said=Signal::derive(rows_said)
                    before=Signal::derive(move || offset.get() > 0)
                    after=Signal::derive(move || offset.get() + ROWS < total.get())
                    on_turn=move |forward: bool| offset.update(|offset| {
                        *offset = if forward { *offset + ROWS } else { offset.saturating_sub(ROWS) };
                    })
                />
            })}
        </div>
        <p class="field-hint" id="grid-hint">{t!(GridHint)}</p>
    }
}

/// Other columns come into sight, and the focus starts anew.
fn turn(grid: Grid, from: RwSignal<usize>, step: usize, forward: bool) {
    grid.active.set((0, 0));
    grid.anchor.set((0, 0));
    from.update(|from| *from = if forward { *from + step } else { from.saturating_sub(step) });
}

/// A text that takes the first, the last and the number of all.
type RangeKey = Key<{ takes(&["first", "last", "total"]) }>;

fn range_text(key: RangeKey, offset: u32, length: u32, total: u32) -> String {
    let number = |count: u32| number(f64::from(count));
    let last = (offset + length).min(total);
    text_with(key, args!(first = number(offset + 1), last = number(last), total = number(total)))
}

#[component]
fn Pager(
    said: Signal<String>,
    before: Signal<bool>,
    after: Signal<bool>,
    #[prop(into)] on_turn: Callback<bool>,
) -> impl IntoView {
    let end = move |there: bool| (!there).then(|| said.get());
    view! {
        <div class="pager" role="group" aria-label=move || said.get()>
            <Button disabled_reason=Signal::derive(move || end(before.get())) on_click=move |()| { on_turn.try_run(false); }>{t!(Previous)}</Button>
            <span class="quiet" role="status">{move || said.get()}</span>
            <Button disabled_reason=Signal::derive(move || end(after.get())) on_click=move |()| { on_turn.try_run(true); }>{t!(Next)}</Button>
        </div>
    }
}

/// What is done with the selection, and with what was changed.
#[component]
fn SelectionBar(grid: Grid, reviewing: RwSignal<bool>) -> impl IntoView {
    let ends_on = RwSignal::new(String::new());
    let chosen = RwSignal::new(String::new());
    let roles = Signal::derive(|| {
        let none = [(String::new(), String::new()), ("none".to_owned(), text(Key::GridNone))];
        let roles = SpaceRole::ALL.map(|role| (role.as_str().to_owned(), text(space_role_key(role))));
        none.into_iter().chain(roles).collect::<Vec<_>>()
    });
    let set = move |name: String| {
        if !name.is_empty() {
            grid.set(SpaceRole::parse(&name).map(|role| (role, end_of_day(&ends_on.get_untracked()))));
        }
        chosen.set(name);
    };
    // A choice is for the cells that it was made for.
    Effect::new(move || {
        grid.active.track();
        grid.anchor.track();
        chosen.set(String::new());
    });
    let count = Memo::new(move |_| u32::try_from(grid.pending.read().len()).unwrap_or(u32::MAX));
    let some = Memo::new(move |_| count.get() > 0);
    let most = u32::try_from(ACCESS_CHANGES_MAX).unwrap_or(u32::MAX);
    let blocked = Signal::derive(move || match count.get() {
        0 => Some(text(Key::NothingToSave)),
        count if count > most => Some(text_with(Key::TooManySelected, args!(count = number(f64::from(most))))),
        _ => None,
    });
    view! {
        <div class="grid-bar" role="region" aria-label=t!(Selection) data-jump="true" aria-keyshortcuts="F6">
            <p role="status">{words(move || plural(Key::GridSelected, grid.selected()))}</p>
            <SelectField label=Signal::derive(t!(SetRole)) value=chosen options=roles on_change=set/>
            <DateField label=Signal::derive(t!(EndsOn)) value=ends_on/>
            <p class="grid-count" role="status">{words(move || plural(Key::GridChanges, count.get()))}</p>
            {move || some.get().then(|| view! {
                <Button kind=ButtonKind::Quiet on_click=move |()| grid.pending.set(Vec::new())>{t!(Discard)}</Button>
            })}
            <Button kind=ButtonKind::Primary disabled_reason=blocked on_click=move |()| reviewing.set(true)>{t!(Review)}</Button>
        </div>
    }
}
