//! Signing in by other services: OpenID Connect, the authorization code flow with PKCE.
//!
//! What a provider answers is believed only after every check of the specification: the answer belongs to the
//! browser that asked (state, cookie), was asked by us (nonce, verifier), comes from the provider (issuer, signature
//! with its keys), is for us (audience), and is of now (times). Tokens are used once, here, and kept nowhere.

mod provider;

use crate::App;
use crate::auth::token;
use crate::error::{Error, Result};
use crate::service::{Actor, email_verification, sessions};
use crate::store::identities::TransactionRow;
use crate::store::live::Whom;
use crate::store::users::{NO_PASSWORD, User};
use crate::store::{self, Tenant};
use openidconnect::core::{CoreAuthPrompt, CoreAuthenticationFlow, CoreClient, CoreJwsSigningAlgorithm, CoreUserInfoClaims};
use openidconnect::{
    AccessTokenHash, AuthorizationCode, ClientId, ClientSecret, CsrfToken, LogoutRequest, Nonce, OAuth2TokenResponse,
    PkceCodeChallenge, PkceCodeVerifier, PostLogoutRedirectUrl, ProviderMetadataWithLogout, RedirectUrl, Scope, TokenResponse,
};
use provider::{Known, ask};
pub use provider::{Providers, Settings};
use pulze_contract::address::counted;
use pulze_contract::live::LiveKind;
use pulze_contract::session::{ProviderBegin, ProviderPurpose};
use pulze_contract::text;
use pulze_contract::validation::{self, Rule};
use pulze_contract::{FieldError, ProblemType, UserId};
use serde_json::json;
use std::collections::HashMap;
use std::time::Duration;

/// How long a sign-in by a provider may take.
const TRANSACTION_MS: i64 = 10 * 60 * 1000;
/// How far clocks may differ, in seconds.
const SKEW: i64 = 60;
/// Where providers send people back to.
pub const CALLBACK: &str = "/sign-in/callback";
/// Signatures that are believed: with keys of the provider, never with a secret that is shared, never none.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 6] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// Why a sign-in by a provider did not happen; the app has a sentence for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Something does not fit: the answer is not believed.
    Failed,
    /// The person said no at the provider.
    Cancelled,
    /// Nobody here is known by that identity.
    NoAccount,
    /// The address has an account here, which the identity is not linked to.
    AccountExists,
    /// The identity is somebody else's here.
    LinkedElsewhere,
    /// It is proved, but that it is another person than the one who is signed in.
    OtherPerson,
}

impl Refusal {
    /// As it stands in the address that the browser is sent to.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::NoAccount => "no-account",
            Self::AccountExists => "account-exists",
            Self::LinkedElsewhere => "linked-elsewhere",
            Self::OtherPerson => "other-person",
        }
    }
}

/// What a provider proved.
struct Proved {
    subject: String,
    email: Option<String>,
    email_verified: bool,
    name: Option<String>,
}

/// Whether an address leads to a page of this console, and nowhere else.
fn is_page(address: &str) -> bool {
    let safe = |letter: char| !letter.is_control() && letter != '\\' && !letter.is_whitespace();
    address.starts_with('/') && !address.starts_with("//") && address.len() <= 1000 && address.chars().all(safe)
}

fn callback(app: &App) -> std::result::Result<RedirectUrl, String> {
    RedirectUrl::new(app.config.console_link(CALLBACK)).map_err(|error| error.to_string())
}

/// Begins: gives the address of the provider, and the secret that binds the answer to this browser.
///
/// # Errors
/// `not-found` for a provider that there is not; `invalid` for an address that is not of this console; `signed-out`
/// where a link or a proof needs somebody; `fresh-sign-in-required` for a link; `unavailable` where the provider
/// does not answer.
pub async fn begin(app: &App, actor: Option<&Actor>, client_address: &str, body: &ProviderBegin) -> Result<(String, String)> {
    let provider = app.providers.find(&body.provider).ok_or(ProblemType::NotFound)?;
    if !is_page(&body.return_to) {
        return Err(Error::invalid(vec![FieldError::new("return_to", Rule::UrlMalformed)]));
    }
    let person = match body.purpose {
        ProviderPurpose::SignIn => None,
        ProviderPurpose::Confirm => Some(actor.ok_or(ProblemType::SignedOut)?),
        ProviderPurpose::Link => {
            let actor = actor.ok_or(ProblemType::SignedOut)?;
            actor.require_fresh()?;
            Some(actor)
        }
    };
    let unavailable = |reason: String| {
        tracing::warn!(provider = provider.settings.id, reason, "the provider could not be asked");
        Error::from(ProblemType::ProviderUnavailable)
    };
    let metadata = provider.metadata(false).await.map_err(unavailable)?;
    let Settings { client_id, client_secret, .. } = provider.settings.clone();
    let client = CoreClient::from_provider_metadata(metadata, ClientId::new(client_id), client_secret.map(ClientSecret::new))
        .set_redirect_uri(callback(app).map_err(Error::Internal)?);
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let (state, nonce, browser) = (token::new(), token::new(), token::new());
    let (given_state, given_nonce) = (state.clone(), nonce.clone());
    let request = client.authorize_url(
        CoreAuthenticationFlow::AuthorizationCode,
        move || CsrfToken::new(given_state),
        move || Nonce::new(given_nonce),
    );
    let mut request = request
        .add_scope(Scope::new("email".to_owned()))
        .add_scope(Scope::new("profile".to_owned()))
        .set_pkce_challenge(challenge);
    if body.purpose == ProviderPurpose::Confirm {
        // Who is still signed in there proves nothing: they are asked anew, and the time is looked at.
        request = request.set_max_age(Duration::ZERO).add_prompt(CoreAuthPrompt::Login);
    }
    let (address, ..) = request.url();
    let begun = TransactionRow {
        state_hash: token::hash(&state),
        browser_hash: token::hash(&browser),
        provider: body.provider.clone(),
        nonce,
        verifier: verifier.into_secret(),
        return_to: body.return_to.clone(),
        user_id: person.map(|actor| actor.user_id.to_string()).unwrap_or_default(),
        purpose: body.purpose.as_str().to_owned(),
    };
    let mut change = app.store.change(tenant(actor, client_address)).await?;
    store::identities::begin(&mut change, &begun, crate::now(), crate::now() - TRANSACTION_MS).await?;
    change.commit().await?;
    Ok((address.to_string(), browser))
}

/// Whose writing it is: the person's, or the address's while nobody is known.
fn tenant(actor: Option<&Actor>, address: &str) -> Tenant {
    actor.map_or_else(|| Tenant::Address(counted(address)), |actor| Tenant::from(&actor.user_id))
}

/// How it ended.
pub struct Finished {
    /// The page to go back to.
    pub return_to: String,
    pub outcome: std::result::Result<Outcome, Refusal>,
}

/// What a proof led to.
pub enum Outcome {
    /// A new session's token.
    SignedIn(String),
    /// The session's new token.
    Confirmed(String),
    Linked,
}

/// Who came back, with what.
pub struct Returned<'a> {
    pub parameters: &'a HashMap<String, String>,
    /// The secret of the cookie.
    pub browser: Option<&'a str>,
    pub actor: Option<&'a Actor>,
    pub address: &'a str,
    pub user_agent: &'a str,
    pub request_id: &'a str,
}

/// Finishes what [`begin`] began.
///
/// # Errors
/// The database fails. Whatever the provider did wrong is a refusal.
pub async fn finish(app: &App, returned: &Returned<'_>) -> Result<Finished> {
    let home = |refusal: Refusal| Finished { return_to: "/".to_owned(), outcome: Err(refusal) };
    let Some(state) = returned.parameters.get("state") else { return Ok(home(Refusal::Failed)) };
    let mut change = app.store.change(tenant(returned.actor, returned.address)).await?;
    // Taken out before anything else: the same answer is never looked at twice.
    let begun = store::identities::take(&mut change, &token::hash(state), crate::now() - TRANSACTION_MS).await?;
    change.commit().await?;
    let Some(begun) = begun else { return Ok(home(Refusal::Failed)) };
    if returned.browser.map(token::hash).as_deref() != Some(begun.browser_hash.as_str()) {
        return Ok(home(Refusal::Failed));
    }
    let outcome = match prove(app, &begun, returned.parameters).await {
        Ok(proved) => conclude(app, &begun, &proved, returned).await?,
        Err(refusal) => Err(refusal),
    };
    Ok(Finished { return_to: begun.return_to, outcome })
}

/// Turns the provider's answer into who it proves, or does not believe it.
async fn prove(app: &App, begun: &TransactionRow, parameters: &HashMap<String, String>) -> std::result::Result<Proved, Refusal> {
    let provider = app.providers.find(&begun.provider).ok_or(Refusal::Failed)?;
    // An answer of another provider that was mixed up with this one's (RFC 9207).
    if parameters.get("iss").is_some_and(|issuer| *issuer != provider.settings.issuer) {
        return Err(Refusal::Failed);
    }
    if let Some(error) = parameters.get("error") {
        return Err(if error == "access_denied" { Refusal::Cancelled } else { Refusal::Failed });
    }
    let code = parameters.get("code").filter(|code| !code.is_empty()).ok_or(Refusal::Failed)?;
    let not_believed = |reason: String| {
        tracing::warn!(provider = provider.settings.id, reason, "an answer of the provider is not believed");
        Refusal::Failed
    };
    let metadata = provider.metadata(false).await.map_err(not_believed)?;
    let believed = tokens(app, provider, metadata, begun, code).await;
    believed.map_err(not_believed)
}

/// Trades the code for tokens and checks them.
async fn tokens(
    app: &App,
    provider: &Known,
    metadata: ProviderMetadataWithLogout,
    begun: &TransactionRow,
    code: &str,
) -> std::result::Result<Proved, String> {
    let Settings { client_id, client_secret, .. } = provider.settings.clone();
    let redirect = callback(app)?;
    let client = |metadata: ProviderMetadataWithLogout| {
        let (id, secret) = (ClientId::new(client_id.clone()), client_secret.clone().map(ClientSecret::new));
        CoreClient::from_provider_metadata(metadata, id, secret).set_redirect_uri(redirect.clone())
    };
    let asking = client(metadata);
    let request = asking.exchange_code(AuthorizationCode::new(code.to_owned())).map_err(|error| error.to_string())?;
    let verifier = PkceCodeVerifier::new(begun.verifier.clone());
    let answer = request.set_pkce_verifier(verifier).request_async(&ask).await.map_err(|error| error.to_string())?;
    let id_token = answer.id_token().ok_or("no ID token")?;
    let nonce = Nonce::new(begun.nonce.clone());
    let fresh = begun.purpose == ProviderPurpose::Confirm.as_str();
    // Keys change: with a signature that fits none of those known, they are asked for once more.
    let mut claims = checked(&asking, id_token, &nonce, fresh);
    let renewed;
    if claims.is_err() {
        renewed = client(provider.metadata(true).await?);
        claims = checked(&renewed, id_token, &nonce, fresh);
    }
    let claims = claims?;
    if claims.authorized_party().is_some_and(|party| **party != client_id) {
        return Err("issued to another client".to_owned());
    }
    if let Some(expected) = claims.access_token_hash() {
        let verifier = id_token_verifier(&asking, fresh);
        let algorithm = id_token.signing_alg().map_err(|error| error.to_string())?;
        let key = id_token.signing_key(&verifier).map_err(|error| error.to_string())?;
        let found = AccessTokenHash::from_token(answer.access_token(), algorithm, key).map_err(|error| error.to_string())?;
        if found != *expected {
            return Err("the access token is of another answer".to_owned());
        }
    }
    let (mut email, mut verified) = (claims.email().map(|email| email.to_string()), claims.email_verified() == Some(true));
    let mut name = claims.name().and_then(|name| name.get(None)).map(|name| name.to_string());
    if email.is_none() && asking.user_info_url().is_some() {
        let request = asking.user_info(answer.access_token().clone(), Some(claims.subject().clone()));
        // The library refuses what is told of another subject.
        let told: CoreUserInfoClaims =
            request.map_err(|error| error.to_string())?.request_async(&ask).await.map_err(|error| error.to_string())?;
        email = told.email().map(|email| email.to_string());
        verified = told.email_verified() == Some(true);
        name = name.or_else(|| told.name().and_then(|name| name.get(None)).map(|name| name.to_string()));
    }
    let subject = claims.subject().to_string();
    if subject.is_empty() || subject.len() > 255 || !text::is_clean(&subject) {
        return Err("a subject that names nobody".to_owned());
    }
    Ok(Proved { subject, email: email.and_then(|email| validation::email(&email).ok()), email_verified: verified, name })
}

/// The client after discovery, with what it may have: written out by the library's own types.
type Asking = openidconnect::core::CoreClient<
    openidconnect::EndpointSet,
    openidconnect::EndpointNotSet,
    openidconnect::EndpointNotSet,
    openidconnect::EndpointNotSet,
    openidconnect::EndpointMaybeSet,
    openidconnect::EndpointMaybeSet,
>;

fn id_token_verifier(client: &Asking, fresh: bool) -> openidconnect::core::CoreIdTokenVerifier<'_> {
    let now = || openidconnect_now();
    let verifier = client.id_token_verifier().set_allowed_algs(ALGORITHMS).set_issue_time_verifier_fn(move |issued| {
        if issued.timestamp() > now() + SKEW { Err("issued in the future".to_owned()) } else { Ok(()) }
    });
    verifier.set_auth_time_verifier_fn(move |at| match at {
        Some(at) if fresh && openidconnect_now() - at.timestamp() > 5 * SKEW => Err("proved too long ago".to_owned()),
        None if fresh => Err("it is not told when it was proved".to_owned()),
        _ => Ok(()),
    })
}

/// Seconds since 1970, of the system: tokens of others do not follow a clock that was told to run ahead.
fn openidconnect_now() -> i64 {
    let elapsed = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(elapsed.as_secs()).unwrap_or(i64::MAX)
}

fn checked<'a>(
    client: &Asking,
    id_token: &'a openidconnect::core::CoreIdToken,
    nonce: &Nonce,
    fresh: bool,
) -> std::result::Result<&'a openidconnect::core::CoreIdTokenClaims, String> {
    id_token.claims(&id_token_verifier(client, fresh), nonce).map_err(|error| error.to_string())
}

/// What the proof leads to.
async fn conclude(
    app: &App,
    begun: &TransactionRow,
    proved: &Proved,
    returned: &Returned<'_>,
) -> Result<std::result::Result<Outcome, Refusal>> {
    let identity = (begun.provider.as_str(), proved.subject.as_str());
    let known = store::identities::find(&mut *app.store.read().await?, identity.0, identity.1).await?;
    let purpose = ProviderPurpose::parse(&begun.purpose).unwrap_or_default();
    if purpose == ProviderPurpose::SignIn {
        let user = match known {
            Some(user) => user,
            None => match newcomer(app, begun, proved, returned.address).await? {
                Ok(user) => user,
                Err(refusal) => return Ok(Err(refusal)),
            },
        };
        prove_address(app, &user, proved).await?;
        let Returned { address, user_agent, request_id, .. } = returned;
        let actor = Actor::without_session(user, request_id);
        let token = sessions::start(&app.store, &app.config, &actor, address, user_agent, identity.0).await?;
        return Ok(Ok(Outcome::SignedIn(token)));
    }
    // A link and a proof are of the person who is signed in here now, and who began it.
    let Some(actor) = returned.actor.filter(|actor| actor.user_id.as_str() == begun.user_id) else {
        return Ok(Err(Refusal::Failed));
    };
    match (purpose, known) {
        (ProviderPurpose::Confirm, Some(user)) if user == actor.user_id => {
            let Some(session) = &actor.session else { return Ok(Err(Refusal::Failed)) };
            prove_address(app, &actor.user_id, proved).await?;
            Ok(Ok(Outcome::Confirmed(sessions::prove(&app.store, actor, session).await?)))
        }
        (ProviderPurpose::Confirm, _) => Ok(Err(Refusal::OtherPerson)),
        (_, Some(user)) if user != actor.user_id => Ok(Err(Refusal::LinkedElsewhere)),
        (_, Some(_)) => {
            prove_address(app, &actor.user_id, proved).await?;
            Ok(Ok(Outcome::Linked))
        }
        (_, None) => {
            let now = crate::now();
            let mut change = app.store.change(&actor.user_id).await?;
            let email = proved.email.as_deref().unwrap_or_default();
            if !store::identities::insert(&mut change, identity, &actor.user_id, email, now).await? {
                return Ok(Err(Refusal::LinkedElsewhere));
            }
            actor.note(&mut change, "identity_link", identity.0, json!({ "email": email })).await?;
            let whom = Whom { user: Some(&actor.user_id), by: Some(&actor.user_id), ..Whom::default() };
            store::live::insert(&mut change, LiveKind::Account, whom, now).await?;
            change.commit().await?;
            prove_address(app, &actor.user_id, proved).await?;
            Ok(Ok(Outcome::Linked))
        }
    }
}

/// Where the provider says that it verified the very address of the account, that address is proved. Another address that
/// it tells is not the account's, and proves nothing here.
async fn prove_address(app: &App, user: &UserId, proved: &Proved) -> Result<()> {
    let Some(email) = proved.email.as_deref().filter(|_| proved.email_verified) else { return Ok(()) };
    let profile = store::users::profile(&mut *app.store.read().await?, user).await?;
    if profile.is_none_or(|profile| profile.email_verified || profile.user.email != email) {
        return Ok(());
    }
    let mut change = app.store.change(user).await?;
    email_verification::set_verified(&mut change, user, crate::now()).await?;
    change.commit().await
}

/// Makes an account for somebody new, where the provider may. An account of the same address is never taken over:
/// its owner links the identity, with a proof of both.
async fn newcomer(
    app: &App,
    begun: &TransactionRow,
    proved: &Proved,
    address: &str,
) -> Result<std::result::Result<UserId, Refusal>> {
    let creates = app.providers.find(&begun.provider).is_some_and(|provider| provider.settings.creates_accounts);
    let Some(email) = proved.email.as_deref().filter(|_| proved.email_verified) else { return Ok(Err(Refusal::NoAccount)) };
    let now = crate::now();
    let mut change = app.store.change(Tenant::Address(counted(address))).await?;
    if store::users::by_email(&mut change, email).await?.is_some() {
        return Ok(Err(Refusal::AccountExists));
    }
    if !creates {
        return Ok(Err(Refusal::NoAccount));
    }
    let name = proved.name.as_deref().and_then(|name| validation::name(name).ok());
    let person = User {
        id: UserId::from_digits(&crate::new_digits()),
        email: email.to_owned(),
        name: name.unwrap_or_else(|| email.split('@').next().unwrap_or(email).to_owned()),
        administers_installation: false,
    };
    store::users::insert(&mut change, &person, NO_PASSWORD, now).await?;
    store::users::set_email_verified(&mut change, &person.id, now).await?;
    if !store::identities::insert(&mut change, (&begun.provider, &proved.subject), &person.id, email, now).await? {
        return Ok(Err(Refusal::Failed));
    }
    change.commit().await?;
    Ok(Ok(person.id))
}

/// Where the browser goes to end the session at the provider as well, if the provider has such a page.
pub async fn sign_out_address(app: &App, provider: &str) -> Option<String> {
    let known = app.providers.find(provider)?;
    let metadata = known.metadata(false).await.ok()?;
    let end = metadata.additional_metadata().end_session_endpoint.clone()?;
    let back = PostLogoutRedirectUrl::new(app.config.console_link("/")).ok()?;
    let request = LogoutRequest::from(end)
        .set_client_id(ClientId::new(known.settings.client_id.clone()))
        .set_post_logout_redirect_uri(back);
    Some(request.http_get_url().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_of_this_console_are_gone_back_to() {
        for good in ["/", "/o/org_1/manage/usage?range=7d", "/account#x"] {
            assert!(is_page(good), "{good}");
        }
        for bad in
            ["", "//evil.example", "/\\evil.example", "https://evil.example", "javascript:alert(1)", "/a\nb", "/a b", "\\\\evil"]
        {
            assert!(!is_page(bad), "{bad}");
        }
        assert!(!is_page(&format!("/{}", "x".repeat(2000))));
    }
}
