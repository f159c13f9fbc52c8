//! A chart to be listened to: a tone a place, the higher the more, from the first to the last.

use super::chart::{Data, total};
use crate::t;
use crate::ui::icon::Icon;
use leptos::prelude::*;
use std::sync::Arc;
use std::time::Duration;
use web_sys::{AudioContext, OscillatorType};

/// Hertz of nothing and of the most.
const LOWEST: f64 = 110.0;
const HIGHEST: f64 = 1100.0;
/// Seconds of a place, and of the whole at most.
const PLACE: f64 = 0.16;
const WHOLE: f64 = 6.0;
/// As loud as speech beside it.
const LOUDNESS: f32 = 0.12;

/// The tones of a chart in hertz; nothing where nothing is known. Heard as even steps where the values grow evenly:
/// an octave a part of the way.
pub fn tones(data: &Data) -> Vec<Option<f64>> {
    let values: Vec<Option<f64>> = (0..data.places.len()).map(|place| total(data, place)).collect();
    let most = values.iter().flatten().copied().fold(0.0, f64::max);
    let octaves = (HIGHEST / LOWEST).log2();
    let tone = |value: f64| LOWEST * (octaves * if most > 0.0 { (value / most).clamp(0.0, 1.0) } else { 0.0 }).exp2();
    values.into_iter().map(|value| value.map(tone)).collect()
}

/// Seconds that a place sounds.
pub fn length_of_place(places: usize) -> f64 {
    PLACE.min(WHOLE / places.max(1) as f64)
}

/// Plays the tones; the context ends them when it is closed.
fn play(tones: &[Option<f64>]) -> Option<AudioContext> {
    let context = AudioContext::new().ok()?;
    let (oscillator, gain) = (context.create_oscillator().ok()?, context.create_gain().ok()?);
    oscillator.set_type(OscillatorType::Sine);
    oscillator.connect_with_audio_node(&gain).ok()?;
    gain.connect_with_audio_node(&context.destination()).ok()?;
    let (start, step) = (context.current_time() + 0.05, length_of_place(tones.len()));
    for (place, tone) in tones.iter().enumerate() {
        let at = start + place as f64 * step;
        // Rounded to what a speaker can tell apart.
        #[allow(clippy::cast_possible_truncation)]
        let hertz = tone.unwrap_or(LOWEST) as f32;
        oscillator.frequency().set_value_at_time(hertz, at).ok()?;
        gain.gain().set_value_at_time(if tone.is_some() { LOUDNESS } else { 0.0 }, at).ok()?;
    }
    let end = start + tones.len() as f64 * step;
    gain.gain().set_value_at_time(0.0, end).ok()?;
    oscillator.start().ok()?;
    oscillator.stop_with_when(end + 0.05).ok()?;
    Some(context)
}

#[component]
pub fn Listen(data: Signal<Arc<Data>>) -> impl IntoView {
    let playing = StoredValue::new_local(None::<AudioContext>);
    let sounds = RwSignal::new(false);
    // Counts plays: the end of one does not stop the next.
    let turn = StoredValue::new(0_u32);
    let stop = move || {
        playing.try_update_value(|playing| {
            if let Some(context) = playing.take() {
                let _ = context.close();
            }
        });
        let _ = sounds.try_set(false);
    };
    on_cleanup(stop);
    let toggle = move |_| {
        if sounds.get_untracked() {
            return stop();
        }
        let tones = tones(&data.read_untracked());
        let seconds = length_of_place(tones.len()) * tones.len() as f64 + 0.15;
        let context = play(&tones);
        sounds.set(context.is_some());
        playing.set_value(context);
        turn.update_value(|turn| *turn += 1);
        let this = turn.get_value();
        set_timeout(
            move || {
                if turn.try_get_value() == Some(this) {
                    stop();
                }
            },
            Duration::from_secs_f64(seconds),
        );
    };
    view! {
        <button class="button" data-kind="quiet" type="button" aria-pressed=move || sounds.get().to_string() on:click=toggle>
            <Icon name="sound"/>
            <span>{t!(ChartListen)}</span>
        </button>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::charts::chart::{Kind, Series};

    #[test]
    fn more_sounds_higher_and_a_gap_is_silent() {
        let values = vec![Some(0.0), Some(50.0), None, Some(100.0)];
        let places = values.iter().map(|_| (String::new(), String::new())).collect();
        let series = vec![Series { id: String::new(), name: String::new(), color: 0, values }];
        let (title, summary) = (String::new(), String::new());
        let data = Data { kind: Kind::Columns, title, summary, series, before: Vec::new(), places, ..Data::default() };
        let heard = tones(&data);
        assert_eq!(heard[0], Some(LOWEST));
        assert_eq!(heard[2], None);
        assert!(heard[3].is_some_and(|tone| (tone - HIGHEST).abs() < 1e-6));
        assert!(heard[1] > heard[0] && heard[1] < heard[3]);
        assert!((1..5000).all(|places| length_of_place(places) * places as f64 <= WHOLE + 1e-9));
    }
}
