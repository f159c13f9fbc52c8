//! Rotating a key: an overlap to choose, then both secrets side by side until the old one is silent.

use super::Keys;
use super::secret_dialog::Fresh;
use crate::client;
use crate::i18n::{Key, date_time, label, number, plural, plural_of, relative, text, text_with, words};
use crate::session::submission::Submission;
use crate::ui::browser;
use crate::ui::button::{Button, ButtonKind};
use crate::ui::field::SelectField;
use crate::ui::toast::{Toast, Toasts};
use crate::{args, t};
use leptos::prelude::*;
use pulze_contract::api_key::{
    ApiKey, ApiKeyDetails, ApiKeySecret, ApiKeyStatus, KeyAction, KeyCaller, OVERLAPS, OtherCallers, SILENT_MS,
};

#[component]
pub fn Rotation(
    keys: Keys,
    details: ApiKeyDetails,
    /// The key as it was saved last, beside what was read with the details.
    base: RwSignal<ApiKey>,
    #[prop(into)] on_act: Callback<KeyAction>,
    /// With the version that the key has then.
    #[prop(into)]
    on_rotated: Callback<i64>,
) -> impl IntoView {
    let running = details.secrets.iter().skip(1).any(|secret| secret.good);
    if running {
        view! { <Cockpit details on_act/> }.into_any()
    } else {
        view! { <Start keys details base on_rotated/> }.into_any()
    }
}

fn overlap_text(hours: u32) -> String {
    match hours {
        0 => text(Key::OverlapNow),
        hours if hours < 48 => plural(Key::HoursCount, hours),
        hours => plural(Key::DaysCount, hours / 24),
    }
}

#[component]
fn Start(keys: Keys, details: ApiKeyDetails, base: RwSignal<ApiKey>, on_rotated: Callback<i64>) -> impl IntoView {
    let overlap = RwSignal::new("24".to_owned());
    let options = Signal::derive(|| OVERLAPS.map(|hours| (hours.to_string(), overlap_text(hours))).to_vec());
    let sending = Submission::of_form();
    let (busy, failure) = (sending.busy(), sending.sentence());
    // One intention: asked again after a lost answer, the server makes no second secret.
    let intention = StoredValue::new(browser::random_key());
    let key = StoredValue::new(details.key.clone());
    let dead = matches!(details.key.status, ApiKeyStatus::Revoked | ApiKeyStatus::Expired);
    let blocked = Signal::derive(move || dead.then(|| text(Key::KeyIsOver)));
    let rotate = move |()| {
        let hours = overlap.get_untracked().parse().unwrap_or(24);
        let (organization, id, intention) = (keys.organization.get_value(), key.read_value().id.clone(), intention.get_value());
        let version = base.read_untracked().version;
        let request = async move { client::api_key_rotate(&organization, (id.as_str(), version), hours, &intention).await };
        sending.send(request, move |made| {
            keys.fresh.set(Fresh::of(made));
            on_rotated.try_run(made.key.version);
        });
    };
    let since = details.key.rotated_at;
    view! {
        <section class="card rotation" aria-label=t!(RotateKey)>
            <h2>{t!(RotateKey)}</h2>
            <p class="quiet">{words(move || text_with(Key::RotateText, args!(when = relative(since))))}</p>
            <SelectField label=Signal::derive(t!(OverlapLabel)) value=overlap options hint=Signal::derive(t!(OverlapHint)) on_change=move |to| overlap.set(to)/>
            <p class="form-error" role="alert">{move || failure.get()}</p>
            <div><Button busy disabled_reason=blocked on_click=rotate>{t!(RotateKey)}</Button></div>
        </section>
    }
}

/// Both secrets as lanes, who still uses the old one, and whether it is safe to finish.
#[component]
fn Cockpit(details: ApiKeyDetails, on_act: Callback<KeyAction>) -> impl IntoView {
    let newest = details.secrets.first().cloned();
    let old = details.secrets.into_iter().skip(1).find(|secret| secret.good);
    let Some((newest, old)) = newest.zip(old) else { return ().into_any() };
    let until = old.good_until.unwrap_or_default();
    let callers: Vec<KeyCaller> = details.callers.into_iter().filter(|caller| caller.number == old.number).collect();
    let others = details.other_callers.into_iter().find(|others| others.number == old.number);
    let now = browser::now();
    let silent = old.last_used.as_ref().is_none_or(|used| used.at < now - SILENT_MS);
    let rows = callers.iter().cloned().map(|caller| view! { <CallerRow caller/> }).collect_view();
    let nobody = callers.is_empty() && others.is_none();
    view! {
        <section class="card rotation" aria-label=t!(RotationRuns)>
            <h2>{t!(RotationRuns)}</h2>
            <p>
                <span class="badge" data-kind=if silent { "accent" } else { "warning" }>{label(if silent { Key::SafeToFinish } else { Key::StillUsed })}</span>
                " "
                {words(move || text_with(Key::OldUntil, args!(when = date_time(until))))}
            </p>
            <div class="lanes">
                <Lane secret=newest title=Key::NewSecret/>
                <Lane secret=old title=Key::OldSecret/>
            </div>
            <div>
                <p class="field-label">{t!(WhoUsesOld)}</p>
                <ul class="callers">{rows}{others.map(|others| view! { <OtherCallersRow others/> })}</ul>
                {nobody.then(|| view! { <p class="quiet">{t!(NobodyUsesOld)}</p> })}
            </div>
            <div class="card-actions">
                <Button kind=if silent { ButtonKind::Primary } else { ButtonKind::Danger } on_click=move |()| { on_act.try_run(KeyAction::FinishRotation); }>{t!(FinishNow)}</Button>
                <Button on_click=move |()| { on_act.try_run(KeyAction::ExtendRotation); }>{t!(ExtendByDay)}</Button>
            </div>
        </section>
    }
    .into_any()
}

/// Somebody who used a key: from where, by what, how often, and when last.
#[component]
pub fn CallerRow(caller: KeyCaller) -> impl IntoView {
    let KeyCaller { address, client, requests, last_seen, .. } = caller;
    // Requests of a key stay exact in a double.
    #[allow(clippy::cast_precision_loss)]
    let requests = requests as f64;
    view! {
        <li>
            <span class="mono" translate="no">{address}</span>
            <span class="caller-client">{client}</span>
            <span class="quiet">{words(move || format!("{} · {}", number(requests), relative(last_seen)))}</span>
        </li>
    }
}

/// Those who are no longer told apart: how often, and when last.
#[component]
pub fn OtherCallersRow(others: OtherCallers) -> impl IntoView {
    let OtherCallers { requests, last_seen, .. } = others;
    // Requests of a key stay exact in a double.
    #[allow(clippy::cast_precision_loss)]
    let requests = requests as f64;
    view! {
        <li>
            <span>{t!(OtherCallers)}</span>
            <span class="quiet">{words(move || format!("{} · {}", number(requests), relative(last_seen)))}</span>
        </li>
    }
}

/// Requests of the last 24 hours of one secret, as bars.
#[component]
fn Lane(secret: ApiKeySecret, title: Key) -> impl IntoView {
    let days = secret.hours.iter().map(|count| (*count, 0)).collect::<Vec<_>>();
    let sum: i64 = secret.hours.iter().map(|count| i64::from(*count)).sum();
    let used = move || secret.last_used.as_ref().map_or_else(|| text(Key::NeverUsed), |used| relative(used.at));
    view! {
        <div class="lane">
            <p class="lane-head"><span class="field-label">{label(title)}</span><span class="mono" translate="no">{secret.preview.clone()}</span></p>
            <super::sparkline::Sparkline days/>
            <p class="quiet">{words(move || text_with(Key::RequestsToday, args!(requests = plural_of(Key::RequestsCount, sum), when = used())))}</p>
        </div>
    }
}

/// Shows what was done.
pub fn tell(toasts: Toasts, action: KeyAction) {
    let key = match action {
        KeyAction::Disable => Key::KeyNowDisabled,
        KeyAction::Enable => Key::KeyNowEnabled,
        KeyAction::Revoke => Key::KeyNowRevoked,
        KeyAction::FinishRotation => Key::RotationFinished,
        KeyAction::ExtendRotation => Key::RotationExtended,
    };
    toasts.show(Toast::good(text(key)));
}
