//! Tables that leave, as files and over the clipboard: one writer for all of them. No cell can become a formula,
//! and every number is written exactly, for programs or for the spreadsheet of whoever opens it.

/// What spreadsheets take for the beginning of a formula (OWASP, CSV Injection), in half and in full width.
const FORMULA: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];
/// Where one spreadsheet or another cuts a line into cells, whatever the file is separated by.
const SEPARATORS: [char; 6] = [',', ';', '\t', '|', '\n', '\r'];
/// What Excel knows UTF-8 by.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// For whom a file is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum TableFormat {
    /// For programs (RFC 4180): commas, decimal points, no byte order mark.
    #[default]
    Csv,
    /// For spreadsheets where numbers look like `1,234.56`.
    Excel,
    /// For spreadsheets where numbers look like `1.234,56`: semicolons, decimal commas.
    ExcelComma,
    /// For spreadsheets where numbers look like `1’234.56`: semicolons, decimal points.
    ExcelSemicolon,
}

impl TableFormat {
    pub const ALL: [Self; 4] = [Self::Csv, Self::Excel, Self::ExcelComma, Self::ExcelSemicolon];
    /// Those that a spreadsheet opens by a double click, with a number as their readers write it: the separator of
    /// lists follows from the country that the computer is set to, and nothing in a file changes it. A line `sep=;`
    /// would, but makes Excel pass over the byte order mark.
    pub const SPREADSHEETS: [(Self, &'static str); 3] =
        [(Self::Excel, "1,234.56"), (Self::ExcelComma, "1.234,56"), (Self::ExcelSemicolon, "1’234.56")];

    /// The name in addresses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Excel => "excel",
            Self::ExcelComma => "excel-comma",
            Self::ExcelSemicolon => "excel-semicolon",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.as_str() == text)
    }

    fn separator(self) -> char {
        match self {
            Self::Csv | Self::Excel => ',',
            Self::ExcelComma | Self::ExcelSemicolon => ';',
        }
    }

    fn decimal(self) -> DecimalSign {
        if self == Self::ExcelComma { DecimalSign::Comma } else { DecimalSign::Point }
    }
}

/// The sign between the whole and the fraction of a number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DecimalSign {
    #[default]
    Point,
    Comma,
}

/// One cell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    text: String,
    number: bool,
}

impl Cell {
    /// What somebody wrote, or a name of ours. A column of times is text too: `2026-11-01T09:15:00+01:00`.
    pub fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), number: false }
    }

    pub fn whole(number: i64) -> Self {
        Self { text: number.to_string(), number: true }
    }

    /// A number by its digits, `-12.5`; what is none is a text.
    pub fn number(digits: impl Into<String>) -> Self {
        let text = digits.into();
        let unsigned = text.strip_prefix('-').unwrap_or(&text);
        let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        Self { number: digits(whole) && digits(fraction), text }
    }

    /// Nothing is known.
    pub fn none() -> Self {
        Self::default()
    }

    /// The cell as a spreadsheet is to read it. A text gets an apostrophe wherever a formula could begin: in front,
    /// and after whatever another spreadsheet would cut the text at.
    fn written(&self, decimal: DecimalSign) -> String {
        match (self.number, decimal) {
            (true, DecimalSign::Point) => return self.text.clone(),
            (true, DecimalSign::Comma) => return self.text.replace('.', ","),
            (false, _) => {}
        }
        let mut written = String::with_capacity(self.text.len());
        let mut begins = true;
        for letter in self.text.chars() {
            // A tab or a line's end in front is taken for a formula's beginning as well.
            if begins && (FORMULA.contains(&letter) || (written.is_empty() && matches!(letter, '\t' | '\r' | '\n'))) {
                written.push('\'');
            }
            begins = SEPARATORS.contains(&letter) || (begins && (letter.is_whitespace() || letter == '"'));
            written.push(letter);
        }
        written
    }
}

/// Columns with names, units among them (`cost_usd`, `latency_ms`), and rows of as many cells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    columns: Vec<Cell>,
    rows: Vec<Vec<Cell>>,
}

impl Table {
    pub fn new(columns: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self { columns: columns.into_iter().map(Cell::text).collect(), rows: Vec::new() }
    }

    pub fn push(&mut self, row: impl IntoIterator<Item = Cell>) {
        let mut row: Vec<Cell> = row.into_iter().collect();
        row.resize(self.columns.len(), Cell::none());
        self.rows.push(row);
    }

    fn lines(&self) -> impl Iterator<Item = &Vec<Cell>> {
        std::iter::once(&self.columns).chain(&self.rows)
    }

    fn separated(&self, separator: char, decimal: DecimalSign) -> String {
        let mut text = String::new();
        for line in self.lines() {
            for (place, cell) in line.iter().enumerate() {
                if place > 0 {
                    text.push(separator);
                }
                let written = cell.written(decimal);
                // Not only at the separator of this file: at each that a spreadsheet might choose instead.
                if written.contains('"') || (!cell.number && written.contains(SEPARATORS)) {
                    text.push('"');
                    text.push_str(&written.replace('"', "\"\""));
                    text.push('"');
                } else {
                    text.push_str(&written);
                }
            }
            text.push_str("\r\n");
        }
        text
    }

    /// The table as a file.
    pub fn file(&self, format: TableFormat) -> String {
        let text = self.separated(format.separator(), format.decimal());
        if format == TableFormat::Csv { text } else { format!("{BYTE_ORDER_MARK}{text}") }
    }

    /// The table as spreadsheets take it from a clipboard: cells apart by tabs.
    pub fn tab_separated(&self, decimal: DecimalSign) -> String {
        self.separated('\t', decimal)
    }

    /// The table as documents and mails take it from a clipboard.
    pub fn html(&self, decimal: DecimalSign) -> String {
        let escaped = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        let line = |cells: &[Cell], name: &str| {
            let cells: String =
                cells.iter().map(|cell| format!("<{name}>{}</{name}>", escaped(&cell.written(decimal)))).collect();
            format!("<tr>{cells}</tr>")
        };
        let rows: String = self.rows.iter().map(|row| line(row, "td")).collect();
        format!("<table><thead>{}</thead><tbody>{rows}</tbody></table>", line(&self.columns, "th"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(text: &str) -> Table {
        let mut table = Table::new(["name", "cost_usd"]);
        table.push([Cell::text(text), Cell::number("-1234.5")]);
        table
    }

    /// Cuts a text as a spreadsheet that separates by this would: quotes count where a cell begins with one.
    fn cut(text: &str, separator: char) -> Vec<Vec<String>> {
        let mut rows = vec![vec![String::new()]];
        let (mut quoted, mut fresh, mut letters) = (false, true, text.chars().peekable());
        while let Some(letter) = letters.next() {
            let begins = std::mem::replace(&mut fresh, false);
            let Some(row) = rows.last_mut() else { break };
            match letter {
                '"' if quoted && letters.peek() == Some(&'"') => {
                    row.last_mut().into_iter().for_each(|cell| cell.push('"'));
                    letters.next();
                }
                '"' if quoted => quoted = false,
                '"' if begins => quoted = true,
                '\r' | '\n' if !quoted => {
                    if letter == '\n' {
                        rows.push(vec![String::new()]);
                    }
                    fresh = true;
                }
                other if other == separator && !quoted => {
                    row.push(String::new());
                    fresh = true;
                }
                other => row.last_mut().into_iter().for_each(|cell| cell.push(other)),
            }
        }
        rows.pop();
        rows
    }

    fn is_formula(cell: &str) -> bool {
        cell.trim_start_matches(|letter: char| letter.is_whitespace() || letter == '"').starts_with(FORMULA)
    }

    #[test]
    fn files_by_example() {
        let table = of("Müller & Söhne, Zürich");
        assert_eq!(table.file(TableFormat::Csv), "name,cost_usd\r\n\"Müller & Söhne, Zürich\",-1234.5\r\n");
        let excel = table.file(TableFormat::Excel);
        assert_eq!(&excel.as_bytes()[..3], [0xef, 0xbb, 0xbf]);
        assert_eq!(&excel[3..], table.file(TableFormat::Csv));
        let comma = table.file(TableFormat::ExcelComma);
        assert_eq!(&comma[3..], "name;cost_usd\r\n\"Müller & Söhne, Zürich\";-1234,5\r\n");
        assert_eq!(&table.file(TableFormat::ExcelSemicolon)[3..], comma[3..].replace("-1234,5", "-1234.5"));
        assert_eq!(table.tab_separated(DecimalSign::Point), "name\tcost_usd\r\n\"Müller & Söhne, Zürich\"\t-1234.5\r\n");
        let html = of("<b>=1+2</b>").html(DecimalSign::Comma);
        let (head, body) =
            ("<tr><th>name</th><th>cost_usd</th></tr>", "<tr><td>&lt;b&gt;=1+2&lt;/b&gt;</td><td>-1234,5</td></tr>");
        assert_eq!(html, format!("<table><thead>{head}</thead><tbody>{body}</tbody></table>"));
    }

    #[test]
    fn a_text_that_looks_like_a_formula_stays_one() {
        for text in ["=1+2", "+49 Team", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1+2", "  =1+2", "\"=1+2\""] {
            let html = of(text).html(DecimalSign::Point);
            assert!(html.contains("'"), "{html}");
            assert_eq!(cut(&of(text).tab_separated(DecimalSign::Point), '\t')[1][1], "-1234.5");
        }
        assert_eq!(Cell::text("a;=cmd|' /C calc'!A0;b").written(DecimalSign::Point), "a;'=cmd|' /C calc'!A0;b");
        assert_eq!(Cell::text("2026-11-01T09:15:00+01:00").written(DecimalSign::Comma), "2026-11-01T09:15:00+01:00");
        assert_eq!(Cell::number("=1+2"), Cell::text("=1+2"));
        assert_eq!(Cell::number("1e5").written(DecimalSign::Comma), "1e5");
    }

    proptest! {
        /// Whatever a text holds, whichever way a spreadsheet cuts the file: no cell of it begins a formula; and
        /// whoever cuts it as it was written reads the same columns.
        #[test]
        fn no_cell_becomes_a_formula(text in "[=+@a ,;\t\"'|\r\n＝-]{0,12}") {
            let table = of(&text);
            for (format, separator) in [(TableFormat::Csv, ','), (TableFormat::Excel, ','), (TableFormat::ExcelSemicolon, ';')] {
                let file = table.file(format);
                let file = file.trim_start_matches(BYTE_ORDER_MARK);
                let rows = cut(file, separator);
                prop_assert_eq!(rows.len(), 2);
                prop_assert_eq!(&rows[1][1], "-1234.5");
                prop_assert_eq!(rows[1][0].replace('\'', ""), text.replace('\'', ""));
                for other in [',', ';', '\t', '|'] {
                    for cell in cut(file, other).concat() {
                        prop_assert!(cell == "-1234.5" || !is_formula(&cell), "{:?} in {:?} cut at {:?}", cell, file, other);
                    }
                }
            }
        }
    }
}
