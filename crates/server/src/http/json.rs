//! JSON as it is taken in. A name that comes twice in one object is refused: readers disagree about which of the two
//! counts, so what a proxy or a log sees need not be what is done (RFC 8259, 4).

use crate::error::{Error, Result};
use pulze_contract::ProblemType;
use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

/// Reads a value.
///
/// # Errors
/// `malformed`, with the place and the reason.
pub fn read<T: DeserializeOwned>(text: &[u8]) -> Result<T> {
    require_unique_names(text)?;
    serde_json::from_slice(text).map_err(malformed)
}

/// # Errors
/// `malformed` for what is not JSON, and where a name comes twice in an object.
pub fn require_unique_names(text: &[u8]) -> Result<()> {
    Unique.deserialize(&mut serde_json::Deserializer::from_slice(text)).map_err(malformed)
}

fn malformed(error: serde_json::Error) -> Error {
    Error::because(ProblemType::Malformed, error.to_string())
}

/// Looks at every name of every object, and keeps nothing.
struct Unique;

impl<'de> DeserializeSeed<'de> for Unique {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Unique {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while list.next_element_seed(Self)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<(), A::Error> {
        let mut names = HashSet::new();
        while let Some(name) = object.next_key_seed(Name)? {
            if let Some(name) = names.replace(name) {
                let name: String = name.chars().take(100).collect();
                return Err(A::Error::custom(format!("the name {name:?} comes twice in one object")));
            }
            object.next_value_seed(Self)?;
        }
        Ok(())
    }
}

/// A name, borrowed from the text where it holds no escapes.
struct Name;

impl<'de> DeserializeSeed<'de> for Name {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Cow<'de, str>, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Name {
    type Value = Cow<'de, str>;

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("a name")
    }

    fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Cow<'de, str>, E> {
        Ok(Cow::Borrowed(name))
    }

    fn visit_str<E>(self, name: &str) -> Result<Cow<'de, str>, E> {
        Ok(Cow::Owned(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    #[test]
    fn a_name_comes_once_in_an_object() {
        for good in ["{}", "[]", "1", "\"a\"", r#"{"a":1,"b":{"a":1}}"#, r#"[{"a":1},{"a":2}]"#, r#"{"a":null,"A":-1.5e3}"#] {
            assert!(read::<Value>(good.as_bytes()).is_ok(), "{good}");
        }
        for twice in [r#"{"a":1,"a":1}"#, r#"[[{"x":{"a":1,"b":2,"a":3}}]]"#, r#"{"a":1,"\u0061":2}"#, r#"{"":1,"":2}"#] {
            assert!(read::<Value>(twice.as_bytes()).is_err(), "{twice}");
        }
        for broken in ["", "{", r#"{"a":1}x"#, "{\"a\":\"\u{0}\"}", "{'a':1}", "NaN", "\u{feff}{}"] {
            assert!(read::<Value>(broken.as_bytes()).is_err(), "{broken}");
        }
        // As deep as nobody's data, and deeper than a stack should be asked for.
        assert!(read::<Value>("[".repeat(100_000).as_bytes()).is_err());
    }

    #[test]
    fn what_is_wrong_is_said() {
        let Err(Error::Refused(refusal)) = read::<Value>(br#"{"a":1,"a":2}"#) else { unreachable!() };
        assert_eq!(refusal.detail.as_deref(), Some(r#"the name "a" comes twice in one object at line 1 column 10"#));
    }
}
