//! Keys belong to a plan: what it would bring, with the page as it would be.

use super::key_table::KeyTable;
use super::{KeyQuery, Keys};
use crate::i18n::{Key, text};
use crate::session::Session;
use crate::session::kept::Kept;
use crate::t;
use crate::ui::browser;
use crate::ui::button::{Button, ButtonKind};
use leptos::prelude::*;
use pulze_contract::api_key::{
    ApiKey, ApiKeyContent, ApiKeyList, ApiKeyPolicy, ApiKeyStatus, LastUse, Scope, ScopeLevel, Scopes, preview,
};
use pulze_contract::{ApiKeyId, OrganizationId, UserId};

const DAY_MS: i64 = 86_400_000;

#[component]
pub fn Upgrade() -> impl IntoView {
    let brings = [Key::UpgradeKeys, Key::UpgradeScopes, Key::UpgradeRotation, Key::UpgradeLimits];
    view! {
        <section class="card upgrade" aria-labelledby="upgrade-title">
            <h2 id="upgrade-title">{t!(UpgradeTitle)}</h2>
            <p>{t!(UpgradeText)}</p>
            <ul class="brings">{brings.map(|key| view! { <li>{crate::i18n::label(key)}</li> }).collect_view()}</ul>
            <div class="upgrade-action">
                <Button kind=ButtonKind::Primary disabled_reason=Signal::derive(|| Some(t!(UpgradeNotYet)())) on_click=|()| {}>{t!(UpgradeButton)}</Button>
                <p class="field-hint">{t!(UpgradeNotYet)}</p>
            </div>
        </section>
        <Preview/>
    }
}

/// The real list, of keys that nobody has. It is only looked at: keys and pointer pass it by, and it is not read aloud.
#[component]
fn Preview() -> impl IntoView {
    let session = Session::expect();
    let Some(organization) = session.organization_id().get_untracked() else { return ().into_any() };
    let owner = session.viewer().get_untracked().map(|viewer| viewer.name).unwrap_or_default();
    let shown = organization.clone();
    let list = Kept::new(session, move || {
        let list = examples(&shown, &owner, browser::now());
        async move { Ok(list) }
    });
    let keys = Keys {
        organization: StoredValue::new(organization),
        list,
        query: Memo::new(|_| KeyQuery::default()),
        selection: RwSignal::new(Vec::new()),
        fresh: RwSignal::new(None),
        go: Callback::new(|_| {}),
    };
    let there = list.is_there();
    view! {
        <figure class="preview">
            <figcaption class="quiet">{t!(UpgradePreview)}</figcaption>
            <div class="preview-page" inert=true aria-hidden="true">
                {move || there.get().then(|| view! { <KeyTable keys/> })}
            </div>
        </figure>
    }
    .into_any()
}

/// Three keys as an organization has them after a few months.
fn examples(organization: &OrganizationId, owner: &str, now: i64) -> ApiKeyList {
    let chat = Scopes::default().with(Scope::ChatCompletions, ScopeLevel::Write);
    let all = Scope::ALL.into_iter().fold(Scopes::default(), |scopes, scope| scopes.with(scope, ScopeLevel::Read));
    // Their identifiers lead nowhere: nothing in the list can be followed.
    let digits = organization.as_str().trim_start_matches("org_");
    let example = |name: Key, last_four: &str, status: ApiKeyStatus, scopes: Scopes, days: i64, requests: u32| {
        let calls = |day: u32| (requests + day * 7 % 13 * requests / 40, if day == 17 { requests / 9 } else { 0 });
        ApiKey {
            id: ApiKeyId::from_digits(digits),
            content: ApiKeyContent {
                name: text(name),
                scopes,
                expires_at: Some(now + (90 - days) * DAY_MS),
                ..ApiKeyContent::default()
            },
            preview: preview(last_four),
            status,
            scopes,
            owner_id: UserId::from_digits(digits),
            owner: owner.to_owned(),
            created_at: now - days * DAY_MS,
            rotated_at: now - days * DAY_MS,
            last_used: Some(LastUse {
                at: now - days * 60_000,
                address: "203.0.113.24".to_owned(),
                client: "shop/4.2".to_owned(),
            }),
            used_scopes: scopes,
            days: (0..30).map(calls).collect(),
            version: 1,
        }
    };
    let keys = vec![
        example(Key::ExampleShop, "a292", ApiKeyStatus::Active, chat, 12, 420),
        example(Key::ExamplePipeline, "ef2c", ApiKeyStatus::Rotating, all, 40, 60),
        example(Key::ExampleReports, "4840", ApiKeyStatus::Expiring, all, 81, 9),
    ];
    ApiKeyList { total: 3, keys, policy: ApiKeyPolicy::default() }
}
