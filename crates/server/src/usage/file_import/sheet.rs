//! The rows of a file, whatever separates their cells.

/// Signs that separate cells, and how they are called.
const SEPARATORS: [(u8, &str); 4] = [(b',', "comma"), (b';', "semicolon"), (b'\t', "tab"), (b'|', "vertical bar")];

/// A table that was found in a text.
#[derive(Debug)]
pub struct Sheet<'a> {
    text: &'a str,
    separator: u8,
    /// Lines before the header.
    before: u64,
    pub headers: Vec<String>,
}

/// A row, and the line that it begins at.
#[derive(Debug)]
pub struct Row {
    pub line: u64,
    pub cells: csv::StringRecord,
}

/// How many lines end in a text: by `\n`, `\r\n`, or `\r` alone.
fn ends(text: &[u8]) -> u64 {
    let ends = |(place, byte): (usize, &u8)| *byte == b'\n' || (*byte == b'\r' && text.get(place + 1) != Some(&b'\n'));
    text.iter().enumerate().filter(|one| ends(*one)).count() as u64
}

impl<'a> Sheet<'a> {
    /// Finds the table: by the separator that is named, by a line `sep=;`, or by the one that finds the columns.
    ///
    /// # Errors
    /// No separator finds all columns, or a column is there twice.
    pub fn find(text: &'a str, separator: Option<char>, columns: &[&str]) -> Result<Self, String> {
        let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
        let said = first.trim_end_matches('\r').trim_matches('"').strip_prefix("sep=").and_then(|sign| sign.bytes().next());
        let (text, before) = if said.is_some() { (rest, 1) } else { (text, 0) };
        let named = separator.map(|sign| u8::try_from(sign).map_err(|_| format!("{sign} cannot separate cells"))).transpose()?;
        let candidates: Vec<u8> = match named.or(said) {
            Some(sign) => vec![sign],
            None => SEPARATORS.iter().map(|(sign, _)| *sign).collect(),
        };
        let read = |separator: u8| {
            let mut sheet = Self { text, separator, before, headers: Vec::new() };
            sheet.headers =
                sheet.reader().headers().map_err(|error| error.to_string())?.iter().map(|name| name.trim().to_owned()).collect();
            Ok::<_, String>(sheet)
        };
        let sheets = candidates.into_iter().map(read).collect::<Result<Vec<_>, _>>()?;
        let missing = |sheet: &Self| columns.iter().filter(|column| !sheet.headers.iter().any(|name| name == *column)).count();
        let best = sheets.into_iter().min_by_key(|sheet| (missing(sheet), usize::MAX - sheet.headers.len()));
        let sheet = best.ok_or("the file is empty")?;
        if let Some(column) = columns.iter().find(|column| !sheet.headers.iter().any(|name| name == *column)) {
            let there = sheet.headers.join(" | ");
            return Err(format!("the file has no column {column}; separated by {} it has: {there}", sheet.separator()));
        }
        let twice = |column: &&&str| sheet.headers.iter().filter(|name| name.as_str() == **column).count() > 1;
        match columns.iter().find(twice) {
            Some(column) => Err(format!("the file has two columns {column}; name them differently")),
            None => Ok(sheet),
        }
    }

    fn reader(&self) -> csv::Reader<&'a [u8]> {
        csv::ReaderBuilder::new().flexible(true).delimiter(self.separator).from_reader(self.text.as_bytes())
    }

    /// What separates the cells, in words.
    pub fn separator(&self) -> String {
        let known = SEPARATORS.iter().find(|(sign, _)| *sign == self.separator);
        known.map_or_else(|| char::from(self.separator).to_string(), |(_, name)| (*name).to_owned())
    }

    /// The place of a column.
    pub fn column(&self, name: &str) -> Option<usize> {
        self.headers.iter().position(|header| header == name)
    }

    /// The rows that hold anything.
    pub fn rows(&self) -> impl Iterator<Item = Result<Row, String>> {
        let bytes = self.text.as_bytes();
        let (mut at, mut line) = (0, self.before + 1);
        let rows = self.reader().into_records().map(move |record| {
            let cells = record.map_err(|error| error.to_string())?;
            // Where the row itself begins: the reader counts the empty lines before it, and the ends of lines of Windows,
            // to one row or the other.
            let begin = cells.position().map_or(0, csv::Position::byte);
            let begin = usize::try_from(begin).unwrap_or(usize::MAX).min(bytes.len());
            let begin = begin + bytes[begin..].iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
            line += bytes.get(at..begin).map_or(0, ends);
            at = begin;
            Ok(Row { line, cells })
        });
        rows.filter(|row| row.as_ref().map_or(true, |row| row.cells.iter().any(|cell| !cell.trim().is_empty())))
    }

    /// Whether a row has another number of cells than the header; empty ones at its end do not count.
    pub fn uneven(&self, row: &Row) -> bool {
        row.cells.len() < self.headers.len() || row.cells.iter().skip(self.headers.len()).any(|cell| !cell.trim().is_empty())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn separators_by_example() {
        for (text, name) in [
            ("time,model\n1,\"a;b\"\n", "comma"),
            ("time;model\n1;\"a;b\"\n", "semicolon"),
            ("time\tmodel\n1\ta;b\n", "tab"),
            ("time|model\n1|a;b\n", "vertical bar"),
            ("sep=;\r\ntime;model\r\n1;\"a;b\"\r\n", "semicolon"),
            ("\"sep=,\"\ntime,model\n\n,\n1,a;b\n", "comma"),
            ("time,model\r\n\r\n\r\n1,a;b\r\n", "comma"),
            ("time,model\r1,a;b\r", "comma"),
        ] {
            let sheet = Sheet::find(text, None, &["time", "model"]).unwrap();
            assert_eq!(sheet.separator(), name);
            let rows: Vec<Row> = sheet.rows().map(|row| row.unwrap()).collect();
            assert_eq!(rows.len(), 1, "{text}");
            assert_eq!((&rows[0].cells[0], &rows[0].cells[1]), ("1", "a;b"));
            let line = text
                .replace("\r\n", "\n")
                .split(['\n', '\r'])
                .position(|line| line.starts_with('1'))
                .map_or(0, |place| place as u64 + 1);
            assert_eq!(rows[0].line, line);
        }
    }

    #[test]
    fn a_column_that_is_missing_or_there_twice_is_named() {
        let refused = |text: &str| Sheet::find(text, None, &["time", "model"]).err().unwrap_or_default();
        assert_eq!(refused("time;name\n"), "the file has no column model; separated by semicolon it has: time | name");
        assert!(refused("time,model,time\n").contains("two columns time"));
        assert!(refused("").contains("no column time"));
    }
}
