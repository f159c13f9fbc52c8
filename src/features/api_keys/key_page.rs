//! One key: its state and use, its rotation, what it may do, whose it is, and its end.

use super::key_form::Begun;
use super::rotation::{Rotation, tell};
use super::scope_changes::Reduce;
use super::sparkline::Sparkline;
use super::{FORM, Keys, LEAK, status_key, status_kind};
use crate::client::{self, Reading};
use crate::i18n::{Key, date, date_time, label, relative, text, text_with, words};
use crate::paths;
use crate::session::submission::Submission;
use crate::shell::manage::Heading;
use crate::shell::member_finder::MemberFinder;
use crate::ui::button::{Button, ButtonKind};
use crate::ui::confirm_dialog::{ConfirmDialog, Question};
use crate::ui::lazy::Lazy;
use crate::ui::load::{Failure, Skeleton};
use crate::ui::toast::{Toast, Toasts};
use crate::{args, t};
use leptos::prelude::*;
use pulze_contract::UserId;
use pulze_contract::api_key::{ApiKey, ApiKeyDetails, ApiKeyList, ApiKeyStatus, ApiKeyUpdate, KeyAction};

/// The key that the address names, or a new one.
#[component]
pub fn KeyPage(keys: Keys, id: String) -> impl IntoView {
    let back = paths::manage(&keys.organization.read_value(), paths::API_KEYS);
    let content = if id == paths::LEAK {
        view! { <Lazy load=LEAK given=keys lines=6/> }.into_any()
    } else if id == paths::NEW {
        Heading::show(text(Key::NewKey));
        view! { <Lazy load=FORM given=Begun { keys, base: None } lines=8/> }.into_any()
    } else {
        view! { <Existing keys id/> }.into_any()
    };
    view! {
        <a class="back" href=back>{t!(AllKeys)}</a>
        {content}
    }
}

#[component]
fn Existing(keys: Keys, id: String) -> impl IntoView {
    let asked = Reading::new(move || {
        let (organization, id) = (keys.organization.get_value(), id.clone());
        async move { client::api_key_read(&organization, &id).await }
    });
    let known = RwSignal::new(None::<ApiKeyDetails>);
    let base = RwSignal::new(None::<ApiKey>);
    Effect::new(move || {
        if let Some(Ok(details)) = asked.get() {
            base.update(|base| {
                // The form keeps what is typed; it follows only what it saved itself.
                base.get_or_insert_with(|| details.key.clone());
            });
            known.set(Some(details));
        }
    });
    let failure = move || asked.get().and_then(Result::err).filter(|_| known.read().is_none());
    let first = Memo::new(move |_| known.read().is_some());
    view! {
        {move || failure().map(|error| view! { <Failure error on_retry=move |()| asked.again()/> })}
        {move || (!first.get() && asked.get().is_none()).then(|| view! { <Skeleton lines=8/> })}
        {move || first.get().then(|| base.get_untracked()).flatten().map(|key| {
            let again = Callback::new(move |()| {
                asked.again();
                keys.list.again();
            });
            view! { <Shown keys known key again/> }
        })}
    }
}

#[component]
fn Shown(keys: Keys, known: RwSignal<Option<ApiKeyDetails>>, key: ApiKey, again: Callback<()>) -> impl IntoView {
    Heading::show(key.content.name.clone());
    let toasts = Toasts::expect();
    let id = StoredValue::new(key.id.clone());
    let base = RwSignal::new(key);
    let sending = Submission::of_button();
    let act = Callback::new(move |action: KeyAction| {
        let (organization, id) = (keys.organization.get_value(), id.get_value());
        let changed = vec![(id.clone(), base.read_untracked().version)];
        let told = move |_: &ApiKeyList| {
            tell(toasts, action);
            again.try_run(());
        };
        sending.send_then(async move { client::api_keys_change(&organization, changed, action).await }, told, move |list| {
            // What was changed beside the form is what the form saves over next.
            if let Some(key) = list.keys.iter().find(|key| key.id == id) {
                base.update(|base| base.version = key.version);
            }
        });
    });
    let over = Memo::new(move |_| known.read().as_ref().is_some_and(|known| matches!(known.key.status, ApiKeyStatus::Revoked)));
    let rotated = Callback::new(move |version: i64| {
        base.update(|base| base.version = version);
        again.try_run(());
    });
    view! {
        {move || known.get().map(|details| view! { <Facts details=details.clone() on_act=act/> })}
        {move || known.get().filter(|_| !over.get()).map(|details| view! { <Rotation keys details base on_act=act on_rotated=rotated/> })}
        {move || (!over.get()).then(|| view! {
            <Reduce keys base again/>
            <Lazy load=FORM given=Begun { keys, base: Some(base) } lines=8/>
            <Handover keys base again/>
            <Revoke keys base on_act=act/>
        })}
    }
}

#[component]
fn Facts(details: ApiKeyDetails, on_act: Callback<KeyAction>) -> impl IntoView {
    let ApiKey { status, preview, owner, created_at, rotated_at, last_used, days, content, scopes, .. } = details.key;
    let owned = move || if owner.is_empty() { text(Key::OwnerLeft) } else { owner.clone() };
    let used = move || match &last_used {
        None => text(Key::NeverUsed),
        Some(used) => format!("{} · {} · {}", relative(used.at), used.address, used.client),
    };
    let shrunk = scopes != content.scopes && status != ApiKeyStatus::OwnerLeft;
    let ends = move || content.expires_at.map_or_else(|| text(Key::NeverExpires), date);
    let disabled = status == ApiKeyStatus::Disabled;
    let turns = status.works() || disabled;
    view! {
        <section class="card">
            <dl class="facts">
                <dt>{t!(Status)}</dt>
                <dd>
                    <span class="badge" data-kind=status_kind(status)>{label(status_key(status))}</span>
                    {turns.then(|| {
                        let action = if disabled { KeyAction::Enable } else { KeyAction::Disable };
                        view! { <Button kind=ButtonKind::Quiet on_click=move |()| { on_act.try_run(action); }>{label(if disabled { Key::Enable } else { Key::Disable })}</Button> }
                    })}
                </dd>
                <dt>{t!(KeyPreview)}</dt><dd class="mono" translate="no">{preview}</dd>
                <dt>{t!(Owner)}</dt><dd>{words(owned)}</dd>
                <dt>{t!(Made)}</dt><dd>{words(move || date_time(created_at))}</dd>
                <dt>{t!(NewestSecret)}</dt><dd>{words(move || date_time(rotated_at))}</dd>
                <dt>{t!(LastUsed)}</dt><dd>{words(used)}</dd>
                <dt>{t!(Expires)}</dt><dd>{words(ends)}</dd>
                <dt>{t!(Requests30)}</dt><dd><Sparkline days/></dd>
            </dl>
            {(status == ApiKeyStatus::OwnerLeft).then(|| view! { <p class="note" data-kind="warning">{t!(KeyWaits)}</p> })}
            {shrunk.then(|| view! { <p class="note" data-kind="warning">{t!(KeyShrunk)}</p> })}
        </section>
    }
}

/// Gives the key to another member, who then answers for it.
#[component]
fn Handover(keys: Keys, base: RwSignal<ApiKey>, again: Callback<()>) -> impl IntoView {
    let toasts = Toasts::expect();
    let inside = Signal::derive(move || vec![base.read().owner_id.clone()]);
    let sending = Submission::of_button();
    let give = move |(user, name): (UserId, String)| {
        let (organization, key) = (keys.organization.get_value(), base.get_untracked());
        let body = ApiKeyUpdate { content: key.content, owner_id: Some(user) };
        let request = async move { client::api_key_update(&organization, key.id.as_str(), key.version, &body).await };
        let told = move |_: &ApiKey| {
            toasts.show(Toast::good(text_with(Key::KeyHandedOver, args!(name = name))));
            again.try_run(());
        };
        sending.send_then(request, told, move |key| base.set(key));
    };
    let organization = keys.organization.get_value();
    view! {
        <section class="card rotation" aria-label=t!(HandOver)>
            <h2>{t!(HandOver)}</h2>
            <p class="quiet">{t!(HandOverText)}</p>
            <MemberFinder organization title=Key::NewOwner action=Key::HandOver inside on_found=give/>
        </section>
    }
}

#[component]
fn Revoke(keys: Keys, base: RwSignal<ApiKey>, on_act: Callback<KeyAction>) -> impl IntoView {
    let open = RwSignal::new(false);
    let name = StoredValue::new(base.get_untracked().content.name);
    let question = Question {
        action: Signal::derive(t!(RevokeKey)),
        acting: Signal::derive(t!(Revoking)),
        consequence: Signal::derive(t!(RevokeMeaning)),
        typed: Some((name, Signal::derive(move || text_with(Key::TypeWord, args!(word = name.get_value()))))),
        busy: Signal::stored(false),
        failure: Signal::stored(None),
        on_confirm: Callback::new(move |_| {
            open.set(false);
            on_act.try_run(KeyAction::Revoke);
            keys.list.again();
        }),
    };
    let leak = {
        let id = base.with_untracked(|key| key.id.to_string());
        paths::api_key(&keys.organization.read_value(), paths::LEAK) + &paths::query(&[("key", id)])
    };
    view! {
        <section class="card ending" aria-label=t!(LeakTitle)>
            <p>{t!(LeakHint)}</p>
            <a class="button" href=leak>{t!(LeakTitle)}</a>
        </section>
        <section class="card ending" aria-label=t!(RevokeKey)>
            <p>{t!(RevokeHint)}</p>
            <Button kind=ButtonKind::Danger on_click=move |()| open.set(true)>{t!(RevokeKey)}</Button>
            <ConfirmDialog open question/>
        </section>
    }
}
