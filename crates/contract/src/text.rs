//! What no text may hold, wherever it comes from.
//!
//! Names, descriptions and addresses have rules of their own in [`crate::validation`]. The rule here is the one for all
//! text: bodies, addresses, headers, files, and what other services say. The server reads no request around it.

/// Whether a character may stand in no text at all: control characters other than tab and line ends, and the code
/// points that Unicode keeps from interchange (noncharacters, Unicode 16, 23.7). PostgreSQL keeps no NUL; the others
/// change what a terminal or a log shows, and no keyboard types them.
pub fn is_refused(c: char) -> bool {
    let noncharacter = matches!(c, '\u{fdd0}'..='\u{fdef}') || u32::from(c) & 0xfffe == 0xfffe;
    noncharacter || (c.is_control() && !matches!(c, '\t' | '\n' | '\r'))
}

/// Whether a text can be kept as it is.
pub fn is_clean(text: &str) -> bool {
    !text.chars().any(is_refused)
}

/// A text of somebody who cannot be asked to mend it (what a mail server says, what a provider calls a person): at most
/// `most` characters, without what no text may hold.
pub fn cleaned(text: &str, most: usize) -> String {
    text.chars().filter(|c| !is_refused(*c)).take(most).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_no_text_may_hold() {
        for refused in ['\0', '\u{1b}', '\u{7f}', '\u{85}', '\u{fffe}', '\u{ffff}', '\u{fdd0}', '\u{1fffe}', '\u{10ffff}'] {
            assert!(is_refused(refused), "{refused:?}");
        }
        for kept in ['\t', '\n', '\r', ' ', 'a', '\u{fffd}', '\u{fdcf}', '\u{fdf0}', '\u{200c}', '\u{e0067}', '👩'] {
            assert!(!is_refused(kept), "{kept:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_cleaned_is_clean(text in any::<String>(), most in 0..50_usize) {
            let kept = cleaned(&text, most);
            prop_assert!(is_clean(&kept) && kept.chars().count() <= most);
            prop_assert!(!is_clean(&text) || text.starts_with(&kept));
        }
    }
}
