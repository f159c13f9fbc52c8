//! Whether the address of an account is its owner's. An account may be made by whoever holds a link; invitations that
//! wait for an address are for those who proved that they read what is sent there.
//!
//! What proves it: a link that was mailed to it, an invitation's or the one of this module, opened by whoever is signed in
//! to the account; or a provider that says that it verified this address. A link that somebody copied proves nothing.

use super::Actor;
use crate::App;
use crate::auth::token;
use crate::error::{Error, Result};
use crate::mail::VerificationMail;
use crate::store;
use crate::store::live::Whom;
use pulze_contract::account::{EmailVerificationCreated, EmailVerify, VERIFICATION_HOURS};
use pulze_contract::live::LiveKind;
use pulze_contract::{ProblemType, Timestamp, UserId};
use serde_json::json;

/// Links are counted over this long.
const WINDOW_MS: i64 = 15 * 60 * 1000;
/// Links that one person may have mailed within [`WINDOW_MS`]: nobody's mailbox is filled from here.
const LINKS_MAX: i64 = 5;

/// Mails a link to the address of the account; nothing where it is verified already.
///
/// # Errors
/// `too-many-requests`.
pub async fn send(app: &App, actor: &Actor) -> Result<EmailVerificationCreated> {
    let created = EmailVerificationCreated { delivers: app.config.smtp_url.is_some() };
    let now = crate::now();
    let mut change = app.store.change(&actor.user_id).await?;
    let profile = store::users::profile(&mut change, &actor.user_id).await?.ok_or(ProblemType::SignedOut)?;
    if profile.email_verified {
        return Ok(created);
    }
    let who = format!("verification {}", actor.user_id);
    let (sent, _) = store::users::attempts(&mut change, &who, &who, now - WINDOW_MS).await?;
    if sent >= LINKS_MAX {
        return Err(Error::too_many(u32::try_from(WINDOW_MS / 1000).unwrap_or(u32::MAX)));
    }
    store::users::insert_attempt(&mut change, &crate::new_digits(), &who, "", now).await?;
    let (secret, expires_at) = (token::new(), now + VERIFICATION_HOURS * 3_600_000);
    let email = &profile.user.email;
    store::email_verifications::put(&mut change, &actor.user_id, email, &token::hash(&secret), expires_at).await?;
    let language = profile.preferences.language.as_deref().unwrap_or("en");
    let link = app.config.verification_link(&secret);
    let mail = VerificationMail { language, name: &profile.user.name, email, link: &link, expires_at };
    super::mails::send(&mut change, &app.config, email, language, mail.compose()?, now).await?;
    change.commit().await?;
    Ok(created)
}

/// Takes the link that was mailed to the account of whoever is signed in. Somebody else's link proves nothing here: who
/// reads a mailbox does not vouch for the account of another person.
///
/// # Errors
/// `verification-invalid`.
pub async fn verify(app: &App, actor: &Actor, body: EmailVerify) -> Result<()> {
    let now = crate::now();
    let mut change = app.store.change(&actor.user_id).await?;
    if !store::email_verifications::take(&mut change, &actor.user_id, &token::hash(&body.secret), now).await? {
        return Err(ProblemType::VerificationInvalid.into());
    }
    set_verified(&mut change, &actor.user_id, now).await?;
    actor.note(&mut change, "email_verify", actor.user_id.as_str(), json!({})).await?;
    change.commit().await
}

/// Notes the proof, and tells the person's open pages.
pub(crate) async fn set_verified(change: &mut store::Connection, user: &UserId, at: Timestamp) -> Result<()> {
    if store::users::set_email_verified(change, user, at).await? {
        let whom = Whom { user: Some(user), by: Some(user), ..Whom::default() };
        store::live::insert(change, LiveKind::Account, whom, at).await?;
    }
    Ok(())
}
