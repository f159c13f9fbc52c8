//! The tools: what they do, who may use them, how often they were, and the switch.

use super::{Tools, kind_meaning};
use crate::i18n::{Key, date, number, plural, text, text_with, words};
use crate::paths;
use crate::session::Session;
use crate::shell::switching::{self, SwitchOff, SwitchOffDialog, switch_on};
use crate::shell::tool_name::tool_name;
use crate::ui::icon::Icon;
use crate::ui::lazy::preload;
use crate::ui::switch::Switch;
use crate::{args, t};
use leptos::prelude::*;
use pulze_contract::resource::Audience;
use pulze_contract::tool::Tool;
use pulze_contract::{Level, Permission, ResourceKind};

// Not literals: a fully static element would be made through HTML.
const NUMBER: &str = "cell-number";
const SWITCH: &str = "cell-switch";

#[component]
pub fn ToolListView(tools: Tools, #[prop(into)] on_near: Callback<()>) -> impl IntoView {
    let may_add = Session::expect().can(Permission::ToolsUpdate);
    let told = Session::expect().can(Permission::UsageRead);
    let switching_off = RwSignal::new(None::<SwitchOff>);
    let again = Callback::new(move |()| tools.list.again());
    let turn = move |(id, on): (String, bool)| {
        if on {
            return switch_on(ResourceKind::Tool, tools.organization.get_value(), vec![id], again);
        }
        // Elsewhere a replacement is written by whoever looks after all tools.
        let offered = if may_add.get_untracked() { tools.usable() } else { Vec::new() };
        let replacements = offered.into_iter().filter(|(other, _)| *other != id).collect();
        switching_off.set(Some(SwitchOff { kind: ResourceKind::Tool, ids: vec![id], replacements }));
    };
    let shown = move || tools.list.known.get().map(|known| known.tools.clone()).unwrap_or_default();
    let new = paths::tool(&tools.organization.read_value(), paths::NEW);
    let on = move || {
        let on = shown().iter().filter(|tool| tool.enabled).count();
        plural(Key::ToolsOnCount, u32::try_from(on).unwrap_or(u32::MAX))
    };
    view! {
        {move || (!may_add.get()).then(|| view! { <p class="note">{t!(ToolsReadOnly)}</p> })}
        <div class="toolbar">
            <p class="count-beside" role="status">{words(on)}</p>
            {move || may_add.get().then(|| {
                let new = new.clone();
                view! {
                    <a class="button" data-kind="primary" href=new on:pointerenter=move |_| { on_near.try_run(()); }>
                        <Icon name="plus"/>
                        <span>{t!(AddIntegration)}</span>
                    </a>
                }
            })}
        </div>
        <div class="table-frame">
            <table class="table models">
                <thead>
                    <tr>
                        <th scope="col" class="cell-name">{t!(Tool)}</th>
                        <th scope="col" class="cell-text">{t!(WhoMayUse)}</th>
                        <th scope="col" class=NUMBER>{t!(Assistants)}</th>
                        {move || told.get().then(|| view! { <th scope="col" class=NUMBER title=t!(Performance30)>{t!(Requests)}</th> })}
                        <th scope="col" class=SWITCH>{t!(Enabled)}</th>
                    </tr>
                </thead>
                <tbody>
                    <For each=shown key=|tool| format!("{tool:?}") let(tool)>
                        <Row tools tool on_turn=turn on_near/>
                    </For>
                </tbody>
            </table>
        </div>
        <SwitchOffDialog what=switching_off on_done=again/>
    }
}

#[component]
fn Row(tools: Tools, tool: Tool, #[prop(into)] on_turn: Callback<(String, bool)>, on_near: Callback<()>) -> impl IntoView {
    let href = paths::tool(&tools.organization.read_value(), &tool.id);
    let name = StoredValue::new(tool_name(&tool));
    let detail = {
        let (kind, description) = (tool.kind, tool.description.clone());
        move || if description.is_empty() { text(kind_meaning(kind)) } else { description.clone() }
    };
    let Tool { id, enabled, ready, level, audience, tested, assistants, usage, .. } = tool;
    let id = StoredValue::new(id);
    let reason = Signal::derive(move || match (level >= Level::Manage, ready || enabled) {
        (false, _) => Some(text(Key::OnlyAdmins)),
        (true, false) => Some(text(Key::ToolSetUpFirst)),
        (true, true) => None,
    });
    let counted = |count: f64| if count > 0.0 { number(count) } else { String::new() };
    // Requests of a month stay exact in a double.
    #[allow(clippy::cast_precision_loss)]
    let used = usage.map(|usage| view! { <td class=NUMBER>{words(move || counted(usage.requests as f64))}</td> });
    let broken = tested.filter(|tested| !tested.good).map(|tested| tested.at);
    view! {
        <tr class="long-row" data-off=(!enabled).then_some("true") on:pointerenter=move |_| { on_near.try_run(()); }>
            <th scope="row" class="cell-name">
                <a class="person" href=href>
                    <span class="person-text">
                        <span class="person-name">
                            <bdi translate="no">{name.get_value()}</bdi>
                            {(!ready).then(|| view! { <span class="badge">{t!(NotSetUp)}</span> })}
                            {broken.map(|at| view! {
                                <span class="badge" data-kind="warning">{words(move || text_with(Key::TestFailedOn, args!(date = date(at))))}</span>
                            })}
                        </span>
                        <span class="person-email">{words(detail)}</span>
                    </span>
                </a>
            </th>
            <td class="cell-text">{words(move || audience_text(&audience))}</td>
            <td class=NUMBER>{words(move || counted(f64::from(assistants)))}</td>
            {used}
            <td class=SWITCH on:pointerenter=move |_| preload(switching::FORM)>
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

/// Who may use it, in a few words.
fn audience_text(audience: &Audience) -> String {
    match audience {
        Audience::Everyone => text(Key::AudienceEveryone),
        Audience::Editors => text(Key::AudienceEditors),
        Audience::Spaces(spaces) if spaces.is_empty() => text(Key::AudienceAdmins),
        Audience::Spaces(spaces) => plural(Key::InSpacesCount, u32::try_from(spaces.len()).unwrap_or(u32::MAX)),
        Audience::Other => text(Key::AudienceOther),
    }
}
