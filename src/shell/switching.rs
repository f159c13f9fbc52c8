//! Switching resources: what depends on them is shown before, and it can be undone after.

use crate::client::{self, Reading};
use crate::i18n::{Key, NamedKey, PluralKey, label, plural, plural_of, text, text_with, words};
use crate::lazy_part;
use crate::session::Session;
use crate::session::submission::Submission;
use crate::ui::button::{Button, ButtonKind};
use crate::ui::dialog::Dialog;
use crate::ui::field::{CheckField, SelectField};
use crate::ui::lazy::{Lazy, Load};
use crate::ui::load::{Failure, Skeleton};
use crate::ui::toast::{Toast, Toasts};
use crate::{args, t};
use leptos::prelude::*;
use pulze_contract::availability::{Changed, Dependent, DependentKind, DependentPart, Impact, Switch};
use pulze_contract::{OrganizationId, ResourceKind};

/// What was switched, for a number of them.
fn said(kind: ResourceKind, enabled: bool) -> PluralKey {
    match (kind, enabled) {
        (ResourceKind::Model, true) => Key::ModelsEnabled,
        (ResourceKind::Model, false) => Key::ModelsDisabled,
        (ResourceKind::Router, true) => Key::RoutersEnabled,
        (ResourceKind::Router, false) => Key::RoutersDisabled,
        (ResourceKind::Assistant, true) => Key::AssistantsEnabled,
        (ResourceKind::Assistant, false) => Key::AssistantsDisabled,
        (ResourceKind::Tool, true) => Key::ToolsEnabled,
        (ResourceKind::Tool, false) => Key::ToolsDisabled,
    }
}

/// What somebody is about to switch off.
#[derive(Clone, Debug, PartialEq)]
pub struct SwitchOff {
    pub kind: ResourceKind,
    pub ids: Vec<String>,
    /// What could take their place, and its name.
    pub replacements: Vec<(String, String)>,
}

/// How many, for a text.
pub fn count_of<T>(things: &[T]) -> u32 {
    u32::try_from(things.len()).unwrap_or(u32::MAX)
}

/// Tells what was changed, for ten seconds with a way back.
pub fn tell(toasts: Toasts, organization: OrganizationId, said: String, changed: &Changed, on_done: Callback<()>) {
    on_done.try_run(());
    let Some(event) = changed.undo.clone() else { return toasts.show(Toast::good(said)) };
    let undo = move || {
        let (organization, event) = (organization.clone(), event.clone());
        async move {
            let answer = client::change_undo(&organization, &event).await;
            on_done.try_run(());
            answer
        }
    };
    toasts.show(Toast::newest_undoable(said, undo));
}

/// Switches on: nothing can break by that, so nothing is asked.
pub fn switch_on(kind: ResourceKind, organization: OrganizationId, ids: Vec<String>, on_done: Callback<()>) {
    let toasts = Toasts::expect();
    let body = Switch { ids, enabled: true, ..Switch::default() };
    let of = organization.clone();
    Submission::of_button().send(async move { client::switch(kind, &of, &body).await }, move |changed| {
        tell(toasts, organization, plural(said(kind, true), changed.changes), changed, on_done);
    });
}

/// The dialog that switches off; open while `what` is something.
#[component]
pub fn SwitchOffDialog(what: RwSignal<Option<SwitchOff>>, #[prop(into)] on_done: Callback<()>) -> impl IntoView {
    let open = RwSignal::new(false);
    let busy = RwSignal::new(false);
    Effect::new(move || open.set(what.read().is_some()));
    Effect::new(move || {
        if !open.get() {
            what.maybe_update(|what| what.take().is_some());
        }
    });
    let title = Signal::derive(move || match what.read().as_ref().map(|what| what.kind) {
        Some(ResourceKind::Router) => text(Key::SwitchRouterOff),
        Some(ResourceKind::Assistant) => text(Key::DisableAssistants),
        Some(ResourceKind::Tool) => text(Key::DisableTool),
        Some(ResourceKind::Model) | None => text(Key::DisableModels),
    });
    view! {
        <Dialog open title busy>
            {move || what.get().map(|what| view! { <Lazy load=FORM given=Given { what, open, busy, on_done } lines=5/> })}
        </Dialog>
    }
}

#[derive(Clone)]
pub struct Given {
    what: SwitchOff,
    open: RwSignal<bool>,
    busy: RwSignal<bool>,
    on_done: Callback<()>,
}

/// To be fetched when somebody is about to open the dialog.
pub const FORM: Load<Given> = || Box::pin(switch_off());

lazy_part!(switch_off, |given: Given| view! { <SwitchOffForm given/> }.into_any());

#[component]
fn SwitchOffForm(given: Given) -> impl IntoView {
    let Given { what, open, busy, on_done } = given;
    let Some(organization) = Session::expect().organization_id().get_untracked() else { return ().into_any() };
    let SwitchOff { kind, ids, replacements } = what;
    let body = Switch { ids, ..Switch::default() };
    let asked = {
        let (organization, body) = (organization.clone(), body.clone());
        Reading::new(move || {
            let (organization, body) = (organization.clone(), body.clone());
            async move { client::switch_check(kind, &organization, &body).await }
        })
    };
    let toasts = Toasts::expect();
    let replacement = RwSignal::new(String::new());
    let accepts = RwSignal::new(false);
    let sending = Submission::of_dialog(busy);
    let failure = sending.failure();
    let impact = move || asked.get().and_then(Result::ok);
    // Where nothing can take its place, or somebody may not decide that, nothing is offered.
    let replaceable = !replacements.is_empty();
    let names_something = Memo::new(move |_| replaceable && impact().is_some_and(|impact| !impact.dependents.is_empty()));
    let breaks = Memo::new(move |_| impact().is_some_and(|impact| impact.breaks()) && replacement.read().is_empty());
    let blocked = Signal::derive(move || match impact() {
        None => Some(text(Key::Loading)),
        Some(impact) if impact.changes == 0 => Some(text(Key::NothingToSave)),
        Some(_) => (breaks.get() && !accepts.get()).then(|| text(Key::AcceptBreaksFirst)),
    });
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() || blocked.get_untracked().is_some() {
            return;
        }
        let mut body = body.clone();
        body.replacement = Some(replacement.get_untracked()).filter(|replacement| !replacement.is_empty());
        body.accepts_breaks = accepts.get_untracked();
        let (organization, of) = (organization.clone(), organization.clone());
        sending.send(async move { client::switch(kind, &of, &body).await }, move |changed| {
            open.set(false);
            tell(toasts, organization, plural(said(kind, false), changed.changes), changed, on_done);
        });
    };
    let choices = Signal::derive(move || {
        let none = [(String::new(), text(Key::NoReplacement))];
        none.into_iter().chain(replacements.iter().cloned()).collect::<Vec<_>>()
    });
    let sentence = move || {
        failure
            .get()
            .map(|error| error.of_field("replacement").or_else(|| error.of_field("ids")).unwrap_or_else(|| error.sentence()))
    };
    view! {
        <form class="dialog-form" novalidate=true on:submit=submit>
            {move || match asked.get() {
                None => view! { <Skeleton lines=4/> }.into_any(),
                Some(Err(error)) => view! { <Failure error on_retry=move |()| asked.again()/> }.into_any(),
                Some(Ok(impact)) => view! { <ImpactView impact/> }.into_any(),
            }}
            {move || names_something.get().then(|| view! {
                <SelectField
                    label=Signal::derive(t!(Replacement))
                    value=replacement
                    options=choices
                    hint=Signal::derive(t!(ReplacementHint))
                    on_change=move |chosen| replacement.set(chosen)
                />
            })}
            {move || breaks.get().then(|| view! { <CheckField label=Signal::derive(t!(AcceptBreaks)) value=accepts/> })}
            <p class="form-error" role="alert">{sentence}</p>
            <div class="dialog-footer">
                <Button on_click=move |()| open.set(false)>{t!(Cancel)}</Button>
                <Button kind=ButtonKind::Danger submits=true busy disabled_reason=blocked>
                    {move || match (busy.get(), impact()) {
                        (true, _) => text(Key::Saving),
                        (false, Some(impact)) if kind == ResourceKind::Model => plural(Key::DisableCount, impact.changes),
                        _ => text(Key::SwitchOff),
                    }}
                </Button>
            </div>
        </form>
    }
    .into_any()
}

/// Who uses it now, and what each of them falls back to.
#[component]
pub fn ImpactView(impact: Impact) -> impl IntoView {
    let Impact { dependents, spaces, more_spaces, requests, .. } = impact;
    let used = move || {
        if requests == 0 {
            return text(Key::NotUsedThisWeek);
        }
        let requests = plural_of(Key::RequestsCount, i64::try_from(requests).unwrap_or(i64::MAX));
        let others = (more_spaces > 0).then(|| plural(Key::MoreSpacesCount, more_spaces));
        let spaces: Vec<String> = spaces.iter().cloned().chain(others).collect();
        text_with(Key::UsedThisWeek, args!(requests = requests, spaces = spaces.join(", ")))
    };
    let lines = dependents.iter().cloned().map(|dependent| view! { <DependentLine dependent/> }).collect_view();
    let heading = if dependents.is_empty() { label(Key::NothingNamesIt) } else { label(Key::WhatNamesIt) };
    view! {
        <p>{words(used)}</p>
        <div class="dependents">
            <p class="field-label">{heading}</p>
            <ul>{lines}</ul>
        </div>
    }
}

#[component]
fn DependentLine(dependent: Dependent) -> impl IntoView {
    let Dependent { resource, kind, part, name, falls_back_to, breaks, .. } = dependent;
    // What the person may not see is counted among the rest, without its name.
    let name = if name.is_empty() { text(Key::NotYoursToSee) } else { name };
    let named = move |key: NamedKey| text_with(key, args!(name = name.clone()));
    let who = move || match (kind, part) {
        (DependentKind::Organization, DependentPart::Router) => text(Key::DependentDefaultRouter),
        (DependentKind::Organization, _) => text(Key::DependentDefaultNaming),
        (DependentKind::Space, DependentPart::Router) => named(Key::DependentSpaceRouter),
        (DependentKind::Space, _) => named(Key::DependentSpaceNaming),
        (DependentKind::Router, DependentPart::Fallback) => named(Key::DependentRouterFallback),
        (DependentKind::Router, DependentPart::OnlyModel) => named(Key::DependentRouterOnly),
        (DependentKind::Router, _) => named(Key::DependentRouterCandidate),
        (DependentKind::ApiKey, _) => named(Key::DependentKey),
        (DependentKind::Assistant, DependentPart::Tool) => named(Key::DependentAssistantTool),
        (DependentKind::Assistant, _) => named(Key::DependentAssistantModel),
    };
    // Identifiers without a meaning for people are not shown to them.
    let readable = !resource.starts_with("router_") && !resource.starts_with("tool_");
    let then = move || match (&falls_back_to, kind, part) {
        (Some(other), ..) => text_with(Key::FallsBackTo, args!(other = other.clone())),
        (None, DependentKind::ApiKey, _) => text(Key::RefusedThen),
        (None, DependentKind::Assistant, DependentPart::Tool) => text(Key::WorksWithoutIt),
        (None, DependentKind::Assistant, _) => text(Key::FallsBackToSpaceRouter),
        (None, ..) if part == DependentPart::NamingModel => text(Key::FallsBackToFirstWords),
        (None, ..) => String::new(),
    };
    view! {
        <li>
            <span class="dependent-name">{words(who)}</span>
            {breaks.then(|| view! { <span class="badge" data-kind="warning">{t!(Breaks)}</span> })}
            <span class="dependent-then">{readable.then_some(resource)}" "{words(then)}</span>
        </li>
    }
}
