//! What the question is narrowed to, each with a way out.

use super::Asking;
use super::figures::dimension_key;
use crate::i18n::{Key, text, text_with, words};
use crate::ui::icon::Icon;
use crate::{args, t};
use leptos::prelude::*;
use pulze_contract::usage::{Dimension, UNALLOCATED};

#[component]
pub fn Filters(asking: Asking) -> impl IntoView {
    let every = move || {
        let query = asking.query.read();
        let all = query.usage.filters.iter().flat_map(|(dimension, ids)| ids.iter().map(|id| (*dimension, id.clone())));
        all.filter(|(dimension, _)| !(asking.own && *dimension == Dimension::Member)).collect::<Vec<_>>()
    };
    view! {
        {move || {
            let every = every();
            (!every.is_empty()).then(|| view! {
                <ul class="filters" aria-label=t!(FiltersNow)>
                    {every.into_iter().map(|(dimension, id)| view! { <Filter asking dimension id/> }).collect_view()}
                    <li><button class="button" data-kind="quiet" type="button" on:click=move |_| asking.ask(|query| query.usage.filters.clear())>{t!(FiltersClear)}</button></li>
                </ul>
            })
        }}
    }
}

#[component]
fn Filter(asking: Asking, dimension: Dimension, id: String) -> impl IntoView {
    let id = StoredValue::new(id);
    // Names come with the answer; until then what is known of it is what stands in the address.
    let name = move || {
        let id = id.read_value();
        if *id == UNALLOCATED {
            return text(Key::Unallocated);
        }
        let known = asking.usage.known.read();
        let filters = known.iter().flat_map(|usage| &usage.filters);
        let named = filters.into_iter().find(|filter| filter.dimension == dimension && filter.id == *id);
        named.map(|filter| filter.name.clone()).filter(|name| !name.is_empty()).unwrap_or_else(|| id.clone())
    };
    let said = move || text_with(Key::FilterOf, args!(dimension = text(dimension_key(dimension)), name = name()));
    let remove = move |_| {
        asking.ask(|query| {
            let mut left = query.usage.filter(dimension).unwrap_or_default().to_vec();
            left.retain(|other| *other != *id.read_value());
            query.usage.set_filter(dimension, left);
        });
    };
    view! {
        <li class="filter">
            <bdi translate="no">{words(said)}</bdi>
            <button class="button" data-kind="quiet" type="button" aria-label=move || text_with(Key::FilterRemove, args!(name = said())) on:click=remove>
                <Icon name="close"/>
            </button>
        </li>
    }
}
