//! The single calls behind the numbers, newest first.

use super::Asking;
use super::call_cloud::CallCloud;
use super::figures::float;
use crate::client::{self, ClientError, Listener};
use crate::i18n::{self, Key, date_time, label, money, number, plural, text, words};
use crate::lazy_part;
use crate::t;
use crate::ui::button::Button;
use crate::ui::lazy::{Lazy, Load};
use crate::ui::load::{Failure, Skeleton};
use leptos::prelude::*;
use pulze_contract::usage::{Call, CostSource, UsageQuery};

// Not literals: a fully static element would be made through HTML.
const NUMBER: &str = "cell-number";
const TEXT: &str = "cell-text";
const DATE: &str = "cell-text cell-date";

/// What is known of the calls: those that are there, and how to ask for more.
#[derive(Clone, Default)]
struct Known {
    calls: Vec<Call>,
    next: Option<String>,
    kept_days: u32,
}

lazy_part!(usage_call_cloud, |asking: Asking| view! { <CallCloud asking/> }.into_any());

const CLOUD: Load<Asking> = || Box::pin(usage_call_cloud());

#[component]
pub fn Calls(asking: Asking) -> impl IntoView {
    let known = RwSignal::new(None::<Known>);
    let (busy, failure) = (RwSignal::new(false), RwSignal::new(None::<ClientError>));
    let question = Memo::new(move |_| {
        let query = asking.query.read();
        (UsageQuery { compare: false, granularity: None, ..query.usage.clone() }, query.failed)
    });
    // Counts questions: a late answer to an older one is not taken for this one's.
    let (newest, listener) = (StoredValue::new(0_u32), Listener::here());
    let read = move |(query, failed): (UsageQuery, bool), after: Option<String>| {
        newest.update_value(|newest| *newest += 1);
        let asked = newest.get_value();
        busy.set(true);
        failure.set(None);
        let (organization, from) = (asking.organization.get_value(), after.clone());
        let answer = async move { client::usage_calls(&organization, asking.own, &query, failed, from).await };
        listener.hear(answer, move |answer| {
            if newest.get_value() != asked {
                return;
            }
            busy.set(false);
            match answer {
                Ok(list) => known.update(|known| {
                    let before = known.take().filter(|_| after.is_some()).map(|known| known.calls).unwrap_or_default();
                    let calls = before.into_iter().chain(list.calls).collect();
                    *known = Some(Known { calls, next: list.next, kept_days: list.kept_days });
                }),
                Err(error) => failure.set(Some(error)),
            }
        });
    };
    Effect::new(move || read(question.get(), None));
    let more = move |()| {
        let next = known.read_untracked().as_ref().and_then(|known| known.next.clone());
        read(question.get_untracked(), next);
    };
    let there = Memo::new(move |_| known.read().is_some());
    let none = Memo::new(move |_| known.read().as_ref().is_some_and(|known| known.calls.is_empty()));
    let goes_on = Memo::new(move |_| known.read().as_ref().is_some_and(|known| known.next.is_some()));
    view! {
        <section class="card calls" aria-label=t!(CallsTitle)>
            <div class="calls-head">
                <h2>{t!(CallsTitle)}</h2>
                <label class="check-line">
                    <input
                        type="checkbox"
                        prop:checked=move || asking.query.read().failed
                        on:change:target=move |event| {
                            let failed = event.target().checked();
                            asking.ask(|query| query.failed = failed);
                        }
                    />
                    <span>{t!(CallsFailed)}</span>
                </label>
                <button class="button" data-kind="quiet" type="button" on:click=move |_| asking.ask(|query| query.calls = false)>{t!(Close)}</button>
            </div>
            {move || (!none.get()).then(|| view! { <Lazy load=CLOUD given=asking lines=6/> })}
            {move || failure.get().map(|error| view! { <Failure error on_retry=move |()| read(question.get_untracked(), None)/> })}
            {move || match (there.get(), none.get()) {
                (false, _) => view! { <Skeleton lines=5/> }.into_any(),
                (true, true) => {
                    let days = known.read_untracked().as_ref().map_or(0, |known| known.kept_days);
                    view! { <p class="empty">{words(move || plural(Key::CallsNone, days))}</p> }.into_any()
                }
                (true, false) => view! { <Table known/> }.into_any(),
            }}
            {move || goes_on.get().then(|| view! { <div><Button busy on_click=more>{t!(CallsMore)}</Button></div> })}
        </section>
    }
}

#[component]
fn Table(known: RwSignal<Option<Known>>) -> impl IntoView {
    let calls = move || known.read().as_ref().map(|known| known.calls.clone()).unwrap_or_default();
    view! {
        <div class="table-scroll calls-scroll" tabindex="0" role="group" aria-label=t!(CallsTitle)>
            <table class="table calls-table">
                <thead>
                    <tr>
                        <th scope="col" class=TEXT>{t!(Time)}</th>
                        <th scope="col" class=TEXT>{t!(DimensionModel)}</th>
                        <th scope="col" class=TEXT>{t!(CallBy)}</th>
                        <th scope="col" class=NUMBER>{t!(MetricTokens)}</th>
                        <th scope="col" class=NUMBER>{t!(CallLatency)}</th>
                        <th scope="col" class=NUMBER>{t!(MetricCost)}</th>
                        <th scope="col" class=NUMBER>{t!(Status)}</th>
                    </tr>
                </thead>
                <tbody>
                    <For each=calls key=|call| call.id.clone() let(call)><Row call/></For>
                </tbody>
            </table>
        </div>
    }
}

#[component]
fn Row(call: Call) -> impl IntoView {
    let Call {
        at,
        model,
        space,
        member,
        assistant,
        api_key,
        prompt_tokens,
        completion_tokens,
        latency,
        status,
        cost,
        cost_source,
        ..
    } = call;
    let by: Vec<String> = [member, assistant, api_key].into_iter().filter(|name| !name.is_empty()).collect();
    let took = move || latency.map_or_else(|| "–".to_owned(), |latency| i18n::milliseconds(float(latency)));
    let source = match cost_source {
        CostSource::Reported => Key::CostReported,
        CostSource::Catalogue => Key::CostCatalogue,
        CostSource::Unknown => Key::CostUnknown,
    };
    let tokens = move || format!("{} + {}", number(float(prompt_tokens)), number(float(completion_tokens)));
    let or_none = |name: String| move || if name.is_empty() { text(Key::Unallocated) } else { name.clone() };
    let failed = if status >= 400 { "danger" } else { "plain" };
    view! {
        <tr>
            <td class=DATE>{words(move || date_time(at))}</td>
            <td class=TEXT><bdi translate="no">{model}</bdi></td>
            <td class=TEXT>
                <bdi translate="no">{words(or_none(by.join(" · ")))}</bdi>
                <span class="person-email"><bdi translate="no">{words(or_none(space))}</bdi></span>
            </td>
            <td class=NUMBER>{words(tokens)}</td>
            <td class=NUMBER>{words(took)}</td>
            <td class=NUMBER>
                <span class="call-cost">{words(move || money(cost))}</span>
                <span class="person-email">{label(source)}</span>
            </td>
            <td class=NUMBER><span class="badge" data-kind=failed>{status.to_string()}</span></td>
        </tr>
    }
}
