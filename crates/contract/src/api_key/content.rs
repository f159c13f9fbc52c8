//! What a key consists of beside its secret, and what the organization asks of it.

use super::Scopes;
use super::status::DAY_MS;
use crate::address::{AddressRange, ClientAddress};
use crate::validation::{self, Rule};
use crate::{SpaceId, Timestamp};
use serde::{Deserialize, Serialize};

/// Days until a key expires, where nobody says anything else.
pub const EXPIRES_DAYS: i64 = 90;
/// Days to choose from.
pub const EXPIRES_CHOICES: [i64; 5] = [30, 60, 90, 180, 365];
/// Most models, spaces and address ranges of a key.
pub const KEY_LINKS_MAX: usize = 100;

/// What a key consists of, beside its secret: body of `api_key_create`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ApiKeyContent {
    #[cfg_attr(feature = "schema", schemars(extend("minLength" = 1, "maxLength" = crate::validation::NAME_MAX, "pattern" = crate::schema::NAME)))]
    pub name: String,
    /// What it is for, in a sentence.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(extend("maxLength" = crate::validation::DESCRIPTION_MAX, "pattern" = crate::schema::TEXT)))]
    pub purpose: String,
    /// Where it may be used; absent: the whole organization.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(extend("minItems" = 1, "maxItems" = KEY_LINKS_MAX, "uniqueItems" = true)))]
    pub spaces: Option<Vec<SpaceId>>,
    pub scopes: Scopes,
    /// Models that it may ask; absent: all that are enabled.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(extend("minItems" = 1, "maxItems" = KEY_LINKS_MAX, "uniqueItems" = true)))]
    pub models: Option<Vec<String>>,
    /// Micro-dollars that it may cost in a calendar month of the organization's reporting time zone.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(extend("minimum" = 1)))]
    pub monthly_limit: Option<i64>,
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(extend("minimum" = 1)))]
    pub requests_per_minute: Option<u32>,
    /// Addresses that it may be used from, as `192.0.2.0/24` or `2001:db8::/32`; none: from anywhere.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(extend("maxItems" = KEY_LINKS_MAX, "items" = schemars::json_schema!({ "type": "string", "pattern": crate::schema::ADDRESS_RANGE }))))]
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
        let mut keep = |field, checked| validation::keep(&mut errors, field, checked);
        let name = keep("name", validation::name(&self.name));
        let purpose = keep("purpose", validation::description(&self.purpose));
        let mut ranges = Vec::new();
        for range in self.address_ranges.iter().map(|range| range.trim()).filter(|range| !range.is_empty()) {
            let Some(range) = AddressRange::parse(range) else {
                errors.push(("address_ranges", Rule::AddressRangeMalformed));
                break;
            };
            ranges.push(range.to_string());
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

    /// Whether a key of this content may do more than one of that, in any respect: areas, places, models, limits,
    /// addresses, or how long it lives.
    pub fn widens(&self, before: &Self) -> bool {
        fn more<T: PartialEq>(before: Option<&Vec<T>>, after: Option<&Vec<T>>) -> bool {
            before.is_some_and(|before| after.is_none_or(|after| after.iter().any(|one| !before.contains(one))))
        }
        // No limit is the highest one.
        let higher = |before: Option<i64>, after: Option<i64>| after.unwrap_or(i64::MAX) > before.unwrap_or(i64::MAX);
        let outer = || before.address_ranges.iter().filter_map(|range| AddressRange::parse(range));
        let held = |range: &String| AddressRange::parse(range).is_some_and(|range| outer().any(|outer| range.is_within(outer)));
        let farther =
            !before.address_ranges.is_empty() && (self.address_ranges.is_empty() || !self.address_ranges.iter().all(held));
        self.scopes.at_most(before.scopes) != self.scopes
            || more(before.spaces.as_ref(), self.spaces.as_ref())
            || more(before.models.as_ref(), self.models.as_ref())
            || higher(before.monthly_limit, self.monthly_limit)
            || higher(before.requests_per_minute.map(i64::from), self.requests_per_minute.map(i64::from))
            || higher(before.expires_at, self.expires_at)
            || farther
    }

    /// Whether it may be used from an address; an address that cannot be read is from nowhere.
    pub fn allows_address(&self, address: &str) -> bool {
        let Some(address) = ClientAddress::parse(address) else { return self.address_ranges.is_empty() };
        let ranges = || self.address_ranges.iter().filter_map(|range| AddressRange::parse(range));
        self.address_ranges.is_empty() || ranges().any(|range| range.contains(address))
    }
}

/// What the organization asks of its keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ApiKeyPolicy {
    /// Whether a key may never expire.
    pub may_never_expire: bool,
    /// Most days from now that a key may live; absent: any number.
    #[cfg_attr(feature = "schema", schemars(extend("minimum" = 1)))]
    pub days_max: Option<u32>,
}

impl ApiKeyPolicy {
    /// Whether keys may live longer by this than by that.
    pub fn widens(self, before: Self) -> bool {
        let most = |policy: Self| policy.days_max.unwrap_or(u32::MAX);
        (self.may_never_expire && !before.may_never_expire) || most(self) > most(before)
    }

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api_key::{Scope, ScopeLevel};

    #[test]
    fn whatever_lets_a_key_do_more_widens_it() {
        let model = |name: &str| vec![name.to_owned()];
        let base = ApiKeyContent {
            scopes: Scopes::default().with(Scope::ChatCompletions, ScopeLevel::Read),
            spaces: Some(Vec::new()),
            models: Some(model("a")),
            monthly_limit: Some(10),
            requests_per_minute: Some(10),
            address_ranges: vec!["203.0.113.0/24".to_owned()],
            expires_at: Some(1_000),
            ..ApiKeyContent::default()
        };
        assert!(!base.widens(&base));
        let change = |edit: fn(&mut ApiKeyContent)| {
            let mut changed = base.clone();
            edit(&mut changed);
            changed
        };
        let wider: [fn(&mut ApiKeyContent); 14] = [
            |key| key.scopes = key.scopes.with(Scope::ChatCompletions, ScopeLevel::Write),
            |key| key.scopes = Scopes::default().with(Scope::DataManagement, ScopeLevel::Read),
            |key| key.spaces = None,
            |key| key.spaces = Some(vec![SpaceId::from_digits("1")]),
            |key| key.models = None,
            |key| key.models = Some(vec!["a".to_owned(), "b".to_owned()]),
            |key| key.monthly_limit = None,
            |key| key.monthly_limit = Some(11),
            |key| key.requests_per_minute = None,
            |key| key.requests_per_minute = Some(11),
            |key| key.address_ranges = Vec::new(),
            |key| key.address_ranges = vec!["203.0.0.0/16".to_owned()],
            |key| key.address_ranges.push("2001:db8::/32".to_owned()),
            |key| key.expires_at = None,
        ];
        for edit in wider {
            let changed = change(edit);
            assert!(changed.widens(&base), "{changed:?}");
        }
        let narrower: [fn(&mut ApiKeyContent); 8] = [
            |key| key.name = "Renamed".to_owned(),
            |key| key.scopes = Scopes::default(),
            |key| key.models = Some(Vec::new()),
            |key| key.monthly_limit = Some(9),
            |key| key.requests_per_minute = Some(1),
            |key| key.address_ranges = vec!["203.0.113.7".to_owned(), "203.0.113.128/25".to_owned()],
            |key| key.expires_at = Some(999),
            |key| key.purpose = "Another".to_owned(),
        ];
        for edit in narrower {
            assert!(!change(edit).widens(&base), "{:?}", change(edit));
        }
        let policy = |may_never_expire, days_max| ApiKeyPolicy { may_never_expire, days_max };
        assert!(policy(true, Some(30)).widens(policy(false, Some(30))) && policy(false, None).widens(policy(false, Some(30))));
        assert!(
            policy(false, Some(31)).widens(policy(true, Some(30))) && !policy(false, Some(29)).widens(policy(true, Some(30)))
        );
    }

    #[test]
    fn addresses_by_example() {
        let content = |ranges: &[&str]| ApiKeyContent {
            address_ranges: ranges.iter().map(|range| (*range).to_owned()).collect(),
            ..ApiKeyContent::default()
        };
        assert!(content(&[]).allows_address("") && content(&[]).allows_address("203.0.113.9"));
        let office = content(&["203.0.113.0/24", "2001:db8::/32", "198.51.100.7"]);
        for inside in ["203.0.113.9", "203.0.113.9:51234", "::ffff:203.0.113.9", "[2001:db8:1::1]:443", "198.51.100.7"] {
            assert!(office.allows_address(inside), "{inside}");
        }
        // Which of two is the client is not for us to guess.
        for outside in ["203.0.114.1", "2001:db9::1", "198.51.100.8", "", "nonsense", "203.0.113.9, 203.0.113.10"] {
            assert!(!office.allows_address(outside), "{outside}");
        }
        assert!(content(&["0.0.0.0/0"]).allows_address("8.8.8.8"));
        let wrong = |range: &str| {
            content(&[range]).check().is_err_and(|errors| errors.contains(&("address_ranges", Rule::AddressRangeMalformed)))
        };
        assert!(["1.2.3.4/33", "1.2.3/8", "1.2.3.4/", "x"].into_iter().all(wrong));
    }
}
