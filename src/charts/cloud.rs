//! Very many points, one by one: painted on a canvas, moved and magnified by pointer, wheel and keys.

use super::chart::Format;
use super::scale::nice_ticks;
use super::window::{Painting, Rgb, Window, nearest, paint};
use crate::i18n::{Key, calls_count, text, text_with, words};
use crate::ui::browser;
use crate::ui::field::unique_id;
use crate::{args, t};
use leptos::html;
use leptos::prelude::*;
use std::sync::Arc;
use wasm_bindgen::{Clamped, JsCast};
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, ImageData};

/// Words under the axis.
const WORDS: u32 = 5;
/// Pixels within which the pointer finds a point.
const REACH: f64 = 10.0;
/// How much closer a step looks.
const STEP: f64 = 0.6;

/// What is shown.
#[derive(Clone, PartialEq)]
pub struct Cloud {
    /// What it is, in a few words.
    pub title: String,
    /// How many, and how they lie, in a sentence.
    pub summary: String,
    /// Sorted, in milliseconds.
    pub x: Vec<f64>,
    /// Not a number where nothing is known.
    pub y: Vec<f64>,
    /// Told apart by colour.
    pub marked: Vec<bool>,
    /// What the others are called, and what the marked ones.
    pub names: [String; 2],
    /// The range that is told, whether or not points lie at its ends.
    pub whole: (f64, f64),
}

impl Cloud {
    fn whole(&self) -> Window {
        Window { from: self.whole.0, to: self.whole.1.max(self.whole.0 + 1.0) }
    }

    fn most(&self) -> f64 {
        self.y.iter().copied().filter(|value| value.is_finite()).fold(0.0, f64::max)
    }
}

/// Writes a moment, as exactly as a window of that length asks for.
#[derive(Clone)]
pub struct FormatMoment(pub Arc<dyn Fn(f64, f64) -> String + Send + Sync>);

#[component]
pub fn CloudChart(cloud: Arc<Cloud>, format: Format, moment: FormatMoment) -> impl IntoView {
    let whole = cloud.whole();
    let ticks = StoredValue::new(nice_ticks(cloud.most(), 4));
    let most = ticks.with_value(|ticks| ticks.last().copied().unwrap_or(1.0));
    let window = RwSignal::new(Window::around(&cloud.x, whole));
    let (cloud, format, moment) = (StoredValue::new(cloud), StoredValue::new(format), StoredValue::new(moment));
    let size = RwSignal::new(0_u32);
    let pointed = RwSignal::new(None::<usize>);
    let canvas = NodeRef::<html::Canvas>::new();
    let resized = window_event_listener(leptos::ev::resize, move |_| size.update(|size| *size += 1));
    on_cleanup(move || resized.remove());
    Effect::new(move || {
        size.track();
        let window = window.get();
        if let Some(canvas) = canvas.get() {
            cloud.with_value(|cloud| draw(cloud, window, most, &canvas));
        }
    });
    let zoom = move |at: f64, factor: f64| window.update(|window| *window = window.zoomed(at, factor, whole));
    let pan = move |share: f64| window.update(|window| *window = window.moved(share, whole));
    let keys = move |event: leptos::ev::KeyboardEvent| {
        if event.ctrl_key() || event.meta_key() || event.alt_key() {
            return;
        }
        match event.key().as_str() {
            "ArrowRight" => pan(0.1),
            "ArrowLeft" => pan(-0.1),
            "PageDown" => pan(0.9),
            "PageUp" => pan(-0.9),
            "+" | "=" | "ArrowUp" => zoom(0.5, STEP),
            "-" | "ArrowDown" => zoom(0.5, 1.0 / STEP),
            "0" | "Home" | "Escape" => window.set(whole),
            _ => return,
        }
        event.prevent_default();
    };
    let share_of = move |x: i32| {
        let frame = canvas.get_untracked().map(|canvas| canvas.get_bounding_client_rect())?;
        Some((f64::from(x) - frame.left()) / frame.width().max(1.0))
    };
    // Only with Ctrl, which a trackpad's pinch says too: the wheel by itself scrolls the page.
    let wheel = move |event: leptos::ev::WheelEvent| {
        if !event.ctrl_key() {
            return;
        }
        event.prevent_default();
        if let Some(at) = share_of(event.client_x()) {
            zoom(at, (event.delta_y().clamp(-120.0, 120.0) / 240.0).exp2());
        }
    };
    let dragged = StoredValue::new(None::<i32>);
    let grab = move |event: leptos::ev::PointerEvent| {
        if let Some(canvas) = canvas.get_untracked() {
            let _ = canvas.set_pointer_capture(event.pointer_id());
        }
        dragged.set_value(Some(event.client_x()));
    };
    let drag = move |event: leptos::ev::PointerEvent| {
        let Some(canvas) = canvas.get_untracked() else { return };
        let frame = canvas.get_bounding_client_rect();
        if let Some(from) = dragged.get_value() {
            pan(f64::from(from - event.client_x()) / frame.width().max(1.0));
            return dragged.set_value(Some(event.client_x()));
        }
        let spot = (f64::from(event.client_x()) - frame.left(), f64::from(event.client_y()) - frame.top());
        // Sides of an element on a screen.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let sides = (frame.width() as usize, frame.height() as usize);
        let found = cloud.with_value(|cloud| nearest(&painting(cloud, window.get_untracked(), most, sides, 1), spot, REACH));
        pointed.maybe_update(|pointed| std::mem::replace(pointed, found) != found);
    };
    let let_go = move |_| dragged.set_value(None);
    let shown_words = move || {
        let window = window.get();
        let word = |place: u32| {
            let share = (f64::from(place) + 0.5) / f64::from(WORDS);
            (share * 100.0, moment.with_value(|moment| (moment.0)(window.from + window.length() * share, window.length())))
        };
        (0..WORDS).map(word).collect::<Vec<_>>()
    };
    let write = move |value: f64, short: bool| format.with_value(|format| (format.0)(value, short));
    // What is in sight, in a sentence: said aloud where the keys moved it.
    let told = Memo::new(move |_| {
        let window = window.get();
        cloud.with_value(|cloud| {
            let places = window.places(&cloud.x);
            let highest =
                places.clone().filter_map(|place| cloud.y.get(place).copied()).filter(|y| y.is_finite()).fold(0.0, f64::max);
            let at = |at: f64| moment.with_value(|moment| (moment.0)(at, 0.0));
            // Far below what a float holds exactly.
            let calls = calls_count(places.len() as i64);
            let values = args!(calls = calls, from = at(window.from), to = at(window.to), most = write(highest, false));
            text_with(Key::CloudInSight, values)
        })
    });
    let tip = move || {
        let place = pointed.get()?;
        let window = window.get();
        cloud.with_value(|cloud| {
            let (x, y) = (*cloud.x.get(place)?, *cloud.y.get(place)?);
            let share = (x - window.from) / window.length() * 100.0;
            let name = cloud.names[usize::from(cloud.marked.get(place).copied().unwrap_or(false))].clone();
            let (at, value) = (moment.with_value(|moment| (moment.0)(x, 0.0)), write(y, false));
            let side = if share > 50.0 { "start" } else { "end" };
            Some(view! {
                <div class="chart-tooltip" data-side=side style:inset-inline-start=format!("{share:.3}%")>
                    <p class="chart-tooltip-place">{at}</p>
                    <p>{name}": "{value}</p>
                </div>
            })
        })
    };
    let caption = unique_id("cloud");
    let named = caption.clone();
    let (title, summary) = cloud.with_value(|cloud| (cloud.title.clone(), cloud.summary.clone()));
    let names = cloud.with_value(|cloud| cloud.names.clone());
    let any_marked = cloud.with_value(|cloud| cloud.marked.contains(&true));
    let label = title.clone();
    view! {
        <figure class="chart cloud" aria-labelledby=named>
            <figcaption class="chart-head">
                <p class="chart-summary" id=caption><span class="visually-hidden">{title}" "</span>{summary}</p>
                <div class="chart-actions">
                    <button class="button" data-kind="quiet" type="button" on:click=move |_| zoom(0.5, STEP)>{t!(CloudCloser)}</button>
                    <button class="button" data-kind="quiet" type="button" on:click=move |_| zoom(0.5, 1.0 / STEP)>{t!(CloudFarther)}</button>
                    <button class="button" data-kind="quiet" type="button" on:click=move |_| window.set(whole)>{t!(CloudWhole)}</button>
                </div>
            </figcaption>
            <div class="chart-frame" dir="ltr">
                <div class="chart-values" aria-hidden="true">
                    {ticks.get_value().into_iter().map(|tick| view! {
                        <span style:inset-block-end=format!("{:.3}%", tick / most * 100.0)>{words(move || write(tick, true))}</span>
                    }).collect_view()}
                </div>
                <div
                    class="chart-plot"
                    tabindex="0"
                    role="application"
                    aria-roledescription=t!(ChartRole)
                    aria-label=words(move || format!("{label}. {}", text(Key::CloudKeys)))
                    on:keydown=keys
                >
                    <canvas
                        class="cloud-canvas"
                        node_ref=canvas
                        aria-hidden="true"
                        on:wheel=wheel
                        on:pointerdown=grab
                        on:pointermove=drag
                        on:pointerup=let_go
                        on:pointercancel=let_go
                        on:pointerleave=move |_| pointed.set(None)
                        on:dblclick=move |event: leptos::ev::MouseEvent| if let Some(at) = share_of(event.client_x()) { zoom(at, STEP * STEP) }
                    ></canvas>
                    <div class="chart-tooltip-layer" aria-hidden="true">{tip}</div>
                </div>
                <div class="chart-places" aria-hidden="true">
                    {move || shown_words().into_iter().map(|(share, word)| view! { <span style:inset-inline-start=format!("{share:.3}%")>{word}</span> }).collect_view()}
                </div>
            </div>
            <p class="quiet" role="status">{move || told.get()}</p>
            {any_marked.then(|| view! {
                <ul class="chart-legend" aria-label=t!(Legend)>
                    {["0", "failed"].into_iter().zip(names).map(|(color, name)| view! { <li><super::chart::Swatch color=color.to_owned()/><span>{name}</span></li> }).collect_view()}
                </ul>
            })}
        </figure>
    }
}

fn painting(cloud: &Cloud, window: Window, most: f64, (width, height): (usize, usize), dot: usize) -> Painting<'_> {
    let Cloud { x, y, marked, .. } = cloud;
    Painting { x, y, marked, window, most, width, height, dot, colors: [[0; 3]; 2] }
}

/// Paints the window onto the canvas, a pixel of the screen each.
fn draw(cloud: &Cloud, window: Window, most: f64, canvas: &HtmlCanvasElement) -> Option<()> {
    let ratio = browser::window().device_pixel_ratio().clamp(1.0, 3.0);
    // Sides of an element on a screen.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let side = |length: i32| (f64::from(length.max(1)) * ratio) as u32;
    let (width, height) = (side(canvas.client_width()), side(canvas.client_height()));
    if (canvas.width(), canvas.height()) != (width, height) {
        canvas.set_width(width);
        canvas.set_height(height);
    }
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let dot = (2.0 * ratio) as usize;
    let sides = (width as usize, height as usize);
    let colors = [color(canvas, "0"), color(canvas, "failed")];
    let pixels = paint(&Painting { colors, ..painting(cloud, window, most, sides, dot) });
    let picture = ImageData::new_with_u8_clamped_array_and_sh(Clamped(&pixels), width, height).ok()?;
    let context: CanvasRenderingContext2d = canvas.get_context("2d").ok()??.dyn_into().ok()?;
    context.put_image_data(&picture, 0.0, 0.0).ok()
}

/// A colour of the styles as the page shows it now, `rgb(51, 34, 136)`.
fn color(canvas: &HtmlCanvasElement, name: &str) -> Rgb {
    let read = || {
        canvas.set_attribute("data-color", name).ok()?;
        let style = browser::window().get_computed_style(canvas).ok()??;
        let written = style.get_property_value("color").ok()?;
        let mut parts = written.split(|letter: char| !letter.is_ascii_digit()).filter_map(|part| part.parse::<u8>().ok());
        Some([parts.next()?, parts.next()?, parts.next()?])
    };
    read().unwrap_or([96, 96, 160])
}
