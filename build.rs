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
    plurals("en", &english);
    for language in ["de", "ar"] {
        let other = read(language);
        compare(language, &english, &other);
        plurals(language, &other);
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
        all.entry(stem(key)).or_default().extend(names(text));
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

/// The plural categories of a language (Unicode CLDR): a text that counts has a form for each.
fn categories(language: &str) -> &'static [&'static str] {
    if language == "ar" { &["few", "many", "one", "other", "two", "zero"] } else { &["one", "other"] }
}

/// A text that counts has every form of its language, and counts one thing.
fn plurals(language: &str, table: &Table) {
    let mut forms: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (key, text) in table {
        if let Some((stem, category)) = key.split_once('.') {
            forms.entry(stem).or_default().push(category);
            if text.replace("{count}", "").contains('{') {
                fail(&format!("locales/{language}.json: \"{key}\" counts, and takes more than {{count}}"));
            }
        }
    }
    let wrong = forms.iter().find(|(_, found)| *found != categories(language));
    if let Some((key, found)) = wrong {
        fail(&format!("locales/{language}.json: \"{key}\" has the forms {found:?}, {language} needs {:?}", categories(language)));
    }
}

/// The names of a text's placeholders, as `i18n::takes` is given them.
fn names(text: &str) -> Vec<&str> {
    text.split('{').skip(1).filter_map(|part| part.split('}').next()).collect()
}

/// One constant a key, with its English beside it: what only a lazy page says, travels with that page.
fn keys(english: &Table) -> String {
    let stems: BTreeSet<&str> = english.keys().map(|key| stem(key)).collect();
    let camel = |key: &str| key.split('_').map(|word| word[..1].to_uppercase() + &word[1..]).collect::<String>();
    // One block for each set of placeholders: the type says what a text takes, so that it cannot be shown without.
    let mut blocks: BTreeMap<String, String> = BTreeMap::new();
    for key in &stems {
        let forms: Vec<(&str, &String)> = english
            .iter()
            .filter(|(form, _)| stem(form) == *key)
            .map(|(form, text)| (form.split_once('.').map_or("", |(_, category)| category), text))
            .collect();
        let kind = match forms.as_slice() {
            [("", text)] => match names(text).into_iter().collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>() {
                none if none.is_empty() => "Key".to_owned(),
                taken => format!("Key<{{ takes(&{taken:?}) }}>"),
            },
            _ => "PluralKey".to_owned(),
        };
        let block = blocks.entry(kind).or_default();
        let _ = writeln!(block, "    pub const {}: Self = Self {{ id: {key:?}, english: &{forms:?} }};", camel(key));
    }
    let mut code = String::new();
    for (kind, block) in blocks {
        let _ = writeln!(code, "#[allow(non_upper_case_globals)]\nimpl {kind} {{\n{block}}}");
    }
    code
}
