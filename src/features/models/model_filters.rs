//! Search, filters and the number of models.

use super::Models;
use super::model_query::ModelQuery;
use crate::i18n::{Key, label, money, plural, text, text_with};
use crate::ui::button::{Button, ButtonKind};
use crate::ui::field::SelectField;
use crate::ui::icon::Icon;
use crate::ui::search_field::SearchField;
use crate::{args, t};
use leptos::prelude::*;
use pulze_contract::money::Money;

/// Ceilings to choose from, in dollars for a million tokens that come out.
const CEILINGS: [i64; 5] = [1, 5, 15, 30, 75];

/// Ranges to choose from, in the same dollars, and where the dearest ones begin.
const RANGES: [(i64, i64); 3] = [(1, 5), (5, 15), (15, 30)];
const DEAREST: i64 = 30;

type Choices = Vec<(String, String)>;

/// The choices of a filter, the first of which asks for nothing.
fn choices(any: Key, named: &'static [(&'static str, Key)]) -> Signal<Choices> {
    Signal::derive(move || {
        let all = [(String::new(), text(any))];
        all.into_iter().chain(named.iter().map(|(value, key)| ((*value).to_owned(), text(*key)))).collect()
    })
}

#[component]
pub fn ModelFilters(models: Models) -> impl IntoView {
    let of = move |part: fn(&ModelQuery) -> &String| Signal::derive(move || part(&models.query.read()).clone());
    let providers = Signal::derive(move || {
        let mut names: Vec<String> =
            models.known.read().iter().flat_map(|known| known.iter()).map(|model| model.facts.provider.clone()).collect();
        names.sort();
        names.dedup();
        let all = [(String::new(), text(Key::AllProviders))];
        all.into_iter().chain(names.into_iter().map(|name| (name.clone(), name))).collect::<Choices>()
    });
    let prices = Signal::derive(|| {
        let any = [(String::new(), text(Key::AnyPrice))];
        let dollar = |dollars: i64| money(Money::micro(dollars * 1_000_000));
        let upto = |dollars: i64| (dollars.to_string(), text_with(Key::UpToPrice, args!(price = dollar(dollars))));
        let between = |(least, most): (i64, i64)| {
            let (from, to) = (dollar(least), dollar(most));
            (format!("{least}-{most}"), text_with(Key::FromToPrice, args!(from = from, to = to)))
        };
        let dearest = (format!("{DEAREST}-"), text_with(Key::FromPrice, args!(price = dollar(DEAREST))));
        any.into_iter().chain(CEILINGS.map(upto)).chain(RANGES.map(between)).chain([dearest]).collect::<Choices>()
    });
    let filter = move |title: Key, value, options, set: fn(&mut ModelQuery, String)| {
        view! { <SelectField label=Signal::derive(label(title)) value options on_change=move |to| models.ask(|query| set(query, to))/> }
    };
    let count = move || {
        let (fitting, all) = (models.fitting.read().len(), models.known.read().as_ref().map_or(0, |known| known.len()));
        let enabled = models.fitting.read().iter().filter(|model| model.enabled).count();
        let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        if all == 0 {
            return String::new();
        }
        plural(Key::ModelsFound, number(fitting)) + " · " + &plural(Key::EnabledCount, number(enabled))
    };
    view! {
        <div class="toolbar toolbar-models" role="search">
            <SearchField
                label=Signal::derive(t!(FindModel))
                searched=of(|query| &query.search)
                on_search=move |search: String| models.ask(|query| query.search = search)
            />
            {filter(Key::Provider, of(|query| &query.provider), providers, |query, to| query.provider = to)}
            {filter(Key::Status, of(|query| &query.state), choices(Key::AnyState, &[("enabled", Key::Enabled), ("disabled", Key::Disabled)]), |query, to| query.state = to)}
            {filter(Key::Ability, of(|query| &query.can), choices(Key::AnyAbility, &[("vision", Key::Vision), ("functions", Key::Functions), ("json_schema", Key::JsonSchema)]), |query, to| query.can = to)}
            {filter(Key::Use, of(|query| &query.life), choices(Key::AnyUse, &[("used", Key::InUse), ("unused", Key::Unused), ("deprecated", Key::Deprecated)]), |query, to| query.life = to)}
            {filter(Key::PriceOut, of(|query| &query.price), prices, |query, to| query.price = to)}
            {move || models.may_add.get().then(|| view! {
                <Button kind=ButtonKind::Primary on_click=move |()| models.adding.set(true)>
                    <Icon name="plus"/>
                    <span>{t!(AddModel)}</span>
                </Button>
            })}
        </div>
        <p class="count" role="status">{count}</p>
    }
}
