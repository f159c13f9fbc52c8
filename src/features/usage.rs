//! Usage: what was called, with what tokens, at what cost; by everybody for admins, by oneself for everyone.

mod call_cloud;
mod calls;
mod figures;
mod filters;
mod nothing_yet;
mod page_query;
mod patterns;
mod tie_out;
mod tiles;
mod toolbar;
mod trend;
mod usage_chart;
mod usage_table;
mod views;

use crate::client;
use crate::i18n::Key;
use crate::lazy_part;
use crate::paths;
use crate::session::Session;
use crate::session::kept::Kept;
use crate::shell::manage::ManagePage;
use crate::shell::not_found::NotFoundPage;
use crate::shell::page::{PageTitle, page_query};
use crate::t;
use crate::ui::lazy::{Lazy, Load};
use crate::ui::load::{Failure, Shape, Skeleton};
use calls::Calls;
use filters::Filters;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use nothing_yet::NothingYet;
use page_query::PageQuery;
use patterns::Patterns;
use pulze_contract::usage::{Usage, UsageQuery};
use pulze_contract::{Operation, OrganizationId, Permission};
use tie_out::TieOutStrip;
use tiles::Tiles;
use toolbar::Toolbar;
use trend::Trend;
use usage_chart::UsageChart;
use usage_table::UsageTable;

pub const PAGE: ManagePage = ManagePage {
    slug: paths::USAGE,
    group: Key::UsageAndBilling,
    title: Key::Usage,
    purpose: Key::UsagePurpose,
    words: Key::WordsUsage,
    icon: "usage",
    skeleton: (5, Shape::Figures),
    needs: |_| Operation::UsageRead,
    content: || Box::pin(usage_page()),
    actions: &[],
};

lazy_part!(usage_page, |_given: ()| view! { <UsagePage own=false/> }.into_any());
lazy_part!(my_usage_page, |_given: ()| view! { <UsagePage own=true/> }.into_any());

// What stands below the numbers comes after them.
lazy_part!(usage_calls, |asking: Asking| view! { <Calls asking/> }.into_any());
lazy_part!(usage_trend, |asking: Asking| view! { <Trend asking/> }.into_any());
lazy_part!(usage_patterns, |asking: Asking| view! { <Patterns asking/> }.into_any());

const CALLS: Load<Asking> = || Box::pin(usage_calls());
const TREND: Load<Asking> = || Box::pin(usage_trend());
const PATTERNS: Load<Asking> = || Box::pin(usage_patterns());
const MINE: Load<()> = || Box::pin(my_usage_page());

/// `/o/…/usage`: what the viewer used.
#[component]
pub fn MyUsagePage() -> impl IntoView {
    let may = Session::expect().can(Permission::UsageReadOwn);
    move || {
        if may.get() {
            view! {
                <main class="page" id="content">
                    <PageTitle title=Signal::derive(t!(MyUsage)) purpose=Signal::derive(t!(MyUsagePurpose))/>
                    <Lazy load=MINE given=() lines=5 shape=Shape::Figures/>
                </main>
            }
            .into_any()
        } else {
            view! { <NotFoundPage/> }.into_any()
        }
    }
}

/// What is asked, and what is known of it.
#[derive(Clone, Copy)]
pub struct Asking {
    organization: StoredValue<OrganizationId>,
    /// Only what the viewer used.
    own: bool,
    query: Memo<PageQuery>,
    go: Callback<PageQuery>,
    usage: Kept<Usage>,
    /// Whether an answer is on its way: what stands there is the one before.
    waiting: RwSignal<bool>,
}

impl Asking {
    /// Asks another question: the address changes, and the page follows.
    fn ask(self, change: impl FnOnce(&mut PageQuery)) {
        let Some(mut query) = self.query.try_get_untracked() else { return };
        change(&mut query);
        self.go.try_run(query);
    }

    /// The path of this page.
    fn path(self) -> String {
        let organization = self.organization.read_value();
        if self.own { paths::my_usage(&organization) } else { paths::manage(&organization, paths::USAGE) }
    }
}

#[component]
fn UsagePage(own: bool) -> impl IntoView {
    let session = Session::expect();
    let Some(organization) = session.organization_id().get_untracked() else { return ().into_any() };
    let organization = StoredValue::new(organization);
    let parameters = page_query();
    let query = Memo::new(move |_| PageQuery::read(|name| parameters.read().get(name)));
    let question = Memo::new(move |_| UsageQuery { compare: true, ..query.read().usage.clone() });
    let waiting = RwSignal::new(true);
    let usage = Kept::new(session, move || {
        let (organization, question) = (organization.get_value(), question.get());
        waiting.set(true);
        async move {
            let answer = client::usage_read(&organization, own, &question).await;
            let _ = waiting.try_set(false);
            answer
        }
    });
    let navigate = use_navigate();
    let go = Callback::new(move |query: PageQuery| {
        let organization = organization.read_value();
        let path = if own { paths::my_usage(&organization) } else { paths::manage(&organization, paths::USAGE) };
        let path = path + &paths::query(&query.pairs());
        navigate(&path, NavigateOptions { replace: true, scroll: false, ..Default::default() });
    });
    let asking = Asking { organization, own, query, go, usage, waiting };
    let there = usage.is_there();
    let ever = Memo::new(move |_| usage.known.read().as_ref().is_some_and(|usage| usage.complete_through.is_some()));
    let with_calls = Memo::new(move |_| query.read().calls);
    view! {
        <div class="usage">
            // There is nothing to ask while nothing was reported.
            {move || (!there.get() || ever.get()).then(|| view! { <Toolbar asking/> })}
            <Filters asking/>
            {move || usage.failure.get().map(|error| view! { <Failure error on_retry=move |()| usage.again()/> })}
            {move || match there.get() {
                true if !ever.get() => view! { <NothingYet asking/> }.into_any(),
                false if usage.failure.read().is_some() => ().into_any(),
                false => view! { <Skeleton lines=5 shape=Shape::Figures/> }.into_any(),
                true => view! {
                    <Tiles asking/>
                    <UsageChart asking/>
                    <TieOutStrip asking/>
                    <UsageTable asking/>
                    {move || with_calls.get().then(|| view! { <Lazy load=CALLS given=asking lines=6/> })}
                    {(!own).then(|| view! {
                        <Lazy load=TREND given=asking lines=4/>
                        <Lazy load=PATTERNS given=asking lines=6/>
                    })}
                }.into_any(),
            }}
        </div>
    }
    .into_any()
}
