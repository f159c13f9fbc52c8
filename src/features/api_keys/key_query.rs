//! Which keys are shown and in which order: what stands in the address.

use super::key_policy::LOOKED_AT;
use pulze_contract::api_key::{ApiKey, ApiKeyStatus};

#[derive(Clone, Debug, Default, PartialEq)]
pub struct KeyQuery {
    pub search: String,
    /// `working`, one of [`LOOKED_AT`], the name of a state, or nothing for all but the revoked ones.
    pub status: String,
    pub sort: Sort,
    pub descending: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    #[default]
    Created,
    Name,
    LastUsed,
    Expires,
}

impl Sort {
    const ALL: [Self; 4] = [Self::Created, Self::Name, Self::LastUsed, Self::Expires];

    fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Name => "name",
            Self::LastUsed => "last_used",
            Self::Expires => "expires",
        }
    }
}

impl KeyQuery {
    pub fn read(parameter: impl Fn(&str) -> Option<String>) -> Self {
        let text = |name: &str| parameter(name).unwrap_or_default();
        let sort = text("sort");
        Self {
            search: text("search"),
            status: text("status"),
            sort: Sort::ALL.into_iter().find(|known| known.as_str() == sort).unwrap_or_default(),
            descending: text("order") == "descending",
        }
    }

    pub fn pairs(&self) -> Vec<(&'static str, String)> {
        let sort = if self.sort == Sort::default() { "" } else { self.sort.as_str() };
        let order = if self.descending { "descending" } else { "" };
        let all = [("search", self.search.as_str()), ("status", &self.status), ("sort", sort), ("order", order)];
        all.into_iter().filter(|(_, value)| !value.is_empty()).map(|(name, value)| (name, value.to_owned())).collect()
    }

    /// The keys that fit, in the order that is asked for; they come newest first.
    pub fn fitting(&self, keys: &[ApiKey]) -> Vec<ApiKey> {
        let search = self.search.to_lowercase();
        let fits = |key: &&ApiKey| {
            let found = |text: &str| text.to_lowercase().contains(&search);
            (found(&key.content.name) || found(&key.owner) || found(&key.preview) || found(&key.content.purpose))
                && match self.status.as_str() {
                    "" => key.status != ApiKeyStatus::Revoked,
                    "working" => key.status.works(),
                    status => match LOOKED_AT.iter().find(|(name, ..)| *name == status) {
                        Some((_, fits, _)) => fits(key),
                        None => key.status.as_str() == status,
                    },
                }
        };
        let mut fitting: Vec<ApiKey> = keys.iter().filter(fits).cloned().collect();
        match self.sort {
            Sort::Created => {}
            Sort::Name => fitting.sort_by_cached_key(|key| key.content.name.to_lowercase()),
            Sort::LastUsed => fitting.sort_by_key(|key| key.last_used.as_ref().map_or(0, |used| used.at)),
            Sort::Expires => fitting.sort_by_key(|key| key.content.expires_at.unwrap_or(i64::MAX)),
        }
        if self.descending {
            fitting.reverse();
        }
        fitting
    }
}
