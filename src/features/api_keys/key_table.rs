//! The list of keys: what they are for, whose they are, when they were used, and what state they are in.

use super::key_policy::{PolicyCard, Reminders};
use super::key_query::Sort;
use super::sparkline::Sparkline;
use super::{Keys, ONE, scope_key, scope_level_key, status_key, status_kind};
use crate::client;
use crate::i18n::{Key, PluralKey, date, label, plural, relative, text, text_with, words};
use crate::paths;
use crate::session::submission::Submission;
use crate::shell::switching::count_of;
use crate::ui::button::{Button, ButtonKind};
use crate::ui::confirm_dialog::{ConfirmDialog, Question};
use crate::ui::field::SelectField;
use crate::ui::icon::Icon;
use crate::ui::jump::{self, JumpKey};
use crate::ui::lazy::preload;
use crate::ui::search_field::SearchField;
use crate::ui::selection::{SelectAll, SelectRow};
use crate::ui::sort_header::SortHeader;
use crate::ui::toast::{Toast, Toasts};
use crate::{args, t};
use leptos::prelude::*;
use pulze_contract::ApiKeyId;
use pulze_contract::api_key::{ApiKey, ApiKeyList, ApiKeyStatus, KeyAction, Scope, ScopeLevel};

// Not literals: a fully static element would be made through HTML.
const TEXT: &str = "cell-text";
const DATE: &str = "cell-text cell-date";
const NUMBER: &str = "cell-number";

#[component]
pub fn KeyTable(keys: Keys) -> impl IntoView {
    let fitting = Memo::new(move |_| {
        let known = keys.list.known.read();
        keys.query.read().fitting(known.as_ref().map_or(&[], |known| &known.keys))
    });
    let every = Signal::derive(move || {
        let fitting = fitting.read();
        fitting.iter().filter(|key| key.status != ApiKeyStatus::Revoked).map(|key| key.id.to_string()).collect::<Vec<_>>()
    });
    let none = move || keys.list.known.read().as_ref().is_some_and(|known| known.keys.is_empty());
    let new = paths::api_key(&keys.organization.read_value(), paths::NEW);
    let leaked = paths::api_key(&keys.organization.read_value(), paths::LEAK);
    let statuses = Signal::derive(|| {
        let first = [(String::new(), text(Key::KeyAllStates)), ("working".to_owned(), text(Key::KeyWorking))];
        let ages = [("old", Key::KeyOld), ("unused", Key::Unused), ("wide", Key::KeyWide)]
            .map(|(status, key)| (status.to_owned(), text(key)));
        let states = ApiKeyStatus::ALL.map(|status| (status.as_str().to_owned(), text(status_key(status))));
        first.into_iter().chain(states).chain(ages).collect::<Vec<_>>()
    });
    let count = move || plural(Key::KeysFound, count_of(&fitting.read()));
    view! {
        <Reminders keys/>
        <div class="toolbar toolbar-models toolbar-keys" role="search">
            <SearchField
                label=Signal::derive(t!(FindKey))
                searched=Signal::derive(move || keys.query.read().search.clone())
                on_search=move |search: String| keys.ask(|query| query.search = search)
            />
            <SelectField
                label=Signal::derive(t!(Status))
                value=Signal::derive(move || keys.query.read().status.clone())
                options=statuses
                on_change=move |status| keys.ask(|query| query.status = status)
            />
            <a class="button" href=leaked>{t!(LeakTitle)}</a>
            <a class="button" data-kind="primary" href=new on:pointerenter=move |_| preload(ONE)>
                <Icon name="plus"/>
                <span>{t!(NewKey)}</span>
            </a>
        </div>
        <p class="count" role="status">{words(count)}</p>
        <SelectionBar keys/>
        <div class="table-frame">
            <table class="table models keys">
                <thead>
                    <tr>
                        <SelectAll every selection=keys.selection/>
                        <Column keys sort=Sort::Name title=Key::Name class="cell-name"/>
                        <th scope="col" class="cell-text cell-scopes">{t!(ScopesTitle)}</th>
                        <th scope="col" class="cell-text cell-owner">{t!(Owner)}</th>
                        <th scope="col" class=NUMBER>{t!(Requests)}</th>
                        <Column keys sort=Sort::LastUsed title=Key::LastUsed class="cell-text cell-used"/>
                        <Column keys sort=Sort::Expires title=Key::Expires class=TEXT/>
                        <th scope="col" class="cell-state">{t!(Status)}</th>
                    </tr>
                </thead>
                <tbody>
                    <For each=move || fitting.get() key=|key| format!("{key:?}") let(key)>
                        <Row keys key/>
                    </For>
                </tbody>
            </table>
        </div>
        {move || fitting.read().is_empty().then(|| {
            let key = if none() { Key::NoKeysYet } else { Key::NoKeyFits };
            view! { <p class="empty">{label(key)}</p> }
        })}
        <PolicyCard keys/>
    }
}

#[component]
fn Row(keys: Keys, key: ApiKey) -> impl IntoView {
    let ApiKey { id, content, preview, status, owner, last_used, days, .. } = key.clone();
    let href = paths::api_key(&keys.organization.read_value(), id.as_str());
    let spaces = content.spaces.as_ref().map(|spaces| u32::try_from(spaces.len()).unwrap_or(u32::MAX));
    let place = move || spaces.map_or_else(|| text(Key::WholeOrganization), |spaces| plural(Key::InSpacesCount, spaces));
    let detail = move || format!("{preview} · {}", place());
    let owned = move || if owner.is_empty() { text(Key::OwnerLeft) } else { owner.clone() };
    let used = last_used.clone();
    let used = move || used.as_ref().map_or_else(|| text(Key::NeverUsed), |used| relative(used.at));
    let by = last_used.map(|used| view! { <span class="person-email">{format!("{} · {}", used.address, used.client)}</span> });
    let scopes = Scope::ALL.into_iter().filter(|scope| key.scopes.of(*scope) > ScopeLevel::None).count();
    let most = Scope::ALL.into_iter().map(|scope| key.scopes.of(scope)).max().unwrap_or_default();
    let first = Scope::ALL.into_iter().find(|scope| key.scopes.of(*scope) > ScopeLevel::None);
    // One area is named; several are counted, with the most that the key may do in any.
    let allowed = move || match (scopes, first) {
        (0, _) | (_, None) => text(Key::ScopeNothing),
        (1, Some(scope)) => text(scope_key(scope)),
        (many, _) => plural(Key::ScopesCount, u32::try_from(many).unwrap_or(u32::MAX)),
    };
    let created = key.created_at;
    let made = move || text_with(Key::MadeOn, args!(date = date(created)));
    let expires = content.expires_at;
    let ends = move || expires.map_or_else(|| text(Key::NeverExpires), date);
    let off = (!status.works()).then_some("true");
    view! {
        <tr class="long-row" data-off=off on:pointerenter=move |_| preload(ONE)>
            <SelectRow id=id.to_string() name=content.name.clone() selection=keys.selection selectable=status != ApiKeyStatus::Revoked/>
            <th scope="row" class="cell-name">
                <a class="person" href=href>
                    <span class="person-text">
                        <span class="person-name"><bdi translate="no">{content.name.clone()}</bdi></span>
                        <span class="person-email">{words(detail)}</span>
                    </span>
                </a>
            </th>
            <td class="cell-text cell-scopes">
                <span class="person-name">{words(allowed)}</span>
                <span class="person-email">{label(scope_level_key(most))}</span>
            </td>
            <td class="cell-text cell-owner">
                <span class="person-name"><bdi translate="no">{words(owned)}</bdi></span>
                <span class="person-email">{words(made)}</span>
            </td>
            <td class=NUMBER><Sparkline days/></td>
            <td class=DATE><span class="person-name">{words(used)}</span>{by}</td>
            <td class=DATE>{words(ends)}</td>
            <td class="cell-state"><span class="badge" data-kind=status_kind(status)>{label(status_key(status))}</span></td>
        </tr>
    }
}

/// A column that the list can be sorted by; a second click turns the order.
#[component]
fn Column(keys: Keys, sort: Sort, title: Key, class: &'static str) -> impl IntoView {
    let sorted = Signal::derive(move || {
        let query = keys.query.read();
        (query.sort == sort).then_some(query.descending)
    });
    let turn = move |()| {
        keys.ask(|query| {
            query.descending = if query.sort == sort { !query.descending } else { sort == Sort::LastUsed };
            query.sort = sort;
        });
    };
    view! { <SortHeader title class sorted on_sort=turn/> }
}

/// Appears when something is selected.
#[component]
fn SelectionBar(keys: Keys) -> impl IntoView {
    let count = Memo::new(move |_| count_of(&keys.selection.read()));
    let some = Memo::new(move |_| count.get() > 0);
    let open = RwSignal::new(false);
    let (disabling, revoking) = (Submission::of_button(), Submission::of_form());
    let toasts = Toasts::expect();
    let change = move |sending: Submission, action: KeyAction, said: PluralKey| {
        let known = keys.list.known.get_untracked();
        let version = |id: &ApiKeyId| known.as_ref()?.keys.iter().find(|key| key.id == *id).map(|key| key.version);
        let selected = keys.selection.get_untracked();
        let selected = selected.iter().filter_map(|id| ApiKeyId::parse(id));
        let ids = selected.map(|id| (id.clone(), version(&id).unwrap_or_default())).collect();
        let (organization, changed) = (keys.organization.get_value(), count.get_untracked());
        let request = async move { client::api_keys_change(&organization, ids, action).await };
        let told = move |_: &ApiKeyList| toasts.show(Toast::good(plural(said, changed)));
        sending.send_then(request, told, move |list| {
            open.set(false);
            keys.selection.set(Vec::new());
            keys.list.known.set(Some(std::sync::Arc::new(list)));
        });
    };
    let question = Question {
        action: Signal::derive(move || plural(Key::RevokeCount, count.get())),
        acting: Signal::derive(t!(Revoking)),
        consequence: Signal::derive(t!(RevokeMeaning)),
        typed: Some((
            StoredValue::new(text(Key::RevokeWord)),
            Signal::derive(move || text_with(Key::TypeWord, args!(word = text(Key::RevokeWord)))),
        )),
        busy: revoking.busy(),
        failure: revoking.sentence(),
        on_confirm: Callback::new(move |_| change(revoking, KeyAction::Revoke, Key::KeysRevoked)),
    };
    view! {
        {move || some.get().then(|| view! {
            <div class="selection" role="region" aria-label=t!(Selection) data-jump="true" aria-keyshortcuts=jump::KEY>
                <p role="status">{words(move || plural(Key::SelectedCount, count.get()))}</p>
                <JumpKey/>
                <Button busy=disabling.busy() on_click=move |()| change(disabling, KeyAction::Disable, Key::KeysDisabled)>{t!(Disable)}</Button>
                <Button kind=ButtonKind::Danger on_click=move |()| open.set(true)>{t!(Revoke)}</Button>
                <Button kind=ButtonKind::Quiet on_click=move |()| keys.selection.set(Vec::new())>{t!(ClearSelection)}</Button>
            </div>
        })}
        <ConfirmDialog open question/>
    }
}
