//! Pieces of statements: places for values, and conditions on combinations.

/// Parameters of one statement that writes rows. SQLite finds each by its name, one after the other: few rows
/// at once are faster than many.
const PARAMETERS: usize = 600;

/// Rows of one statement, for so many columns.
pub(super) fn rows_at_once(columns: usize) -> usize {
    (PARAMETERS / columns).max(1)
}

/// `($1, $2), ($3, $4)` for rows of so many columns.
pub(super) fn places(rows: usize, columns: usize) -> String {
    let row = |row: usize| {
        let places: Vec<String> = (1..=columns).map(|column| format!("${}", row * columns + column)).collect();
        format!("({})", places.join(", "))
    };
    (0..rows).map(row).collect::<Vec<_>>().join(", ")
}

/// A selection of combinations: a column, and the values that it may have.
pub type Wanted<'a> = [(&'static str, Vec<&'a str>)];

/// ` AND s.model IN ($4, $5)` for each column, and the values to bind.
pub(super) fn conditions<'a>(wanted: &'a Wanted<'a>, first: usize) -> (String, Vec<&'a str>) {
    let mut sql = String::new();
    let mut values = Vec::new();
    for (column, of) in wanted {
        let places: Vec<String> = of.iter().enumerate().map(|(place, _)| format!("${}", first + values.len() + place)).collect();
        sql.push_str(&format!(" AND s.{column} IN ({})", places.join(", ")));
        values.extend(of.iter().copied());
    }
    (sql, values)
}
