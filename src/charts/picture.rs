//! A chart as a picture of its own: title, summary, marks, axes and legend, in the colours of the page.

use super::chart::{Data, Format, Kind, color_name};
use super::marks::{self, Values};
use super::scale::{labelled, nice_ticks};
use crate::ui::browser;
use js_sys::{Array, Object, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{CanvasRenderingContext2d, Element, HtmlCanvasElement};

/// Size of the picture in pixels: as social cards and slides take it.
const WIDTH: f64 = 1200.0;
const HEIGHT: f64 = 675.0;
const EDGE: f64 = 40.0;
/// Where the marks are.
const PLOT: (f64, f64, f64, f64) = (EDGE + 90.0, 150.0, WIDTH - EDGE, 540.0);
/// Names in the legend; the others are drawn without one.
const NAMED: usize = 12;
const FONT: &str = "system-ui, sans-serif";

/// The colours that the page gives its marks now, whatever the theme.
struct Colors<'a> {
    figure: &'a Element,
}

impl Colors<'_> {
    fn computed(&self, element: &Element, property: &str) -> Option<String> {
        let style = browser::window().get_computed_style(element).ok()??;
        style.get_property_value(property).ok().filter(|value| !value.is_empty())
    }

    fn of(&self, color: &str) -> String {
        let probe = || {
            let probe = browser::document().create_element("span").ok()?;
            probe.set_attribute("class", "chart-swatch").ok()?;
            probe.set_attribute("data-color", color).ok()?;
            self.figure.append_child(&probe).ok()?;
            let found = self.computed(&probe, "background-color");
            probe.remove();
            found
        };
        probe().unwrap_or_else(|| "#666".to_owned())
    }

    fn text(&self) -> String {
        self.computed(self.figure, "color").unwrap_or_else(|| "#000".to_owned())
    }

    fn ground(&self) -> String {
        let card = self.figure.closest(".card").ok().flatten();
        card.and_then(|card| self.computed(&card, "background-color")).unwrap_or_else(|| "#fff".to_owned())
    }
}

/// Copies the picture; nothing where the browser cannot draw or copy one.
pub fn copy(data: &Data, format: &Format, figure: &Element) -> Option<Promise> {
    let canvas = draw(data, format, &Colors { figure })?;
    // The item takes a promise: the copy begins within the click, as browsers ask.
    let blob = Promise::new(&mut |done, failed| {
        let kept = failed.clone();
        let hand_over = Closure::once_into_js(move |blob: JsValue| {
            let _ = if blob.is_null() { failed.call0(&JsValue::NULL) } else { done.call1(&JsValue::NULL, &blob) };
        });
        if canvas.to_blob(hand_over.unchecked_ref()).is_err() {
            let _ = kept.call0(&JsValue::NULL);
        }
    });
    let parts = Object::new();
    Reflect::set(&parts, &"image/png".into(), &blob).ok()?;
    browser::copy_forms(&parts)
}

fn draw(data: &Data, format: &Format, colors: &Colors<'_>) -> Option<HtmlCanvasElement> {
    let canvas: HtmlCanvasElement = browser::document().create_element("canvas").ok()?.dyn_into().ok()?;
    // Whole pixels.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let (width, height) = (WIDTH as u32, HEIGHT as u32);
    canvas.set_width(width);
    canvas.set_height(height);
    let context: CanvasRenderingContext2d = canvas.get_context("2d").ok()??.dyn_into().ok()?;
    context.set_fill_style_str(&colors.ground());
    context.fill_rect(0.0, 0.0, WIDTH, HEIGHT);
    words(&context, data, colors);
    axes(&context, data, format, colors);
    marks_of(&context, data, colors);
    legend(&context, data, colors);
    Some(canvas)
}

fn words(context: &CanvasRenderingContext2d, data: &Data, colors: &Colors<'_>) {
    context.set_fill_style_str(&colors.text());
    context.set_font(&format!("600 30px {FONT}"));
    let _ = context.fill_text_with_max_width(&data.title, EDGE, 66.0, WIDTH - 2.0 * EDGE);
    context.set_font(&format!("18px {FONT}"));
    let _ = context.fill_text_with_max_width(&data.summary, EDGE, 104.0, WIDTH - 2.0 * EDGE);
}

fn greatest(data: &Data) -> f64 {
    nice_ticks(data.most(), 4).last().copied().unwrap_or(1.0)
}

fn y(value: f64, most: f64) -> f64 {
    PLOT.3 - value / most * (PLOT.3 - PLOT.1)
}

fn x(place: f64, places: usize) -> f64 {
    PLOT.0 + place / places.max(1) as f64 * (PLOT.2 - PLOT.0)
}

fn axes(context: &CanvasRenderingContext2d, data: &Data, format: &Format, colors: &Colors<'_>) {
    let (most, quiet) = (greatest(data), colors.of("none"));
    context.set_font(&format!("16px {FONT}"));
    context.set_fill_style_str(&quiet);
    context.set_stroke_style_str(&quiet);
    context.set_line_width(1.0);
    context.set_text_align("end");
    for tick in nice_ticks(data.most(), 4) {
        let at = y(tick, most).round() + 0.5;
        context.set_global_alpha(0.35);
        context.begin_path();
        context.move_to(PLOT.0, at);
        context.line_to(PLOT.2, at);
        context.stroke();
        context.set_global_alpha(1.0);
        let _ = context.fill_text(&(format.0)(tick, true), PLOT.0 - 12.0, at + 5.0);
    }
    context.set_text_align("center");
    for place in labelled(data.places.len(), 8) {
        let _ = context.fill_text(&data.places[place].1, x(place as f64 + 0.5, data.places.len()), PLOT.3 + 28.0);
    }
    context.set_text_align("start");
}

fn line(context: &CanvasRenderingContext2d, values: &Values, most: f64) {
    context.begin_path();
    let mut drawing = false;
    for (place, value) in values.iter().enumerate() {
        if let Some(value) = value {
            let (x, y) = (x(place as f64 + 0.5, values.len()), y(*value, most));
            if drawing { context.line_to(x, y) } else { context.move_to(x, y) }
        }
        drawing = value.is_some();
    }
    context.stroke();
}

fn marks_of(context: &CanvasRenderingContext2d, data: &Data, colors: &Colors<'_>) {
    let (most, drawn, places) = (greatest(data), data.drawn(), data.places.len());
    if data.kind == Kind::Columns {
        let width = (x(1.0, places) - x(0.0, places)) * 0.76;
        for (series, spans) in data.series.iter().zip(marks::stacked(&drawn)) {
            context.set_fill_style_str(&colors.of(&color_name(series.color)));
            for (place, span) in spans.into_iter().enumerate() {
                let Some((from, to)) = span else { continue };
                context.set_global_alpha(if data.unfinished == Some(place) { 0.5 } else { 1.0 });
                context.fill_rect(x(place as f64 + 0.12, places), y(to, most), width, y(from, most) - y(to, most));
            }
        }
    } else {
        context.set_line_width(2.5);
        for (series, values) in data.series.iter().zip(&drawn) {
            context.set_stroke_style_str(&colors.of(&color_name(series.color)));
            line(context, values, most);
        }
    }
    context.set_global_alpha(1.0);
    context.set_line_width(1.5);
    context.set_stroke_style_str(&colors.of("none"));
    let _ = context.set_line_dash(&Array::of2(&4.into(), &6.into()));
    let before = data.before_drawn();
    line(context, &before, most);
    let _ = context.set_line_dash(&Array::new());
}

fn legend(context: &CanvasRenderingContext2d, data: &Data, colors: &Colors<'_>) {
    if data.series.len() < 2 {
        return;
    }
    context.set_font(&format!("16px {FONT}"));
    let (mut at, mut row) = (EDGE, PLOT.3 + 66.0);
    for series in data.series.iter().take(NAMED) {
        let length = context.measure_text(&series.name).map(|measured| measured.width()).unwrap_or(100.0);
        if at + length + 44.0 > WIDTH - EDGE {
            (at, row) = (EDGE, row + 26.0);
        }
        context.set_fill_style_str(&colors.of(&color_name(series.color)));
        context.fill_rect(at, row - 12.0, 14.0, 14.0);
        context.set_fill_style_str(&colors.text());
        let _ = context.fill_text(&series.name, at + 22.0, row);
        at += length + 44.0;
    }
}
