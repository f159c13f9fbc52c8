//! Assistants and tools of Acme Robotics, and who may use them.

use super::{DAY, FIELDS, START, digits, user};
use crate::auth::seal::{Sealer, bound_secret};
use crate::error::Result;
use crate::store;
use crate::store::tools::ToolRow;
use pulze_contract::assistant::{AssistantContent, AssistantVisibility};
use pulze_contract::resource::{Grant, Subject};
use pulze_contract::tool::ToolKind;
use pulze_contract::{AssistantId, Level, OrganizationId, ResourceKind, Role, SpaceId, ToolId};

/// Assistants of Acme Robotics: name, description, owner, visibility, model, tools, space.
type AssistantStory = (
    &'static str,
    &'static str,
    &'static str,
    AssistantVisibility,
    Option<&'static str>,
    &'static [&'static str],
    Option<&'static str>,
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
    ),
    (
        "Support desk",
        "Drafts answers to customers, with the page of the manual.",
        "editor@acme.test",
        AssistantVisibility::Organization,
        Some("openai/gpt-4.1-mini"),
        &["space-search"],
        Some("Customer Support"),
    ),
    (
        "Returns",
        "Looks up an order and says what happens next.",
        "amara@acme.test",
        AssistantVisibility::Organization,
        Some("anthropic/claude-haiku-4-5"),
        &["space-search"],
        Some("Customer Support"),
    ),
    (
        "Paper reader",
        "Summarizes a paper and lists what it does not show.",
        "editor@acme.test",
        AssistantVisibility::Private,
        Some("anthropic/claude-opus-4-5"),
        &["space-search"],
        Some("Research"),
    ),
    (
        "Press writer",
        "First drafts in our tone, with a picture.",
        "chiara@acme.test",
        AssistantVisibility::Public,
        Some("openai/gpt-4o"),
        &["web-search"],
        Some("Marketing"),
    ),
    ("Minutes", "", "admin@acme.test", AssistantVisibility::Organization, None, &[], Some("Board")),
];

/// The assistants of Acme Robotics, and more of them by number.
pub(super) async fn assistants(db: &mut store::Connection, more: u32) -> Result<()> {
    let acme = OrganizationId::from_digits(&digits("Acme Robotics"));
    let space = |name: &str| SpaceId::from_digits(&digits(name));
    for (name, description, owner, visibility, model, tools, only) in ASSISTANTS {
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
pub(super) async fn tools(db: &mut store::Connection, sealer: &Sealer) -> Result<()> {
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
        let origin = kind.origin(&row.settings).unwrap_or_default();
        let sealed = sealer.seal(&bound_secret(&acme, &id, secret, &origin), "demo-secret-0000")?;
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
