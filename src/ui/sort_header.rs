//! The title of a column that a table can be sorted by.

use crate::i18n::{Key, label};
use leptos::prelude::*;

/// Whether the table is sorted by the column, and whether downwards.
pub type Sorted = Option<bool>;

#[component]
pub fn SortHeader(
    title: Key,
    class: &'static str,
    #[prop(into)] sorted: Signal<Sorted>,
    #[prop(into)] on_sort: Callback<()>,
) -> impl IntoView {
    let state = move || match sorted.get() {
        None => "none",
        Some(false) => "ascending",
        Some(true) => "descending",
    };
    view! {
        <th scope="col" class=class aria-sort=state>
            <button class="sort" type="button" on:click=move |_| { on_sort.try_run(()); }>{label(title)}</button>
        </th>
    }
}
