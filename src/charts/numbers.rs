//! The numbers of a chart as a table, and as text: what is drawn, for whoever does not look at the drawing.

use super::chart::{Data, Format, Series};
use crate::i18n::{Key, text};
use crate::t;
use leptos::prelude::*;
use pulze_contract::table::{Cell, Table};
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
                        {move || header().into_iter().map(|name| view! { <th scope="col" class=NUMBER><bdi translate="no">{name}</bdi></th> }).collect_view()}
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

/// A value by its digits in the unit of the table: never through another fraction.
fn cell(value: Option<f64>, decimals: usize) -> Cell {
    let Some(value) = value else { return Cell::none() };
    // Values have at most three decimals of their own, as costs have, and stay below what a float holds exactly.
    #[allow(clippy::cast_possible_truncation)]
    let value = (value * 1e3).round() as i64;
    let decimals = decimals + 3;
    let digits = format!("{:0>width$}", value.unsigned_abs(), width = decimals + 1);
    let (whole, fraction) = digits.split_at(digits.len() - decimals);
    let fraction = fraction.trim_end_matches('0');
    let point = if fraction.is_empty() { "" } else { "." };
    Cell::number(format!("{}{whole}{point}{fraction}", if value < 0 { "-" } else { "" }))
}

/// The numbers as a table: a row a place, a column a series with its unit; nothing where nothing is known.
pub fn table(data: &Data, place_title: &str) -> Table {
    let named = |series: &Series| match data.unit {
        "" => series.name.clone(),
        unit => format!("{} ({unit})", series.name),
    };
    let mut table = Table::new([place_title.to_owned()].into_iter().chain(data.series.iter().map(named)));
    for (place, time) in data.times.iter().enumerate() {
        let values = data.series.iter().map(|series| cell(series.values.get(place).copied().flatten(), data.decimals));
        table.push([Cell::text(time.as_str())].into_iter().chain(values));
    }
    table
}

/// Title, summary and the numbers as a reader writes them, a line a place.
pub fn plain_text(data: &Data, format: &Format) -> String {
    let write = |value: Option<f64>| value.map_or_else(|| text(Key::ChartNothingKnown), |value| (format.0)(value, false));
    let row = |(place, (name, _)): (usize, &(String, String))| {
        let one = |series: &Series| {
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
    use crate::charts::chart::Kind;
    use crate::charts::marks;
    use pulze_contract::table::DecimalSign;

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
            Series { id: number.to_string(), name: format!("Series {number}"), color: 0, values }
        };
        let count = drawn.below(12) + 1;
        Data {
            kind: Kind::Columns,
            title: "Calls".to_owned(),
            summary: String::new(),
            series: (0..count).map(|number| series(drawn, number)).collect(),
            before: Vec::new(),
            places: (0..places).map(|place| (format!("day {place}"), String::new())).collect(),
            times: (0..places).map(|place| format!("2026-11-01T{place:02}:00:00+01:00")).collect(),
            unit: "USD",
            decimals: 3,
            unfinished: None,
        }
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
    fn marks_table_and_sum_are_the_same_numbers() {
        let mut drawn = Drawn(11);
        for _ in 0..200 {
            let data = chart(&mut drawn);
            let text = table(&data, "Time").tab_separated(DecimalSign::Point);
            let rows: Vec<Vec<&str>> = text.lines().map(|line| line.split('\t').collect()).collect();
            assert_eq!(rows.len(), data.places.len() + 1);
            assert!(rows.iter().all(|row| row.len() == data.series.len() + 1));
            let most = data.most().max(1.0);
            for (number, (series, spans)) in data.series.iter().zip(marks::stacked(&data.drawn())).enumerate() {
                assert_eq!(rows[0][number + 1], format!("{} (USD)", series.name));
                let whole = |text: &str| text.parse::<f64>().ok().map(|value| (value * 1000.0).round());
                let known: Vec<Option<f64>> = rows[1..].iter().map(|row| whole(row[number + 1])).collect();
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

    #[test]
    fn values_by_example() {
        assert_eq!(cell(Some(5000.0), 6), Cell::number("0.005"));
        assert_eq!(cell(Some(12_000_000.0), 6), Cell::whole(12));
        assert_eq!(cell(Some(-1_234_567.0), 6), Cell::number("-1.234567"));
        assert_eq!(cell(Some(0.18), 6), Cell::number("0.00000018"));
        assert_eq!(cell(Some(820.0), 0), Cell::whole(820));
        assert_eq!(cell(Some(0.0), 6), Cell::whole(0));
        assert_eq!(cell(None, 6), Cell::none());
    }
}
