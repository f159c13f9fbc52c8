//! No request brings text that cannot be kept: the parts of the address, the parameters behind the `?` and every text
//! and name in a JSON body are looked at before an operation sees them ([`pulze_contract::text`]).

use crate::error::{Error, Result};
use pulze_contract::validation::Rule;
use pulze_contract::{FieldError, ProblemType, text};
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use std::collections::HashMap;
use std::fmt;

/// Fields that are named in one answer.
const NAMED_MAX: usize = 20;
/// Longest name of a field that is told back, in characters.
const NAME_MAX: usize = 200;

/// # Errors
/// `not-found`: what cannot be an identifier or a name leads nowhere.
pub fn require_path(params: &HashMap<String, String>) -> Result<()> {
    if params.values().all(|value| text::is_clean(value)) { Ok(()) } else { Err(ProblemType::NotFound.into()) }
}

/// # Errors
/// `invalid`, with the parameters.
pub fn require_query(query: &HashMap<String, String>) -> Result<()> {
    let wrong = query.iter().filter(|(name, value)| !text::is_clean(name) || !text::is_clean(value));
    refuse(wrong.map(|(name, _)| name.clone()).collect())
}

/// Looks at every text and every name of a JSON document. What is no JSON is for its reader to refuse.
///
/// # Errors
/// `invalid`, with the fields.
pub fn require_json(body: &[u8]) -> Result<()> {
    if !may_be_refused(body) {
        return Ok(());
    }
    let (mut path, mut wrong) = (Vec::new(), Vec::new());
    let walk = Walk { path: &mut path, wrong: &mut wrong };
    if walk.deserialize(&mut serde_json::Deserializer::from_slice(body)).is_err() {
        return Ok(());
    }
    refuse(wrong)
}

fn refuse(mut fields: Vec<String>) -> Result<()> {
    fields.truncate(NAMED_MAX);
    let error =
        |field: String| FieldError { field: text::cleaned(&field, NAME_MAX), rule: Rule::InvisibleCharacters, found: None };
    if fields.is_empty() { Ok(()) } else { Err(Error::invalid(fields.into_iter().map(error).collect())) }
}

/// Whether the bytes can hold such a text at all: escapes of control characters and of anything by its number, DEL, the
/// second row of control characters, and the ends of noncharacters. What browsers and libraries write rarely does.
fn may_be_refused(body: &[u8]) -> bool {
    body.contains(&0x7f)
        || body.windows(2).any(|pair| match pair {
            [b'\\', b'u' | b'b' | b'f'] | [0xef, 0xb7] | [0xbf, 0xbe | 0xbf] => true,
            [0xc2, second] => *second < 0xa0,
            _ => false,
        })
}

/// Walks through a document and notes where a text is refused.
struct Walk<'a> {
    path: &'a mut Vec<String>,
    wrong: &'a mut Vec<String>,
}

impl Walk<'_> {
    fn again(&mut self) -> Walk<'_> {
        Walk { path: self.path, wrong: self.wrong }
    }

    fn look<E>(self, text: &str) -> Result<(), E> {
        if self.wrong.len() < NAMED_MAX && !text::is_clean(text) {
            self.wrong.push(self.path.join("."));
        }
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Walk<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Walk<'_> {
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

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        self.look(text)
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut list: A) -> Result<(), A::Error> {
        for place in 0.. {
            self.path.push(format!("{place}"));
            let more = list.next_element_seed(self.again())?;
            self.path.pop();
            if more.is_none() {
                break;
            }
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut object: A) -> Result<(), A::Error> {
        while let Some(name) = object.next_key::<String>()? {
            self.again().look::<A::Error>(&name)?;
            self.path.push(name);
            object.next_value_seed(self.again())?;
            self.path.pop();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(body: &str) -> Vec<String> {
        match require_json(body.as_bytes()) {
            Err(Error::Refused(refusal)) => refusal.errors.into_iter().map(|error| error.field).collect(),
            _ => Vec::new(),
        }
    }

    #[test]
    fn every_text_and_name_is_looked_at() {
        assert_eq!(fields(r#"{"name":"a\u0000b"}"#), ["name"]);
        assert_eq!(fields("{\"rows\":[{\"email\":\"a\"},{\"email\":\"\u{fffe}\"}]}"), ["rows.1.email"]);
        assert_eq!(fields(r#"{"settings":{"endpoint":"\u001b[2J","\u0000":1}}"#), ["settings.endpoint", "settings"]);
        assert_eq!(fields("{\"a\":\"\u{7f}\",\"b\":\"\u{9f}\",\"c\":\"\u{fdd0}\",\"d\":\"\u{1ffff}\"}"), ["a", "b", "c", "d"]);
        assert_eq!(fields(r#"{"a":"\b","b":"\f","c":"\n\r\t\u0009"}"#), ["a", "b"]);
        assert_eq!(fields(r#"["\u0041",1,-1,1.5,true,null,"\ud83d\udc69"]"#), Vec::<String>::new());
        // Broken: for the reader.
        assert_eq!(fields(r#"{"a":"\ud800"}"#), Vec::<String>::new());
        assert_eq!(fields(r#"{"a":"\u0000"#), Vec::<String>::new());
        assert_eq!(fields(&format!(r#"{{"a":[{}"\u0000"]}}"#, r#""\u0000","#.repeat(100))).len(), NAMED_MAX);
    }

    /// The look at the bytes passes over nothing that the walk would find.
    #[test]
    fn no_refused_character_is_passed_over() {
        for c in (0..=u32::from(char::MAX)).filter_map(char::from_u32).filter(|c| text::is_refused(*c)) {
            let written = serde_json::Value::from(c.to_string()).to_string();
            assert!(may_be_refused(written.as_bytes()), "{c:?}");
        }
        assert!(!may_be_refused("{\"name\":\"Müller & Söhne 👩\u{200d}💻 دادهکاوی\\n\"}".as_bytes()));
    }
}
