//! The cells: one has the focus, a rectangle is selected, and letters give roles.

use super::{Grant, Grid, Pending, grant_text, granted};
use crate::i18n::{Key, relative, text, text_with};
use crate::ui::browser;
use crate::ui::logo::Logo;
use crate::{args, t};
use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use pulze_contract::SpaceRole;
use pulze_contract::access::{AccessMember, AccessSpace};
use pulze_contract::space::Visibility;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

#[component]
pub fn Cells(grid: Grid) -> impl IntoView {
    let table = NodeRef::<html::Table>::new();
    let on_key = move |event: ev::KeyboardEvent| {
        if press(grid, &event) {
            event.prevent_default();
            focus_active(grid, table);
        }
    };
    view! {
        <div class="grid-frame">
            <table
                class="table access-grid"
                role="grid"
                aria-multiselectable="true"
                aria-label=t!(SpaceAccess)
                aria-describedby="grid-hint"
                node_ref=table
                on:keydown=on_key
            >
                {move || {
                    // Made anew for other rows or columns.
                    grid.list.track();
                    grid.columns_from.track();
                    let (members, spaces) = (grid.members(), grid.spaces());
                    let heads = spaces.iter().map(|space| view! { <th scope="col"><bdi translate="no">{space.name.clone()}</bdi></th> });
                    let heads = heads.collect_view();
                    let rows = members.into_iter().enumerate();
                    let rows = rows.map(|(row, member)| view! { <MemberCells grid row member spaces=spaces.clone()/> });
                    view! {
                        <thead><tr><th scope="col">{t!(MemberName)}</th>{heads}</tr></thead>
                        <tbody>{rows.collect_view()}</tbody>
                    }
                }}
            </table>
        </div>
    }
}

#[component]
fn MemberCells(grid: Grid, row: usize, member: AccessMember, spaces: Vec<AccessSpace>) -> impl IntoView {
    let cells = spaces.into_iter().enumerate().map(|(column, space)| {
        let member = member.clone();
        view! { <Cell grid place=(row, column) member space/> }
    });
    let cells = cells.collect_view();
    let AccessMember { user_id, name, email, .. } = member;
    view! {
        <tr>
            <th scope="row">
                <span class="person">
                    <Logo name=name.clone() identifier=user_id.to_string()/>
                    <span class="person-text">
                        <span class="person-name"><bdi translate="no">{name}</bdi></span>
                        <span class="person-email">{email}</span>
                    </span>
                </span>
            </th>
            {cells}
        </tr>
    }
}

#[component]
fn Cell(grid: Grid, place: (usize, usize), member: AccessMember, space: AccessSpace) -> impl IntoView {
    let (row, column) = place;
    let before = granted(&member, &space.id);
    let (everywhere, visible) = (member.everywhere, space.visibility == Visibility::Organization);
    let cell = (member.user_id, space.id);
    let pending =
        Memo::new(move |_| grid.pending.read().iter().find(|pending| pending.cell == cell).map(|Pending { after, .. }| *after));
    let shown = move |grant: Grant| match grant {
        _ if everywhere => text(Key::GridEverywhere),
        None if visible => text(Key::GridVisible),
        grant => grant_text(grant),
    };
    let level = move || match pending.get().unwrap_or(before) {
        _ if everywhere => "everywhere",
        Some((role, _)) => role.as_str(),
        None if visible => "visible",
        None => "none",
    };
    let ends = move || {
        let (_, ends_at) = pending.get().unwrap_or(before).filter(|_| !everywhere)?;
        ends_at.map(|at| text_with(Key::EndsWhen, args!(when = relative(at))))
    };
    let selected = Memo::new(move |_| grid.selects(row, column));
    view! {
        <td
            role="gridcell"
            data-place=format!("{row}-{column}")
            data-level=level
            data-pending=move || pending.read().is_some().then_some("true")
            tabindex=move || if grid.active.get() == (row, column) { "0" } else { "-1" }
            aria-selected=move || selected.get().to_string()
            aria-readonly=everywhere.then_some("true")
            on:mousedown=move |event| {
                if !event.shift_key() {
                    grid.anchor.set((row, column));
                }
                grid.active.set((row, column));
            }
        >
            {move || pending.get().map(|_| view! { <s class="cell-before">{shown(before)}</s>" " })}
            <span>{move || shown(pending.get().unwrap_or(before))}</span>
            {move || ends().map(|ends| view! { <span class="cell-ends">{ends}</span> })}
        </td>
    }
}

/// Walks, selects or sets; `false` for a key that is not the grid's.
fn press(grid: Grid, event: &ev::KeyboardEvent) -> bool {
    let (rows, columns) = (grid.members().len(), grid.spaces().len());
    if rows == 0 || columns == 0 {
        return false;
    }
    let (row, column) = grid.active.get_untracked();
    let (last_row, last_column) = (rows - 1, columns - 1);
    let command = event.ctrl_key() || event.meta_key();
    let key = event.key();
    // Arrows point where they show, also from right to left.
    let forward = if browser::right_to_left() { "ArrowLeft" } else { "ArrowRight" };
    let to = match key.as_str() {
        "ArrowDown" => Some((last_row.min(row + 1), column)),
        "ArrowUp" => Some((row.saturating_sub(1), column)),
        "ArrowLeft" | "ArrowRight" if key == forward => Some((row, last_column.min(column + 1))),
        "ArrowLeft" | "ArrowRight" => Some((row, column.saturating_sub(1))),
        "Home" if command => Some((0, 0)),
        "End" if command => Some((last_row, last_column)),
        "Home" => Some((row, 0)),
        "End" => Some((row, last_column)),
        "PageDown" => Some((last_row, column)),
        "PageUp" => Some((0, column)),
        _ => None,
    };
    if let Some(to) = to {
        grid.active.set(to);
        if !event.shift_key() {
            grid.anchor.set(to);
        }
        return true;
    }
    if command {
        if key.eq_ignore_ascii_case("a") {
            grid.anchor.set((0, 0));
            grid.active.set((last_row, last_column));
            return true;
        }
        return false;
    }
    match key.as_str() {
        "v" | "V" => grid.set(Some((SpaceRole::Viewer, None))),
        "e" | "E" => grid.set(Some((SpaceRole::Editor, None))),
        "a" | "A" => grid.set(Some((SpaceRole::Admin, None))),
        "Delete" | "Backspace" => grid.set(None),
        _ => return false,
    }
    true
}

fn focus_active(grid: Grid, table: NodeRef<html::Table>) {
    let (row, column) = grid.active.get_untracked();
    let found =
        table.get_untracked().and_then(|table| table.query_selector(&format!("[data-place='{row}-{column}']")).ok().flatten());
    if let Some(cell) = found.and_then(|cell| cell.dyn_into::<HtmlElement>().ok()) {
        browser::focus(&cell);
    }
}
