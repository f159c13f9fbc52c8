//! The routers: managed ones by version, then the organization's own, with how they did.

use super::performance::latency;
use super::{Routers, only_who, strategy_key, success};
use crate::i18n::{Key, label, money, number, percent, plural, text, words};
use crate::paths;
use crate::session::Session;
use crate::shell::page::page_query;
use crate::shell::switching::{SwitchOff, SwitchOffDialog, switch_on};
use crate::t;
use crate::ui::icon::Icon;
use crate::ui::switch::Switch;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use pulze_contract::router::Performance;
use pulze_contract::router::{LAST_RESORT, Router};
use pulze_contract::{Permission, ResourceKind};

// Not literals: a fully static element would be made through HTML.
const NUMBER: &str = "cell-number";
const SWITCH: &str = "cell-switch";

#[component]
pub fn RouterListView(routers: Routers, #[prop(into)] on_near: Callback<()>) -> impl IntoView {
    let session = Session::expect();
    let (may_create, may_switch) = (session.can(Permission::RoutersCreate), session.can(Permission::RoutersSetDefault));
    let switching_off = RwSignal::new(None::<SwitchOff>);
    let parameters = page_query();
    let archived = Memo::new(move |_| parameters.read().get("view").as_deref() == Some("archived"));
    let is_archived = |router: &Router| router.custom.as_ref().is_some_and(|custom| custom.archived);
    let shown = Memo::new(move |_| {
        let known = routers.known.get().unwrap_or_default();
        known.iter().filter(|router| is_archived(router) == archived.get()).cloned().collect::<Vec<_>>()
    });
    let told = Session::expect().can(Permission::UsageRead);
    let put_away =
        Memo::new(move |_| routers.known.read().iter().flat_map(|known| known.iter()).filter(|r| is_archived(r)).count());
    let navigate = use_navigate();
    let list = move || paths::manage(&routers.organization.read_value(), paths::ROUTERS);
    let view_archived = move |_| {
        let path = list() + if archived.get_untracked() { "" } else { "?view=archived" };
        navigate(&path, NavigateOptions { replace: true, scroll: false, ..Default::default() });
    };
    let turn = move |id: String, on: bool| {
        if on {
            return switch_on(ResourceKind::Router, routers.organization.get_value(), vec![id], routers.reload);
        }
        let replacements = untrack(|| routers.usable()).into_iter().filter(|(other, _)| *other != id).collect();
        switching_off.set(Some(SwitchOff { kind: ResourceKind::Router, ids: vec![id], replacements }));
    };
    let new = paths::router(&routers.organization.read_value(), paths::NEW);
    let count = move || plural(Key::RoutersCount, u32::try_from(shown.read().len()).unwrap_or(u32::MAX));
    view! {
        {move || (!may_switch.get()).then(|| view! {
            <p class="note">{label(if may_create.get() { Key::RoutersEditorNote } else { Key::RoutersReadOnly })}</p>
        })}
        <div class="toolbar">
            <p class="count-beside" role="status">{words(count)}</p>
            {move || (put_away.get() > 0 || archived.get()).then(|| {
                let go = view_archived.clone();
                view! {
                    <button class="button" type="button" data-kind="quiet" aria-pressed=move || archived.get().to_string() on:click=go>
                        {t!(ViewArchived)}
                    </button>
                }
            })}
            {move || may_create.get().then(|| {
                let new = new.clone();
                view! {
                    <a class="button" data-kind="primary" href=new on:pointerenter=move |_| { on_near.try_run(()); }>
                        <Icon name="plus"/>
                        <span>{t!(NewRouter)}</span>
                    </a>
                }
            })}
        </div>
        <div class="table-frame">
            <table class="table models">
                <thead>
                    <tr>
                        <th scope="col" class="cell-name">{t!(Router)}</th>
                        <th scope="col" class=NUMBER>{t!(Spaces)}</th>
                        {move || told.get().then(|| view! {
                            <th scope="col" class=NUMBER title=t!(Performance30)>{t!(Requests)}</th>
                            <th scope="col" class=NUMBER>{t!(Success)}</th>
                            <th scope="col" class=NUMBER>{t!(Latency)}</th>
                            <th scope="col" class=NUMBER title=t!(Performance30)>{t!(Cost)}</th>
                        })}
                        <th scope="col" class=SWITCH>{t!(Enabled)}</th>
                    </tr>
                </thead>
                <tbody>
                    <For each=move || shown.get() key=|router| format!("{router:?}") let(router)>
                        <Row routers router may_switch on_turn=move |(id, on)| turn(id, on) on_near/>
                    </For>
                </tbody>
            </table>
        </div>
        {move || (shown.read().iter().all(|router| router.custom.is_none()) && !archived.get()).then(|| view! {
            <p class="empty">{t!(NoRoutersYet)}</p>
        })}
        <SwitchOffDialog what=switching_off on_done=routers.reload/>
    }
}

#[component]
fn Row(
    routers: Routers,
    router: Router,
    may_switch: Memo<bool>,
    #[prop(into)] on_turn: Callback<(String, bool)>,
    on_near: Callback<()>,
) -> impl IntoView {
    let href = paths::router(&routers.organization.read_value(), &router.id);
    let answered = success(&router);
    let strategy = router.custom.as_ref().map(|custom| custom.content.strategy);
    let name = StoredValue::new(router.name().to_owned());
    let last_resort = router.id == LAST_RESORT;
    let archived = router.custom.as_ref().is_some_and(|custom| custom.archived);
    let default = router.default;
    let performance = router.performance.map(|performance| view! { <PerformanceCells performance answered/> });
    let id = StoredValue::new(router.id);
    let enabled = router.enabled;
    let spaces = router.spaces;
    let reason = only_who(may_switch, Key::OnlyAdmins);
    let reason = Signal::derive(move || {
        if last_resort {
            Some(text(Key::LastResortStays))
        } else {
            reason.get().or_else(|| archived.then(|| text(Key::ArchivedStaysOff)))
        }
    });
    view! {
        <tr class="long-row" data-off=(!enabled).then_some("true") on:pointerenter=move |_| { on_near.try_run(()); }>
            <th scope="row" class="cell-name">
                <a class="person" href=href>
                    <span class="person-text">
                        <span class="person-name">
                            <bdi translate="no">{name.get_value()}</bdi>
                            {default.then(|| view! { <span class="badge" data-kind="accent">{t!(DefaultBadge)}</span> })}
                        </span>
                        <span class="person-email">{label(strategy_key(strategy))}</span>
                    </span>
                </a>
            </th>
            <td class=NUMBER>{words(move || if spaces == 0 { String::new() } else { number(f64::from(spaces)) })}</td>
            {performance}
            <td class=SWITCH>
                <Switch
                    label=Signal::derive(t!(EnabledNamed, name = name.get_value()))
                    on=Signal::stored(enabled)
                    disabled_reason=reason
                    on_turn=move |on| { on_turn.try_run((id.get_value(), on)); }
                />
            </td>
        </tr>
    }
}

/// How the router did, for those who may see it.
#[component]
fn PerformanceCells(performance: Performance, answered: Option<f64>) -> impl IntoView {
    let unused = performance.requests == 0;
    // Requests of a month stay exact in a double.
    #[allow(clippy::cast_precision_loss)]
    let requests = performance.requests as f64;
    let (cost, took) = (performance.cost, StoredValue::new(performance));
    view! {
        <td class=NUMBER>{words(move || if unused { String::new() } else { number(requests) })}</td>
        <td class=NUMBER>{words(move || answered.map(percent).unwrap_or_default())}</td>
        <td class=NUMBER>{words(move || latency(&took.read_value()))}</td>
        <td class=NUMBER>{words(move || if unused { String::new() } else { money(cost) })}</td>
    }
}
