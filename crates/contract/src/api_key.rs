//! API keys: their form, what they may do, and what state they are in.

use crate::operation::Operation;
use crate::validation::{self, Rule};
use crate::{ApiKeyId, OrganizationId, Permission, Role, SpaceId, Timestamp, UserId};
use serde::{Deserialize, Serialize};

/// What every key starts with, so that secret scanners know one when they see it.
pub const PREFIX: &str = "pk_";
/// Characters of the random part: 43 of base 62 are 256 bits.
pub const RANDOM: usize = 43;
/// Characters of the checksum: 6 of base 62 hold any CRC-32.
pub const CHECKSUM: usize = 6;
/// The digits of base 62.
pub const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// Days until a key expires, where nobody says anything else.
pub const EXPIRES_DAYS: i64 = 90;
/// Days to choose from.
pub const EXPIRES_CHOICES: [i64; 5] = [30, 60, 90, 180, 365];
/// A key that expires within this many days says so.
pub const EXPIRING_DAYS: i64 = 14;
/// How long an old secret can stay good, in hours.
pub const OVERLAPS: [u32; 4] = [0, 1, 24, 168];
/// An old secret that was silent for so long is safe to end, in milliseconds.
pub const SILENT_MS: i64 = 60 * 60 * 1000;
/// A secret older than this many days should be replaced.
pub const OLD_DAYS: i64 = 90;
/// A key that was not used for this many days may not be needed.
pub const UNUSED_DAYS: i64 = 30;
/// What a key was given and nobody used for this many days can be taken back.
pub const SCOPES_UNUSED_DAYS: i64 = 90;
/// How far back one can look after a leak, in hours: a day, a week, a month.
pub const EVIDENCE_HOURS: [u32; 3] = [24, 168, 720];
/// Most keys of an organization that are not revoked.
pub const KEYS_MAX: usize = 10_000;
/// Most models, spaces and address ranges of a key.
pub const KEY_LINKS_MAX: usize = 100;
/// Most keys that are changed at once.
pub const KEYS_CHANGED_MAX: usize = 500;

const DAY_MS: i64 = 86_400_000;

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

/// What a key may do in one area.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ScopeLevel {
    #[default]
    None,
    Read,
    Write,
}

impl ScopeLevel {
    pub const ALL: [Self; 3] = [Self::None, Self::Read, Self::Write];

    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Read => "read",
            Self::Write => "write",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.as_str() == text)
    }
}

/// An area (`organization-management.md`, API keys).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    ChatCompletions,
    DataManagement,
    ConversationHistory,
    SpaceManagement,
    ModelAndRouterConfiguration,
}

impl Scope {
    pub const ALL: [Self; 5] = [
        Self::ChatCompletions,
        Self::DataManagement,
        Self::ConversationHistory,
        Self::SpaceManagement,
        Self::ModelAndRouterConfiguration,
    ];

    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ChatCompletions => "chat_completions",
            Self::DataManagement => "data_management",
            Self::ConversationHistory => "conversation_history",
            Self::SpaceManagement => "space_management",
            Self::ModelAndRouterConfiguration => "model_and_router_configuration",
        }
    }

    /// What a person must hold to give a level of this scope, or to have it in a key of theirs.
    pub fn needs(self, level: ScopeLevel) -> Option<Permission> {
        match (self, level) {
            (_, ScopeLevel::None) => None,
            (Self::ChatCompletions | Self::ConversationHistory, _) => Some(Permission::SpacesRead),
            (Self::DataManagement, ScopeLevel::Read) => Some(Permission::OrganizationRead),
            (Self::DataManagement, ScopeLevel::Write) => Some(Permission::OrganizationUpdate),
            (Self::SpaceManagement, ScopeLevel::Read) => Some(Permission::SpacesRead),
            (Self::SpaceManagement, ScopeLevel::Write) => Some(Permission::SpacesCreate),
            (Self::ModelAndRouterConfiguration, ScopeLevel::Read) => Some(Permission::ModelsRead),
            (Self::ModelAndRouterConfiguration, ScopeLevel::Write) => Some(Permission::ModelsUpdate),
        }
    }
}

/// What a key may do, area by area.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Scopes {
    pub chat_completions: ScopeLevel,
    pub data_management: ScopeLevel,
    pub conversation_history: ScopeLevel,
    pub space_management: ScopeLevel,
    pub model_and_router_configuration: ScopeLevel,
}

impl Scopes {
    /// Every area at one level.
    pub fn all(level: ScopeLevel) -> Self {
        Scope::ALL.into_iter().fold(Self::default(), |scopes, scope| scopes.with(scope, level))
    }

    pub fn of(self, scope: Scope) -> ScopeLevel {
        match scope {
            Scope::ChatCompletions => self.chat_completions,
            Scope::DataManagement => self.data_management,
            Scope::ConversationHistory => self.conversation_history,
            Scope::SpaceManagement => self.space_management,
            Scope::ModelAndRouterConfiguration => self.model_and_router_configuration,
        }
    }

    #[must_use]
    pub fn with(mut self, scope: Scope, level: ScopeLevel) -> Self {
        *match scope {
            Scope::ChatCompletions => &mut self.chat_completions,
            Scope::DataManagement => &mut self.data_management,
            Scope::ConversationHistory => &mut self.conversation_history,
            Scope::SpaceManagement => &mut self.space_management,
            Scope::ModelAndRouterConfiguration => &mut self.model_and_router_configuration,
        } = level;
        self
    }

    /// Of each area the lower level.
    #[must_use]
    pub fn at_most(self, other: Self) -> Self {
        Scope::ALL.into_iter().fold(self, |scopes, scope| scopes.with(scope, scopes.of(scope).min(other.of(scope))))
    }

    /// The areas whose levels differ, with the level here and there.
    pub fn differences(self, other: Self) -> Vec<(Scope, ScopeLevel, ScopeLevel)> {
        let both = Scope::ALL.map(|scope| (scope, self.of(scope), other.of(scope)));
        both.into_iter().filter(|(_, before, after)| before != after).collect()
    }

    /// What is left of it in the hands of a role: a key never holds more than its owner.
    #[must_use]
    pub fn within(self, role: Role) -> Self {
        let held = |scope: Scope, level: ScopeLevel| scope.needs(level).is_none_or(|permission| role.grants(permission));
        let most = |scope: Scope| {
            let levels = ScopeLevel::ALL.into_iter().rev().filter(|level| *level <= self.of(scope));
            levels.into_iter().find(|level| held(scope, *level)).unwrap_or_default()
        };
        Scope::ALL.into_iter().fold(Self::default(), |scopes, scope| scopes.with(scope, most(scope)))
    }

    pub fn is_empty(self) -> bool {
        self == Self::default()
    }
}

/// What a request of this server's own API asks of a key; `None`: keys are not let in. A key is
/// never a way to people, to other keys or to the organization itself.
pub fn asked_of_a_key(operation: Operation) -> Option<(Scope, ScopeLevel)> {
    use Operation::*;
    let asked = match operation {
        HierarchyRead => (Scope::DataManagement, ScopeLevel::Read),
        ContentImport | UsageImport | UsageTraces => (Scope::DataManagement, ScopeLevel::Write),
        UsageRead | UsageExport => (Scope::DataManagement, ScopeLevel::Read),
        SpaceList | SpaceRead | SpaceMemberList => (Scope::SpaceManagement, ScopeLevel::Read),
        SpaceCreate | SpaceUpdate | SpaceDelete | SpaceMembersUpdate | SpaceSettingsUpdate => {
            (Scope::SpaceManagement, ScopeLevel::Write)
        }
        EffectivePolicyRead | ModelList | RouterList | AssistantList | AssistantRead | ToolList | DefaultsRead => {
            (Scope::ModelAndRouterConfiguration, ScopeLevel::Read)
        }
        ModelCheck | ModelUpdate | ModelCreate | ModelDelete | RouterCreate | RouterUpdate | RouterCheck | RouterSwitch
        | AssistantCreate | AssistantUpdate | AssistantDelete | AssistantCheck | AssistantSwitch | ToolCheck | ToolSwitch
        | DefaultsUpdate | ChangeUndo => (Scope::ModelAndRouterConfiguration, ScopeLevel::Write),
        _ => return None,
    };
    Some(asked)
}

/// What a key consists of, beside its secret: body of `api_key_create`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ApiKeyContent {
    pub name: String,
    /// What it is for, in a sentence.
    #[serde(default)]
    pub purpose: String,
    /// Where it may be used; absent: the whole organization.
    #[serde(default)]
    pub spaces: Option<Vec<SpaceId>>,
    pub scopes: Scopes,
    /// Models that it may ask; absent: all that are enabled.
    #[serde(default)]
    pub models: Option<Vec<String>>,
    /// Micro-dollars that it may cost in a calendar month of the organization's reporting time zone.
    #[serde(default)]
    pub monthly_limit: Option<i64>,
    #[serde(default)]
    pub requests_per_minute: Option<u32>,
    /// Addresses that it may be used from, as `192.0.2.0/24` or `2001:db8::/32`; none: from anywhere.
    #[serde(default)]
    pub address_ranges: Vec<String>,
    /// Absent: never, where the organization allows that.
    #[serde(default)]
    pub expires_at: Option<Timestamp>,
}

impl ApiKeyContent {
    /// The content as it is kept, or the fields that are wrong. Whether spaces and models exist, and
    /// what the organization allows, is for the server to see.
    ///
    /// # Errors
    /// The field and its rule, one each.
    pub fn check(&self) -> Result<Self, Vec<(&'static str, Rule)>> {
        let mut errors = Vec::new();
        let mut keep = |field: &'static str, checked: Result<String, Rule>| match checked {
            Ok(kept) => kept,
            Err(rule) => {
                errors.push((field, rule));
                String::new()
            }
        };
        let name = keep("name", validation::name(&self.name));
        let purpose = keep("purpose", validation::description(&self.purpose));
        let mut ranges = Vec::new();
        for range in self.address_ranges.iter().map(|range| range.trim()).filter(|range| !range.is_empty()) {
            let (_, bits) = range.split_once('/').unwrap_or((range, ""));
            if parse_range(range).is_none() || (range.contains('/') && bits.is_empty()) {
                errors.push(("address_ranges", Rule::AddressRangeMalformed));
                break;
            }
            ranges.push(range.to_owned());
        }
        if self.scopes.is_empty() {
            errors.push(("scopes", Rule::Required));
        }
        let listed = |field, count: Option<usize>| match count {
            Some(0) => Some((field, Rule::Required)),
            Some(count) if count > KEY_LINKS_MAX => Some((field, Rule::TooMany)),
            _ => None,
        };
        errors.extend(listed("spaces", self.spaces.as_ref().map(Vec::len)));
        errors.extend(listed("models", self.models.as_ref().map(Vec::len)));
        if ranges.len() > KEY_LINKS_MAX {
            errors.push(("address_ranges", Rule::TooMany));
        }
        if self.monthly_limit.is_some_and(|limit| limit <= 0) {
            errors.push(("monthly_limit", Rule::NotPositive));
        }
        if self.requests_per_minute == Some(0) {
            errors.push(("requests_per_minute", Rule::NotPositive));
        }
        if errors.is_empty() { Ok(Self { name, purpose, address_ranges: ranges, ..self.clone() }) } else { Err(errors) }
    }

    /// Whether it may be used from an address; an address that cannot be read is from nowhere.
    pub fn allows_address(&self, address: &str) -> bool {
        let Ok(address) = address.parse::<std::net::IpAddr>() else { return self.address_ranges.is_empty() };
        self.address_ranges.is_empty()
            || self.address_ranges.iter().filter_map(|range| parse_range(range)).any(|range| range_holds(range, address))
    }
}

type Range = (std::net::IpAddr, u32);

/// An address, or one with the number of bits that count.
fn parse_range(text: &str) -> Option<Range> {
    let (address, bits) = text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
    let address: std::net::IpAddr = address.parse().ok()?;
    let most = if address.is_ipv4() { 32 } else { 128 };
    let bits = bits.map_or(Some(most), |bits| bits.parse().ok())?;
    (bits <= most).then_some((address, bits))
}

fn range_holds((range, bits): Range, address: std::net::IpAddr) -> bool {
    use std::net::IpAddr::{V4, V6};
    match (range, address.to_canonical()) {
        (V4(range), V4(address)) => bits == 0 || (u32::from(range) ^ u32::from(address)) >> (32 - bits) == 0,
        (V6(range), V6(address)) => bits == 0 || (u128::from(range) ^ u128::from(address)) >> (128 - bits) == 0,
        _ => false,
    }
}

/// What state a key is in. The first that holds, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ApiKeyStatus {
    /// For good.
    Revoked,
    Expired,
    /// Until somebody enables it again.
    Disabled,
    /// Its owner left: it waits for another one, and is refused meanwhile.
    OwnerLeft,
    /// The secret before the newest one is still good.
    Rotating,
    /// Within [`EXPIRING_DAYS`].
    Expiring,
    Active,
}

impl ApiKeyStatus {
    pub const ALL: [Self; 7] =
        [Self::Active, Self::Rotating, Self::Expiring, Self::Disabled, Self::OwnerLeft, Self::Expired, Self::Revoked];

    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Revoked => "revoked",
            Self::Expired => "expired",
            Self::Disabled => "disabled",
            Self::OwnerLeft => "owner_left",
            Self::Rotating => "rotating",
            Self::Expiring => "expiring",
            Self::Active => "active",
        }
    }

    /// Whether the key lets anybody in.
    pub fn works(self) -> bool {
        matches!(self, Self::Active | Self::Rotating | Self::Expiring)
    }
}

/// What the state of a key follows from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KeyFacts {
    pub revoked: bool,
    pub disabled: bool,
    pub owner_left: bool,
    pub expires_at: Option<Timestamp>,
    /// When the secret before the newest one stops being good, if there is one.
    pub old_until: Option<Timestamp>,
}

/// The state of a key at a moment.
pub fn status(facts: KeyFacts, now: Timestamp) -> ApiKeyStatus {
    match facts {
        KeyFacts { revoked: true, .. } => ApiKeyStatus::Revoked,
        _ if facts.expires_at.is_some_and(|at| at <= now) => ApiKeyStatus::Expired,
        KeyFacts { disabled: true, .. } => ApiKeyStatus::Disabled,
        KeyFacts { owner_left: true, .. } => ApiKeyStatus::OwnerLeft,
        _ if facts.old_until.is_some_and(|until| until > now) => ApiKeyStatus::Rotating,
        _ if facts.expires_at.is_some_and(|at| at <= now + EXPIRING_DAYS * DAY_MS) => ApiKeyStatus::Expiring,
        _ => ApiKeyStatus::Active,
    }
}

/// One secret of a key, and what was heard of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ApiKeySecret {
    /// Counts the secrets of the key, from 1.
    pub number: u32,
    pub preview: String,
    pub created_at: Timestamp,
    /// When it stops being good; absent for the newest one.
    pub good_until: Option<Timestamp>,
    /// Whether it is good now, as long as the key is.
    pub good: bool,
    pub last_used: Option<LastUse>,
    /// Requests of the last 24 hours, oldest first.
    pub hours: Vec<u32>,
}

/// When, from where and by what a key was used last.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LastUse {
    pub at: Timestamp,
    pub address: String,
    /// The user agent, as the client says it.
    pub client: String,
}

/// A key as a line of the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ApiKey {
    pub id: ApiKeyId,
    pub content: ApiKeyContent,
    /// Of the newest secret.
    pub preview: String,
    pub status: ApiKeyStatus,
    /// What is left of the scopes in the hands of its owner.
    pub scopes: Scopes,
    pub owner_id: UserId,
    /// Name of the owner; empty for one who left.
    pub owner: String,
    pub created_at: Timestamp,
    /// Of the newest secret.
    pub rotated_at: Timestamp,
    pub last_used: Option<LastUse>,
    /// What it was used for within [`SCOPES_UNUSED_DAYS`].
    pub used_scopes: Scopes,
    /// Good and refused requests of the last 30 days, oldest first.
    pub days: Vec<(u32, u32)>,
    /// Counts changes; the entity tag of the key.
    pub version: i64,
}

impl ApiKey {
    /// Whether it works with a secret that is older than it should be.
    pub fn is_old(&self, now: Timestamp) -> bool {
        self.status.works() && self.rotated_at < now - OLD_DAYS * DAY_MS
    }

    /// Whether it works and was not used for long.
    pub fn is_unused(&self, now: Timestamp) -> bool {
        let last = self.last_used.as_ref().map_or(self.created_at, |used| used.at);
        self.status.works() && last < now - UNUSED_DAYS * DAY_MS
    }

    /// The scopes that would do, where it holds more than it was used for in [`SCOPES_UNUSED_DAYS`];
    /// nothing for a younger key, and for one that was not used at all: that one is not needed.
    pub fn reduced(&self, now: Timestamp) -> Option<Scopes> {
        let old_enough = self.created_at < now - SCOPES_UNUSED_DAYS * DAY_MS;
        let enough = self.content.scopes.at_most(self.used_scopes);
        (self.status.works() && old_enough && !enough.is_empty() && enough != self.content.scopes).then_some(enough)
    }
}

/// Answer of `api_key_list`: newest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ApiKeyList {
    pub total: u32,
    pub keys: Vec<ApiKey>,
    pub policy: ApiKeyPolicy,
}

/// What the organization asks of its keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ApiKeyPolicy {
    /// Whether a key may never expire.
    pub may_never_expire: bool,
    /// Most days from now that a key may live; absent: any number.
    pub days_max: Option<u32>,
}

impl ApiKeyPolicy {
    /// Whether an expiry is one that the organization allows.
    ///
    /// # Errors
    /// It lies in the past, too far ahead, or is missing where one is needed.
    pub fn check(&self, expires_at: Option<Timestamp>, now: Timestamp) -> Result<(), Rule> {
        match expires_at {
            None if self.may_never_expire && self.days_max.is_none() => Ok(()),
            None => Err(Rule::Required),
            Some(at) if self.days_max.is_some_and(|days| at > now + i64::from(days) * DAY_MS) => Err(Rule::TooFarAhead),
            Some(at) => validation::end(at, now).map(|_| ()),
        }
    }
}

/// Answer of `api_key_read`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ApiKeyDetails {
    pub key: ApiKey,
    /// The newest first; only those that were not ended long ago.
    pub secrets: Vec<ApiKeySecret>,
    /// Who used it within the last seven days, newest first, at most fifty.
    pub callers: Vec<KeyCaller>,
}

/// Somebody who used a key: an address with a client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct KeyCaller {
    /// The secret that was used.
    pub number: u32,
    pub address: String,
    pub client: String,
    pub requests: u64,
    pub last_seen: Timestamp,
}

/// Answer of `api_key_create` and `api_key_rotate`. The secret is in it once: asked again with the
/// same idempotency key, it is absent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ApiKeyCreated {
    pub key: ApiKey,
    pub secret: Option<String>,
}

/// Body of `api_key_update`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ApiKeyUpdate {
    pub content: ApiKeyContent,
    /// A member who owns it from now on; absent: nothing changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner_id: Option<UserId>,
}

/// Body of `api_key_rotate`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ApiKeyRotate {
    /// How long the old secret stays good: one of [`OVERLAPS`].
    pub overlap_hours: u32,
}

/// Body of `api_key_find`: a key as it was found somewhere, or its identifier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ApiKeyFind {
    pub key: String,
}

/// Answer of `api_key_find`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ApiKeyFound {
    pub id: ApiKeyId,
    /// Which of its secrets it is; absent where the identifier was given.
    pub number: Option<u32>,
}

/// Answer of `api_key_evidence`: what a key did within a window, and what was done to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ApiKeyEvidence {
    pub key: ApiKey,
    pub from: Timestamp,
    pub to: Timestamp,
    /// Requests that were let in, by hour of the window, oldest first, and those that were not.
    pub hours: Vec<(u32, u32)>,
    /// Who used it, newest first.
    pub callers: Vec<KeyCaller>,
    /// What it was used for, and when last.
    pub scopes: Vec<ScopeUse>,
    /// What it asked of which model, the dearest first, as far as that was reported as usage.
    pub models: Vec<KeyModelUse>,
    /// What was done to the key, newest first.
    pub events: Vec<KeyEvent>,
}

/// What a key was used for, and when last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ScopeUse {
    pub scope: Scope,
    pub level: ScopeLevel,
    pub last_used: Timestamp,
}

/// What a key asked of a model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct KeyModelUse {
    pub model: String,
    pub calls: i64,
    /// Prompt and completion together.
    pub tokens: i64,
    /// Micro-dollars.
    pub cost: i64,
}

/// Something that was done to a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct KeyEvent {
    pub at: Timestamp,
    /// Who did it; empty for somebody who left.
    pub by: String,
    /// The operation's id.
    pub action: String,
    /// What it consisted of, as the audit log keeps it.
    pub detail: String,
}

/// Longest message to the owner of a key that leaked, in characters.
pub const LEAK_MESSAGE_MAX: usize = 2_000;

/// Body of `api_key_leak_notice`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct LeakNotice {
    /// What the owner should know, beside that the key leaked.
    #[serde(default)]
    pub message: String,
}

/// Answer of `api_key_leak_notice`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LeakNoticed {
    /// Where the mail goes.
    pub recipient: String,
}

/// What becomes of keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum KeyAction {
    Disable,
    Enable,
    /// For good.
    Revoke,
    /// The old secret stops being good now.
    FinishRotation,
    /// The old secret stays good for a day more.
    ExtendRotation,
}

/// Body of `api_keys_change`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ApiKeysChange {
    /// At most [`KEYS_CHANGED_MAX`], each once.
    pub ids: Vec<ApiKeyId>,
    pub action: KeyAction,
}

/// Body of `api_key_verify`: what a gateway is about to do for the holder of a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct KeyVerify {
    pub key: String,
    pub scope: Scope,
    pub level: ScopeLevel,
    #[serde(default)]
    pub model: Option<String>,
    #[serde(default)]
    pub space_id: Option<SpaceId>,
    /// Where the request came from, and by what.
    #[serde(default)]
    pub address: String,
    #[serde(default)]
    pub client: String,
}

/// The first reason why a key does not open; in the order in which they are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Denial {
    /// Not a key by its form, or none that was ever made.
    Unknown,
    Revoked,
    /// The key, or this secret of it, is no longer good.
    Expired,
    Disabled,
    OwnerLeft,
    /// The organization's plan has no keys.
    Plan,
    Address,
    Scope,
    Space,
    Model,
    /// More requests within this minute than it may make.
    Rate,
    /// It has cost what it may cost this month.
    Spending,
}

/// Answer of `api_key_verify`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct KeyVerified {
    pub allowed: bool,
    pub denial: Option<Denial>,
    /// Absent for an unknown key.
    pub key_id: Option<ApiKeyId>,
    pub organization_id: Option<OrganizationId>,
    pub owner_id: Option<UserId>,
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

        #[test]
        fn a_key_never_holds_more_than_its_owner(levels in proptest::array::uniform5(0..3_usize), role in 0..3_usize) {
            let role = Role::ALL[role];
            let scopes = Scope::ALL.into_iter().zip(levels)
                .fold(Scopes::default(), |scopes, (scope, level)| scopes.with(scope, ScopeLevel::ALL[level]));
            let left = scopes.within(role);
            for scope in Scope::ALL {
                prop_assert!(left.of(scope) <= scopes.of(scope));
                prop_assert!(scope.needs(left.of(scope)).is_none_or(|permission| role.grants(permission)));
            }
            prop_assert_eq!(scopes.within(Role::Admin), scopes);
        }
    }

    proptest! {
        #[test]
        fn what_is_left_after_reducing_is_what_was_used(given in proptest::array::uniform5(0..3_usize), used in proptest::array::uniform5(0..3_usize)) {
            let scopes = |levels: [usize; 5]| Scope::ALL.into_iter().zip(levels)
                .fold(Scopes::default(), |scopes, (scope, level)| scopes.with(scope, ScopeLevel::ALL[level]));
            let (given, used) = (scopes(given), scopes(used));
            let left = given.at_most(used);
            for scope in Scope::ALL {
                prop_assert_eq!(left.of(scope), given.of(scope).min(used.of(scope)));
            }
            let changed = given.differences(left);
            prop_assert_eq!(changed.iter().fold(given, |scopes, (scope, _, after)| scopes.with(*scope, *after)), left);
            prop_assert_eq!(changed.is_empty(), given == left);
        }
    }

    #[test]
    fn addresses_by_example() {
        let content = |ranges: &[&str]| ApiKeyContent {
            address_ranges: ranges.iter().map(|range| (*range).to_owned()).collect(),
            ..ApiKeyContent::default()
        };
        assert!(content(&[]).allows_address("") && content(&[]).allows_address("203.0.113.9"));
        let office = content(&["203.0.113.0/24", "2001:db8::/32", "198.51.100.7"]);
        for inside in ["203.0.113.9", "::ffff:203.0.113.9", "2001:db8:1::1", "198.51.100.7"] {
            assert!(office.allows_address(inside), "{inside}");
        }
        for outside in ["203.0.114.1", "2001:db9::1", "198.51.100.8", "", "nonsense"] {
            assert!(!office.allows_address(outside), "{outside}");
        }
        assert!(content(&["0.0.0.0/0"]).allows_address("8.8.8.8"));
        let wrong = |range: &str| {
            content(&[range]).check().is_err_and(|errors| errors.contains(&("address_ranges", Rule::AddressRangeMalformed)))
        };
        assert!(["1.2.3.4/33", "1.2.3/8", "1.2.3.4/", "x"].into_iter().all(wrong));
    }

    #[test]
    fn the_first_state_that_holds() {
        let now = 1_000 * DAY_MS;
        let facts = KeyFacts::default();
        assert_eq!(status(facts, now), ApiKeyStatus::Active);
        let expiring = KeyFacts { expires_at: Some(now + DAY_MS), ..facts };
        assert_eq!(status(expiring, now), ApiKeyStatus::Expiring);
        let rotating = KeyFacts { old_until: Some(now + 1), ..expiring };
        assert_eq!(status(rotating, now), ApiKeyStatus::Rotating);
        let left = KeyFacts { owner_left: true, ..rotating };
        assert_eq!(status(left, now), ApiKeyStatus::OwnerLeft);
        let disabled = KeyFacts { disabled: true, ..left };
        assert_eq!(status(disabled, now), ApiKeyStatus::Disabled);
        assert_eq!(status(disabled, now + DAY_MS), ApiKeyStatus::Expired);
        assert_eq!(status(KeyFacts { revoked: true, ..disabled }, now + DAY_MS), ApiKeyStatus::Revoked);
    }
}
