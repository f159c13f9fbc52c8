//! The mails of the installation, for those who look after it.

use crate::{MailId, Timestamp};
use serde::{Deserialize, Serialize};

/// Most mails of one `mail_list`.
pub const MAILS_MAX: u32 = 100;

/// What became of a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum MailState {
    /// No mail server is configured: it is kept to be read here.
    Kept,
    /// Is about to be handed to the mail server, again if that failed.
    Waiting,
    /// The mail server took it. The text, and with it the link, is no longer kept.
    Sent,
    /// The mail server refused it for good, or did not answer for a day.
    Failed,
}

/// A mail.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Mail {
    pub id: MailId,
    pub recipient: String,
    pub subject: String,
    /// As plain text; empty once it was sent.
    pub text: String,
    pub state: MailState,
    pub created_at: Timestamp,
    pub sent_at: Option<Timestamp>,
    /// What the mail server said when it last refused.
    pub error: String,
}

/// Answer of `mail_list`: newest first, at most [`MAILS_MAX`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MailList {
    pub total: u32,
    /// Whether mails are sent at all; without a mail server they are only kept.
    pub delivers: bool,
    pub mails: Vec<Mail>,
}
