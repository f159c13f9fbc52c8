//! The mails of the installation, for those who look after it.

use crate::config::Config;
use crate::error::Result;
use crate::store::{self, Store};
use pulze_contract::mail::{MAILS_MAX, MailList};

/// The newest mails, at most `limit`.
///
/// # Errors
/// The database fails.
pub async fn list(store: &Store, config: &Config, limit: u32) -> Result<MailList> {
    let (total, mails) = store::mails::list(&mut *store.read().await?, limit.min(MAILS_MAX)).await?;
    Ok(MailList { total, delivers: config.smtp_url.is_some(), mails })
}
