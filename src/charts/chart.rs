//! One chart: stacked columns, lines or sums so far, with a crosshair that keys and pointer share, a summary in a
//! sentence, and the same numbers as a table.

use super::copies::Copies;
use super::marks::{self, HEIGHT, Values};
use super::numbers::Numbers;
use super::scale::{labelled, nice_ticks};
use super::sound::Listen;
use crate::i18n::{Key, text, words};
use crate::t;
use crate::ui::browser;
use crate::ui::field::unique_id;
use leptos::html;
use leptos::prelude::*;
use std::sync::Arc;

/// Colours that can be told apart, also by people who see fewer of them.
const COLORS: u32 = 10;
/// The colour of what is not one thing: all together, the rest, the unallocated.
pub const NO_COLOR: u32 = u32::MAX;
/// The colour of all together where nothing else is drawn.
pub const ALL_COLOR: u32 = u32::MAX - 1;
/// Words under the axis.
const WORDS: usize = 8;
/// Names in the tooltip, largest first; the others are in the table.
const TOLD: usize = 8;

/// The name of a colour in the styles.
pub fn color_name(color: u32) -> String {
    match color {
        NO_COLOR => "none".to_owned(),
        ALL_COLOR => "all".to_owned(),
        color => (color % COLORS).to_string(),
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    #[default]
    Columns,
    Lines,
    /// Sums so far, stacked as lines would be.
    Cumulative,
}

/// One thing over time.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    pub id: String,
    pub name: String,
    pub color: u32,
    pub values: Values,
}

/// What a chart shows.
#[derive(Clone, Default, PartialEq)]
pub struct Data {
    pub kind: Kind,
    /// What it is, in a few words.
    pub title: String,
    /// Total, trend and peak, in a sentence.
    pub summary: String,
    pub series: Vec<Series>,
    /// The period before, place for place.
    pub before: Values,
    /// The places, in full and in short.
    pub places: Vec<(String, String)>,
    /// The places as tables name them: times by ISO 8601, with their offset.
    pub times: Vec<String>,
    /// What tables count in, `USD`; empty for plain numbers.
    pub unit: &'static str,
    /// Values count ten to the minus this of the unit.
    pub decimals: usize,
    /// The place that has not ended yet.
    pub unfinished: Option<usize>,
}

impl Data {
    /// The summary, with the title before it where it does not begin with it.
    fn named(&self) -> String {
        let Self { title, summary, .. } = self;
        if summary.starts_with(title.as_str()) { summary.clone() } else { format!("{title}: {summary}") }
    }

    /// The values as they are drawn.
    pub(super) fn drawn(&self) -> Vec<Values> {
        let drawn = |series: &Series| match self.kind {
            Kind::Cumulative => marks::cumulative(&series.values),
            Kind::Columns | Kind::Lines => series.values.clone(),
        };
        self.series.iter().map(drawn).collect()
    }

    pub(super) fn before_drawn(&self) -> Values {
        if self.kind == Kind::Cumulative { marks::cumulative(&self.before) } else { self.before.clone() }
    }

    /// The greatest value of the axis.
    pub(super) fn most(&self) -> f64 {
        let before = self.before_drawn();
        let most = marks::most(&self.drawn(), self.kind == Kind::Columns);
        before.into_iter().flatten().fold(most, |most, value| if value > most { value } else { most })
    }
}

/// Writes a value; the second one short, for the axis.
#[derive(Clone)]
pub struct Format(pub Arc<dyn Fn(f64, bool) -> String + Send + Sync>);

/// Where the crosshair is: a place, and a series where the keys have gone to one.
type Cursor = Option<(usize, Option<usize>)>;

#[component]
pub fn Chart(
    #[prop(into)] data: Signal<Arc<Data>>,
    #[prop(into)] format: Signal<Format>,
    /// A place, and the identifier of a series, were chosen.
    #[prop(into)]
    on_choose: Callback<(usize, Option<String>)>,
) -> impl IntoView {
    let cursor = RwSignal::new(None::<(usize, Option<usize>)>);
    let as_table = RwSignal::new(false);
    // Another answer has other places.
    Effect::new(move || {
        let places = data.read().places.len();
        cursor.maybe_update(|cursor| cursor.take_if(|(place, _)| *place >= places).is_some());
    });
    let figure = NodeRef::<html::Figure>::new();
    let caption = unique_id("chart");
    let named = caption.clone();
    view! {
        <figure class="chart" aria-labelledby=named node_ref=figure>
            <figcaption class="chart-head">
                <p class="chart-summary" id=caption>
                    {words(move || data.read().named())}
                </p>
                <div class="chart-actions">
                    <button class="button" data-kind="quiet" type="button" aria-pressed=move || as_table.get().to_string() on:click=move |_| as_table.update(|table| *table = !*table)>
                        {t!(ChartAsTable)}
                    </button>
                    <Listen data/>
                    <Copies data format figure/>
                </div>
            </figcaption>
            {move || if as_table.get() {
                view! { <Numbers data format/> }.into_any()
            } else {
                view! { <Plot data format cursor on_choose/> }.into_any()
            }}
        </figure>
    }
}

#[component]
fn Plot(
    data: Signal<Arc<Data>>,
    format: Signal<Format>,
    cursor: RwSignal<Cursor>,
    on_choose: Callback<(usize, Option<String>)>,
) -> impl IntoView {
    let plot = NodeRef::<html::Div>::new();
    let ticks = Memo::new(move |_| nice_ticks(data.read().most(), 4));
    let write = move |value: f64, short: bool| (format.read().0)(value, short);
    let share = move |value: f64| value / ticks.read().last().copied().unwrap_or(1.0) * 100.0;
    let place_at = move |event: &web_sys::PointerEvent| {
        let element = plot.get_untracked()?;
        let frame = element.get_bounding_client_rect();
        let places = data.read_untracked().places.len();
        let share = (f64::from(event.client_x()) - frame.left()) / frame.width().max(1.0);
        // Within the number of places.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let place = (share.clamp(0.0, 0.999_999) * places as f64) as usize;
        (places > 0).then_some(place)
    };
    let choose = move || {
        let Some((place, series)) = cursor.get_untracked() else { return };
        let id = series.and_then(|series| data.read_untracked().series.get(series).map(|series| series.id.clone()));
        on_choose.try_run((place, id));
    };
    let keys = move |event: leptos::ev::KeyboardEvent| {
        let (places, series) = data.with_untracked(|data| (data.places.len(), data.series.len()));
        if event.ctrl_key() || event.meta_key() || event.alt_key() || places == 0 {
            return;
        }
        let (place, at) = cursor.get_untracked().unwrap_or((places - 1, None));
        let begun = cursor.read_untracked().is_some();
        let next = match event.key().as_str() {
            "ArrowRight" if begun => Some(((place + 1).min(places - 1), at)),
            "ArrowLeft" if begun => Some((place.saturating_sub(1), at)),
            "ArrowRight" | "ArrowLeft" => Some((place, at)),
            "Home" => Some((0, at)),
            "End" => Some((places - 1, at)),
            // Up from the whole to the first series, down from there back to the whole.
            "ArrowDown" => {
                Some((place, at.map_or(Some(0), |at| Some((at + 1).min(series.saturating_sub(1)))).filter(|_| series > 1)))
            }
            "ArrowUp" => Some((place, at.and_then(|at| at.checked_sub(1)))),
            "Escape" if begun => {
                cursor.set(None);
                return event.prevent_default();
            }
            "Enter" | " " if begun => {
                choose();
                return event.prevent_default();
            }
            _ => return,
        };
        event.prevent_default();
        cursor.set(next);
    };
    // What the keys have gone to, said aloud. The pointer says nothing.
    let spoken = move || {
        let (place, series) = cursor.get()?;
        let data = data.read();
        let focused = plot.get_untracked().is_some_and(|plot| browser::has_focus(&plot));
        let name = data.places.get(place)?.0.clone();
        let value = |value: Option<f64>| value.map_or_else(|| text(Key::ChartNothingKnown), |value| write(value, false));
        let said = match series.and_then(|series| data.series.get(series)) {
            Some(series) => format!("{}, {name}: {}", series.name, value(series.values.get(place).copied().flatten())),
            None => format!("{name}: {}", value(total(&data, place))),
        };
        focused.then_some(said)
    };
    let words_at = move || {
        let data = data.read();
        let places = data.places.len().max(1) as f64;
        let word = |place: usize| (place, (place as f64 + 0.5) / places * 100.0, data.places[place].1.clone());
        labelled(data.places.len(), WORDS).into_iter().map(word).collect::<Vec<_>>()
    };
    view! {
        <div class="chart-frame" dir="ltr">
            <div class="chart-values" aria-hidden="true">
                {move || ticks.get().into_iter().map(|tick| view! {
                    <span style:inset-block-end=format!("{:.3}%", share(tick))>{write(tick, true)}</span>
                }).collect_view()}
            </div>
            <div
                class="chart-plot"
                node_ref=plot
                tabindex="0"
                role="application"
                aria-roledescription=t!(ChartRole)
                aria-label=move || format!("{}. {}", data.read().title, text(Key::ChartKeys))
                on:keydown=keys
                on:blur=move |_| cursor.set(None)
                on:pointermove=move |event| cursor.set(place_at(&event).map(|place| (place, None)))
                on:pointerleave=move |_| cursor.set(None)
                on:click=move |_| choose()
            >
                <Marks data ticks cursor/>
                <Tooltip data format cursor/>
            </div>
            <div class="chart-places" aria-hidden="true">
                {move || words_at().into_iter().map(|(_, share, word)| view! { <span style:inset-inline-start=format!("{share:.3}%")>{word}</span> }).collect_view()}
            </div>
            <p class="visually-hidden" role="status">{move || spoken()}</p>
        </div>
        <Legend data/>
    }
}

/// The colour of a series, beside its name; an empty one only takes the room.
#[component]
pub fn Swatch(color: String) -> impl IntoView {
    let class = if color.is_empty() { "" } else { "chart-swatch" };
    view! { <span class=class data-color=color></span> }
}

/// All series at a place together; nothing where nothing is known of any.
pub(super) fn total(data: &Data, place: usize) -> Option<f64> {
    let known: Vec<f64> = data.series.iter().filter_map(|series| series.values.get(place).copied().flatten()).collect();
    (!known.is_empty()).then(|| known.iter().sum())
}

#[component]
fn Marks(data: Signal<Arc<Data>>, ticks: Memo<Vec<f64>>, cursor: RwSignal<Cursor>) -> impl IntoView {
    let most = move || ticks.read().last().copied().unwrap_or(1.0);
    let size = move || format!("0 0 {} {HEIGHT}", data.read().places.len().max(1));
    let grid = move || {
        let (places, most) = (data.read().places.len(), most());
        ticks.get().into_iter().map(|tick| format!("M0 {:.1}h{places}", HEIGHT - tick / most * HEIGHT)).collect::<String>()
    };
    let marks = move || {
        let (data, most) = (data.get(), most());
        let drawn = data.drawn();
        // What has not ended yet is drawn apart, paler.
        let split = data.unfinished.unwrap_or(data.places.len());
        let paths: Vec<(u32, String, String)> = match data.kind {
            Kind::Columns => {
                let stack = marks::stacked(&drawn);
                let path = |(series, spans): (&Series, Vec<marks::Span>)| {
                    let (mut done, mut open) = (spans.clone(), spans);
                    done.iter_mut().skip(split).for_each(|span| *span = None);
                    open.iter_mut().take(split).for_each(|span| *span = None);
                    (series.color, marks::columns(&done, most), marks::columns(&open, most))
                };
                data.series.iter().zip(stack).map(path).collect()
            }
            Kind::Lines | Kind::Cumulative => {
                let path = |(series, values): (&Series, &Values)| {
                    let (mut done, mut open) = (values.clone(), values.clone());
                    done.iter_mut().skip(split).for_each(|value| *value = None);
                    // The open piece begins at the last point that has ended.
                    open.iter_mut().take(split.saturating_sub(1)).for_each(|value| *value = None);
                    let open = if split < values.len() { marks::line(&open, most) } else { String::new() };
                    (series.color, marks::line(&done, most), open)
                };
                data.series.iter().zip(&drawn).map(path).collect()
            }
        };
        let class = if data.kind == Kind::Columns { "chart-column" } else { "chart-line" };
        let before = marks::line(&data.before_drawn(), most);
        view! {
            {paths.into_iter().map(|(color, done, open)| view! {
                <path class=class data-color=color_name(color) d=done></path>
                <path class=class data-color=color_name(color) data-open="true" d=open></path>
            }).collect_view()}
            <path class="chart-line" data-color="before" d=before></path>
        }
    };
    let band = move || cursor.get().map(|(place, _)| format!("M{place} 0h1V{HEIGHT}h-1z")).unwrap_or_default();
    view! {
        <svg class="chart-marks" viewBox=size preserveAspectRatio="none" aria-hidden="true">
            <path class="chart-grid" d=grid></path>
            <path class="chart-band" d=band></path>
            {marks}
        </svg>
    }
}

/// What is under the crosshair: the place, everything there, and the largest of it by name.
#[component]
fn Tooltip(data: Signal<Arc<Data>>, format: Signal<Format>, cursor: RwSignal<Cursor>) -> impl IntoView {
    let shown = move || {
        let (place, chosen) = cursor.get()?;
        let data = data.read();
        let write =
            |value: Option<f64>| value.map_or_else(|| text(Key::ChartNothingKnown), |value| (format.read().0)(value, false));
        let name = data.places.get(place)?.0.clone();
        let mut rows: Vec<(usize, u32, String, Option<f64>)> = data
            .series
            .iter()
            .enumerate()
            .map(|(index, series)| (index, series.color, series.name.clone(), series.values.get(place).copied().flatten()))
            .filter(|(index, _, _, value)| {
                value.is_some_and(|value| value > 0.0) || chosen == Some(*index) || data.series.len() == 1
            })
            .collect();
        rows.sort_by(|one, other| other.3.partial_cmp(&one.3).unwrap_or(std::cmp::Ordering::Equal));
        let more = rows.len().saturating_sub(TOLD);
        rows.truncate(TOLD);
        let several = data.series.len() > 1 && data.kind != Kind::Lines;
        let all = several.then(|| write(total(&data, place)));
        let before = data.before.get(place).copied().flatten().map(|value| write(Some(value)));
        let open = data.unfinished == Some(place);
        let share = (place as f64 + 0.5) / data.places.len().max(1) as f64 * 100.0;
        let side = if share > 50.0 { "start" } else { "end" };
        Some(view! {
            <div class="chart-tooltip" data-side=side style:inset-inline-start=format!("{share:.3}%")>
                <p class="chart-tooltip-place">{name}</p>
                {open.then(|| view! { <p class="quiet">{t!(ChartUnfinished)}</p> })}
                <ul>
                    {rows.into_iter().map(|(index, color, name, value)| view! {
                        <li data-chosen=(chosen == Some(index)).then_some("true")>
                            <Swatch color=color_name(color)/>
                            <bdi translate="no" class="chart-name">{name}</bdi>
                            <span class="chart-value">{write(value)}</span>
                        </li>
                    }).collect_view()}
                    {(more > 0).then(|| view! { <li class="quiet">{words(move || crate::i18n::plural(Key::ChartMore, u32::try_from(more).unwrap_or(0)))}</li> })}
                    {all.map(|all| view! { <li class="chart-all"><Swatch color=String::new()/><span class="chart-name">{t!(Total)}</span><span class="chart-value">{all}</span></li> })}
                    {before.map(|before| view! { <li class="quiet"><Swatch color="before".to_owned()/><span class="chart-name">{t!(PeriodBefore)}</span><span class="chart-value">{before}</span></li> })}
                </ul>
            </div>
        })
    };
    view! { <div class="chart-tooltip-layer" aria-hidden="true">{shown}</div> }
}

#[component]
fn Legend(data: Signal<Arc<Data>>) -> impl IntoView {
    let entries = move || {
        let data = data.read();
        let mut entries: Vec<(String, String)> = data
            .series
            .iter()
            .filter(|_| data.series.len() > 1)
            .map(|series| (color_name(series.color), series.name.clone()))
            .collect();
        if data.before.iter().any(Option::is_some) {
            entries.push(("before".to_owned(), text(Key::PeriodBefore)));
        }
        entries
    };
    view! {
        <ul class="chart-legend" aria-label=t!(Legend)>
            {move || entries().into_iter().map(|(color, name)| view! {
                <li><Swatch color/><bdi translate="no">{name}</bdi></li>
            }).collect_view()}
        </ul>
    }
}
