//! The text of a file: its encoding by what its bytes say, and never letters in place of ones that cannot be read.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// A file as text.
#[derive(Debug, PartialEq, Eq)]
pub struct Text {
    pub text: String,
    /// What it was read as, and how that is known.
    pub encoding: String,
}

/// Files that are no text, by their first bytes.
const OTHERS: [(&[u8], &str); 6] = [
    (b"PK\x03\x04", "a workbook or an archive; save the sheet as CSV"),
    (b"\xd0\xcf\x11\xe0", "an Excel workbook; save the sheet as CSV"),
    (b"\x1f\x8b", "packed by gzip; unpack it first"),
    (b"\x28\xb5\x2f\xfd", "packed by zstd; unpack it first"),
    (b"PAR1", "a Parquet file; write it as CSV"),
    (b"SQLite format 3", "a SQLite database; write the table as CSV"),
];

/// Reads bytes as text; in the encoding that is named, or else in the one that they are in.
///
/// # Errors
/// No text, or bytes that the encoding does not have.
pub fn read(bytes: &[u8], named: Option<&str>) -> Result<Text, String> {
    if let Some((_, what)) = OTHERS.iter().find(|(begin, _)| bytes.starts_with(begin)) {
        return Err(format!("the file is {what}"));
    }
    if bytes.starts_with(b"\xff\xfe\0\0") || bytes.starts_with(b"\0\0\xfe\xff") {
        return Err("the file is in UTF-32; save it as UTF-8".to_owned());
    }
    let (encoding, how) = match (named, Encoding::for_bom(bytes)) {
        (Some(label), _) => {
            let known = Encoding::for_label(label.as_bytes()).filter(|encoding| encoding.name() != "replacement");
            (known.ok_or_else(|| format!("there is no encoding {label}"))?, "as you said")
        }
        (None, Some((encoding, _))) => (encoding, "by its byte order mark"),
        (None, None) => guessed(bytes),
    };
    let bytes = match Encoding::for_bom(bytes) {
        Some((marked, length)) if marked == encoding => &bytes[length..],
        _ => bytes,
    };
    match encoding.decode_without_bom_handling_and_without_replacement(bytes) {
        Some(text) => Ok(Text { text: text.into_owned(), encoding: format!("{} ({how})", encoding.name()) }),
        None => {
            let (text, _) = encoding.decode_without_bom_handling(bytes);
            let before = text.split_once('\u{fffd}').map_or("", |(before, _)| before);
            let line = before.matches('\n').count() + 1;
            Err(format!("line {line} has bytes that are not {}; say --encoding, or save the file as UTF-8", encoding.name()))
        }
    }
}

/// The encoding of what carries no mark.
fn guessed(bytes: &[u8]) -> (&'static Encoding, &'static str) {
    // Letters, digits and commas in UTF-16 have a zero as their other half.
    let zeros = |odd: usize| bytes.iter().skip(odd).step_by(2).filter(|byte| **byte == 0).count();
    let (high, low) = (zeros(0), zeros(1));
    if (high + low) * 4 > bytes.len() {
        let encoding = if low > high { UTF_16LE } else { UTF_16BE };
        return (encoding, "by its zeros, without a byte order mark");
    }
    if std::str::from_utf8(bytes).is_ok() {
        return (UTF_8, if bytes.is_ascii() { "plain ASCII" } else { "every byte fits" });
    }
    (WINDOWS_1252, "assumed, as it is not UTF-8; say --encoding for another one")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_by_example() {
        let utf_16 = |bytes: fn(u16) -> [u8; 2]| "größe,12\n".encode_utf16().flat_map(bytes).collect::<Vec<u8>>();
        for (bytes, encoding) in [
            ("größe,12\n".as_bytes().to_vec(), "UTF-8 (every byte fits)"),
            ([b"\xef\xbb\xbf", "größe,12\n".as_bytes()].concat(), "UTF-8 (by its byte order mark)"),
            ([b"\xff\xfe".to_vec(), utf_16(u16::to_le_bytes)].concat(), "UTF-16LE (by its byte order mark)"),
            ([b"\xfe\xff".to_vec(), utf_16(u16::to_be_bytes)].concat(), "UTF-16BE (by its byte order mark)"),
            (utf_16(u16::to_le_bytes), "UTF-16LE (by its zeros, without a byte order mark)"),
            (utf_16(u16::to_be_bytes), "UTF-16BE (by its zeros, without a byte order mark)"),
            (b"gr\xf6\xdfe,12\n".to_vec(), "windows-1252 (assumed, as it is not UTF-8; say --encoding for another one)"),
        ] {
            let read = read(&bytes, None);
            assert_eq!(read, Ok(Text { text: "größe,12\n".to_owned(), encoding: encoding.to_owned() }));
        }
        assert_eq!(read(b"a\x80", Some("windows-1250")).map(|read| read.text), Ok("a€".to_owned()));
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        let refused = |bytes: &[u8], named| read(bytes, named).err().unwrap_or_default();
        assert!(refused(b"\xef\xbb\xbfa\nb\xff\n", None).contains("line 2"));
        assert!(refused(b"a\nb\xff\n", Some("utf-8")).contains("line 2"));
        assert!(refused(b"PK\x03\x04", None).contains("workbook"));
        assert!(refused(b"a", Some("klingon")).contains("klingon"));
    }
}
