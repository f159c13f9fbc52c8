//! Lists that are tables: with a header that names the columns, or without one and the same number of cells everywhere.

use super::mailboxes::{self, Part};
use super::words::{Meaning, meaning, role};
use super::{People, Recipient, told};
use crate::invitation::AddressColumn;
use crate::validation::{self, Rule};

const SEPARATORS: [char; 4] = ['\t', ';', ',', '|'];
/// Longest title over a list of addresses, in characters.
const TITLE_MAX: usize = 40;

/// Rows of cells, without the header.
pub struct Table {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
    /// The column that says the roles.
    roles: Option<usize>,
}

/// What a spreadsheet wrote about its separator (`sep=;`), and the text without it.
pub fn separator_line(text: &str) -> (Option<char>, &str) {
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    let named = first.trim().trim_matches('"').to_lowercase();
    let separator = named.strip_prefix("sep=").and_then(|rest| rest.chars().next());
    if separator.is_some() && named.chars().count() == 5 { (separator, rest) } else { (None, text) }
}

/// A list of addresses without the title over it: one that is called by what it holds.
pub fn without_title(text: &str) -> &str {
    let text = text.trim_start_matches('\n');
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    let title = !first.contains('@') && first.chars().count() <= TITLE_MAX;
    let names = matches!(meaning(first), Meaning::Email | Meaning::SomeEmail | Meaning::SignIn);
    if title && names { rest } else { text }
}

/// The text as a table, if it is one.
pub fn find(text: &str, separator: Option<char>) -> Option<Table> {
    let separators = separator.map_or(SEPARATORS.to_vec(), |separator| vec![separator]);
    let read = separators.iter().map(|separator| (*separator, records(text, *separator))).collect::<Vec<_>>();
    let headed = read.iter().filter_map(|(_, records)| with_header(records)).max_by_key(|(known, _)| *known);
    let table =
        headed.map(|(_, table)| table).or_else(|| read.into_iter().find_map(|(separator, rows)| without_header(separator, rows)));
    table.filter(|table| (0..table.width()).any(|column| table.count(column) > 0))
}

/// The records of a table (RFC 4180), blank ones left out.
fn records(text: &str, separator: char) -> Vec<Vec<String>> {
    let letters = text.chars().collect::<Vec<_>>();
    let (mut records, mut record, mut cell) = (Vec::new(), Vec::new(), String::new());
    let (mut at, mut quotable) = (0, true);
    while let Some(&letter) = letters.get(at) {
        at += 1;
        match letter {
            '"' if cell.trim().is_empty() && quotable => match quoted(&letters[at..], separator) {
                Some((content, length)) => {
                    cell = content;
                    at += length;
                }
                // One that is never closed must not swallow the rest.
                None => quotable = false,
            },
            '\n' => {
                record.push(unguarded(&cell));
                records.push(std::mem::take(&mut record));
                (cell, quotable) = (String::new(), true);
            }
            _ if letter == separator => {
                record.push(unguarded(&cell));
                (cell, quotable) = (String::new(), true);
            }
            _ => cell.push(letter),
        }
    }
    record.push(unguarded(&cell));
    records.push(record);
    records.retain(|record| record.iter().any(|cell| !cell.is_empty()));
    records
}

/// The content of a quoted cell, and how many characters it takes; `None` where it does not end before a separator.
fn quoted(rest: &[char], separator: char) -> Option<(String, usize)> {
    let (mut content, mut at) = (String::new(), 0);
    // A cell is short; a quotation mark that is a character would run on to the next one.
    while at < rest.len().min(4_000) {
        match (rest[at], rest.get(at + 1)) {
            ('"', Some('"')) => {
                content.push('"');
                at += 1;
            }
            ('"', next) => {
                let ends = next.is_none_or(|next| *next == separator || *next == '\n' || next.is_whitespace());
                return ends.then_some((content, at + 1));
            }
            (letter, _) => content.push(letter),
        }
        at += 1;
    }
    None
}

/// A cell without the apostrophe that keeps spreadsheets from taking it for a formula (our own files have it).
fn unguarded(cell: &str) -> String {
    let cell = cell.trim();
    let guarded = cell.strip_prefix('\'').filter(|rest| rest.starts_with(['=', '+', '-', '@']));
    guarded.unwrap_or(cell).to_owned()
}

/// A table whose header is among the first records, with the number of columns that are known by their names.
fn with_header(records: &[Vec<String>]) -> Option<(usize, Table)> {
    let before = records.iter().take(3).take_while(|record| !record.iter().any(|cell| cell.contains('@')));
    let known = |record: &[String]| record.iter().filter(|cell| meaning(cell) != Meaning::Unknown).count();
    let (place, header) = before.enumerate().find(|(_, record)| record.len() > 1 && known(record) > 0)?;
    let named = |wanted: Meaning| {
        let mut columns = header.iter().enumerate().filter(|(_, cell)| meaning(cell) == wanted).map(|(column, _)| column);
        columns.next().filter(|_| columns.next().is_none())
    };
    let rows = records[place + 1..].to_vec();
    // A column of titles at work (`Role: Engineer`) says nothing about roles here.
    let roles =
        named(Meaning::Role).filter(|column| rows.iter().any(|row| row.get(*column).is_some_and(|cell| role(cell).is_some())));
    Some((known(header), Table { header: header.clone(), rows, roles }))
}

/// A table without a header: every row has as many cells, and addresses stand in the same columns everywhere.
fn without_header(separator: char, rows: Vec<Vec<String>>) -> Option<Table> {
    let width = rows.first().map_or(0, Vec::len);
    // A single row is a table only if it was copied out of one.
    let enough = rows.len() > 1 || separator == '\t';
    let even = rows.iter().all(|row| row.len() == width) && !rows.iter().flatten().any(|cell| cell.contains('<'));
    if width < 2 || !enough || !even {
        return None;
    }
    let holds = |column: usize| rows.iter().any(|row| row[column].contains('@'));
    let pure = |column: usize| rows.iter().all(|row| row[column].is_empty() || validation::email(&row[column]).is_ok());
    let fits = (0..width).all(|column| !holds(column) || pure(column));
    // Addresses in every column are a list in several columns.
    let others = (0..width).any(|column| !holds(column));
    (fits && others && rows.iter().all(|row| row.iter().any(|cell| cell.contains('@')))).then_some(Table {
        header: vec![String::new(); width],
        rows,
        roles: None,
    })
}

impl Table {
    fn width(&self) -> usize {
        self.header.len()
    }

    /// A column that a reader named.
    pub fn column(&self, column: u32) -> Option<usize> {
        usize::try_from(column).ok().filter(|column| *column < self.width())
    }

    fn cell<'a>(&self, row: &'a [String], column: usize) -> &'a str {
        row.get(column).map(String::as_str).unwrap_or_default()
    }

    /// How many rows have an address in a column.
    fn count(&self, column: usize) -> usize {
        self.rows.iter().filter(|row| address(self.cell(row, column)).is_some()).count()
    }

    /// The column that holds the addresses, or those to choose from.
    pub fn addresses(&self) -> Result<usize, Vec<AddressColumn>> {
        let held = (0..self.width()).filter(|column| self.count(*column) > 0).collect::<Vec<_>>();
        let headed = self.header.iter().any(|cell| !cell.is_empty());
        for wanted in [Meaning::Email, Meaning::SignIn, Meaning::SomeEmail] {
            let named = held.iter().copied().filter(|column| meaning(&self.header[*column]) == wanted).collect::<Vec<_>>();
            match named.as_slice() {
                [] => {}
                [one] => return Ok(*one),
                several => return Err(self.told(several)),
            }
        }
        match held.as_slice() {
            [one] if !headed => Ok(*one),
            _ => Err(self.told(&held)),
        }
    }

    fn told(&self, columns: &[usize]) -> Vec<AddressColumn> {
        let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let column = |column: &usize| AddressColumn {
            column: number(*column),
            name: told(&self.header[*column]),
            example: self.rows.iter().find_map(|row| address(self.cell(row, *column))).unwrap_or_default(),
            addresses: number(self.count(*column)),
        };
        columns.iter().map(column).collect()
    }

    /// The people of a column, each with what the column for roles says.
    pub fn read(&self, column: usize, people: &mut People) {
        for row in &self.rows {
            let all = told(&row.iter().filter(|cell| !cell.is_empty()).map(String::as_str).collect::<Vec<_>>().join(", "));
            let refused = |rule| Recipient { email: Err(rule), text: all.clone(), role: None };
            // A row that is longer than the header has a separator within a cell: nothing stands where it says.
            if row.iter().skip(self.width()).any(|cell| !cell.is_empty()) {
                people.add(refused(Rule::EmailMalformed));
                continue;
            }
            let said = self.roles.map(|roles| self.cell(row, roles)).filter(|cell| !cell.is_empty());
            let given = said.and_then(role);
            let parts = mailboxes::read_cell(self.cell(row, column));
            if parts.is_empty() {
                people.add(refused(Rule::Required));
            } else if said.is_some() && given.is_none() {
                people.add(refused(Rule::RoleUnknown));
            } else {
                for part in parts {
                    people.add_part(part, given);
                }
            }
        }
    }
}

/// The first address of a cell.
fn address(cell: &str) -> Option<String> {
    mailboxes::read_cell(cell).into_iter().find_map(|part| match part {
        Part::Address(text) => validation::email(&text).ok(),
        Part::Unread(_) => None,
    })
}
