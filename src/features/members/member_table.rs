//! The list of members: any number of rows, of which only those in sight are on the page.

use super::change_role::{self, ChangeRole};
use super::member_pages::MemberPages;
use crate::i18n::{Key, date, label, number, plural, relative, text};
use crate::paths;
use crate::session::Session;
use crate::shell::role::role_key;
use crate::t;
use crate::ui::browser;
use crate::ui::button::{Button, ButtonKind};
use crate::ui::lazy::preload;
use crate::ui::load::Failure;
use crate::ui::logo::Logo;
use leptos::prelude::*;
use leptos::{ev, html};
use pulze_contract::UserId;
use pulze_contract::member::{CHANGES_MAX, Member, MemberSort};
use std::collections::HashMap;

/// Height of a row in pixels; `.member-row` in the styles has the same.
const ROW: f64 = 56.0;
/// Rows kept ready above and below what is in sight.
const AHEAD: f64 = 8.0;

// Not literals: a fully static element would be made through HTML.
const CHECK: &str = "cell-check";
const LINE: &str = "skeleton-line";

/// The members that a change of roles is for.
pub type Selection = RwSignal<HashMap<UserId, Member>>;

#[component]
pub fn MemberTable(pages: MemberPages) -> impl IntoView {
    let selection: Selection = RwSignal::new(HashMap::new());
    let changed = RwSignal::new(Vec::<Member>::new());
    let open = RwSignal::new(false);
    let body = NodeRef::<html::Tbody>::new();
    let in_sight = RwSignal::new((0_u32, 20_u32));
    let look = move || {
        if let Some(body) = body.get_untracked() {
            in_sight.maybe_update(|sight| {
                let now = rows_in_sight(-body.get_bounding_client_rect().top());
                let differs = *sight != now;
                *sight = now;
                differs
            });
        }
    };
    let listeners = [window_event_listener(ev::scroll, move |_| look()), window_event_listener(ev::resize, move |_| look())];
    on_cleanup(move || listeners.into_iter().for_each(|listener| listener.remove()));
    let range = Memo::new(move |_| {
        let total = pages.total.get().unwrap_or(0);
        let (first, last) = in_sight.get();
        (first.min(total), last.min(total))
    });
    Effect::new(move || {
        let (first, last) = range.get();
        if last > first && !pages.stale.get() {
            pages.want(first, last);
        }
    });
    Effect::new(move || {
        pages.total.track();
        browser::after_render(look);
    });
    let above = move || format!("{}px", f64::from(range.get().0) * ROW);
    let below = move || format!("{}px", f64::from(pages.total.get().unwrap_or(0) - range.get().1) * ROW);
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
                        <td class=CHECK></td>
                        <SortHeader pages sort=MemberSort::Name title=Key::MemberName/>
                        <SortHeader pages sort=MemberSort::Role title=Key::Role/>
                        <th scope="col" class="cell-spaces">{t!(Spaces)}</th>
                        <SortHeader pages sort=MemberSort::JoinedAt title=Key::MemberSince/>
                        <SortHeader pages sort=MemberSort::LastActiveAt title=Key::LastActive/>
                    </tr>
                </thead>
                <tbody node_ref=body>
                    <tr aria-hidden="true" class="spacer"><td style:block-size=above></td></tr>
                    <For each=move || { let (first, last) = range.get(); first..last } key=|place| *place let(place)>
                        <MemberRow pages place selection on_change=change/>
                    </For>
                    <tr aria-hidden="true" class="spacer"><td style:block-size=below></td></tr>
                </tbody>
            </table>
        </div>
        <Show when=move || pages.total.get() == Some(0)>
            <p class="empty">{t!(NobodyFits)}</p>
        </Show>
        <ChangeRole open members=changed on_done=move |()| {
            selection.set(HashMap::new());
            pages.reload();
        }/>
    }
}

/// The places in sight, with some ahead, when `above` pixels of the rows are out of sight.
fn rows_in_sight(above: f64) -> (u32, u32) {
    let height = browser::window().inner_height().ok().and_then(|height| height.as_f64()).unwrap_or(800.0);
    // Saturating: negative and huge distances become the nearest place there is.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let place = |pixels: f64| (pixels / ROW).max(0.0) as u32;
    (place(above - AHEAD * ROW), place(above + height + AHEAD * ROW) + 1)
}

/// A column's title, which sorts by it; a second click turns the order.
#[component]
fn SortHeader(pages: MemberPages, sort: MemberSort, title: Key) -> impl IntoView {
    let state = move || {
        let query = pages.query.read();
        match (query.sort == sort, query.descending) {
            (false, _) => "none",
            (true, false) => "ascending",
            (true, true) => "descending",
        }
    };
    view! {
        <th scope="col" class=format!("cell-{}", sort.as_str()) aria-sort=state>
            <button class="sort" type="button" on:click=move |_| pages.ask(|query| {
                query.descending = query.sort == sort && !query.descending;
                query.sort = sort;
            })>
                {label(title)}
            </button>
        </th>
    }
}

/// Appears when somebody is selected.
#[component]
fn SelectionBar(selection: Selection, #[prop(into)] on_change: Callback<Vec<Member>>) -> impl IntoView {
    let count = Memo::new(move |_| u32::try_from(selection.read().len()).unwrap_or(u32::MAX));
    let too_many = Signal::derive(move || {
        let most = u32::try_from(CHANGES_MAX).unwrap_or(u32::MAX);
        (count.get() > most).then(|| text(Key::TooManySelected, &[("count", number(f64::from(most)))]))
    });
    view! {
        <Show when=move || { count.get() > 0 }>
            <div class="selection" role="region" aria-label=t!(Selection)>
                <p>{move || plural(Key::SelectedCount, count.get())}</p>
                <Button kind=ButtonKind::Primary disabled_reason=too_many on_click=move |()| {
                    on_change.run(selection.read_untracked().values().cloned().collect());
                }>{t!(ChangeRole)}</Button>
                <Button kind=ButtonKind::Quiet on_click=move |()| selection.set(HashMap::new())>{t!(ClearSelection)}</Button>
            </div>
        </Show>
    }
}

#[component]
fn MemberRow(
    pages: MemberPages,
    place: u32,
    selection: Selection,
    #[prop(into)] on_change: Callback<Vec<Member>>,
) -> impl IntoView {
    let session = Session::expect();
    let member = Memo::new(move |_| pages.rows.read().get(&place).cloned());
    move || match member.get() {
        None => view! { <tr class="member-row"><td class=CHECK></td><td><span class=LINE></span></td></tr> }.into_any(),
        Some(member) => {
            let me = session.viewer().get().is_some_and(|viewer| viewer.user_id == member.user_id);
            let href = paths::member(&pages.organization.get_value(), &member.user_id);
            let id = member.user_id.clone();
            let selected = Memo::new(move |_| selection.read().contains_key(&id));
            let (for_check, for_role) = (member.clone(), member.clone());
            let Member { name, email, role, joined_at, last_active_at, spaces, user_id } = member;
            let whose = name.clone();
            view! {
                <tr class="member-row" aria-rowindex=(place + 2).to_string() data-selected=move || selected.get().then_some("true")>
                    <td class="cell-check">
                        <input
                            type="checkbox"
                            aria-label=t!(SelectMember, name = whose)
                            prop:checked=move || selected.get()
                            on:change:target=move |event| {
                                let checked = event.target().checked();
                                selection.update(|selection| {
                                    if checked {
                                        selection.insert(for_check.user_id.clone(), for_check.clone());
                                    } else {
                                        selection.remove(&for_check.user_id);
                                    }
                                });
                            }
                        />
                    </td>
                    <th scope="row" class="cell-name" on:pointerenter=move |_| preload(super::DETAILS)>
                        <a class="person" href=href>
                            <Logo name=name.clone() identifier=user_id.to_string()/>
                            <span class="person-text">
                                <span class="person-name"><bdi>{name}</bdi>{me.then(|| view! { <span class="badge">{t!(You)}</span> })}</span>
                                <span class="person-email">{email}</span>
                            </span>
                        </a>
                    </th>
                    <td class="cell-role">
                        <button
                            class="button"
                            type="button"
                            data-kind="quiet"
                            aria-description=t!(ChangeRole)
                            on:pointerenter=move |_| preload(change_role::FORM)
                            on:click=move |_| on_change.run(vec![for_role.clone()])
                        >
                            {label(role_key(role))}
                        </button>
                    </td>
                    <td class="cell-spaces">{move || number(f64::from(spaces))}</td>
                    <td class="cell-joined_at">{move || date(joined_at)}</td>
                    <td class="cell-last_active_at">{move || match last_active_at {
                        Some(at) => relative(at),
                        None => text(Key::NeverHere, &[]),
                    }}</td>
                </tr>
            }
            .into_any()
        }
    }
}
