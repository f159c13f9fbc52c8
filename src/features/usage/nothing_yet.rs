//! No call was ever reported here: how that begins.

use super::Asking;
use crate::client;
use crate::paths;
use crate::session::Session;
use crate::t;
use crate::ui::browser;
use crate::ui::copy_button::CopyButton;
use leptos::prelude::*;
use pulze_contract::Permission;

#[component]
pub fn NothingYet(asking: Asking) -> impl IntoView {
    let session = Session::expect();
    let (reports, keys) = (session.can(Permission::UsageImport), session.can(Permission::ApiKeysRead));
    let plan_has_keys = Memo::new(move |_| {
        session.organization().read().as_ref().is_none_or(|organization| organization.plan.includes(Permission::ApiKeysRead))
    });
    let organization = asking.organization.get_value();
    let origin = browser::window().location().origin().unwrap_or_default();
    let address = |path: String| format!("{origin}{path}");
    let (events, traces) =
        (address(client::usage_import_address(&organization)), address(client::usage_traces_address(&organization)));
    let keys_page = paths::manage(&organization, paths::API_KEYS);
    view! {
        <section class="card nothing-yet" aria-labelledby="nothing-yet-title">
            <h2 id="nothing-yet-title">{t!(NoUsageTitle)}</h2>
            {move || match (reports.get() && !asking.own, plan_has_keys.get()) {
                (false, _) => view! { <p>{t!(NoUsageOwn)}</p> }.into_any(),
                // Not what it takes to report by a key: the plan has none.
                (true, false) => view! {
                    <p>{t!(NoUsageTextPlan)}</p>
                    <p><a class="button" href=keys_page.clone()>{t!(WhatKeysBring)}</a></p>
                }.into_any(),
                (true, true) => view! {
                    <p>{t!(NoUsageText)}</p>
                    <dl class="facts">
                        <Address name="POST" address=events.clone()/>
                        <Address name="OTLP" address=traces.clone()/>
                    </dl>
                    {keys.get().then(|| view! { <p><a class="button" href=keys_page.clone()>{t!(ApiKeys)}</a></p> })}
                }.into_any(),
            }}
        </section>
    }
}

#[component]
fn Address(name: &'static str, address: String) -> impl IntoView {
    view! {
        <dt>{name}</dt>
        <dd class="copyable"><code translate="no">{address.clone()}</code><CopyButton text=address/></dd>
    }
}
