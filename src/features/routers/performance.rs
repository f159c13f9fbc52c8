//! How a router did in the last 30 days.

use crate::i18n::{Key, label, money, number, percent, seconds, words};
use crate::t;
use leptos::prelude::*;
use pulze_contract::router::{Performance, Router};

/// Half and 95 of 100 requests, like `0.8 s · 2.4 s`.
pub fn latency(performance: &Performance) -> String {
    // From ten seconds on nobody reads tenths.
    let rounded = |tenths: f64| if tenths < 100.0 { tenths / 10.0 } else { (tenths / 10.0).round() };
    let seconds = |milliseconds: u32| seconds(rounded((f64::from(milliseconds) / 100.0).round()));
    match (performance.latency_p50, performance.latency_p95) {
        (Some(half), Some(most)) => format!("{} · {}", seconds(half), seconds(most)),
        _ => String::new(),
    }
}

#[component]
pub fn PerformanceCard(router: Router) -> impl IntoView {
    let answered = super::success(&router);
    let performance = StoredValue::new(router.performance.unwrap_or_default());
    // Requests of a month stay exact in a double.
    #[allow(clippy::cast_precision_loss)]
    let total = performance.read_value().requests as f64;
    let fact = |name: Key, value: Box<dyn Fn() -> String + Send + Sync>| view! { <dt>{label(name)}</dt><dd>{words(value)}</dd> };
    let shares = performance.get_value().models.into_iter().map(|share| {
        #[allow(clippy::cast_precision_loss)]
        let part = share.requests as f64 / total;
        view! {
            <li class="share">
                <span class="share-name"><bdi translate="no">{share.model}</bdi></span>
                <span class="share-part">{words(move || percent(part))}</span>
                <span class="share-bar" aria-hidden="true"><span style:inline-size=format!("{:.1}%", part * 100.0)></span></span>
            </li>
        }
    });
    let shares = shares.collect_view();
    view! {
        <section class="card" aria-label=t!(Performance30)>
            <h2>{t!(Performance30)}</h2>
            {if total == 0.0 {
                view! { <p class="quiet">{t!(NoRequestsYet)}</p> }.into_any()
            } else {
                view! {
                    <dl class="facts">
                        {fact(Key::Requests, Box::new(move || number(total)))}
                        {fact(Key::Success, Box::new(move || answered.map(percent).unwrap_or_default()))}
                        {fact(Key::Latency, Box::new(move || latency(&performance.read_value())))}
                        {fact(Key::Cost, Box::new(move || money(performance.read_value().cost)))}
                    </dl>
                    <h3>{t!(ModelsChosen)}</h3>
                    <ul class="shares">{shares}</ul>
                }
                .into_any()
            }}
        </section>
    }
}
