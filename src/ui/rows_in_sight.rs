//! Long tables: of any number of rows, only those in sight are on the page.

use crate::ui::browser;
use leptos::prelude::*;
use leptos::{ev, html};

/// Height of a row in pixels; `.long-row` in the styles has the same.
const ROW_PIXELS: u64 = 56;
const ROW: f64 = 56.0;
/// Rows kept ready above and below what is in sight.
const AHEAD: f64 = 8.0;

/// Which rows of a table's body are in sight.
#[derive(Clone, Copy)]
pub struct RowsInSight {
    pub body: NodeRef<html::Tbody>,
    /// The first row in sight and the one after the last.
    pub range: Memo<(u32, u32)>,
    total: Signal<u32>,
}

impl RowsInSight {
    /// Watches the page for as long as its owner lives.
    pub fn new(total: Signal<u32>) -> Self {
        let body = NodeRef::<html::Tbody>::new();
        let in_sight = RwSignal::new((0_u32, 20_u32));
        let look = move || {
            if let Some(body) = body.get_untracked() {
                in_sight.maybe_update(|sight| {
                    let now = rows_in_sight(-body.get_bounding_client_rect().top());
                    let differs = *sight != now;
                    *sight = now;
                    differs
                });
            }
        };
        let listeners = [window_event_listener(ev::scroll, move |_| look()), window_event_listener(ev::resize, move |_| look())];
        on_cleanup(move || listeners.into_iter().for_each(|listener| listener.remove()));
        Effect::new(move || {
            total.track();
            browser::after_render(look);
        });
        let range = Memo::new(move |_| {
            let total = total.get();
            let (first, last) = in_sight.get();
            (first.min(total), last.min(total))
        });
        Self { body, range, total }
    }

    /// The room that the rows above take.
    pub fn above(self) -> String {
        rows_high(self.range.get().0)
    }

    /// The room that the rows below take.
    pub fn below(self) -> String {
        rows_high(self.total.get() - self.range.get().1)
    }
}

/// The height of so many rows, for the styles.
fn rows_high(rows: u32) -> String {
    format!("{}px", u64::from(rows) * ROW_PIXELS)
}

/// The places in sight, with some ahead, when `above` pixels of the rows are out of sight.
fn rows_in_sight(above: f64) -> (u32, u32) {
    let height = browser::window().inner_height().ok().and_then(|height| height.as_f64()).unwrap_or(800.0);
    // Saturating: negative and huge distances become the nearest place there is.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let place = |pixels: f64| (pixels / ROW).max(0.0) as u32;
    (place(above - AHEAD * ROW), place(above + height + AHEAD * ROW) + 1)
}
