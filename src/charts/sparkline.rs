//! A line as small as a word, beside the number that it belongs to. It says nothing of its own.

use super::marks::{self, HEIGHT, Values};
use leptos::prelude::*;

#[component]
pub fn SparkLine(values: Values, #[prop(default = super::chart::ALL_COLOR)] color: u32) -> impl IntoView {
    let most = marks::most(std::slice::from_ref(&values), false).max(f64::MIN_POSITIVE);
    let size = format!("0 0 {} {HEIGHT}", values.len().max(1));
    view! {
        <svg class="spark-line" viewBox=size preserveAspectRatio="none" aria-hidden="true">
            <path class="chart-line" data-color=super::chart::color_name(color) d=marks::line(&values, most * 1.05)></path>
        </svg>
    }
}
