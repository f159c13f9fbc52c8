//! What changes of a key, in words, before it is saved; and taking back what nobody uses.

use super::{Keys, scope_key, scope_level_key};
use crate::client;
use crate::i18n::{Key, label, text, words};
use crate::session::submission::Submission;
use crate::t;
use crate::ui::browser;
use crate::ui::button::Button;
use crate::ui::toast::{Toast, Toasts};
use leptos::prelude::*;
use pulze_contract::api_key::{ApiKey, ApiKeyContent, ApiKeyUpdate, Scopes};

/// One difference: what it is about, what stands there, and what would.
type Difference = (Key, String, String);

/// Areas whose levels change.
pub fn of_scopes(before: Scopes, after: Scopes) -> Vec<Difference> {
    let level = |level| text(scope_level_key(level));
    let changed = before.differences(after).into_iter();
    changed.map(|(scope, before, after)| (scope_key(scope), level(before), level(after))).collect()
}

/// Everything about limits and scopes that changes; spaces and models by their number.
pub fn of_content(before: &ApiKeyContent, after: &ApiKeyContent) -> Vec<Difference> {
    let none = || text(Key::NoLimit);
    let count = |all: Key, list: Option<usize>| list.map_or_else(|| text(all), |many| crate::i18n::number(many as f64));
    let spaces = |content: &ApiKeyContent| count(Key::WholeOrganization, content.spaces.as_ref().map(Vec::len));
    let models = |content: &ApiKeyContent| count(Key::EveryModel, content.models.as_ref().map(Vec::len));
    let money = |content: &ApiKeyContent| {
        content.monthly_limit.map_or_else(none, |most| crate::i18n::money(pulze_contract::money::Money::micro(most)))
    };
    let rate =
        |content: &ApiKeyContent| content.requests_per_minute.map_or_else(none, |most| crate::i18n::number(f64::from(most)));
    let from = |content: &ApiKeyContent| {
        let ranges: Vec<_> = content.address_ranges.iter().map(|range| range.trim()).filter(|range| !range.is_empty()).collect();
        if ranges.is_empty() { text(Key::Anywhere) } else { ranges.join(", ") }
    };
    let ends = |content: &ApiKeyContent| content.expires_at.map_or_else(|| text(Key::NeverExpires), crate::i18n::date);
    let mut changed = of_scopes(before.scopes, after.scopes);
    let mut differs = |key: Key, differs: bool, said: &dyn Fn(&ApiKeyContent) -> String| {
        if differs {
            changed.push((key, said(before), said(after)));
        }
    };
    differs(Key::Spaces, before.spaces != after.spaces, &spaces);
    differs(Key::Models, before.models != after.models, &models);
    differs(Key::MonthlyLimit, before.monthly_limit != after.monthly_limit, &money);
    differs(Key::RequestsPerMinute, before.requests_per_minute != after.requests_per_minute, &rate);
    differs(Key::AddressRanges, from(before) != from(after), &from);
    differs(Key::Expires, ends(before) != ends(after), &ends);
    changed
}

/// The differences as a list: what, before, after.
#[component]
pub fn Differences(#[prop(into)] of: Signal<Vec<Difference>>) -> impl IntoView {
    view! {
        <ul class="differences">
            {move || of.get().into_iter().map(|(key, before, after)| view! {
                <li>
                    <span>{label(key)}</span>
                    <span>
                        <del>{before}</del>
                        " → "
                        <ins>{after}</ins>
                    </span>
                </li>
            }).collect_view()}
        </ul>
    }
}

/// Offers to take back what the key was given and nobody used for long.
#[component]
pub fn Reduce(keys: Keys, base: RwSignal<ApiKey>, again: Callback<()>) -> impl IntoView {
    let toasts = Toasts::expect();
    let enough = Memo::new(move |_| base.read().reduced(browser::now()));
    let differences =
        Signal::derive(move || enough.get().map(|enough| of_scopes(base.read().content.scopes, enough)).unwrap_or_default());
    let sending = Submission::of_button();
    let busy = sending.busy();
    let reduce = move |()| {
        let Some(scopes) = enough.get_untracked() else { return };
        let (organization, key) = (keys.organization.get_value(), base.get_untracked());
        let body = ApiKeyUpdate { content: ApiKeyContent { scopes, ..key.content }, owner_id: None };
        let request = async move { client::api_key_update(&organization, key.id.as_str(), key.version, &body).await };
        let told = move |_: &ApiKey| {
            toasts.show(Toast::good(text(Key::ScopesReduced)));
            again.try_run(());
        };
        sending.send_then(request, told, move |key| base.set(key));
    };
    move || {
        enough.read().is_some().then(|| {
            view! {
                <section class="card rotation" aria-label=t!(ReduceTitle)>
                    <h2>{t!(ReduceTitle)}</h2>
                    <p class="quiet">{words(move || text(Key::ReduceText))}</p>
                    <Differences of=differences/>
                    <div><Button busy on_click=reduce>{t!(ReduceNow)}</Button></div>
                </section>
            }
        })
    }
}
