//! API keys of Acme Robotics.

use super::{DAY, START, digits, user};
use crate::error::Result;
use crate::store;
use crate::store::api_keys::{Counted, SecretRow, Who};
use pulze_contract::api_key::{ApiKeyContent, RANDOM, Scope, ScopeLevel, Scopes, with_checksum};
use pulze_contract::{ApiKeyId, OrganizationId, SpaceId};
use sha2::{Digest, Sha256};

/// Name, purpose, scopes, space, owner, days until it expires, days since its secrets were made.
type KeyStory = (&'static str, &'static str, Scopes, Option<SpaceId>, &'static str, i64, &'static [i64]);

/// Keys of Acme Robotics, whose secrets nobody knows: one in use, one that is being rotated, one that expired.
pub(super) async fn keys(db: &mut store::Connection) -> Result<()> {
    let acme = OrganizationId::from_digits(&digits("Acme Robotics"));
    let support = SpaceId::from_digits(&digits("Customer Support"));
    let now = crate::now();
    let chat = Scopes::default().with(Scope::ChatCompletions, ScopeLevel::Write);
    let read = Scopes::all(ScopeLevel::Read);
    let stories: [KeyStory; 3] = [
        ("Shop, production", "Answers in the chat of the shop.", chat, Some(support), "admin@acme.test", 54, &[36]),
        ("CI pipeline", "Checks prompts before every release.", read, None, "operations@acme.test", 80, &[97, 0]),
        ("Analytics, first try", "", read, None, "admin@acme.test", -12, &[102]),
    ];
    for (name, purpose, scopes, space, owner, days, made) in stories {
        let id = ApiKeyId::from_digits(&digits(&format!("key {name}")));
        let content = ApiKeyContent {
            name: name.to_owned(),
            purpose: purpose.to_owned(),
            scopes,
            spaces: space.map(|space| vec![space]),
            requests_per_minute: Some(120),
            expires_at: Some(now + days * DAY),
            ..ApiKeyContent::default()
        };
        let oldest = made.first().copied().unwrap_or_default();
        store::api_keys::insert(db, &acme, &id, &content, &user(owner), now - oldest * DAY).await?;
        if days > 0 {
            // Whatever they were given: this is what the programs do with it.
            let used = (Scope::ChatCompletions, scopes.of(Scope::ChatCompletions));
            store::api_keys::add_scope_use(db, &acme, &id, used, now - DAY / 24).await?;
        }
        for (place, ago) in made.iter().enumerate() {
            let number = i64::try_from(place).unwrap_or_default() + 1;
            let hash = digits(&format!("secret {name} {number}"));
            let last_four = hash[..4].to_owned();
            let secret = SecretRow { number, last_four, created_at: now - ago * DAY, good_until: None, recovery: String::new() };
            store::api_keys::insert_secret(db, &acme, &id, &hash, &secret).await?;
            if place + 1 < made.len() {
                store::api_keys::set_good_until(db, &acme, &id, number, now + 20 * DAY / 24).await?;
            }
            // Every few hours of the last 30 days; an old secret that is being replaced is used until some hours ago.
            for back in (0..30 * 8).filter(|back| days > 0 && *back <= ago * 8 + 1) {
                let at = now - back * 3 * DAY / 24 - if made.len() > 1 && place == 0 { 2 * DAY / 24 } else { 0 };
                let good = 4 + (back * 7 + number) % 9;
                let counted = Counted { good, refused: i64::from(back % 23 == 5), last: at };
                let (address, client) = if place == 0 { ("203.0.113.24", "shop/4.2") } else { ("198.51.100.7", "ci-runner/1.8") };
                let who = Who::Caller((address.to_owned(), client.to_owned()));
                if back > 0 || place > 0 {
                    store::api_keys::add_use(db, &acme, &id, number, &who, &counted).await?;
                }
            }
        }
    }
    Ok(())
}

/// Keys by number, for measuring how long looking one up takes among many.
pub(super) async fn many_keys(db: &mut store::Connection, count: u32) -> Result<()> {
    let acme = OrganizationId::from_digits(&digits("Acme Robotics"));
    let scopes = Scopes::default().with(Scope::ChatCompletions, ScopeLevel::Write);
    for index in 0..count {
        let random = &crate::auth::token::hex(&Sha256::digest(format!("key {index}").as_bytes()))[..RANDOM];
        let secret = with_checksum(random);
        let id = ApiKeyId::from_digits(&digits(&format!("key {index}")));
        let content = ApiKeyContent { name: format!("Key {index}"), scopes, ..ApiKeyContent::default() };
        store::api_keys::insert(db, &acme, &id, &content, &user("admin@acme.test"), START).await?;
        let hash = crate::auth::token::hash(&secret);
        let last_four = secret[secret.len() - 4..].to_owned();
        let row = SecretRow { number: 1, last_four, created_at: START, good_until: None, recovery: String::new() };
        store::api_keys::insert_secret(db, &acme, &id, &hash, &row).await?;
    }
    Ok(())
}
