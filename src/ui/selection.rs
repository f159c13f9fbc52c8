//! Rows of a table that can be selected: one by one, or all that fit.

use crate::t;
use leptos::prelude::*;

// Not a literal: a fully static element would be made through HTML.
const CHECK: &str = "cell-check";

/// The cell that selects a row; empty where the row cannot be changed.
#[component]
pub fn SelectRow(id: String, name: String, selection: RwSignal<Vec<String>>, selectable: bool) -> impl IntoView {
    let id = StoredValue::new(id);
    let selected = Memo::new(move |_| selection.read().contains(&*id.read_value()));
    view! {
        <td class=CHECK>
            {selectable.then(|| view! {
                <input
                    type="checkbox"
                    aria-label=t!(SelectMember, name = name.clone())
                    prop:checked=move || selected.get()
                    on:change:target=move |event| {
                        let checked = event.target().checked();
                        selection.update(|selection| {
                            selection.retain(|other| *other != *id.read_value());
                            if checked {
                                selection.push(id.get_value());
                            }
                        });
                    }
                />
            })}
        </td>
    }
}

/// The cell in the head that selects every row that fits and can be changed, or none.
#[component]
pub fn SelectAll(#[prop(into)] every: Signal<Vec<String>>, selection: RwSignal<Vec<String>>) -> impl IntoView {
    let all = move || {
        let selected = selection.read().len();
        selected > 0 && selected == every.read().len()
    };
    let some = Memo::new(move |_| !every.read().is_empty());
    view! {
        <td class=CHECK>
            {move || some.get().then(|| view! {
                <input
                    type="checkbox"
                    aria-label=t!(SelectAll)
                    prop:checked=all
                    prop:indeterminate=move || !selection.read().is_empty() && !all()
                    on:change:target=move |event| selection.set(if event.target().checked() { every.get_untracked() } else { Vec::new() })
                />
            })}
        </td>
    }
}
