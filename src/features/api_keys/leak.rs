//! A key leaked: which one it is, then, in this order, end it, see what it did, replace it, tell its owner, keep the evidence.

use super::rotation::{CallerRow, OtherCallersRow, tell};
use super::secret_dialog::Fresh;
use super::sparkline::Sparkline;
use super::{Keys, scope_key, scope_level_key, status_key, status_kind};
use crate::client::{self, ClientError, Reading};
use crate::i18n::{
    Key, calls_count, date_time, label, money, plural, plural_of, relative, text, text_with, tokens_count, whole_number, words,
};
use crate::paths;
use crate::session::submission::Submission;
use crate::shell::manage::Heading;
use crate::shell::page::page_query;
use crate::ui::browser;
use crate::ui::button::{Button, ButtonKind};
use crate::ui::field::{SelectField, TextAreaField, TextField};
use crate::ui::load::{Failure, Skeleton};
use crate::ui::toast::Toasts;
use crate::ui::unsaved_changes::UnsavedChanges;
use crate::{args, t};
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use pulze_contract::ApiKeyId;
use pulze_contract::api_key::{
    ApiKeyDetails, ApiKeyEvidence, ApiKeyList, ApiKeyStatus, EVIDENCE_HOURS, KeyAction, LeakNotice, LeakNoticed,
};

/// The parameter that names the key. Never a secret: those stay out of addresses.
const KEY: &str = "key";

#[component]
pub fn LeakPage(keys: Keys) -> impl IntoView {
    Heading::show(text(Key::LeakTitle));
    let parameters = page_query();
    let named = Memo::new(move |_| parameters.read().get(KEY).and_then(|id| ApiKeyId::parse(&id)));
    // Which secret was pasted, as far as one was.
    let number = RwSignal::new(None::<u32>);
    view! {
        <Find keys named number/>
        {move || named.get().map(|id| view! { <Steps keys id number/> })}
    }
}

/// The key as it was found somewhere, or its identifier.
#[component]
fn Find(keys: Keys, named: Memo<Option<ApiKeyId>>, number: RwSignal<Option<u32>>) -> impl IntoView {
    let pasted = RwSignal::new(named.get_untracked().map(|id| id.to_string()).unwrap_or_default());
    let sending = Submission::of_form();
    let (busy, error) = (sending.busy(), sending.failure());
    let navigate = use_navigate();
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let key = pasted.get_untracked();
        if busy.get_untracked() || key.trim().is_empty() {
            return;
        }
        let (organization, navigate) = (keys.organization.get_value(), navigate.clone());
        let list = paths::api_key(&organization, paths::LEAK);
        sending.send_then(
            async move { client::api_key_find(&organization, key).await },
            |_| {},
            move |found| {
                // What was pasted goes from the page as soon as it is known whose it is.
                pasted.set(found.id.to_string());
                number.set(found.number);
                let path = list + &paths::query(&[(KEY, found.id.to_string())]);
                navigate(&path, NavigateOptions { replace: true, scroll: false, ..Default::default() });
            },
        );
    };
    let wrong = Signal::derive(move || {
        let error = error.get()?;
        let unknown = error.is_gone().then(|| text(Key::LeakUnknown));
        unknown.or_else(|| error.of_field("key")).or_else(|| Some(error.sentence()))
    });
    let empty = Signal::derive(move || pasted.read().trim().is_empty().then(|| text(Key::LeakPasteFirst)));
    view! {
        <form class="card leak-find" novalidate=true on:submit=submit>
            <p class="quiet">{t!(LeakPurpose)}</p>
            <TextField label=Signal::derive(t!(LeakPasted)) value=pasted hint=Signal::derive(t!(LeakPastedHint)) error=wrong first=true/>
            <div><Button kind=ButtonKind::Primary submits=true busy disabled_reason=empty>{t!(LeakFind)}</Button></div>
        </form>
    }
}

#[component]
fn Steps(keys: Keys, id: ApiKeyId, number: RwSignal<Option<u32>>) -> impl IntoView {
    let id = StoredValue::new(id);
    let hours = RwSignal::new(EVIDENCE_HOURS[0].to_string());
    let asked = Reading::new(move || {
        let hours = hours.get().parse().unwrap_or(EVIDENCE_HOURS[0]);
        let organization = keys.organization.get_value();
        async move {
            let id = id.get_value();
            let details = client::api_key_read(&organization, id.as_str()).await?;
            let evidence = client::api_key_evidence(&organization, id.as_str(), hours).await?;
            Ok::<_, ClientError>((details, evidence))
        }
    });
    let known = RwSignal::new(None::<(ApiKeyDetails, ApiKeyEvidence)>);
    Effect::new(move || {
        if let Some(Ok(answer)) = asked.get() {
            known.set(Some(answer));
        }
    });
    let there = Memo::new(move |_| known.read().is_some());
    let failure = move || asked.get().and_then(Result::err);
    let again = Callback::new(move |()| {
        asked.again();
        keys.list.again();
    });
    let leak = Leak { keys, id, known, again };
    view! {
        {move || failure().map(|error| view! { <Failure error on_retry=move |()| asked.again()/> })}
        {move || (!there.get() && failure().is_none()).then(|| view! { <Skeleton lines=8/> })}
        {move || there.get().then(|| view! {
            <ol class="steps">
                <End leak number/>
                <Done leak hours/>
                <Replace leak/>
                <TellOwner leak/>
                <Evidence leak/>
            </ol>
        })}
    }
}

/// The key that leaked, as it is known.
#[derive(Clone, Copy)]
struct Leak {
    keys: Keys,
    id: StoredValue<ApiKeyId>,
    known: RwSignal<Option<(ApiKeyDetails, ApiKeyEvidence)>>,
    again: Callback<()>,
}

impl Leak {
    fn status(self) -> ApiKeyStatus {
        self.known.read().as_ref().map_or(ApiKeyStatus::Revoked, |(details, _)| details.key.status)
    }

    fn name(self) -> String {
        self.known.read().as_ref().map(|(details, _)| details.key.content.name.clone()).unwrap_or_default()
    }

    fn version(self) -> i64 {
        self.known.read_untracked().as_ref().map_or(0, |(details, _)| details.key.version)
    }

    fn act(self, action: KeyAction, sending: Submission) {
        let toasts = Toasts::expect();
        let (organization, id) = (self.keys.organization.get_value(), self.id.get_value());
        let changed = vec![(id.clone(), self.version())];
        let told = move |_: &ApiKeyList| {
            tell(toasts, action);
            self.again.try_run(());
        };
        sending.send_then(async move { client::api_keys_change(&organization, changed, action).await }, told, move |list| {
            // The next step goes on from here, also before everything was read again.
            if let Some(key) = list.keys.into_iter().find(|key| key.id == id) {
                self.known.update(|known| known.iter_mut().for_each(|(details, _)| details.key = key.clone()));
            }
        });
    }
}

/// One step, with its number by the list and its title.
#[component]
fn Step(title: Key, children: Children) -> impl IntoView {
    let id = crate::ui::field::unique_id("step");
    let named = id.clone();
    view! {
        <li class="step">
            <section class="card rotation" aria-labelledby=named>
                <h2 id=id>{label(title)}</h2>
                {children()}
            </section>
        </li>
    }
}

#[component]
fn End(leak: Leak, number: RwSignal<Option<u32>>) -> impl IntoView {
    let ending = Submission::of_button();
    let works = Memo::new(move |_| leak.status().works());
    // What was pasted may be a secret that ended long ago; then nobody gets in by it any more.
    let over = move || {
        let known = leak.known.read();
        let pasted = number.get()?;
        let secret = known.as_ref()?.0.secrets.iter().find(|secret| secret.number == pasted);
        secret.is_none_or(|secret| !secret.good).then(|| text(Key::LeakSecretOver))
    };
    let page = move || paths::api_key(&leak.keys.organization.read_value(), leak.id.read_value().as_str());
    view! {
        <Step title=Key::LeakDisable>
            <p>
                <a class="strong" href=page>{words(move || leak.name())}</a>
                " "
                <span class="badge" data-kind=move || status_kind(leak.status())>{words(move || text(status_key(leak.status())))}</span>
            </p>
            <p>{words(move || text(if works.get() { Key::LeakWorks } else { Key::LeakRefused }))}</p>
            {move || over().map(|said| view! { <p class="note">{said}</p> })}
            {move || works.get().then(|| view! {
                <div><Button kind=ButtonKind::Danger busy=ending.busy() on_click=move |()| leak.act(KeyAction::Disable, ending)>{t!(LeakDisableNow)}</Button></div>
            })}
        </Step>
    }
}

fn window_text(hours: u32) -> String {
    if hours < 48 { plural(Key::HoursCount, hours) } else { plural(Key::DaysCount, hours / 24) }
}

/// What the key did in the window.
#[component]
fn Done(leak: Leak, hours: RwSignal<String>) -> impl IntoView {
    let windows = Signal::derive(|| EVIDENCE_HOURS.map(|hours| (hours.to_string(), window_text(hours))).to_vec());
    let told = move || {
        leak.known.get().map(|(_, evidence)| {
            let (good, refused) = evidence.hours.iter().fold((0_i64, 0_i64), |(good, refused), hour| {
                (good + i64::from(hour.0), refused + i64::from(hour.1))
            });
            // A month of hours is drawn as days: a bar for each hour would be thinner than a pixel.
            let width = if evidence.hours.len() > 168 { 24 } else { 1 };
            let sum = |hours: &[(u32, u32)]| hours.iter().fold((0, 0), |sum: (u32, u32), hour| (sum.0.saturating_add(hour.0), sum.1.saturating_add(hour.1)));
            let bars: Vec<_> = evidence.hours.chunks(width).map(sum).collect();
            let scopes: Vec<_> = evidence.scopes.iter().map(|used| (used.scope, used.level, used.last_used)).collect();
            let (nobody, models) = (evidence.callers.is_empty(), evidence.models);
            view! {
                <p>{words(move || text_with(Key::LeakRequests, args!(let_in = plural_of(Key::RequestsLetIn, good), refused = whole_number(refused))))}</p>
                <div class="lane"><Sparkline days=bars/></div>
                <div>
                    <p class="field-label">{t!(LeakCallers)}</p>
                    {nobody.then(|| view! { <p class="quiet">{t!(LeakNobody)}</p> })}
                    <ul class="callers">
                        {evidence.callers.into_iter().map(|caller| view! { <CallerRow caller/> }).collect_view()}
                        {evidence.other_callers.into_iter().map(|others| view! { <OtherCallersRow others/> }).collect_view()}
                    </ul>
                </div>
                {(!models.is_empty()).then(|| view! {
                    <div>
                        <p class="field-label">{t!(LeakModels)}</p>
                        <ul class="callers">
                            {models.into_iter().map(|used| view! {
                                <li>
                                    <span class="mono" translate="no">{used.model}</span>
                                    <span>{words(move || money(used.cost))}</span>
                                    <span class="quiet">{words(move || text_with(Key::LeakModelUse, args!(calls = calls_count(used.calls), tokens = tokens_count(used.tokens))))}</span>
                                </li>
                            }).collect_view()}
                        </ul>
                    </div>
                })}
                {(!scopes.is_empty()).then(|| view! {
                    <div>
                        <p class="field-label">{t!(LeakScopes)}</p>
                        <ul class="callers">
                            {scopes.into_iter().map(|(scope, level, at)| view! {
                                <li>
                                    <span>{label(scope_key(scope))}</span>
                                    <span>{label(scope_level_key(level))}</span>
                                    <span class="quiet">{words(move || relative(at))}</span>
                                </li>
                            }).collect_view()}
                        </ul>
                    </div>
                })}
            }
        })
    };
    view! {
        <Step title=Key::LeakDone>
            <SelectField label=Signal::derive(t!(LeakWindow)) value=hours options=windows on_change=move |to| hours.set(to)/>
            {told}
        </Step>
    }
}

/// A new secret, and then the key works again.
#[component]
fn Replace(leak: Leak) -> impl IntoView {
    let sending = Submission::of_form();
    let (busy, failure) = (sending.busy(), sending.sentence());
    let intention = StoredValue::new(browser::random_key());
    let began = browser::now();
    let rotate = move |()| {
        let (organization, id, key) = (leak.keys.organization.get_value(), leak.id.get_value(), intention.get_value());
        let version = leak.version();
        let request = async move { client::api_key_rotate(&organization, (id.as_str(), version), 0, &key).await };
        sending.send(request, move |made| {
            leak.keys.fresh.set(Fresh::of(made));
            leak.again.try_run(());
        });
    };
    let replaced = Memo::new(move |_| leak.known.read().as_ref().is_some_and(|(details, _)| details.key.rotated_at >= began));
    let disabled = Memo::new(move |_| leak.status() == ApiKeyStatus::Disabled);
    let dead = Signal::derive(move || {
        matches!(leak.status(), ApiKeyStatus::Revoked | ApiKeyStatus::Expired).then(|| text(Key::KeyIsOver))
    });
    let turning = Submission::of_button();
    view! {
        <Step title=Key::LeakRotate>
            <p class="quiet">{t!(LeakRotateText)}</p>
            <p class="form-error" role="alert">{move || failure.get()}</p>
            {move || if replaced.get() {
                view! {
                    <p>{t!(LeakReplaced)}</p>
                    {move || disabled.get().then(|| view! {
                        <div><Button busy=turning.busy() on_click=move |()| leak.act(KeyAction::Enable, turning)>{t!(LeakEnable)}</Button></div>
                    })}
                }.into_any()
            } else {
                view! { <div><Button busy disabled_reason=dead on_click=rotate>{t!(LeakRotateNow)}</Button></div> }.into_any()
            }}
        </Step>
    }
}

#[component]
fn TellOwner(leak: Leak) -> impl IntoView {
    let message = RwSignal::new(String::new());
    let sent = RwSignal::new(None::<String>);
    let sending = Submission::of_form();
    let (busy, error) = (sending.busy(), sending.failure());
    let typed = Memo::new(move |_| !message.read().trim().is_empty() && sent.read().is_none());
    UnsavedChanges::expect().follow(typed);
    let intention = StoredValue::new(browser::random_key());
    let owner = move || leak.known.read().as_ref().map(|(details, _)| details.key.owner.clone()).unwrap_or_default();
    let orphan = Signal::derive(move || owner().is_empty().then(|| text(Key::LeakNoOwner)));
    let send = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let (organization, id, key) = (leak.keys.organization.get_value(), leak.id.get_value(), intention.get_value());
        let body = LeakNotice { message: message.get_untracked() };
        let request = async move { client::api_key_leak_notice(&organization, id.as_str(), &body, &key).await };
        let told = move |_: &LeakNoticed| {
            leak.again.try_run(());
        };
        sending.send_then(request, told, move |answer| sent.set(Some(answer.recipient)));
    };
    let wrong = Signal::derive(move || error.get().and_then(|error| error.of_field("message")));
    let failed = move || error.get().filter(|error| error.of_field("message").is_none()).map(|error| error.sentence());
    view! {
        <Step title=Key::LeakTell>
            {move || match sent.get() {
                Some(recipient) => view! { <p role="status">{words(move || text_with(Key::LeakTold, args!(recipient = recipient.clone())))}</p> }.into_any(),
                None => view! {
                    <form class="leak-tell" novalidate=true on:submit=send>
                        <p class="quiet">{words(move || text_with(Key::LeakTellText, args!(owner = owner())))}</p>
                        <TextAreaField label=Signal::derive(t!(LeakMessage)) value=message error=wrong/>
                        <p class="form-error" role="alert">{failed}</p>
                        <div><Button submits=true busy disabled_reason=orphan>{t!(LeakTellNow)}</Button></div>
                    </form>
                }.into_any(),
            }}
        </Step>
    }
}

/// Everything that is known, as a file, and what was done to the key.
#[component]
fn Evidence(leak: Leak) -> impl IntoView {
    let file = move || {
        let known = leak.known.read();
        let evidence = known.as_ref().and_then(|(_, evidence)| serde_json::to_string_pretty(evidence).ok()).unwrap_or_default();
        format!("data:application/json;charset=utf-8,{}", paths::encode(&evidence))
    };
    let name = move || format!("{}-evidence.json", leak.id.read_value().as_str());
    let events = move || leak.known.read().as_ref().map(|(_, evidence)| evidence.events.clone()).unwrap_or_default();
    view! {
        <Step title=Key::LeakEvidence>
            <p class="quiet">{t!(LeakEvidenceText)}</p>
            <ul class="callers">
                {move || events().into_iter().take(12).map(|event| {
                    let (action, at, by) = (event.action, event.at, event.by);
                    view! {
                        <li>
                            <span>{words(move || date_time(at))}</span>
                            <span class="mono" translate="no">{action}</span>
                            <span class="quiet"><bdi translate="no">{by}</bdi></span>
                        </li>
                    }
                }).collect_view()}
            </ul>
            <div>
                <a class="button" href=file download=name>
                    <crate::ui::icon::Icon name="download"/>
                    <span>{t!(LeakDownload)}</span>
                </a>
            </div>
        </Step>
    }
}
