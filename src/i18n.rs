//! The translations. English is in the module; another language is fetched when it is chosen.
//!
//! Dates, numbers and plural rules come from the browser's `Intl`.

use crate::client;
use crate::ui::browser;
use js_sys::{Array, Function, Intl, Object, Reflect};
use leptos::prelude::*;
use pulze_contract::table::DecimalSign;
use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;
use wasm_bindgen::JsValue;

/// A text of the app: its key in the files of translations, and its English, which is the source and the fallback.
///
/// `TAKES` names its placeholders (see [`takes`]), so that a text cannot be shown without their values: [`text`] and
/// [`label`] take a key without placeholders, [`text_with`] one together with [`args!`] of the same names.
#[derive(Clone, Copy, Debug)]
pub struct Key<const TAKES: u64 = 0> {
    id: &'static str,
    /// By plural category; one without a category where the text does not count anything.
    english: &'static [(&'static str, &'static str)],
}

/// A text with a form for each kind of number; [`plural`] fills its `{count}`.
pub type PluralKey = Key<{ u64::MAX }>;

/// A text about somebody or something with a name.
pub type NamedKey = Key<{ takes(&["name"]) }>;

/// What stands for a set of placeholders in a type, whatever their order.
pub const fn takes(names: &[&str]) -> u64 {
    let (mut all, mut place) = (0, 0);
    while place < names.len() {
        // FNV-1a.
        let (mut hash, mut byte) = (0xcbf2_9ce4_8422_2325_u64, 0);
        while byte < names[place].len() {
            hash = (hash ^ names[place].as_bytes()[byte] as u64).wrapping_mul(0x0100_0000_01b3);
            byte += 1;
        }
        all ^= hash;
        place += 1;
    }
    all
}

/// The values of the placeholders that `TAKES` names. Made by [`args!`].
pub struct Arguments<const TAKES: u64>(pub Vec<(&'static str, String)>);

impl<const TAKES: u64> PartialEq for Key<TAKES> {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

/// The English form for a plural category.
fn english_form(english: &[(&'static str, &'static str)], category: &str) -> &'static str {
    let form = |wanted: &str| english.iter().find(|(category, _)| *category == wanted);
    form(category).or_else(|| form("other")).or(english.first()).map(|(_, text)| *text).unwrap_or_default()
}

include!(concat!(env!("OUT_DIR"), "/keys.rs"));

/// A language that the console speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    English,
    German,
    Arabic,
    /// Accented and longer English, for tests: a text that is not translated stands out.
    Pseudo,
}

impl Language {
    /// The languages to choose from, with their own names.
    pub const OFFERED: [(Self, &'static str); 3] =
        [(Self::English, "English"), (Self::German, "Deutsch"), (Self::Arabic, "العربية")];

    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
            Self::Arabic => "ar",
            Self::Pseudo => "en-XA",
        }
    }

    pub fn parse(tag: &str) -> Option<Self> {
        match tag {
            "en-XA" => Some(Self::Pseudo),
            _ => Self::OFFERED.into_iter().map(|(language, _)| language).find(|l| tag.split('-').next() == Some(l.tag())),
        }
    }
}

type Table = Option<Arc<HashMap<String, String>>>;

thread_local! {
    /// One language for the page, whatever number of elements it holds.
    static CURRENT: ArcRwSignal<(Language, Table)> = ArcRwSignal::new((Language::English, None));
}

thread_local! {
    /// In which times are shown; without one, the device's.
    static TIME_ZONE: ArcRwSignal<Option<String>> = ArcRwSignal::new(None);
}

/// Shows times in a zone from now on; without one, in the device's.
pub fn set_time_zone(zone: Option<String>) {
    let shown = TIME_ZONE.with(Clone::clone);
    let zone = zone.filter(|zone| knows_time_zone(zone));
    if *shown.read_untracked() != zone {
        shown.set(zone);
    }
}

/// The language in use, without following it.
pub fn current_language() -> Language {
    current().get_untracked().0
}

fn current() -> ArcRwSignal<(Language, Table)> {
    CURRENT.with(Clone::clone)
}

/// Takes up the chosen language, or the browser's.
pub fn start() {
    let chosen = browser::stored("pulze.language").or_else(browser::language);
    let language = chosen.and_then(|tag| Language::parse(&tag)).unwrap_or(Language::English);
    apply(language, None);
    load(language);
}

/// The language in use. Reactive.
pub fn language() -> Language {
    current().get().0
}

/// Changes the language and remembers it. The old words stay until the new ones are there.
pub fn choose(language: Language) {
    browser::store("pulze.language", language.tag());
    load(language);
}

fn load(language: Language) {
    match language {
        Language::English | Language::Pseudo => apply(language, None),
        Language::German | Language::Arabic => wasm_bindgen_futures::spawn_local(async move {
            // Without an answer the words stay as they are: English is always there.
            if let Ok(table) = client::translations(language.tag()).await {
                apply(language, Some(Arc::new(table)));
            }
        }),
    }
}

fn apply(language: Language, table: Table) {
    browser::set_document_language(language.tag(), language == Language::Arabic && table.is_some());
    current().set((language, table));
    let panic = [text(Key::PanicTitle), text(Key::PanicExplained), text(Key::Reload)];
    browser::set_panic_words(&panic);
}

/// A text. Reactive: reads the language.
pub fn text(key: Key) -> String {
    written(key.id, key.english, &[])
}

/// A text with its placeholders filled in: `text_with(Key::Deleted, args!(name = name))`. Reactive: reads the language.
pub fn text_with<const TAKES: u64>(key: Key<TAKES>, arguments: Arguments<TAKES>) -> String {
    written(key.id, key.english, &arguments.0)
}

fn written(id: &str, english: &[(&'static str, &'static str)], arguments: &[(&str, String)]) -> String {
    let (language, table) = current().get();
    let translated = table.as_ref().and_then(|table| table.get(id)).map(String::as_str);
    fill(language, translated.unwrap_or(english_form(english, "")), arguments)
}

/// A reactive text. All of them are of one type: what draws a text is compiled once, not once a text.
pub fn label(key: Key) -> impl Fn() -> String + Copy + Send + Sync + 'static {
    move || text(key)
}

/// A reactive text out of anything. Of one type as well: in a view, what draws it is compiled once.
pub fn words(text: impl Fn() -> String + Send + Sync + 'static) -> impl Fn() -> String + Clone + Send + Sync + 'static {
    of_one_type(Arc::new(text))
}

fn of_one_type(text: Arc<dyn Fn() -> String + Send + Sync>) -> impl Fn() -> String + Clone + Send + Sync + 'static {
    move || text()
}

/// The form of a text that fits a number.
pub fn plural(key: PluralKey, count: u32) -> String {
    plural_of(key, count.into())
}

/// The same for numbers of usage.
pub fn plural_of(key: PluralKey, count: i64) -> String {
    let count = exact(count);
    let (language, table) = current().get();
    let rules = Intl::PluralRules::new(&Array::of1(&language.tag().into()), &Object::new());
    let category = rules.select(count).as_string().unwrap_or_default();
    let form = |category: &str| table.as_ref().and_then(|table| table.get(&format!("{}.{category}", key.id)));
    let translated = form(&category).or_else(|| form("other")).map(String::as_str);
    fill(language, translated.unwrap_or(english_form(key.english, &category)), &[("count", number(count))])
}

fn fill(language: Language, template: &str, arguments: &[(&str, String)]) -> String {
    let template = if language == Language::Pseudo { pseudo(template) } else { template.to_owned() };
    // In one go: a value that looks like a placeholder is not one.
    let mut text = String::new();
    let mut rest = template.as_str();
    while let Some((before, behind)) = rest.split_once('{') {
        let (name, after) = behind.split_once('}').unwrap_or((behind, ""));
        text.push_str(before);
        text.push_str(arguments.iter().find(|(of, _)| *of == name).map_or("", |(_, value)| value));
        rest = after;
    }
    text + rest
}

/// `Sign in` → `⟦Šîgñ îñ~~⟧`; placeholders stay.
fn pseudo(text: &str) -> String {
    let mut inside = false;
    let letters = text.chars().map(|letter| {
        inside = letter == '{' || (inside && letter != '}');
        match letter {
            _ if inside => letter,
            'a' => 'á',
            'e' => 'é',
            'i' => 'î',
            'o' => 'ö',
            'u' => 'û',
            'n' => 'ñ',
            's' => 'š',
            'c' => 'ç',
            'A' => 'Â',
            'E' => 'É',
            'O' => 'Ö',
            'S' => 'Š',
            'C' => 'Ç',
            'N' => 'Ñ',
            other => other,
        }
    });
    let letters: String = letters.collect();
    format!("⟦{letters}{}⟧", "~".repeat(text.chars().count() / 3))
}

/// Counts stay exact in a double up to nine thousand million million.
#[allow(clippy::cast_precision_loss)]
fn exact(count: i64) -> f64 {
    count as f64
}

/// A whole number as the reader writes it. Reactive.
pub fn whole_number(value: i64) -> String {
    number(exact(value))
}

/// A number as the reader writes it. Reactive.
pub fn number(value: f64) -> String {
    format_number(value, &[])
}

/// A count of calls, like `1 call`. Reactive.
pub fn calls_count(calls: i64) -> String {
    plural_of(Key::CallsCount, calls)
}

/// A count of tokens, like `1,200 tokens`. Reactive.
pub fn tokens_count(tokens: i64) -> String {
    plural_of(Key::TokensCount, tokens)
}

/// A duration in milliseconds as the reader writes it, like `340 ms`. Reactive.
pub fn milliseconds(value: f64) -> String {
    format_number(value, &[("style", "unit"), ("unit", "millisecond"), ("maximumFractionDigits", "0")])
}

/// A duration in seconds as the reader writes it, like `2.4 s`. Reactive.
pub fn seconds(value: f64) -> String {
    format_number(value, &[("style", "unit"), ("unit", "second"), ("unitDisplay", "narrow"), ("maximumFractionDigits", "1")])
}

/// A number in few letters, like `128K`. Reactive.
pub fn compact(value: f64) -> String {
    format_number(value, &[("notation", "compact")])
}

/// A share of one, like `99.2%`. Reactive.
pub fn percent(share: f64) -> String {
    format_number(share, &[("style", "percent"), ("maximumFractionDigits", "1")])
}

fn format_number(value: f64, settings: &[(&str, &str)]) -> String {
    formatted(Formatter::Number, language().tag(), settings, value)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Formatter {
    Number,
    Time,
}

thread_local! {
    /// The formatters by what they were made of.
    static FORMATTERS: RefCell<Vec<(String, Function)>> = const { RefCell::new(Vec::new()) };
}

/// A value as a formatter of `Intl` writes it. To make a formatter takes far longer than to use it, and a chart
/// or a long table writes thousands of values: each is made once.
fn formatted(formatter: Formatter, tag: &str, settings: &[(&str, &str)], value: f64) -> String {
    let number = formatter == Formatter::Number;
    let mut name = format!("{number} {tag}");
    for (setting, value) in settings {
        name.extend([" ", setting, " ", value]);
    }
    let known = FORMATTERS.with_borrow(|known| known.iter().find(|(of, _)| *of == name).map(|(_, format)| format.clone()));
    let format = known.unwrap_or_else(|| {
        let (tags, options) = (Array::of1(&tag.into()), Object::new());
        for (setting, value) in settings {
            // A zone that came into being after this browser: its times are told in UTC.
            let value = if *setting == "timeZone" && !knows_time_zone(value) { "UTC" } else { value };
            let _ = Reflect::set(&options, &(*setting).into(), &value.into());
        }
        let format = match formatter {
            Formatter::Number => Intl::NumberFormat::new(&tags, &options).format(),
            Formatter::Time => Intl::DateTimeFormat::new(&tags, &options).format(),
        };
        FORMATTERS.with_borrow_mut(|known| known.push((name, format.clone())));
        format
    });
    format.call1(&JsValue::UNDEFINED, &value.into()).ok().and_then(|text| text.as_string()).unwrap_or_default()
}

/// An amount of money; under a cent with the digits that it needs. Reactive.
pub fn money(amount: pulze_contract::money::Money) -> String {
    let digits = match amount.as_nano().unsigned_abs() {
        0 | 10_000_000.. => "2",
        1_000.. => "6",
        _ => "9",
    };
    format_number(amount.as_micro() / 1e6, &[("style", "currency"), ("currency", "USD"), ("maximumFractionDigits", digits)])
}

/// Dollars in few letters, like `$1.2K`, for an axis. Reactive.
pub fn short_money(dollars: f64) -> String {
    let digits = if dollars == 0.0 {
        "0"
    } else if dollars < 0.1 {
        "4"
    } else if dollars < 10.0 {
        "2"
    } else {
        "1"
    };
    let settings = [
        ("style", "currency"),
        ("currency", "USD"),
        ("notation", "compact"),
        ("minimumFractionDigits", "0"),
        ("maximumFractionDigits", digits),
    ];
    format_number(dollars, &settings)
}

/// A day in the reader's time zone. Reactive.
pub fn date(at: pulze_contract::Timestamp) -> String {
    format_time(at, &[("dateStyle", "medium")])
}

/// A moment in the reader's time zone. Reactive.
pub fn date_time(at: pulze_contract::Timestamp) -> String {
    format_time(at, &[("dateStyle", "medium"), ("timeStyle", "short")])
}

/// A day ago, in two months: the distance from now in the unit that fits. Reactive.
pub fn relative(at: pulze_contract::Timestamp) -> String {
    // Milliseconds since 1970 stay exact in a double for 285,000 years.
    #[allow(clippy::cast_precision_loss)]
    let seconds = (at as f64 - js_sys::Date::now()) / 1000.0;
    let units = [("year", 31_557_600.0), ("month", 2_629_800.0), ("day", 86_400.0), ("hour", 3600.0), ("minute", 60.0)];
    let fits = units.into_iter().find(|(_, length)| seconds.abs() >= *length);
    let (unit, count) = fits.map_or(("minute", 0.0), |(unit, length)| {
        (
            unit,
            if seconds > 0.0 {
                // What lies ahead is told as people count it: six days less a minute are six days.
                (seconds / length).round()
            } else {
                (seconds / length).trunc()
            },
        )
    });
    let options = Object::new();
    let _ = Reflect::set(&options, &"numeric".into(), &"auto".into());
    let format = Intl::RelativeTimeFormat::new(&Array::of1(&language().tag().into()), &options);
    format.format(count, unit).into()
}

/// A moment in a time zone, as the settings of `Intl.DateTimeFormat` ask for it. Reactive.
pub fn in_zone(at: pulze_contract::Timestamp, zone: &str, settings: &[(&str, &str)]) -> String {
    write_time(at, language().tag(), Some(zone), settings)
}

/// A moment in a time zone as `2026-11-24 14:00`, whatever the language: what stands in addresses.
pub fn plain_in_zone(at: pulze_contract::Timestamp, zone: &str) -> String {
    // Swedish writes dates as ISO 8601 does.
    write_time(at, "sv-SE", Some(zone), &[("dateStyle", "short"), ("timeStyle", "short")])
}

/// A moment in a time zone by ISO 8601, with the zone's offset: `2026-11-24T14:00:00+01:00`.
pub fn iso_in_zone(at: pulze_contract::Timestamp, zone: &str) -> String {
    let plain = plain_in_zone(at, zone).replace(' ', "T");
    // How far what a clock shows there lies from the moment itself, in minutes.
    #[allow(clippy::cast_possible_truncation)]
    let shown = js_sys::Date::parse(&format!("{plain}:00Z")) as i64;
    let offset = (shown - (at - at.rem_euclid(60_000))) / 60_000;
    let (sign, minutes) = (if offset < 0 { '-' } else { '+' }, offset.abs());
    format!("{plain}:{:02}{sign}{:02}:{:02}", at.rem_euclid(60_000) / 1000, minutes / 60, minutes % 60)
}

/// The decimal sign of the reader's language, for spreadsheets that take a number as it is written there.
pub fn decimal() -> DecimalSign {
    if number(0.5).contains(',') { DecimalSign::Comma } else { DecimalSign::Point }
}

fn format_time(at: pulze_contract::Timestamp, settings: &[(&str, &str)]) -> String {
    write_time(at, language().tag(), TIME_ZONE.with(Clone::clone).get().as_deref(), settings)
}

fn write_time(at: pulze_contract::Timestamp, tag: &str, zone: Option<&str>, settings: &[(&str, &str)]) -> String {
    let settings: Vec<(&str, &str)> = settings.iter().copied().chain(zone.map(|zone| ("timeZone", zone))).collect();
    // Milliseconds since 1970 stay exact in a double for 285,000 years.
    #[allow(clippy::cast_precision_loss)]
    formatted(Formatter::Time, tag, &settings, at as f64)
}

fn intl(name: &str) -> Result<js_sys::Function, wasm_bindgen::JsValue> {
    let intl = Reflect::get(&js_sys::global(), &"Intl".into())?;
    Reflect::get(&intl, &name.into()).map(js_sys::Function::from)
}

/// Whether the browser knows a time zone. A formatter for another one cannot be made.
fn knows_time_zone(zone: &str) -> bool {
    let options = Object::new();
    let _ = Reflect::set(&options, &"timeZone".into(), &zone.into());
    let made = intl("DateTimeFormat").and_then(|format| Reflect::construct(&format, &Array::of2(&JsValue::UNDEFINED, &options)));
    made.is_ok()
}

/// The time zones that the browser offers, and the one that was chosen: a zone can have several names (`Asia/Kolkata`
/// and `Asia/Calcutta`), of which a browser offers one.
pub fn time_zones(chosen: &str) -> Vec<String> {
    let zones = intl("supportedValuesOf").and_then(|offered| offered.call1(&JsValue::UNDEFINED, &"timeZone".into()));
    let mut zones: Vec<String> =
        zones.map(|zones| Array::from(&zones).iter().filter_map(|zone| zone.as_string()).collect()).unwrap_or_default();
    for zone in ["UTC", chosen] {
        if !zone.is_empty() && !zones.iter().any(|other| other == zone) {
            let place = if zone == "UTC" { 0 } else { zones.partition_point(|other| other == "UTC" || other.as_str() < zone) };
            zones.insert(place, zone.to_owned());
        }
    }
    zones
}

/// A reactive text: `t!(SignIn)`, `t!(Deleted, name = name)`.
#[macro_export]
macro_rules! t {
    ($key:ident) => { $crate::i18n::label($crate::i18n::Key::$key) };
    ($key:ident, $($name:ident = $value:expr),+) => {
        $crate::i18n::words(move || {
            $crate::i18n::text_with($crate::i18n::Key::$key, $crate::args!($($name = $value.to_string()),+))
        })
    };
}

/// The values of a text's placeholders, by their names: `args!(name = name, when = date(at))`.
#[macro_export]
macro_rules! args {
    ($($name:ident = $value:expr),+ $(,)?) => {
        $crate::i18n::Arguments::<{ $crate::i18n::takes(&[$(stringify!($name)),+]) }>(vec![$((stringify!($name), $value)),+])
    };
}
