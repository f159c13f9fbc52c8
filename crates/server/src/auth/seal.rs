//! Secrets that must be read again: sealed with the key of the installation before they are kept.

use super::token::hex;
use crate::config::Config;
use crate::error::{Error, Result};
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use pulze_contract::OrganizationId;
use std::io::{Read, Write};
use std::path::Path;

/// Bytes of a nonce; so many that drawing them at random never repeats one.
const NONCE: usize = 24;

/// Seals and opens with the one key.
pub struct Sealer(XChaCha20Poly1305);

impl Sealer {
    /// With the key of the settings, or, beside a SQLite database, of a file that is made once.
    ///
    /// # Errors
    /// The key is not 64 hexadecimal digits, the file cannot be had, or there is none to have.
    pub fn from_config(config: &Config) -> Result<Self> {
        let file = config.database.strip_prefix("sqlite:").map(|file| format!("{}.key", file.split('?').next().unwrap_or(file)));
        let key = match (&config.secret_key, file) {
            (Some(key), _) => key.clone(),
            (None, Some(file)) => from_file(Path::new(&file)).map_err(|error| Error::Internal(format!("{file}: {error}")))?,
            (None, None) => {
                let why = "PULZE_SECRET_KEY is missing: with PostgreSQL every server needs the same 64 hexadecimal digits";
                return Err(Error::Internal(why.to_owned()));
            }
        };
        let key = bytes(key.trim()).filter(|key| key.len() == 32);
        let key = key.ok_or_else(|| Error::Internal("the secret key is not 64 hexadecimal digits".to_owned()))?;
        XChaCha20Poly1305::new_from_slice(&key).map(Self).map_err(|error| Error::Internal(error.to_string()))
    }

    /// Seals a text so that it opens in this context only.
    ///
    /// # Errors
    /// The text is beyond all measure.
    pub fn seal(&self, context: &str, text: &str) -> Result<String> {
        let nonce = rand::random::<[u8; NONCE]>();
        let payload = Payload { msg: text.as_bytes(), aad: context.as_bytes() };
        let sealed = self.0.encrypt(&XNonce::from(nonce), payload).map_err(|_| Error::Internal("sealing failed".to_owned()))?;
        Ok(hex(&nonce) + &hex(&sealed))
    }

    /// # Errors
    /// It was sealed with another key or in another context, or somebody changed it.
    pub fn open(&self, context: &str, sealed: &str) -> Result<String> {
        let broken = || Error::Internal("a sealed secret does not open: was the secret key changed?".to_owned());
        let sealed = bytes(sealed).filter(|sealed| sealed.len() > NONCE).ok_or_else(broken)?;
        let (nonce, sealed) = sealed.split_at(NONCE);
        let nonce: [u8; NONCE] = nonce.try_into().map_err(|_| broken())?;
        let payload = Payload { msg: sealed, aad: context.as_bytes() };
        let text = self.0.decrypt(&XNonce::from(nonce), payload).map_err(|_| broken())?;
        String::from_utf8(text).map_err(|_| broken())
    }
}

/// The key of a file; where there is none, a new one, which only its owner may read.
fn from_file(path: &Path) -> std::io::Result<String> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(mut file) => {
            let key = hex(&rand::random::<[u8; 32]>());
            file.write_all(key.as_bytes())?;
            file.sync_all()?;
            Ok(key)
        }
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            let mut key = String::new();
            std::fs::File::open(path)?.read_to_string(&mut key)?;
            Ok(key)
        }
        Err(error) => Err(error),
    }
}

/// The context of a secret of an organization's own: it opens for this tool or key, under this name.
pub fn tool_secret(organization: &OrganizationId, tool: &str, name: &str) -> String {
    format!("{organization}/{tool}/{name}")
}

/// The context of a tool's secret that is sent to an origin: it opens for this tool there, and nowhere else.
pub fn bound_secret(organization: &OrganizationId, tool: &str, name: &str, origin: &str) -> String {
    format!("{}/{origin}", tool_secret(organization, tool, name))
}

fn bytes(hex: &str) -> Option<Vec<u8>> {
    let pair = |place: usize| hex.get(place..place + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok());
    hex.len().is_multiple_of(2).then(|| (0..hex.len()).step_by(2).map(pair).collect()).flatten()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_secret_opens_with_its_key_in_its_place_only() {
        let sealer = |digit: &str| Sealer(XChaCha20Poly1305::new_from_slice(&bytes(&digit.repeat(64)).unwrap()).unwrap());
        let sealed = sealer("1").seal("org/tool/key", "geheim").unwrap();
        assert!(!sealed.contains("geheim") && !sealed.contains(&hex(b"geheim")));
        assert_eq!(sealer("1").open("org/tool/key", &sealed).unwrap(), "geheim");
        assert!(sealer("1").open("org/other/key", &sealed).is_err());
        assert!(sealer("2").open("org/tool/key", &sealed).is_err());
        assert!(sealer("1").open("org/tool/key", &sealed.replace(&sealed[60..62], "zz")).is_err());
        assert_ne!(sealer("1").seal("org/tool/key", "geheim").unwrap(), sealed);
    }
}
