//! Hands waiting mails to the mail server, again and again for a day.

use crate::config::Config;
use crate::error::{Error, Result};
use crate::store::{self, Store, Tenant, mails::Claimed};
use lettre::message::{Mailbox, MultiPart};
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use pulze_contract::{Timestamp, text};
use std::time::Duration;

/// Between two looks at what waits.
const PAUSE: Duration = Duration::from_secs(3);
/// A server that took a mail over has this long before another one may try it.
const ATTEMPT_MS: i64 = 2 * 60 * 1000;
/// A mail that was not taken for so long has failed.
const GIVE_UP_MS: i64 = 24 * 60 * 60 * 1000;
/// Mails are cleared away after this long; no link in them is good by then.
const KEEP_MS: i64 = 30 * 24 * 60 * 60 * 1000;

/// Longest answer of a mail server that is kept, in characters.
const ERROR_MAX: usize = 1_000;

/// The mail server, and who the mails are from.
pub struct Delivery {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl Delivery {
    /// What the settings say; `None` where mails are only kept.
    ///
    /// # Errors
    /// The address of the server or of the sender is not valid.
    pub fn from_config(config: &Config) -> Result<Option<Self>> {
        let Some(url) = &config.smtp_url else { return Ok(None) };
        let broken = |what: &str, error: &dyn std::fmt::Display| Error::Internal(format!("{what}: {error}"));
        let from = config.mail_from.as_deref().ok_or_else(|| Error::Internal("PULZE_MAIL_FROM is missing".to_owned()))?;
        let from = from.parse::<Mailbox>().map_err(|error| broken("PULZE_MAIL_FROM", &error))?;
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(url).map_err(|error| broken("PULZE_SMTP_URL", &error))?;
        Ok(Some(Self { transport: transport.timeout(Some(Duration::from_secs(30))).build(), from }))
    }

    /// Hands one mail over; the error says whether trying again makes sense.
    async fn send(&self, mail: &Claimed) -> std::result::Result<(), (String, bool)> {
        let refused = |error: &dyn std::fmt::Display| (error.to_string(), false);
        let recipient = mail.recipient.parse::<Mailbox>().map_err(|error| refused(&error))?;
        let message = Message::builder()
            .from(self.from.clone())
            .to(recipient)
            .subject(&mail.subject)
            .message_id(Some(format!("<{}@pulze-console>", mail.id)))
            .multipart(MultiPart::alternative_plain_html(mail.text.clone(), mail.html.clone()))
            .map_err(|error| refused(&error))?;
        match self.transport.send(message).await {
            Ok(_) => Ok(()),
            Err(error) => Err((error.to_string(), !error.is_permanent())),
        }
    }
}

/// Delivers as long as the server runs.
pub async fn run(store: Store, delivery: Delivery) {
    loop {
        if let Err(error) = deliver_waiting(&store, &delivery).await {
            tracing::error!(%error, "mails could not be delivered");
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Delivers what is due now. Gives the number of mails that were taken.
///
/// # Errors
/// The database fails.
pub async fn deliver_waiting(store: &Store, delivery: &Delivery) -> Result<u32> {
    let mut taken = 0;
    loop {
        let now = crate::now();
        // While there is nothing to do, nobody's turn is taken.
        if !store::mails::due(&mut *store.read().await?, now, now - KEEP_MS).await? {
            return Ok(taken);
        }
        let mut change = store.change(Tenant::Installation).await?;
        store::mails::delete_before(&mut change, now - KEEP_MS).await?;
        let mail = store::mails::claim(&mut change, now, now + ATTEMPT_MS).await?;
        change.commit().await?;
        let Some(mail) = mail else { return Ok(taken) };
        let outcome = delivery.send(&mail).await;
        taken += u32::from(outcome.is_ok());
        match note(store, &mail, outcome, now).await {
            // It comes up again by itself after a while; the others do not wait for it.
            Err(error) if error.is_about_the_row() => {
                tracing::error!(mail = mail.id, %error, "what became of a mail could not be noted");
            }
            noted => noted?,
        }
    }
}

/// Notes what became of a mail.
async fn note(store: &Store, mail: &Claimed, outcome: std::result::Result<(), (String, bool)>, now: Timestamp) -> Result<()> {
    let mut change = store.change(Tenant::Installation).await?;
    match outcome {
        Ok(()) => store::mails::set_sent(&mut change, &mail.id, crate::now()).await?,
        Err((error, again)) => {
            // The words of another server.
            let error = text::cleaned(&error, ERROR_MAX);
            tracing::warn!(mail = mail.id, attempts = mail.attempts, error, "the mail server did not take a mail");
            let again = again && now - mail.created_at < GIVE_UP_MS;
            store::mails::set_refused(&mut change, &mail.id, &error, again.then(|| now + pause(mail.attempts))).await?;
        }
    }
    change.commit().await
}

/// Half a minute after the first attempt, then twice as long each time, an hour at most.
fn pause(attempts: i64) -> i64 {
    let doublings = u32::try_from(attempts - 1).unwrap_or(0).min(7);
    (30_000 * 2_i64.pow(doublings)).min(3_600_000)
}

#[cfg(test)]
mod tests {
    use super::pause;

    #[test]
    fn pauses_grow_up_to_an_hour() {
        assert_eq!([pause(1), pause(2), pause(3), pause(8), pause(400)], [30_000, 60_000, 120_000, 3_600_000, 3_600_000]);
    }
}
