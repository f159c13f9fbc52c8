//! The format of a key: a prefix, a random part, a checksum.

/// What every key starts with, so that secret scanners know one when they see it.
pub const PREFIX: &str = "pk_";
/// Characters of the random part: 43 of base 62 are 256 bits.
pub const RANDOM: usize = 43;
/// Characters of the checksum: 6 of base 62 hold any CRC-32.
pub const CHECKSUM: usize = 6;
/// The digits of base 62.
pub const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// The checksum of what stands before it.
fn checksum(text: &str) -> String {
    let mut rest = crc32fast::hash(text.as_bytes());
    let mut digits = [b'0'; CHECKSUM];
    for digit in digits.iter_mut().rev() {
        *digit = ALPHABET[(rest % 62) as usize];
        rest /= 62;
    }
    String::from_utf8_lossy(&digits).into_owned()
}

/// A key out of its random part.
pub fn with_checksum(random: &str) -> String {
    let start = format!("{PREFIX}{random}");
    let checksum = checksum(&start);
    start + &checksum
}

/// Whether a text is a key by its form: prefix, length, characters, checksum. A single wrong
/// character never passes (CRC-32 sees every burst of up to 32 bits).
pub fn is_well_formed(text: &str) -> bool {
    let Some(rest) = text.strip_prefix(PREFIX) else { return false };
    let digits = rest.len() == RANDOM + CHECKSUM && rest.bytes().all(|byte| ALPHABET.contains(&byte));
    digits && checksum(&text[..PREFIX.len() + RANDOM]) == text[PREFIX.len() + RANDOM..]
}

/// What is shown of a key: its prefix and its last four characters.
pub fn preview(last_four: &str) -> String {
    format!("{PREFIX}…{last_four}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_single_wrong_character_never_passes(random in "[0-9A-Za-z]{43}", place in 0..52_usize, other in 0..62_usize) {
            let key = with_checksum(&random);
            prop_assert!(is_well_formed(&key));
            let mut wrong = key.clone().into_bytes();
            let digit = ALPHABET[other];
            prop_assume!(wrong[place] != digit);
            wrong[place] = digit;
            prop_assert!(!is_well_formed(&String::from_utf8_lossy(&wrong)));
        }
    }
}
