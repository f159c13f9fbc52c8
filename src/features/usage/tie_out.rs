//! The proof: everything added up by each way comes to the same, or the difference is told exactly.

use super::Asking;
use super::figures::{dimension_key, span_text};
use crate::i18n::{Key, calls_count, in_zone, label, money, text_with, tokens_count, words};
use crate::{args, t};
use leptos::prelude::*;
use pulze_contract::usage::{TieOut, Usage};
use std::sync::Arc;

#[component]
pub fn TieOutStrip(asking: Asking) -> impl IntoView {
    move || asking.usage.known.get().map(|usage| view! { <Strip usage/> })
}

#[component]
fn Strip(usage: Arc<Usage>) -> impl IntoView {
    let total = usage.total;
    let whole = usage.tie_out.iter().all(|way| way.agrees(&total));
    let (span, zone) = (usage.clone(), usage.time_zone.clone());
    let through = usage.complete_through.map(|at| {
        let zone = zone.clone();
        move || {
            text_with(Key::CompleteThrough, args!(when = in_zone(at, &zone, &[("dateStyle", "medium"), ("timeStyle", "short")])))
        }
    });
    let when = move || text_with(Key::SpanInZone, args!(span = span_text(&span), zone = zone.clone()));
    view! {
        <section class="tie-out" aria-label=t!(TieOutTitle)>
            <p class="tie-out-verdict">
                <span class="badge" data-kind=if whole { "good" } else { "warning" }>{label(if whole { Key::TiesOut } else { Key::TiesNotOut })}</span>
                <span class="quiet">{words(when)}</span>
                <span class="quiet">{through.map(words)}</span>
            </p>
            <ul class="tie-out-ways">
                {usage.tie_out.iter().map(|way| view! { <Way way=*way total/> }).collect_view()}
            </ul>
        </section>
    }
}

#[component]
fn Way(way: TieOut, total: pulze_contract::usage::Amounts) -> impl IntoView {
    let name = way.dimension.map_or(Key::ByTime, dimension_key);
    let (calls, tokens, cost) = way.difference(&total);
    let agrees = way.agrees(&total);
    let unallocated = way.unallocated;
    let detail = move || {
        if !agrees {
            let values = args!(calls = calls_count(calls), tokens = tokens_count(tokens), cost = money(cost));
            return text_with(Key::TieDifference, values);
        }
        if unallocated.calls > 0 {
            let values = args!(calls = calls_count(unallocated.calls), cost = money(unallocated.cost));
            return text_with(Key::OfItUnallocated, values);
        }
        String::new()
    };
    view! {
        <li>
            <span class="quiet">{label(name)}</span>
            <span class="tie-out-sum">{words(move || money(way.amounts.cost))}</span>
            <span class="quiet">{words(detail)}</span>
        </li>
    }
}
