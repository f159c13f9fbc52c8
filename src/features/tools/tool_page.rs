//! One tool: what it does, its settings, a test of them, who may use it, and the end of an integration.

use super::test_panel::TestPanel;
use super::tool_form::ToolForm;
use super::{Tools, kind_meaning};
use crate::client;
use crate::i18n::{Key, label, number, text, text_with, words};
use crate::paths;
use crate::session::submission::Submission;
use crate::shell::manage::Heading;
use crate::shell::resource_access::{AccessCard, Given};
use crate::shell::tool_name::{kind_name, tool_name};
use crate::ui::button::{Button, ButtonKind};
use crate::ui::confirm_dialog::{ConfirmDialog, Question};
use crate::ui::field::ChoiceField;
use crate::ui::toast::{Toast, Toasts};
use crate::{args, t};
use leptos::prelude::*;
use leptos_router::hooks::use_navigate;
use pulze_contract::tool::{Tool, ToolKind};
use pulze_contract::{Level, ResourceKind};

/// The tool that the address names, or a new integration.
#[component]
pub fn ToolPage(tools: Tools, id: String) -> impl IntoView {
    let back = paths::manage(&tools.organization.read_value(), paths::TOOLS);
    let new = id == paths::NEW;
    // The forms stay while the list is read again; what they show is what they saved.
    let found = untrack(|| tools.find(&id));
    Heading::show(match &found {
        Some(tool) => tool_name(tool),
        None if new => text(Key::AddIntegration),
        None => id,
    });
    view! {
        <a class="back" href=back>{t!(AllTools)}</a>
        {match found {
            Some(tool) => view! { <Shown tools tool/> }.into_any(),
            None if new => view! { <NewIntegration tools/> }.into_any(),
            None => view! { <p class="empty">{t!(ErrorNotFound)}</p> }.into_any(),
        }}
    }
}

#[component]
fn Shown(tools: Tools, tool: Tool) -> impl IntoView {
    let (kind, level) = (tool.kind, tool.level);
    let saved = RwSignal::new(tool.clone());
    let dirty = RwSignal::new(false);
    // Requests of a month stay exact in a double.
    #[allow(clippy::cast_precision_loss)]
    let used = tool.usage.map(|usage| {
        view! {
            <dt>{t!(Requests30)}</dt><dd>{words(move || number(usage.requests as f64))}</dd>
            <dt>{t!(SpacesUsing)}</dt><dd>{words(move || number(f64::from(usage.spaces)))}</dd>
        }
    });
    let assistants = f64::from(tool.assistants);
    let given = Given {
        organization: tools.organization.get_value(),
        kind: ResourceKind::Tool,
        id: tool.id.clone(),
        on_done: Callback::new(move |()| tools.list.again()),
    };
    let known = ToolKind::known(&tool.id).is_some();
    let heading = if known { Key::Settings } else { kind_name(kind) };
    let has_settings = !tool.schema.is_empty();
    view! {
        <section class="card">
            <p>{label(kind_meaning(kind))}</p>
            <dl class="facts">
                {used}
                <dt>{t!(Assistants)}</dt><dd>{words(move || number(assistants))}</dd>
            </dl>
        </section>
        {(level < Level::Manage).then(|| view! { <p class="note">{t!(ToolsReadOnly)}</p> })}
        {(level >= Level::Manage && has_settings).then(|| view! {
            <section class="card" aria-label=label(heading)>
                <h2>{label(heading)}</h2>
                <ToolForm tools kind base=saved dirty/>
            </section>
        })}
        {(level >= Level::Manage).then(|| view! { <TestPanel tools tool=saved dirty/> })}
        {(level >= Level::Admin).then(|| view! { <AccessCard given/> })}
        {(level >= Level::Admin && !known).then(|| view! { <DeleteIntegration tools tool=tool.clone()/> })}
    }
}

#[component]
fn NewIntegration(tools: Tools) -> impl IntoView {
    let chosen = RwSignal::new(ToolKind::Http.as_str().to_owned());
    let options = Signal::derive(|| {
        let option = |kind: ToolKind| (kind.as_str(), text(kind_name(kind)), text(kind_meaning(kind)));
        ToolKind::INTEGRATIONS.map(option).to_vec()
    });
    let dirty = RwSignal::new(false);
    view! {
        <section class="card form">
            <ChoiceField label=Signal::derive(t!(IntegrationKind)) value=chosen options/>
            {move || ToolKind::parse(&chosen.read()).map(|kind| view! { <ToolForm tools kind dirty/> })}
        </section>
    }
}

/// Ends an integration; one that an assistant still has stays, and the server says so.
#[component]
fn DeleteIntegration(tools: Tools, tool: Tool) -> impl IntoView {
    let (open, sending) = (RwSignal::new(false), Submission::of_form());
    let toasts = Toasts::expect();
    let navigate = use_navigate();
    let (id, name) = (StoredValue::new(tool.id.clone()), StoredValue::new(tool_name(&tool)));
    let delete = Callback::new(move |_: String| {
        let navigate = navigate.clone();
        let (organization, id, name) = (tools.organization.get_value(), id.get_value(), name.get_value());
        let list = paths::manage(&organization, paths::TOOLS);
        let told = move |(): &()| {
            toasts.show(Toast::good(text_with(Key::Deleted, args!(name = name))));
            tools.list.again();
        };
        let request = async move { client::tool_delete(&organization, &id).await };
        sending.send_then(request, told, move |()| navigate(&list, Default::default()));
    });
    let question = Question {
        action: Signal::derive(t!(DeleteIntegration)),
        acting: Signal::derive(t!(Deleting)),
        consequence: Signal::derive(t!(DeleteIntegrationMeaning, name = name.get_value())),
        typed: None,
        busy: sending.busy(),
        failure: sending.sentence(),
        on_confirm: delete,
    };
    view! {
        <section class="card ending" aria-label=t!(DeleteIntegration)>
            <p>{t!(DeleteIntegrationHint)}</p>
            <Button kind=ButtonKind::Danger on_click=move |()| open.set(true)>{t!(DeleteIntegration)}</Button>
            <ConfirmDialog open question/>
        </section>
    }
}
