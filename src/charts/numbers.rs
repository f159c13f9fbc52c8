//! The numbers of a chart as a table, and as text: what is drawn, for whoever does not look at the drawing.

use super::chart::{Data, Format};
use crate::i18n::{Key, text};
use crate::t;
use leptos::prelude::*;
use std::sync::Arc;

// Not a literal: a fully static element would be made through HTML.
const NUMBER: &str = "cell-number";

/// The same numbers, by place and series.
#[component]
pub fn Numbers(data: Signal<Arc<Data>>, format: Signal<Format>) -> impl IntoView {
    let write = move |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |value| (format.read().0)(value, false));
    let header = move || data.read().series.iter().map(|series| series.name.clone()).collect::<Vec<_>>();
    let rows = move || {
        let data = data.read();
        let row = |(place, (name, _)): (usize, &(String, String))| {
            let values: Vec<String> =
                data.series.iter().map(|series| write(series.values.get(place).copied().flatten())).collect();
            (name.clone(), values)
        };
        data.places.iter().enumerate().map(row).collect::<Vec<_>>()
    };
    view! {
        <div class="chart-table" tabindex="0" role="region" aria-label=move || data.read().title.clone()>
            <table class="table">
                <thead>
                    <tr>
                        <th scope="col">{t!(Time)}</th>
                        {move || header().into_iter().map(|name| view! { <th scope="col" class=NUMBER><bdi>{name}</bdi></th> }).collect_view()}
                    </tr>
                </thead>
                <tbody>
                    {move || rows().into_iter().map(|(name, values)| view! {
                        <tr>
                            <th scope="row">{name}</th>
                            {values.into_iter().map(|value| view! { <td class=NUMBER>{value}</td> }).collect_view()}
                        </tr>
                    }).collect_view()}
                </tbody>
            </table>
        </div>
    }
}

/// One field of a CSV file (RFC 4180).
fn csv_field(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}

/// The numbers as CSV: a row a place, a column a series, plain digits; nothing where nothing is known.
pub fn csv(data: &Data, place_title: &str) -> String {
    let plain = |value: Option<f64>| value.map(|value| value.to_string()).unwrap_or_default();
    let line = |fields: Vec<String>| fields.iter().map(|field| csv_field(field)).collect::<Vec<_>>().join(",");
    let names = data.series.iter().map(|series| series.name.clone());
    let head = line([place_title.to_owned()].into_iter().chain(names).collect());
    let rows = data.places.iter().enumerate().map(|(place, (name, _))| {
        let values = data.series.iter().map(|series| plain(series.values.get(place).copied().flatten()));
        line([name.clone()].into_iter().chain(values).collect())
    });
    [head].into_iter().chain(rows).map(|line| line + "\r\n").collect()
}

/// Title, summary and the numbers as a reader writes them, a line a place.
pub fn plain_text(data: &Data, format: &Format) -> String {
    let write = |value: Option<f64>| value.map_or_else(|| text(Key::ChartNothingKnown, &[]), |value| (format.0)(value, false));
    let row = |(place, (name, _)): (usize, &(String, String))| {
        let one = |series: &super::chart::Series| {
            let value = write(series.values.get(place).copied().flatten());
            if data.series.len() == 1 { value } else { format!("{}: {value}", series.name) }
        };
        format!("{name}\t{}", data.series.iter().map(one).collect::<Vec<_>>().join("\t"))
    };
    let rows: Vec<String> = data.places.iter().enumerate().map(row).collect();
    format!("{}\n{}\n\n{}\n", data.title, data.summary, rows.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::charts::chart::{Kind, Series};
    use crate::charts::marks;

    /// Numbers that are the same every time, and look drawn (SplitMix64).
    struct Drawn(u64);

    impl Drawn {
        fn below(&mut self, most: u64) -> u64 {
            self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            (mixed ^ (mixed >> 29)) % most
        }
    }

    fn chart(drawn: &mut Drawn) -> Data {
        let places = usize::try_from(drawn.below(60) + 1).unwrap_or(1);
        let series = |drawn: &mut Drawn, number: u64| {
            let values = (0..places).map(|_| (drawn.below(5) > 0).then(|| drawn.below(100_000) as f64)).collect();
            Series { id: number.to_string(), name: format!("Series, \"{number}\""), color: 0, values }
        };
        let count = drawn.below(12) + 1;
        Data {
            kind: Kind::Columns,
            title: "Calls".to_owned(),
            summary: String::new(),
            series: (0..count).map(|number| series(drawn, number)).collect(),
            before: Vec::new(),
            places: (0..places).map(|place| (format!("day {place}"), String::new())).collect(),
            unfinished: None,
        }
    }

    /// Reads a CSV as a spreadsheet would.
    fn parsed(csv: &str) -> Vec<Vec<String>> {
        let mut rows = vec![vec![String::new()]];
        let (mut quoted, mut letters) = (false, csv.chars().peekable());
        while let Some(letter) = letters.next() {
            let Some(field) = rows.last_mut().and_then(|row| row.last_mut()) else { break };
            match letter {
                '"' if quoted && letters.peek() == Some(&'"') => field.extend(letters.next()),
                '"' => quoted = !quoted,
                ',' if !quoted => rows.last_mut().into_iter().for_each(|row| row.push(String::new())),
                '\r' if !quoted => {}
                '\n' if !quoted => rows.push(vec![String::new()]),
                other => field.push(other),
            }
        }
        rows.pop();
        rows
    }

    /// The heights of the columns of a path, as a reader of the drawing would measure them.
    fn measured(path: &str, most: f64) -> f64 {
        let number = |text: &str| text.parse::<f64>().unwrap_or(f64::NAN);
        let column = |column: &str| {
            let foot = column.split_once(' ').and_then(|(_, rest)| rest.split_once('h')).map_or(f64::NAN, |(y, _)| number(y));
            let head = column.split_once('V').and_then(|(_, rest)| rest.split_once('h')).map_or(f64::NAN, |(y, _)| number(y));
            (foot - head) / marks::HEIGHT * most
        };
        path.split('M').skip(1).map(column).sum()
    }

    #[test]
    fn marks_csv_and_sum_are_the_same_numbers() {
        let mut drawn = Drawn(11);
        for _ in 0..200 {
            let data = chart(&mut drawn);
            let rows = parsed(&csv(&data, "Time"));
            assert_eq!(rows.len(), data.places.len() + 1);
            assert!(rows.iter().all(|row| row.len() == data.series.len() + 1));
            let most = data.most().max(1.0);
            for (number, (series, spans)) in data.series.iter().zip(marks::stacked(&data.drawn())).enumerate() {
                assert_eq!(rows[0][number + 1], series.name);
                let known: Vec<Option<f64>> = rows[1..].iter().map(|row| row[number + 1].parse().ok()).collect();
                assert_eq!(known, series.values);
                let sum: f64 = series.values.iter().flatten().sum();
                // A tenth of the picture's thousand lines, for each column.
                let least = most / marks::HEIGHT * 0.1 * spans.len() as f64;
                assert!((measured(&marks::columns(&spans, most), most) - sum).abs() <= least + 1e-6);
            }
            let all: f64 = (0..data.places.len()).filter_map(|place| super::super::chart::total(&data, place)).sum();
            assert!((all - data.series.iter().flat_map(|series| series.values.iter().flatten()).sum::<f64>()).abs() < 1e-6);
        }
    }
}
