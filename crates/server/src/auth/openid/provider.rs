//! The providers of this installation, as the operator names them, and how they are asked.

use crate::outbound;
use openidconnect::{HttpRequest, HttpResponse, IssuerUrl, ProviderMetadataWithLogout};
use pulze_contract::session::Provider;
use serde::Deserialize;
use std::path::Path;
use std::time::{Duration, Instant};
use tokio::sync::RwLock;

/// How long what a provider says of itself is believed, its keys included.
const METADATA: Duration = Duration::from_secs(10 * 60);
/// For one question to a provider.
const ASK: Duration = Duration::from_secs(10);
/// Bytes of an answer of a provider.
const ANSWER_MAX: usize = 256 * 1024;

/// A provider as the operator's file has it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// In addresses and in the database: lower-case letters, digits and `-`.
    pub id: String,
    /// On its button.
    pub name: String,
    pub issuer: String,
    pub client_id: String,
    /// Absent for a public client.
    #[serde(default)]
    pub client_secret: Option<String>,
    /// Whether somebody whom nobody knows here gets an account. Otherwise only known identities sign in.
    #[serde(default)]
    pub creates_accounts: bool,
}

pub(super) struct Known {
    pub(super) settings: Settings,
    metadata: RwLock<Option<(Instant, ProviderMetadataWithLogout)>>,
}

/// The providers of this installation.
#[derive(Default)]
pub struct Providers {
    all: Vec<Known>,
}

#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct AskError(String);

/// Asks a provider: no redirects, within time and size.
pub(super) async fn ask(request: HttpRequest) -> std::result::Result<HttpResponse, AskError> {
    let broken = |error: &dyn std::fmt::Display| AskError(error.to_string());
    // The operator named the provider: it may live in a private network.
    let client = outbound::client(true, ASK).map_err(|_| AskError("no client".to_owned()))?;
    let request = reqwest::Request::try_from(request).map_err(|error| broken(&error))?;
    let mut answer = client.execute(request).await.map_err(|error| broken(&error))?;
    let (status, headers) = (answer.status(), answer.headers().clone());
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(|error| broken(&error))? {
        if body.len() + chunk.len() > ANSWER_MAX {
            return Err(AskError("the answer is too long".to_owned()));
        }
        body.extend_from_slice(&chunk);
    }
    let mut response = HttpResponse::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    Ok(response)
}

impl Providers {
    /// Reads the operator's file: a JSON list of [`Settings`].
    ///
    /// # Errors
    /// It cannot be read, or a provider is not usable.
    pub fn from_file(file: &Path) -> std::result::Result<Self, String> {
        let text = std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
        let all: Vec<Settings> = serde_json::from_str(&text).map_err(|error| format!("{}: {error}", file.display()))?;
        Self::new(all)
    }

    /// # Errors
    /// A provider is not usable: an identifier twice or of other characters, an issuer that is not https.
    pub fn new(all: Vec<Settings>) -> std::result::Result<Self, String> {
        let mut known: Vec<Known> = Vec::new();
        for settings in all {
            let letters = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
            if settings.id.is_empty() || settings.id.len() > 40 || !settings.id.chars().all(letters) {
                return Err(format!("provider {:?}: the id takes lower-case letters, digits and -", settings.id));
            }
            if known.iter().any(|other| other.settings.id == settings.id) {
                return Err(format!("provider {}: the id is there twice", settings.id));
            }
            let issuer = url::Url::parse(&settings.issuer).map_err(|error| format!("provider {}: {error}", settings.id))?;
            let loopback = matches!(issuer.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"));
            if issuer.scheme() != "https" && !loopback {
                return Err(format!("provider {}: the issuer must be https", settings.id));
            }
            known.push(Known { settings, metadata: RwLock::new(None) });
        }
        Ok(Self { all: known })
    }

    /// As the sign-in page shows them.
    pub fn list(&self) -> Vec<Provider> {
        let provider = |known: &Known| Provider { id: known.settings.id.clone(), name: known.settings.name.clone() };
        self.all.iter().map(provider).collect()
    }

    pub(super) fn find(&self, id: &str) -> Option<&Known> {
        self.all.iter().find(|known| known.settings.id == id)
    }
}

impl Known {
    /// What the provider says of itself: remembered for a while, asked anew where `anew` says so.
    pub(super) async fn metadata(&self, anew: bool) -> std::result::Result<ProviderMetadataWithLogout, String> {
        if let Some((_, metadata)) = self.metadata.read().await.as_ref().filter(|(at, _)| !anew && at.elapsed() < METADATA) {
            return Ok(metadata.clone());
        }
        let issuer = IssuerUrl::new(self.settings.issuer.clone()).map_err(|error| error.to_string())?;
        // The library refuses metadata of another issuer.
        let found = ProviderMetadataWithLogout::discover_async(issuer, &ask).await.map_err(|error| error.to_string())?;
        *self.metadata.write().await = Some((Instant::now(), found.clone()));
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn providers_are_looked_at_before_the_server_starts() {
        let settings = |id: &str, issuer: &str| Settings {
            id: id.to_owned(),
            name: "Company".to_owned(),
            issuer: issuer.to_owned(),
            client_id: "console".to_owned(),
            client_secret: None,
            creates_accounts: false,
        };
        assert!(Providers::new(vec![settings("company", "https://login.example")]).is_ok());
        assert!(Providers::new(vec![settings("company", "http://127.0.0.1:9")]).is_ok());
        for bad in
            [settings("Company", "https://a.example"), settings("", "https://a.example"), settings("a", "http://a.example")]
        {
            assert!(Providers::new(vec![bad]).is_err());
        }
        let twice = vec![settings("a", "https://a.example"), settings("a", "https://b.example")];
        assert!(Providers::new(twice).is_err());
    }
}
