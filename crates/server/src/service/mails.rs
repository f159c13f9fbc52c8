//! The mails of the installation: into the outbox, and as those see them who look after it.

use crate::config::Config;
use crate::error::Result;
use crate::mail::Composed;
use crate::store::{self, Store};
use pulze_contract::Timestamp;
use pulze_contract::mail::{MAILS_MAX, MailList, MailState};

/// Puts a mail into the outbox, in the transaction of what it is about.
///
/// # Errors
/// The database fails.
pub(super) async fn send(
    change: &mut store::Connection,
    config: &Config,
    recipient: &str,
    language: &str,
    composed: Composed,
    at: Timestamp,
) -> Result<()> {
    let Composed { subject, text, html } = composed;
    let state = if config.smtp_url.is_some() { MailState::Waiting } else { MailState::Kept };
    let new = store::mails::New { recipient, subject: &subject, text: &text, html: &html, language, state, at };
    store::mails::insert(change, &new).await
}

/// The newest mails, at most `limit`.
///
/// # Errors
/// The database fails.
pub async fn list(store: &Store, config: &Config, limit: u32) -> Result<MailList> {
    let (total, mails) = store::mails::list(&mut *store.read().await?, limit.min(MAILS_MAX)).await?;
    Ok(MailList { total, delivers: config.smtp_url.is_some(), mails })
}
