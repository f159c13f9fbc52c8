//! One router: how it did, what it does, and its editor.

use super::performance::PerformanceCard;
use super::router_editor::Begun;
use super::{EDITOR, Routers, strategy_key, strategy_meaning};
use crate::i18n::{Key, label, text};
use crate::paths;
use crate::shell::manage::Heading;
use crate::shell::page::page_query;
use crate::shell::resource_access::{AccessCard, Given};
use crate::t;
use crate::ui::lazy::Lazy;
use leptos::prelude::*;
use pulze_contract::router::LAST_RESORT;
use pulze_contract::{Level, ResourceKind};

/// The router that the address names, or a new one.
#[component]
pub fn RouterPage(routers: Routers, id: String) -> impl IntoView {
    let back = paths::manage(&routers.organization.read_value(), paths::ROUTERS);
    let new = id == paths::NEW;
    let copied = page_query().read_untracked().get("copy").unwrap_or_default();
    let find = move |id: &str| {
        let known = routers.known.get_untracked().unwrap_or_default();
        known.iter().find(|router| router.id == id).cloned()
    };
    let found = find(if new { &copied } else { &id });
    Heading::show(if new { text(Key::NewRouter) } else { found.as_ref().map_or(id.clone(), |router| router.name().to_owned()) });
    let content = match found {
        None if new => view! { <Lazy load=EDITOR given=Begun { routers, base: None, copy: None } lines=8/> }.into_any(),
        None => view! { <p class="empty">{t!(ErrorNotFound)}</p> }.into_any(),
        Some(router) if new => view! { <Lazy load=EDITOR given=Begun { routers, base: None, copy: router.custom.map(|custom| custom.content) } lines=8/> }.into_any(),
        Some(router) => {
            let (organization, id) = (routers.organization.get_value(), router.id.clone());
            let given = Given { organization, kind: ResourceKind::Router, id, on_done: routers.reload };
            let shared = (router.level >= Level::Admin).then_some(given);
            view! {
            {router.performance.is_some().then(|| view! { <PerformanceCard router=router.clone()/> })}
            {match router.custom {
                None => view! {
                    <section class="card">
                        <h2>{label(strategy_key(None))}</h2>
                        <p>{label(if router.id == LAST_RESORT { Key::LastResortMeaning } else { strategy_meaning(None) })}</p>
                    </section>
                }.into_any(),
                Some(_) => view! { <Lazy load=EDITOR given=Begun { routers, base: Some(router), copy: None } lines=8/> }.into_any(),
            }}
            {shared.map(|given| view! { <AccessCard given/> })}
        }
        .into_any()
        }
    };
    view! {
        <a class="back" href=back>{t!(AllRouters)}</a>
        {content}
    }
}
