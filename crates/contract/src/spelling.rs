//! When two texts are the same, and which characters of a name nobody sees, by the Unicode standard.
//!
//! The tables (feature `unicode`) are the server's: in the app they would weigh more than a page. Without them less is
//! refused and nothing is normalized, so what the app lets through the server still decides.

/// The one form in which texts are kept and compared: Normalization Form C (UAX 15).
pub fn normal(text: &str) -> String {
    #[cfg(feature = "unicode")]
    return tables::normal(text);
    #[cfg(not(feature = "unicode"))]
    text.to_owned()
}

/// What a text is found, sorted and told apart by: its normal form without case, and without joiners and variation
/// selectors, which change how a word looks and not which word it is.
pub fn folded(text: &str) -> String {
    let looks = |c: char| is_joiner(c) || matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}');
    // By upper case first, as full case folding does: ß and ss, ligatures and their letters. Both sigmas are one.
    let lower = normal(&text.replace(looks, "")).to_uppercase().to_lowercase().replace('ς', "σ");
    // Turkish İ becomes an i with a dot on top of its own.
    let mut folded = String::with_capacity(lower.len());
    for c in lower.chars() {
        if c != '\u{307}' || !folded.ends_with('i') {
            folded.push(c);
        }
    }
    normal(&folded)
}

fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}')
}

/// Whether a character turns the reading direction of what follows, or is a space without width. In texts of several
/// lines nothing else is asked; joiners belong to spellings and emoji.
pub fn turns_direction(c: char) -> bool {
    matches!(c, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// Whether a name holds something that nobody sees, or shows nothing at all.
pub fn is_unseen(name: &str) -> bool {
    #[cfg(feature = "unicode")]
    return tables::is_unseen(name);
    #[cfg(not(feature = "unicode"))]
    name.chars().any(turns_direction)
}

#[cfg(feature = "unicode")]
mod tables {
    use super::is_joiner;
    use icu_normalizer::ComposingNormalizer;
    use icu_properties::props::{
        CanonicalCombiningClass, DefaultIgnorableCodePoint, Emoji, EmojiModifier, ExtendedPictographic, GeneralCategory,
        Ideographic, JoiningType,
    };
    use icu_properties::{CodePointMapData, CodePointSetData};

    pub fn normal(text: &str) -> String {
        ComposingNormalizer::new_nfc().normalize(text).into_owned()
    }

    fn is_virama(c: char) -> bool {
        CodePointMapData::<CanonicalCombiningClass>::new().get(c) == CanonicalCombiningClass::Virama
    }

    fn category(c: char) -> GeneralCategory {
        CodePointMapData::<GeneralCategory>::new().get(c)
    }

    fn is_mark(c: char) -> bool {
        let mark = [GeneralCategory::NonspacingMark, GeneralCategory::SpacingMark, GeneralCategory::EnclosingMark];
        mark.contains(&category(c))
    }

    fn is_ignorable(c: char) -> bool {
        CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c)
    }

    /// A joiner where a script needs it (UAX 31, A1, A2 and B), beside a virama in Bengali and Kannada (the standard,
    /// chapter 12), or between the parts of an emoji (UTS 51).
    fn joins(joiner: char, before: &[char], after: &[char]) -> bool {
        let behind_virama = before.iter().rev().find(|c| !is_mark(**c) || is_virama(**c)).is_some_and(|c| is_virama(*c));
        let next = after.first().copied();
        let letter = |c: Option<char>| c.is_some_and(|c| c.is_alphabetic() || is_mark(c));
        if behind_virama {
            return joiner == '\u{200d}' || letter(next);
        }
        if next.is_some_and(is_virama) {
            return letter(before.last().copied());
        }
        let joining = CodePointMapData::<JoiningType>::new();
        if joiner == '\u{200c}' {
            let solid = |c: &char| joining.get(*c) != JoiningType::Transparent;
            let left = before.iter().rev().copied().find(solid).map(|c| joining.get(c));
            let right = after.iter().copied().find(solid).map(|c| joining.get(c));
            return matches!(left, Some(JoiningType::LeftJoining | JoiningType::DualJoining))
                && matches!(right, Some(JoiningType::RightJoining | JoiningType::DualJoining));
        }
        let pictures = CodePointSetData::new::<ExtendedPictographic>();
        let dress = |c: &char| *c != '\u{fe0f}' && !CodePointSetData::new::<EmojiModifier>().contains(*c);
        let left = before.iter().rev().copied().find(dress);
        left.is_some_and(|c| pictures.contains(c)) && next.is_some_and(|c| pictures.contains(c))
    }

    /// A character that is not to be seen itself, where it changes what is seen beside it.
    fn belongs(c: char, before: &[char], after: &[char]) -> bool {
        let last = before.last().copied();
        match c {
            _ if is_joiner(c) => joins(c, before, after),
            '\u{fe0e}' | '\u{fe0f}' => last.is_some_and(|c| CodePointSetData::new::<Emoji>().contains(c)),
            '\u{fe00}'..='\u{fe0d}' => last.is_some_and(|c| !c.is_whitespace() && !is_ignorable(c)),
            '\u{e0100}'..='\u{e01ef}' => last.is_some_and(|c| CodePointSetData::new::<Ideographic>().contains(c)),
            // Mongolian's variants, and the space within its words.
            '\u{180b}'..='\u{180f}' => last.is_some_and(|c| matches!(c, '\u{1820}'..='\u{18aa}')),
            // The flags of regions: a black flag, letters, and the end.
            '\u{e0020}'..='\u{e007f}' => {
                let tag = |c: &char| matches!(*c, '\u{e0030}'..='\u{e0039}' | '\u{e0061}'..='\u{e007a}');
                let flag = before.iter().rev().copied().find(|c| !tag(c)) == Some('\u{1f3f4}');
                let ends = after.iter().copied().find(|c| !tag(c)) == Some('\u{e007f}');
                flag && if c == '\u{e007f}' { last.is_some_and(|c| tag(&c)) } else { tag(&c) && ends }
            }
            _ => false,
        }
    }

    pub fn is_unseen(name: &str) -> bool {
        let letters = name.chars().collect::<Vec<_>>();
        // Blank, and no space: Braille without a dot, a note without a head.
        let blank = |c: char| c.is_whitespace() || matches!(c, '\u{2800}' | '\u{1d159}') || is_ignorable(c);
        let wrong = |(at, c): (usize, &char)| {
            let (before, after) = (&letters[..at], &letters[at + 1..]);
            let annotation = matches!(c, '\u{fff9}'..='\u{fffb}');
            let private = category(*c) == GeneralCategory::PrivateUse;
            // UTS 39, 5.4: more than four marks on one letter cover what stands around it.
            let heap = letters[at..].iter().take(5).filter(|c| category(**c) == GeneralCategory::NonspacingMark).count() == 5;
            annotation || private || heap || (is_ignorable(*c) && !belongs(*c, before, after))
        };
        // A mark at the beginning would stand on what comes before the name.
        let first = letters.iter().find(|c| !c.is_whitespace());
        letters.iter().enumerate().any(wrong)
            || first.is_some_and(|c| is_mark(*c))
            || (first.is_some() && letters.iter().all(|c| blank(*c)))
    }
}

#[cfg(all(test, feature = "unicode"))]
mod tests {
    use super::*;
    use crate::validation::{Rule, confirms_name, name};
    use proptest::prelude::*;

    #[test]
    fn spellings_are_kept_and_what_nobody_sees_is_refused() {
        for kept in [
            "\u{634}\u{631}\u{6a9}\u{62a} \u{62f}\u{627}\u{62f}\u{647}\u{200c}\u{6a9}\u{627}\u{648}\u{6cc}",
            "\u{639}\u{644}\u{6cc}\u{200c}\u{631}\u{636}\u{627} \u{645}\u{62d}\u{645}\u{62f}\u{6cc}",
            "\u{dc1}\u{dca}\u{200d}\u{dbb}\u{dd3} \u{dbd}\u{d82}\u{d9a}\u{dcf}",
            "Team \u{1f469}\u{200d}\u{1f4bb}",
            "\u{1f3f4}\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f} Office",
            "M\u{fc}ller & S\u{f6}hne",
            "\u{130}stanbul ofisi",
            // Bengali, Malayalam and Tamil; a heart, a keycap, a family with colours of skin; a Japanese name's variant.
            "\u{9b0}\u{200d}\u{9cd}\u{9af}\u{9be}\u{9ac}",
            "\u{d05}\u{d35}\u{d28}\u{d4d}\u{200d}",
            "\u{b95}\u{bcd}\u{200c}\u{bb7}",
            "\u{2764}\u{fe0f} 1\u{fe0f}\u{20e3} \u{1f9d1}\u{1f3fd}\u{200d}\u{1f91d}\u{200d}\u{1f9d1}\u{1f3fb}",
            "\u{845b}\u{e0100}\u{98fe}",
            "\u{2801}\u{2800}\u{2803}",
        ] {
            assert_eq!(name(kept), Ok(kept.to_owned()), "{}", kept.escape_unicode());
        }
        for refused in [
            "\u{3164}",
            "\u{2800}\u{2800}",
            "\u{115f}\u{1160}",
            "\u{ad}\u{ad}\u{ad}",
            "\u{34f}",
            "\u{e0041}\u{e0042}\u{e0043}",
            "Acme\u{200c}Robotics",
            "Acme\u{200d}Robotics",
            "Acme\u{200b}Robotics",
            "\u{202e}emcA",
            "\u{ffa0}",
            "Ac\u{ad}me",
            "\u{2066}x",
            "\u{200d}",
            "\u{1f469}\u{200d}",
            "\u{1f3f4}\u{e0067}",
            "\u{e007f}",
            "x\u{fe0f}",
            "x\u{e0100}",
            "\u{301}x",
            "\u{e000}",
            "\u{180e}",
            "x\u{301}\u{301}\u{301}\u{301}\u{301}",
            "\u{1d159}",
            "\u{61c}x",
            "\u{fff9}x",
        ] {
            assert_eq!(name(refused), Err(Rule::InvisibleCharacters), "{}", refused.escape_unicode());
        }
    }

    #[test]
    fn one_form_for_what_is_the_same() {
        assert_eq!(name("Mu\u{308}ller"), Ok("M\u{fc}ller".to_owned()));
        assert!(confirms_name("Mu\u{308}ller  AG", "M\u{fc}ller AG"));
        for (one, other) in [
            ("STRASSE", "straße"),
            ("\u{130}STANBUL", "istanbul"),
            ("ΟΔΟΣ", "οδος"),
            ("i\u{307}\u{200d}\u{307}", "\u{130}"),
            ("Mu\u{308}ller", "M\u{dc}LLER"),
            ("\u{639}\u{644}\u{6cc}\u{200c}\u{631}\u{636}\u{627}", "\u{639}\u{644}\u{6cc}\u{631}\u{636}\u{627}"),
        ] {
            assert_eq!(folded(one), folded(other), "{one} {other}");
        }
    }

    proptest! {
        #[test]
        fn forms_are_made_once(text in "\\PC{0,40}") {
            prop_assert_eq!(normal(&normal(&text)), normal(&text));
            prop_assert_eq!(folded(&folded(&text)), folded(&text));
            prop_assert_eq!(folded(&normal(&text)), folded(&text));
        }
    }
}
