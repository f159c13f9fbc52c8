//! Manage Organization → Routers: how requests find their model, and how that went.

mod model_chain;
mod performance;
mod router_editor;
mod router_list;
mod router_page;

use crate::client::{self, ClientError, Reading};
use crate::i18n::{Key, text};
use crate::lazy_part;
use crate::paths;
use crate::session::Session;
use crate::shell::manage::{ManagePage, PageAction};
use crate::ui::lazy::{Lazy, Load, preload};
use crate::ui::load::{Failure, Shape, Skeleton};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use model_chain::{Chain, ModelChain};
use pulze_contract::router::{Router, Strategy, names_router};
use pulze_contract::{Operation, OrganizationId, Permission};
use router_editor::{Begun, Editor};
use router_list::RouterListView;
use router_page::RouterPage;
use std::sync::Arc;

pub const PAGE: ManagePage = ManagePage {
    slug: paths::ROUTERS,
    group: Key::Resources,
    title: Key::Routers,
    purpose: Key::RoutersPurpose,
    words: Key::WordsRouters,
    icon: "routers",
    skeleton: (8, Shape::List),
    needs: |rest| if rest == paths::NEW { Operation::RouterCreate } else { Operation::RouterList },
    content: || Box::pin(routers()),
    actions: &[PageAction {
        title: Key::NewRouter,
        permission: Permission::RoutersCreate,
        path: |id| paths::router(id, paths::NEW),
    }],
};

lazy_part!(routers, |_given: ()| view! { <RoutersPage/> }.into_any());
lazy_part!(router_page, |given: (Routers, String)| view! { <RouterPage routers=given.0 id=given.1/> }.into_any());
lazy_part!(router_editor, |begun: Begun| view! { <Editor begun/> }.into_any());
lazy_part!(model_chain, |chain: Chain| view! { <ModelChain chain/> }.into_any());

/// One router, to be fetched when a link to it is pointed at.
const ONE: Load<(Routers, String)> = || Box::pin(router_page());
const EDITOR: Load<Begun> = || Box::pin(router_editor());
const CHAIN: Load<Chain> = || Box::pin(model_chain());

/// The routers as they are known.
#[derive(Clone, Copy)]
pub struct Routers {
    organization: StoredValue<OrganizationId>,
    known: RwSignal<Option<Arc<Vec<Router>>>>,
    failure: RwSignal<Option<ClientError>>,
    reload: Callback<()>,
}

impl Routers {
    /// Takes up what the server has just answered, before the list is read again.
    fn keep(self, router: Router) {
        self.known.update(|known| {
            let mut routers = known.as_deref().cloned().unwrap_or_default();
            routers.retain(|other| other.id != router.id);
            routers.push(router);
            *known = Some(Arc::new(routers));
        });
    }

    /// Identifiers and names of those that requests may go by.
    fn usable(self) -> Vec<(String, String)> {
        let known = self.known.get().unwrap_or_default();
        known.iter().filter(|router| router.usable()).map(|router| (router.id.clone(), router.name().to_owned())).collect()
    }
}

#[component]
fn RoutersPage() -> impl IntoView {
    let session = Session::expect();
    let Some(organization) = session.organization_id().get_untracked() else { return ().into_any() };
    let answer = {
        let organization = organization.clone();
        Reading::new(move || {
            let organization = organization.clone();
            async move { client::router_list(&organization).await }
        })
    };
    let routers = Routers {
        organization: StoredValue::new(organization),
        known: RwSignal::new(None),
        failure: RwSignal::new(None),
        reload: Callback::new(move |()| answer.again()),
    };
    Effect::new(move || match answer.get() {
        Some(Ok(list)) => {
            routers.failure.set(None);
            routers.known.set(Some(Arc::new(list.routers)));
        }
        Some(Err(error)) => {
            session.learn_from(&error);
            routers.failure.set(Some(error));
        }
        None => {}
    });
    let parameters = use_params_map();
    let shown = Memo::new(move |_| {
        let rest = parameters.read().get("rest").unwrap_or_default();
        (rest == paths::NEW || names_router(&rest)).then_some(rest)
    });
    let there = Memo::new(move |_| routers.known.read().is_some());
    let content = move || match (there.get(), shown.get()) {
        (false, _) => match routers.failure.get() {
            Some(error) => view! { <Failure error on_retry=routers.reload/> }.into_any(),
            None => view! { <Skeleton lines=8 shape=Shape::List/> }.into_any(),
        },
        (true, Some(id)) => view! { <Lazy load=ONE given=(routers, id) lines=6/> }.into_any(),
        (true, None) => view! { <RouterListView routers on_near=move |()| preload(ONE)/> }.into_any(),
    };
    content.into_any()
}

/// What a router does, in a few words.
fn strategy_key(strategy: Option<Strategy>) -> Key {
    match strategy {
        None => Key::StrategyManaged,
        Some(Strategy::BestQuality) => Key::StrategyBestQuality,
        Some(Strategy::LowestCost) => Key::StrategyLowestCost,
        Some(Strategy::Fastest) => Key::StrategyFastest,
        Some(Strategy::Weighted { .. }) => Key::StrategyWeighted,
        Some(Strategy::Failover) => Key::StrategyFailover,
        Some(Strategy::Fixed) => Key::StrategyFixed,
    }
}

/// What it does, in a sentence.
fn strategy_meaning(strategy: Option<Strategy>) -> Key {
    match strategy {
        None => Key::StrategyManagedMeaning,
        Some(Strategy::BestQuality) => Key::StrategyBestQualityMeaning,
        Some(Strategy::LowestCost) => Key::StrategyLowestCostMeaning,
        Some(Strategy::Fastest) => Key::StrategyFastestMeaning,
        Some(Strategy::Weighted { .. }) => Key::StrategyWeightedMeaning,
        Some(Strategy::Failover) => Key::StrategyFailoverMeaning,
        Some(Strategy::Fixed) => Key::StrategyFixedMeaning,
    }
}

/// Why somebody who may not cannot.
fn only_who(may: Memo<bool>, reason: Key) -> Signal<Option<String>> {
    Signal::derive(move || (!may.get()).then(|| text(reason)))
}

/// The share of requests that were answered, like `99.2 %`; nothing without requests.
fn success(router: &Router) -> Option<f64> {
    let performance = router.performance.as_ref()?;
    // Requests of a month stay exact in a double.
    #[allow(clippy::cast_precision_loss)]
    let share = 1.0 - performance.failures as f64 / performance.requests as f64;
    (performance.requests > 0).then_some(share)
}
