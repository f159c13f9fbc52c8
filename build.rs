//! Turns `locales/en.json` into the translation keys, and fails the build when another
//! language lacks a key, has one too many, or uses other placeholders.

use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::Path;

type Table = BTreeMap<String, String>;

fn main() {
    println!("cargo:rerun-if-changed=locales");
    let english = read("en");
    for language in ["de", "ar"] {
        compare(language, &english, &read(language));
    }
    let out = std::env::var("OUT_DIR").unwrap_or_default();
    if let Err(error) = std::fs::write(Path::new(&out).join("keys.rs"), keys(&english)) {
        fail(&format!("keys.rs: {error}"));
    }
}

fn fail(message: &str) -> ! {
    println!("cargo:warning={message}");
    std::process::exit(1);
}

fn read(language: &str) -> Table {
    let file = format!("locales/{language}.json");
    let text = std::fs::read_to_string(&file).unwrap_or_else(|error| fail(&format!("{file}: {error}")));
    let map: Map<String, Value> = serde_json::from_str(&text).unwrap_or_else(|error| fail(&format!("{file}: {error}")));
    map.into_iter().map(|(key, value)| (key, value.as_str().unwrap_or_default().to_owned())).collect()
}

/// A key without its plural category.
fn stem(key: &str) -> &str {
    key.split('.').next().unwrap_or(key)
}

/// The placeholders of every key; a plural form may leave `{count}` out ("one member").
fn placeholders(table: &Table) -> BTreeMap<&str, BTreeSet<&str>> {
    let mut all: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (key, text) in table {
        all.entry(stem(key)).or_default().extend(text.split('{').skip(1).filter_map(|part| part.split('}').next()));
    }
    all
}

fn compare(language: &str, english: &Table, other: &Table) {
    let (expected, found) = (placeholders(english), placeholders(other));
    for (key, names) in &expected {
        match found.get(key) {
            None => fail(&format!("locales/{language}.json lacks \"{key}\"")),
            Some(other_names) if other_names != names => {
                fail(&format!("locales/{language}.json: other placeholders in \"{key}\""))
            }
            Some(_) => {}
        }
    }
    if let Some(key) = found.keys().find(|key| !expected.contains_key(*key)) {
        fail(&format!("locales/{language}.json has \"{key}\", which English lacks"));
    }
}

/// One constant a key, with its English beside it: what only a lazy page says, travels with that page.
fn keys(english: &Table) -> String {
    let stems: BTreeSet<&str> = english.keys().map(|key| stem(key)).collect();
    let camel = |key: &str| key.split('_').map(|word| word[..1].to_uppercase() + &word[1..]).collect::<String>();
    let mut code = String::from("#[allow(non_upper_case_globals)]\nimpl Key {\n");
    for key in &stems {
        let forms: Vec<(&str, &String)> = english
            .iter()
            .filter(|(form, _)| stem(form) == *key)
            .map(|(form, text)| (form.split_once('.').map_or("", |(_, category)| category), text))
            .collect();
        let _ = writeln!(code, "    pub const {}: Self = Self {{ id: {key:?}, english: &{forms:?} }};", camel(key));
    }
    code.push_str("}\n");
    code
}
