//! How long keys of the organization may live, and which of them should be looked at.

use super::Keys;
use crate::client;
use crate::i18n::{Key, PluralKey, label, plural, text, words};
use crate::session::submission::Submission;
use crate::t;
use crate::ui::browser;
use crate::ui::button::Button;
use crate::ui::field::{CheckField, TextField};
use crate::ui::toast::{Toast, Toasts};
use leptos::prelude::*;
use pulze_contract::api_key::{ApiKey, ApiKeyPolicy};

/// What the list can be narrowed to, which keys that are, and how many are told.
type LookedAt = (&'static str, fn(&ApiKey) -> bool, PluralKey);

/// What should be looked at: old secrets, keys that nobody uses, and keys that may do more than they do.
pub const LOOKED_AT: [LookedAt; 3] = [
    ("old", |key| key.is_old(browser::now()), Key::KeysOld),
    ("unused", |key| key.is_unused(browser::now()), Key::KeysUnused),
    ("wide", |key| key.reduced(browser::now()).is_some(), Key::KeysWide),
];

/// What should be looked at, with a way to it.
#[component]
pub fn Reminders(keys: Keys) -> impl IntoView {
    let count = move |fits: fn(&ApiKey) -> bool| {
        let known = keys.list.known.read();
        let fitting = known.iter().flat_map(|known| &known.keys).filter(|key| fits(key)).count();
        u32::try_from(fitting).unwrap_or(u32::MAX)
    };
    let line = move |status: &'static str, fits: fn(&ApiKey) -> bool, said: PluralKey| {
        let some = Memo::new(move |_| count(fits));
        move || {
            (some.get() > 0).then(|| view! {
                <li>
                    <span>{words(move || plural(said, some.get()))}</span>
                    <button class="button" data-kind="quiet" type="button" on:click=move |_| keys.ask(|query| query.status = status.to_owned())>{t!(Show)}</button>
                </li>
            })
        }
    };
    let any = Memo::new(move |_| LOOKED_AT.iter().any(|(_, fits, _)| count(*fits) > 0));
    view! {
        <ul class="reminders" hidden=move || !any.get() aria-label=t!(Reminders)>
            {LOOKED_AT.map(|(status, fits, said)| line(status, fits, said)).collect_view()}
        </ul>
    }
}

/// The rule for new keys, and for new ends of those that are there.
#[component]
pub fn PolicyCard(keys: Keys) -> impl IntoView {
    let toasts = Toasts::expect();
    let held = keys.list.known.get_untracked().map(|known| known.policy).unwrap_or_default();
    let saved = RwSignal::new(held);
    let never = RwSignal::new(held.may_never_expire);
    let days = RwSignal::new(held.days_max.map(|days| days.to_string()).unwrap_or_default());
    let sending = Submission::of_form();
    let (busy, failure) = (sending.busy(), sending.sentence());
    let typed = move || {
        let written = days.get();
        let days_max =
            if written.trim().is_empty() { Some(None) } else { written.trim().parse().ok().filter(|days| *days > 0).map(Some) };
        days_max.map(|days_max| ApiKeyPolicy { may_never_expire: never.get(), days_max })
    };
    let blocked = Signal::derive(move || (typed() == Some(saved.get())).then(|| text(Key::NothingToSave)));
    let wrong = Signal::derive(move || typed().is_none().then(|| text(Key::RuleNotANumber)));
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let Some(policy) = untrack(typed).filter(|_| !busy.get_untracked()) else { return };
        let organization = keys.organization.get_value();
        let told = move |_: &ApiKeyPolicy| {
            keys.list.again();
            toasts.show(Toast::good(text(Key::Saved)));
        };
        let request = async move { client::api_key_policy_update(&organization, &policy).await };
        sending.send_then(request, told, move |policy| saved.set(policy));
    };
    view! {
        <form class="card key-policy" novalidate=true on:submit=submit>
            <h2>{label(Key::HowLongKeysLive)}</h2>
            <TextField label=Signal::derive(t!(DaysAtMost)) value=days hint=Signal::derive(t!(DaysAtMostHint)) error=wrong/>
            <CheckField label=Signal::derive(t!(MayNeverExpire)) value=never hint=Signal::derive(t!(MayNeverExpireHint))/>
            <p class="form-error" role="alert">{move || failure.get()}</p>
            <div><Button submits=true busy disabled_reason=blocked>{t!(SaveChanges)}</Button></div>
        </form>
    }
}
