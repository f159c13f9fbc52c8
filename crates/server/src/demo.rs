//! Demo data: the same people and organizations every time, only on a loopback address.

use crate::auth::password;
use crate::auth::seal::{Sealer, tool_secret};
use crate::error::Result;
use crate::store::api_keys::{Counted, SecretRow};
use crate::store::organizations::NewOrganization;
use crate::store::spaces::Content;
use crate::store::tools::ToolRow;
use crate::store::usage::{LATENCY_BOUNDS, UsageDay};
use crate::store::{self, Store};
use pulze_contract::access_template::AccessTemplate;
use pulze_contract::api_key::{ApiKeyContent, Scope, ScopeLevel, Scopes};
use pulze_contract::assistant::{AssistantContent, AssistantVisibility};
use pulze_contract::hierarchy::{Content as Kept, ContentCount};
use pulze_contract::invitation::VALID_DAYS;
use pulze_contract::member::RoleEnd;
use pulze_contract::organization::Plan;
use pulze_contract::policy::{OrganizationDefault, Setting};
use pulze_contract::resource::{Grant, Subject};
use pulze_contract::router::{LAST_RESORT, RouterContent, Strategy};
use pulze_contract::space::{SpaceGrant, Visibility};
use pulze_contract::tool::ToolKind;
use pulze_contract::{
    AccessTemplateId, ApiKeyId, AssistantId, InvitationId, Level, OrganizationId, ResourceKind, Role, RouterId, SpaceId,
    SpaceRole, ToolId, UserId,
};
use sha2::{Digest, Sha256};

/// The password of every demo account.
pub const PASSWORD: &str = "pulze-demo-2026";
/// Address and name of every demo account.
pub const PEOPLE: [(&str, &str); 5] = [
    ("admin@acme.test", "Ada Lindqvist"),
    ("editor@acme.test", "Emre Yıldız"),
    ("viewer@acme.test", "Vera Okafor"),
    ("many@acme.test", "Manuel Ortega"),
    ("operations@acme.test", "Olivia Hart"),
];
/// The 40 organizations of `many@acme.test`.
const FIELDS: [&str; 10] = ["Aster", "Birch", "Cobalt", "Delta", "Ember", "Fjord", "Granite", "Harbor", "Indigo", "Juniper"];
const KINDS: [&str; 4] = ["Logistics", "Biotech", "Capital", "Media"];
/// Members of Acme Robotics without a story of their own.
const COLLEAGUES: [&str; 12] = [
    "Amara Diallo",
    "Bruno Costa",
    "Chiara Romano",
    "Dmitri Sokolov",
    "Elif Demir",
    "Farid Haddad",
    "Grace Mwangi",
    "Hiro Tanaka",
    "Ingrid Berg",
    "Jonas Weber",
    "Kavya Nair",
    "Liam Byrne",
];
type SpaceStory = (&'static str, &'static str, Visibility, &'static [(&'static str, SpaceRole)]);
/// Spaces of Acme Robotics; the first person named made them.
const SPACES: [SpaceStory; 4] = [
    (
        "Customer Support",
        "Answers to customers, with the manuals of every robot.",
        Visibility::Organization,
        &[
            ("admin@acme.test", SpaceRole::Admin),
            ("editor@acme.test", SpaceRole::Editor),
            ("amara@acme.test", SpaceRole::Editor),
            ("bruno@acme.test", SpaceRole::Viewer),
        ],
    ),
    (
        "Research",
        "Papers, experiments and their discussion.",
        Visibility::Invited,
        &[("editor@acme.test", SpaceRole::Admin), ("elif@acme.test", SpaceRole::Editor), ("hiro@acme.test", SpaceRole::Viewer)],
    ),
    ("Marketing", "", Visibility::Organization, &[("chiara@acme.test", SpaceRole::Admin)]),
    (
        "Board",
        "Figures and minutes. Invited only.",
        Visibility::Invited,
        &[("admin@acme.test", SpaceRole::Admin), ("operations@acme.test", SpaceRole::Admin)],
    ),
];
/// Models that Acme Robotics switched off.
const DISABLED: [&str; 3] = ["openai/gpt-4", "openai/o1", "xai/grok-4.20-beta"];
/// 2026-01-05T09:00:00Z.
const START: i64 = 1_767_603_600_000;
const DAY: i64 = 86_400_000;

/// How many without a story of their own Acme Robotics gets, to see how long lists behave.
#[derive(Clone, Copy, Debug, Default)]
pub struct More {
    pub members: u32,
    pub assistants: u32,
}

/// Fills an empty database; does nothing to one that holds people.
///
/// # Errors
/// The database fails.
pub async fn fill(store: &Store, sealer: &Sealer, more: More) -> Result<()> {
    let mut change = store.change().await?;
    if store::users::count(&mut change).await? > 0 {
        return Ok(());
    }
    let hash = password::hash(PASSWORD.to_owned()).await?;
    for (email, name) in PEOPLE {
        // Ada looks after the installation too, so that its pages can be seen.
        let administers_installation = email == "admin@acme.test";
        let user =
            store::users::User { id: user(email), email: email.to_owned(), name: name.to_owned(), administers_installation };
        store::users::insert(&mut change, &user, &hash, START).await?;
    }
    let named = [
        (
            "Acme Robotics",
            Plan::PulzeXSuite,
            "Europe/Zurich",
            &[("admin", Role::Admin), ("editor", Role::Editor), ("viewer", Role::Viewer), ("operations", Role::Admin)][..],
        ),
        ("Northwind Labs", Plan::Free, "America/New_York", &[("admin", Role::Admin), ("operations", Role::Editor)][..]),
        ("Globex", Plan::PulzeOne, "Asia/Tokyo", &[("admin", Role::Viewer), ("operations", Role::Admin)][..]),
    ];
    for (day, (name, plan, zone, members)) in named.into_iter().enumerate() {
        let at = START + i64::try_from(day).unwrap_or_default() * DAY;
        organization(&mut change, name, plan, zone, at, members).await?;
    }
    acme(&mut change, &hash).await?;
    under_way(&mut change).await?;
    resources(&mut change).await?;
    assistants(&mut change, more.assistants).await?;
    tools(&mut change, sealer).await?;
    keys(&mut change).await?;
    crowd(&mut change, &hash, more.members).await?;
    for index in 0..40_usize {
        let name = format!("{} {}", FIELDS[index % 10], KINDS[index / 10]);
        let plan = Plan::ALL[index % 3];
        let role = Role::ALL[(index + 2) % 3];
        let at = START + i64::try_from(index).unwrap_or_default() * DAY;
        organization(&mut change, &name, plan, "UTC", at, &[("many", role), ("operations", Role::Admin)]).await?;
    }
    Ok(change.commit().await?)
}

/// What makes Acme Robotics look lived in: more members, and spaces with roles in them.
async fn acme(db: &mut store::Connection, hash: &str) -> Result<()> {
    let id = OrganizationId::from_digits(&digits("Acme Robotics"));
    for (index, name) in COLLEAGUES.into_iter().enumerate() {
        let email = format!("{}@acme.test", name.split(' ').next().unwrap_or(name).to_lowercase());
        let person = store::users::User { id: user(&email), email, name: name.to_owned(), administers_installation: false };
        let at = START + (i64::try_from(index).unwrap_or_default() + 3) * 2 * DAY;
        store::users::insert(db, &person, hash, at).await?;
        let role = if index % 4 == 0 { Role::Editor } else { Role::Viewer };
        store::members::insert(db, &id, &person.id, role, at).await?;
    }
    for (name, description, visibility, members) in SPACES {
        let space = SpaceId::from_digits(&digits(name));
        let content = Content { name, description, logo_url: "", visibility, archived_at: 0 };
        store::spaces::insert(db, &id, &space, &content, &user(members[0].0), START + 4 * DAY).await?;
        for (email, role) in members {
            store::spaces::grant(db, &id, &space, &user(email), *role, 0, START + 5 * DAY).await?;
        }
    }
    Ok(())
}

/// What Acme Robotics made of models and routers, and what it used until today.
async fn resources(db: &mut store::Connection) -> Result<()> {
    let acme = OrganizationId::from_digits(&digits("Acme Robotics"));
    let ada = user("admin@acme.test");
    for id in DISABLED {
        store::resources::switch(db, &acme, ResourceKind::Model, id, false).await?;
    }
    let router = |name: &str, description: &str, strategy: Strategy, models: &[&str]| {
        let content = RouterContent {
            name: name.to_owned(),
            description: description.to_owned(),
            strategy,
            models: models.iter().map(|model| (*model).to_owned()).collect(),
            max_cost: Some(50_000),
            retries: 1,
            fallback: None,
        };
        (RouterId::from_digits(&digits(name)), content)
    };
    let support = router(
        "Support, quick first",
        "Answers within seconds; a larger model only when the small one does not answer.",
        Strategy::Failover,
        &["openai/gpt-4.1-mini", "anthropic/claude-haiku-4-5", "anthropic/claude-sonnet-4-5"],
    );
    let papers = router("Papers", "One model for everything that is cited.", Strategy::Fixed, &["anthropic/claude-opus-4-5"]);
    for (id, content) in [&support, &papers] {
        store::resources::insert_router(db, &acme, id, content, &ada, START + 6 * DAY).await?;
    }
    let space = |name: &str| SpaceId::from_digits(&digits(name));
    store::resources::set_space(db, &acme, &space("Customer Support"), Setting::Router, Some(support.0.as_str())).await?;
    store::resources::set_space(db, &acme, &space("Research"), Setting::Router, Some(papers.0.as_str())).await?;
    let naming = OrganizationDefault { value: Some("openai/gpt-4.1-nano".to_owned()), locked: false };
    store::resources::set_default(db, &acme, Setting::NamingModel, &naming).await?;
    let counts: [(Option<&str>, Kept, u32); 11] = [
        (Some("Customer Support"), Kept::Conversations, 4812),
        (Some("Customer Support"), Kept::ScheduledTasks, 2),
        (Some("Research"), Kept::Conversations, 391),
        (Some("Research"), Kept::Datasets, 6),
        (Some("Marketing"), Kept::Conversations, 844),
        (Some("Board"), Kept::Conversations, 37),
        (Some("Board"), Kept::Documents, 58),
        (None, Kept::Documents, 1290),
        (None, Kept::Datasets, 4),
        (None, Kept::CustomData, 17),
        (None, Kept::ScheduledTasks, 5),
    ];
    for (name, content, count) in counts {
        let count = ContentCount { space_id: name.map(space), content, count };
        store::content_counts::put(db, &acme, &count, crate::now()).await?;
    }
    let streams: [(&str, &str, &str, i64, i64, i64); 8] = [
        ("Customer Support", support.0.as_str(), "openai/gpt-4.1-mini", 420, 900, 750),
        ("Customer Support", support.0.as_str(), "anthropic/claude-haiku-4-5", 60, 2400, 1000),
        ("Customer Support", support.0.as_str(), "anthropic/claude-sonnet-4-5", 9, 9800, 3000),
        ("Research", papers.0.as_str(), "anthropic/claude-opus-4-5", 35, 88_000, 7500),
        ("Marketing", LAST_RESORT, "openai/gpt-4o", 70, 6200, 1500),
        ("Marketing", LAST_RESORT, "google/gemini-2.5-flash", 55, 1300, 1000),
        ("Board", LAST_RESORT, "anthropic/claude-sonnet-4-5", 6, 21_000, 5000),
        ("Customer Support", support.0.as_str(), "openai/gpt-4.1-nano", 130, 40, 300),
    ];
    let today = store::usage::day(crate::now());
    for back in 0..35 {
        let day = today - back;
        // Fewer on Saturdays and Sundays (1970-01-01 was a Thursday), and a pattern that is the same every time.
        let weekend = matches!((day + 4) % 7, 0 | 6);
        for (place, (name, router, model, usual, cost, bound)) in streams.into_iter().enumerate() {
            let wave = 80 + (day * 37 + i64::try_from(place).unwrap_or(0) * 13).rem_euclid(41);
            let requests = usual * wave / if weekend { 400 } else { 100 };
            let failures = requests / 90;
            let usage = UsageDay { day, space: &space(name), model, router, requests, failures, cost: requests * cost };
            store::usage::add(db, &acme, &usage).await?;
            let slow = requests / 12;
            store::usage::add_latency(db, &acme, day, router, bound, requests - slow).await?;
            let slower = LATENCY_BOUNDS.into_iter().filter(|other| *other > bound).nth(2).unwrap_or(60_000);
            store::usage::add_latency(db, &acme, day, router, slower, slow).await?;
        }
    }
    Ok(())
}

/// Assistants of Acme Robotics: name, description, owner, visibility, model, tools, space, requests a day.
type AssistantStory = (
    &'static str,
    &'static str,
    &'static str,
    AssistantVisibility,
    Option<&'static str>,
    &'static [&'static str],
    Option<&'static str>,
    i64,
);
const ASSISTANTS: [AssistantStory; 6] = [
    (
        "Pulze",
        "Answers from everything that the space knows.",
        "admin@acme.test",
        AssistantVisibility::Organization,
        None,
        &["space-search", "web-search"],
        None,
        64,
    ),
    (
        "Support desk",
        "Drafts answers to customers, with the page of the manual.",
        "editor@acme.test",
        AssistantVisibility::Organization,
        Some("openai/gpt-4.1-mini"),
        &["space-search"],
        Some("Customer Support"),
        210,
    ),
    (
        "Returns",
        "Looks up an order and says what happens next.",
        "amara@acme.test",
        AssistantVisibility::Organization,
        Some("anthropic/claude-haiku-4-5"),
        &["space-search"],
        Some("Customer Support"),
        38,
    ),
    (
        "Paper reader",
        "Summarizes a paper and lists what it does not show.",
        "editor@acme.test",
        AssistantVisibility::Private,
        Some("anthropic/claude-opus-4-5"),
        &["space-search"],
        Some("Research"),
        12,
    ),
    (
        "Press writer",
        "First drafts in our tone, with a picture.",
        "chiara@acme.test",
        AssistantVisibility::Public,
        Some("openai/gpt-4o"),
        &["web-search"],
        Some("Marketing"),
        17,
    ),
    ("Minutes", "", "admin@acme.test", AssistantVisibility::Organization, None, &[], Some("Board"), 0),
];

/// The assistants of Acme Robotics, what they were asked, and more of them by number.
async fn assistants(db: &mut store::Connection, more: u32) -> Result<()> {
    let acme = OrganizationId::from_digits(&digits("Acme Robotics"));
    let space = |name: &str| SpaceId::from_digits(&digits(name));
    let today = store::usage::day(crate::now());
    for (place, (name, description, owner, visibility, model, tools, only, usual)) in ASSISTANTS.into_iter().enumerate() {
        let id = AssistantId::from_digits(&digits(&format!("assistant {name}")));
        let content = AssistantContent {
            name: name.to_owned(),
            description: description.to_owned(),
            instructions: format!("You are {name}. {description}").trim().to_owned(),
            visibility,
            model: model.map(str::to_owned),
            tools: tools.iter().map(|tool| (*tool).to_owned()).collect(),
            spaces: only.map(|only| vec![space(only)]),
            ..AssistantContent::default()
        };
        store::assistants::insert(db, &acme, &id, &content, &user(owner), START + 7 * DAY).await?;
        for day in today - 34..=today {
            let requests = usual * (80 + (day * 31 + i64::try_from(place).unwrap_or(0) * 17).rem_euclid(41)) / 100;
            let asked_in: &[&str] = if only.is_some() { &[only.unwrap_or_default()] } else { &["Marketing", "Customer Support"] };
            for asked_in in asked_in.iter().filter(|_| requests > 0) {
                let counted = (requests, requests * 1_400);
                let place = (day, &space(asked_in));
                store::usage::add_resource(db, &acme, ResourceKind::Assistant, id.as_str(), place, counted).await?;
                for tool in tools {
                    let counted = (requests / 2, requests * 300);
                    store::usage::add_resource(db, &acme, ResourceKind::Tool, tool, place, counted).await?;
                }
            }
        }
    }
    let minutes = AssistantId::from_digits(&digits("assistant Minutes"));
    store::resources::switch(db, &acme, ResourceKind::Assistant, minutes.as_str(), false).await?;
    let owners = ["admin@acme.test", "editor@acme.test", "viewer@acme.test", "chiara@acme.test"];
    for index in 0..more {
        let id = AssistantId::from_digits(&digits(&format!("assistant number {index}")));
        let content = AssistantContent {
            name: format!("{} helper {index}", FIELDS[index as usize % FIELDS.len()]),
            description: "One of many, to see how long lists behave.".to_owned(),
            model: (index % 3 == 0).then(|| "openai/gpt-4.1-mini".to_owned()),
            tools: vec!["space-search".to_owned()],
            spaces: (index % 2 == 0).then(|| vec![space("Customer Support")]),
            ..AssistantContent::default()
        };
        let owner = user(owners[index as usize % owners.len()]);
        store::assistants::insert(db, &acme, &id, &content, &owner, START + 8 * DAY).await?;
    }
    Ok(())
}

/// The tools of Acme Robotics: one with a secret, one of its own for the people who answer customers.
async fn tools(db: &mut store::Connection, sealer: &Sealer) -> Result<()> {
    let acme = OrganizationId::from_digits(&digits("Acme Robotics"));
    let settings = |pairs: &[(&str, &str)]| pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let orders = ToolId::from_digits(&digits("Order status")).to_string();
    let rows = [
        (
            ToolKind::WebSearch.as_str().to_owned(),
            ToolKind::WebSearch,
            "",
            "",
            settings(&[
                ("endpoint", "https://api.search.brave.com/res/v1/web/search"),
                ("results", "5"),
                ("safe_search", "moderate"),
            ]),
            "api_key",
        ),
        (
            orders.clone(),
            ToolKind::Http,
            "Order status",
            "Where an order is, by its number.",
            settings(&[("endpoint", "https://orders.acme.example/status"), ("method", "GET"), ("header", "Authorization")]),
            "header_value",
        ),
    ];
    for (id, kind, name, description, settings, secret) in rows {
        let row = ToolRow {
            id: id.clone(),
            kind,
            name: name.to_owned(),
            description: description.to_owned(),
            settings,
            secrets: Vec::new(),
            tested: None,
            version: 0,
        };
        store::tools::put(db, &acme, &row).await?;
        let sealed = sealer.seal(&tool_secret(&acme, &id, secret), "demo-secret-0000")?;
        store::tools::put_secret(db, &acme, &id, secret, Some(&sealed)).await?;
    }
    store::resources::switch(db, &acme, ResourceKind::Tool, ToolKind::WebSearch.as_str(), true).await?;
    let say = |subject, level| Grant { subject, level };
    let support = SpaceId::from_digits(&digits("Customer Support"));
    let grants = [
        say(Subject::Role(Role::Editor), Level::View),
        say(Subject::Role(Role::Viewer), Level::View),
        say(Subject::Space(support), Level::Use),
    ];
    store::resources::set_grants(db, &acme, ResourceKind::Tool, &orders, &grants).await?;
    let opus = [say(Subject::Member(user("elif@acme.test")), Level::Use), say(Subject::Role(Role::Viewer), Level::View)];
    store::resources::set_grants(db, &acme, ResourceKind::Model, "anthropic/claude-opus-4-5", &opus).await
}

/// Name, purpose, scopes, space, owner, days until it expires, days since its secrets were made.
type KeyStory = (&'static str, &'static str, Scopes, Option<SpaceId>, &'static str, i64, &'static [i64]);

/// Keys of Acme Robotics, whose secrets nobody knows: one in use, one that is being rotated, one that expired.
async fn keys(db: &mut store::Connection) -> Result<()> {
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
                let caller = if place == 0 { ("203.0.113.24", "shop/4.2") } else { ("198.51.100.7", "ci-runner/1.8") };
                if back > 0 || place > 0 {
                    store::api_keys::add_use(db, &acme, &id, number, caller, &counted).await?;
                }
            }
        }
    }
    Ok(())
}

/// What is under way at Acme Robotics and Northwind Labs, counted from today: invitations, ends, a template.
async fn under_way(db: &mut store::Connection) -> Result<()> {
    let (acme, northwind) =
        (OrganizationId::from_digits(&digits("Acme Robotics")), OrganizationId::from_digits(&digits("Northwind Labs")));
    let now = crate::now();
    let research = SpaceGrant { space_id: SpaceId::from_digits(&digits("Research")), role: SpaceRole::Viewer };
    let support = SpaceGrant { space_id: SpaceId::from_digits(&digits("Customer Support")), role: SpaceRole::Editor };
    // Address, role, spaces, days since it was sent, whether it was declined, organization.
    let invitations = [
        ("sofia@partner.test", Role::Editor, vec![research.clone(), support.clone()], 1, false, &acme),
        ("noah@partner.test", Role::Viewer, Vec::new(), 9, false, &acme),
        ("zara@partner.test", Role::Viewer, Vec::new(), 4, true, &acme),
        ("editor@acme.test", Role::Editor, Vec::new(), 2, false, &northwind),
    ];
    for (email, role, spaces, days, declined, organization) in invitations {
        let id = InvitationId::from_digits(&digits(email));
        let new = store::invitations::New {
            id: &id,
            email,
            role,
            message: "",
            // Nobody knows the secret: these links exist in no mail.
            secret_hash: &digits(&format!("secret {email}")),
            by: &user("admin@acme.test"),
            at: now - days * DAY,
            expires_at: now - days * DAY + VALID_DAYS * DAY,
            ends_at: 0,
            spaces: &spaces,
        };
        store::invitations::insert(db, organization, &new).await?;
        if declined {
            store::invitations::set_declined(db, organization, &id, now - DAY).await?;
        }
    }
    let until = |days: i64, then| Some(RoleEnd { at: now + days * DAY, then });
    store::members::update(db, &acme, &user("liam@acme.test"), Role::Editor, until(6, Some(Role::Viewer))).await?;
    store::members::update(db, &acme, &user("kavya@acme.test"), Role::Viewer, until(30, None)).await?;
    let hiro = user("hiro@acme.test");
    store::spaces::grant(db, &acme, &research.space_id, &hiro, SpaceRole::Viewer, now + 14 * DAY, now).await?;
    let contractor = AccessTemplate {
        id: AccessTemplateId::from_digits(&digits("Contractor")),
        name: "Contractor".to_owned(),
        role: Role::Viewer,
        spaces: vec![support],
        ends_after_days: Some(90),
    };
    store::access_templates::put(db, &acme, &contractor).await?;
    store::organizations::set_seats(db, &northwind, 5).await?;
    Ok(())
}

/// Members of Acme Robotics by number.
async fn crowd(db: &mut store::Connection, hash: &str, count: u32) -> Result<()> {
    let id = OrganizationId::from_digits(&digits("Acme Robotics"));
    for index in 0..count {
        let (first, last) = (COLLEAGUES[index as usize % 12], COLLEAGUES[index as usize / 12 % 12]);
        let name = format!("{} {} {index}", first.split(' ').next().unwrap_or(first), last.split(' ').nth(1).unwrap_or(last));
        let email = format!("member{index}@acme.test");
        let person = store::users::User { id: user(&email), email, name, administers_installation: false };
        let at = START + i64::from(index) * 60_000;
        store::users::insert(db, &person, hash, at).await?;
        store::members::insert(db, &id, &person.id, Role::ALL[index as usize % 2], at).await?;
    }
    Ok(())
}

async fn organization(
    db: &mut store::Connection,
    name: &str,
    plan: Plan,
    zone: &str,
    at: i64,
    members: &[(&str, Role)],
) -> Result<()> {
    let id = OrganizationId::from_digits(&digits(name));
    let operations = user("operations@acme.test");
    let new = NewOrganization { id: &id, name, logo_url: "", plan, reporting_time_zone: zone, by: &operations, at };
    store::organizations::insert(db, &new).await?;
    for (person, role) in members {
        store::members::insert(db, &id, &user(&format!("{person}@acme.test")), *role, at).await?;
    }
    Ok(())
}

fn user(email: &str) -> UserId {
    UserId::from_digits(&digits(email))
}

/// The same 32 digits for the same name, every time.
fn digits(name: &str) -> String {
    crate::auth::token::hex(&Sha256::digest(name.as_bytes())[..16])
}
