//! Tools: what assistants and conversations can do beside answering. Known ones, and integrations
//! that an organization configures.

use crate::resource::RecentUse;
use crate::resource::{Audience, Level};
use crate::validation::{self, Rule};
use crate::{Timestamp, ToolId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Most integrations of an organization.
pub const INTEGRATIONS_MAX: usize = 100;
/// Longest value of a setting, in characters.
pub const SETTING_MAX: usize = 2000;
/// Longest part of an answer that a test shows, in characters.
pub const TESTED_BODY_MAX: usize = 2000;

/// What a setting holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum FieldKind {
    Text,
    /// An `https` address.
    Url,
    /// Text that is written and never read again.
    Secret,
    /// A whole number.
    Number {
        min: i64,
        max: i64,
    },
    Choice {
        options: Vec<String>,
    },
}

/// A setting of a tool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SettingField {
    /// Its name; the app has words for those that it knows, and shows the name of others.
    pub name: String,
    pub kind: FieldKind,
    pub required: bool,
    /// What holds as long as nothing is set.
    pub default: Option<String>,
}

/// What a tool is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum ToolKind {
    #[serde(rename = "space-search")]
    SpaceSearch,
    #[serde(rename = "web-search")]
    WebSearch,
    #[serde(rename = "image-generation-dalle")]
    ImageGeneration,
    #[serde(rename = "transcribe-audio")]
    TranscribeAudio,
    #[serde(rename = "x-post")]
    XPost,
    /// An integration: an endpoint of the organization's own.
    #[serde(rename = "http")]
    Http,
    /// An integration: a server of the Model Context Protocol.
    #[serde(rename = "mcp")]
    Mcp,
}

impl ToolKind {
    /// The tools that every organization has (`pulze-product.md`, section 7d).
    pub const KNOWN: [Self; 5] = [Self::SpaceSearch, Self::WebSearch, Self::ImageGeneration, Self::TranscribeAudio, Self::XPost];
    /// Kinds of integrations.
    pub const INTEGRATIONS: [Self; 2] = [Self::Http, Self::Mcp];

    /// The name on the wire; for a known tool also its identifier.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SpaceSearch => "space-search",
            Self::WebSearch => "web-search",
            Self::ImageGeneration => "image-generation-dalle",
            Self::TranscribeAudio => "transcribe-audio",
            Self::XPost => "x-post",
            Self::Http => "http",
            Self::Mcp => "mcp",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::KNOWN.into_iter().chain(Self::INTEGRATIONS).find(|kind| kind.as_str() == text)
    }

    pub fn known(id: &str) -> Option<Self> {
        Self::KNOWN.into_iter().find(|kind| kind.as_str() == id)
    }

    /// Whether it is on before somebody decides: what leaves the platform waits for an admin.
    pub fn enabled_at_first(self) -> bool {
        matches!(self, Self::SpaceSearch | Self::Http | Self::Mcp)
    }

    /// Whether it calls something outside of the platform, so that a test has something to call.
    pub fn calls(self) -> bool {
        self != Self::SpaceSearch
    }

    /// Where a tool of these settings calls; `None` for one that calls nothing, or no address.
    pub fn origin(self, settings: &BTreeMap<String, String>) -> Option<String> {
        let field = self.schema().into_iter().find(|field| field.kind == FieldKind::Url)?;
        validation::origin(settings.get(&field.name).or(field.default.as_ref())?)
    }

    /// The settings that it takes.
    pub fn schema(self) -> Vec<SettingField> {
        let field = |name: &str, kind, required, default: Option<&str>| SettingField {
            name: name.to_owned(),
            kind,
            required,
            default: default.map(str::to_owned),
        };
        let endpoint = |default| field("endpoint", FieldKind::Url, true, default);
        let secret = |name, required| field(name, FieldKind::Secret, required, None);
        let choice =
            |options: &[&str]| FieldKind::Choice { options: options.iter().map(|option| (*option).to_owned()).collect() };
        let results = |default| field("results", FieldKind::Number { min: 1, max: 50 }, true, Some(default));
        match self {
            Self::SpaceSearch => vec![results("8")],
            Self::WebSearch => vec![
                endpoint(Some("https://api.search.brave.com/res/v1/web/search")),
                secret("api_key", true),
                results("5"),
                field("safe_search", choice(&["off", "moderate", "strict"]), true, Some("moderate")),
            ],
            Self::ImageGeneration => vec![
                endpoint(Some("https://api.openai.com/v1")),
                secret("api_key", true),
                field("size", choice(&["1024x1024", "1024x1792", "1792x1024"]), true, Some("1024x1024")),
                field("quality", choice(&["standard", "hd"]), true, Some("standard")),
            ],
            Self::TranscribeAudio => vec![
                endpoint(Some("https://api.openai.com/v1")),
                secret("api_key", true),
                field("model", FieldKind::Text, true, Some("whisper-1")),
                field("language", FieldKind::Text, false, None),
            ],
            Self::XPost => vec![endpoint(Some("https://api.x.com/2")), secret("access_token", true)],
            Self::Http => vec![
                endpoint(None),
                field("method", choice(&["GET", "POST"]), true, Some("POST")),
                field("header", FieldKind::Text, false, Some("Authorization")),
                secret("header_value", false),
            ],
            Self::Mcp => vec![endpoint(None), secret("access_token", false)],
        }
    }
}

impl SettingField {
    /// A value as it is kept. A secret is checked like a text.
    ///
    /// # Errors
    /// It does not fit the field; an empty one only where one is required.
    pub fn check(&self, value: &str) -> Result<String, Rule> {
        let value = value.trim();
        if value.is_empty() {
            return if self.required { Err(Rule::Required) } else { Ok(String::new()) };
        }
        if value.chars().count() > SETTING_MAX {
            return Err(Rule::TooLong);
        }
        match &self.kind {
            FieldKind::Text | FieldKind::Secret if value.chars().any(char::is_control) => Err(Rule::InvisibleCharacters),
            FieldKind::Text | FieldKind::Secret => Ok(value.to_owned()),
            FieldKind::Url => validation::endpoint(value),
            FieldKind::Number { min, max } => match value.parse::<i64>() {
                Ok(number) if number < *min => Err(Rule::NotPositive),
                Ok(number) if number > *max => Err(Rule::TooMany),
                Ok(number) => Ok(number.to_string()),
                Err(_) => Err(Rule::NotANumber),
            },
            FieldKind::Choice { options } if options.iter().any(|option| option == value) => Ok(value.to_owned()),
            FieldKind::Choice { .. } => Err(Rule::Required),
        }
    }
}

/// What a test found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LastTest {
    pub at: Timestamp,
    pub good: bool,
}

/// A tool of an organization.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Tool {
    /// The name of a known tool, or a [`ToolId`].
    pub id: String,
    pub kind: ToolKind,
    /// What the organization calls it; empty for a known one.
    pub name: String,
    pub description: String,
    pub enabled: bool,
    /// Whether everything that it needs is set.
    pub ready: bool,
    /// What the caller may do with it.
    pub level: Level,
    pub audience: Audience,
    /// The settings that it takes; none for whoever does not manage it.
    pub schema: Vec<SettingField>,
    /// What is set, without secrets.
    pub settings: BTreeMap<String, String>,
    /// Names of the secrets that are set.
    pub secrets: Vec<String>,
    /// The newest test, if there was one since the settings changed.
    pub tested: Option<LastTest>,
    /// Assistants that have it.
    pub assistants: u32,
    /// For those who may see what the organization used.
    pub usage: Option<RecentUse>,
    /// Counts changes; the entity tag of the tool.
    pub version: i64,
}

/// Answer of `tool_list`: known ones first, then by name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ToolList {
    pub total: u32,
    pub tools: Vec<Tool>,
}

/// Body of `tool_update`. A secret that is absent stays, as long as the endpoint's origin does; an empty one is taken away.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ToolUpdate {
    /// Of an integration; a known tool keeps its own.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(extend("maxLength" = crate::validation::NAME_MAX, "pattern" = "^[^\\p{C}]*$")))]
    pub name: String,
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(extend("maxLength" = crate::validation::DESCRIPTION_MAX, "pattern" = crate::schema::TEXT)))]
    pub description: String,
    /// All settings that are no secrets.
    #[serde(default)]
    pub settings: BTreeMap<String, String>,
    #[serde(default)]
    pub secrets: BTreeMap<String, String>,
}

/// Body of `tool_create`: an integration, on from the start.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ToolCreate {
    #[cfg_attr(feature = "schema", schemars(extend("enum" = ["http", "mcp"])))]
    pub kind: ToolKind,
    pub content: ToolUpdate,
}

impl ToolUpdate {
    /// Whether the endpoint leads to another origin than it did. A secret was entered for the one that stood there then:
    /// it does not follow.
    pub fn moves(&self, kind: ToolKind, before: &BTreeMap<String, String>) -> bool {
        let (old, new) = (kind.origin(before), kind.origin(&self.settings));
        new.is_some() && old != new
    }

    /// The content as it is kept for a tool with these settings, whose secrets of these names are set, or the
    /// fields that are wrong, `settings.…` and `secrets.…` among them.
    ///
    /// # Errors
    /// The field and its rule, one each.
    pub fn check(&self, kind: ToolKind, set: &[String], before: &BTreeMap<String, String>) -> Result<Self, Vec<(String, Rule)>> {
        let moved = self.moves(kind, before);
        let mut errors = Vec::new();
        let mut keep = |field: String, checked: Result<String, Rule>| match checked {
            Ok(kept) => kept,
            Err(rule) => {
                errors.push((field, rule));
                String::new()
            }
        };
        let mut kept = Self::default();
        if ToolKind::INTEGRATIONS.contains(&kind) {
            kept.name = keep("name".to_owned(), validation::name(&self.name));
            kept.description = keep("description".to_owned(), validation::description(&self.description));
        }
        let schema = kind.schema();
        for field in &schema {
            let name = field.name.clone();
            if field.kind == FieldKind::Secret {
                let stays = set.contains(&name);
                let said = match self.secrets.get(&name) {
                    None if stays && moved => {
                        keep(format!("secrets.{name}"), Err(Rule::SecretOfAnotherOrigin));
                        continue;
                    }
                    None if stays || !field.required => continue,
                    said => said.map_or("", String::as_str),
                };
                let checked = keep(format!("secrets.{name}"), field.check(said));
                kept.secrets.insert(name, checked);
            } else {
                let said = self.settings.get(&name).or(field.default.as_ref()).map_or("", String::as_str);
                let checked = keep(format!("settings.{name}"), field.check(said));
                kept.settings.insert(name, checked);
            }
        }
        let names = |secret: bool| {
            let of_kind = move |field: &&SettingField| (field.kind == FieldKind::Secret) == secret;
            schema.iter().filter(of_kind).map(|field| field.name.as_str()).collect::<Vec<_>>()
        };
        let unknown =
            self.settings.keys().filter(|name| !names(false).contains(&name.as_str())).map(|name| format!("settings.{name}"));
        let unknown = unknown.chain(
            self.secrets.keys().filter(|name| !names(true).contains(&name.as_str())).map(|name| format!("secrets.{name}")),
        );
        errors.extend(unknown.map(|field| (field, Rule::Unknown)));
        if errors.is_empty() { Ok(kept) } else { Err(errors) }
    }
}

/// Why a test got no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum TestFailure {
    /// The address leads into a private network, which the installation does not allow.
    AddressNotAllowed,
    /// No such host, or nobody listens there.
    Unreachable,
    TimedOut,
    /// The encryption could not be agreed on, or the certificate is not trusted.
    NotTrusted,
}

/// Answer of `tool_test`: what was called, and what came back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ToolTested {
    /// Method and address, like `GET https://example.com/models`.
    pub called: String,
    pub good: bool,
    /// Absent where nothing came back; then `failure` says why.
    pub status: Option<u16>,
    pub failure: Option<TestFailure>,
    /// Milliseconds until the answer was there.
    pub took: u32,
    pub content_type: String,
    /// The beginning of the answer, at most [`TESTED_BODY_MAX`] characters, without the secrets.
    pub body: String,
}

/// Whether a text can name a tool: a known one, or an integration by its form.
pub fn names_tool(text: &str) -> bool {
    ToolKind::known(text).is_some() || ToolId::parse(text).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_default_fits_its_field() {
        for kind in ToolKind::KNOWN.into_iter().chain(ToolKind::INTEGRATIONS) {
            for field in kind.schema() {
                let default = field.default.clone();
                assert!(default.is_none_or(|default| field.check(&default) == Ok(default)), "{} {}", kind.as_str(), field.name);
            }
        }
    }

    #[test]
    fn a_secret_stays_with_the_origin_that_it_was_entered_for() {
        let settings = |endpoint: &str| BTreeMap::from([("endpoint".to_owned(), endpoint.to_owned())]);
        let home = "https://api.example.com/v1";
        let same = ["https://api.example.com", "HTTPS://API.example.COM:443/v2?a=b", " https://api.example.com/#x "];
        let other = [
            "http://api.example.com/v1",
            "https://api.example.com:8443/v1",
            "https://example.com/v1",
            "https://api.example.com.evil.test/v1",
            "https://evil.test/https://api.example.com/v1",
            "https://evil.test?https://api.example.com/v1",
            "https://api.exаmple.com/v1",
        ];
        for kind in ToolKind::KNOWN.into_iter().chain(ToolKind::INTEGRATIONS).filter(|kind| kind.calls()) {
            let secrets = kind.schema().into_iter().filter(|field| field.kind == FieldKind::Secret);
            let set: Vec<String> = secrets.map(|field| field.name).collect();
            assert_eq!(set.len(), 1);
            let secret = format!("secrets.{}", set[0]);
            let name = "Name".to_owned();
            let wrong = |endpoint: &str, said: Option<&str>| {
                let secrets = said.map(|said| (set[0].clone(), said.to_owned())).into_iter().collect();
                let update = ToolUpdate { name: name.clone(), settings: settings(endpoint), secrets, ..ToolUpdate::default() };
                update.check(kind, &set, &settings(home)).err().unwrap_or_default()
            };
            for endpoint in same {
                assert_eq!(wrong(endpoint, None), [], "{endpoint}");
            }
            for endpoint in other {
                assert_eq!(wrong(endpoint, None), [(secret.clone(), Rule::SecretOfAnotherOrigin)], "{endpoint}");
                assert_eq!(wrong(endpoint, Some("entered anew")), [], "{endpoint}");
            }
            // One that is no address is that mistake, and no other.
            assert_eq!(wrong("https://a b", None), [("settings.endpoint".to_owned(), Rule::UrlMalformed)]);
        }
        // The endpoint that a known tool has by default is an origin like any other.
        let away = ToolUpdate { settings: settings("https://evil.test"), ..ToolUpdate::default() };
        let wrong = away.check(ToolKind::WebSearch, &["api_key".to_owned()], &BTreeMap::new()).err().unwrap_or_default();
        assert_eq!(wrong, [("secrets.api_key".to_owned(), Rule::SecretOfAnotherOrigin)]);
    }

    #[test]
    fn settings_by_example() {
        let rules = |update: &ToolUpdate, set: &[String]| {
            update.check(ToolKind::WebSearch, set, &BTreeMap::new()).err().unwrap_or_default()
        };
        assert_eq!(rules(&ToolUpdate::default(), &[]), [("secrets.api_key".to_owned(), Rule::Required)]);
        assert_eq!(rules(&ToolUpdate::default(), &["api_key".to_owned()]), []);
        let mut update = ToolUpdate::default();
        update.secrets.insert("api_key".to_owned(), String::new());
        assert_eq!(rules(&update, &["api_key".to_owned()]), [("secrets.api_key".to_owned(), Rule::Required)]);
        update.secrets.insert("api_key".to_owned(), "k".to_owned());
        update.settings.insert("results".to_owned(), "51".to_owned());
        update.settings.insert("safe_search".to_owned(), "no".to_owned());
        update.settings.insert("endpoint".to_owned(), "ftp://x".to_owned());
        update.settings.insert("other".to_owned(), "x".to_owned());
        let fields: Vec<_> = rules(&update, &[]).into_iter().map(|(field, _)| field).collect();
        assert_eq!(fields, ["settings.endpoint", "settings.results", "settings.safe_search", "settings.other"]);
    }
}
