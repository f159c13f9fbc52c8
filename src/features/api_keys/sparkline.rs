//! A line of days: how often a key was let in, and how often refused, as bars of one height each.

use crate::args;
use crate::i18n::{Key, number, text_with, words};
use leptos::prelude::*;

const WIDTH: u32 = 3;
const HEIGHT: f64 = 24.0;

/// Good and refused requests, oldest first. What the picture shows is said in words beside it.
#[component]
pub fn Sparkline(days: Vec<(u32, u32)>) -> impl IntoView {
    let most = days.iter().map(|(good, refused)| good.saturating_add(*refused)).max().unwrap_or(0);
    let (good, refused) = days.iter().fold((0.0, 0.0), |(all_good, all_refused), (good, refused)| {
        (all_good + f64::from(*good), all_refused + f64::from(*refused))
    });
    let said = move || text_with(Key::KeyRequests30, args!(good = number(good), refused = number(refused)));
    let size = format!("0 0 {} {HEIGHT}", days.len() * WIDTH as usize);
    let bar = |height: u32| f64::from(height) / f64::from(most.max(1)) * HEIGHT;
    let path = |bars: Vec<(usize, f64, f64)>| {
        bars.into_iter()
            .filter(|(_, from, to)| to > from)
            .map(|(place, from, to)| {
                let x = place * WIDTH as usize;
                format!("M{x} {:.1}h2V{:.1}h-2z", HEIGHT - from, HEIGHT - to)
            })
            .collect::<String>()
    };
    let placed = || days.iter().enumerate();
    let let_in = path(placed().map(|(place, (good, _))| (place, 0.0, bar(*good))).collect());
    let kept_out =
        path(placed().map(|(place, (good, refused))| (place, bar(*good), bar(good.saturating_add(*refused)))).collect());
    view! {
        <svg class="sparkline" viewBox=size role="img" aria-label=words(said) preserveAspectRatio="none">
            <path class="spark-good" d=let_in></path>
            <path class="spark-refused" d=kept_out></path>
        </svg>
    }
}
