//! What Acme Robotics made of models, routers and defaults.

use super::{START, digits, user};
use crate::error::Result;
use crate::store;
use pulze_contract::hierarchy::{Content as Kept, ContentCount};
use pulze_contract::policy::{OrganizationDefault, Setting};
use pulze_contract::router::{RouterContent, Strategy};
use pulze_contract::{OrganizationId, ResourceKind, RouterId, SpaceId};

/// Models that Acme Robotics switched off.
const DISABLED: [&str; 3] = ["openai/gpt-4", "openai/o1", "xai/grok-4.20-beta"];

/// What Acme Robotics made of models and routers, and where what is kept.
pub(super) async fn resources(db: &mut store::Connection) -> Result<()> {
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
        store::resources::insert_router(db, &acme, id, content, &ada, START + 6 * super::DAY).await?;
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
    Ok(())
}
