//! One assistant: who owns it and how it is used, its editor, who may do what with it, and its end.

use super::assistant_editor::Begun;
use super::{Assistants, EDITOR};
use crate::client::{self, Reading};
use crate::i18n::{Key, date, money, number, text, text_with, words};
use crate::paths;
use crate::session::Session;
use crate::session::submission::Submission;
use crate::shell::manage::Heading;
use crate::shell::resource_access::{AccessCard, Given};
use crate::ui::button::{Button, ButtonKind};
use crate::ui::confirm_dialog::{ConfirmDialog, Question};
use crate::ui::lazy::Lazy;
use crate::ui::load::{Failure, Skeleton};
use crate::ui::toast::{Toast, Toasts};
use crate::{args, t};
use leptos::prelude::*;
use leptos_router::hooks::use_navigate;
use pulze_contract::assistant::{Assistant, AssistantUpdate};
use pulze_contract::usage::Dimension;
use pulze_contract::{Level, Permission, ResourceKind};

/// The assistant that the address names, or a new one.
#[component]
pub fn AssistantPage(assistants: Assistants, id: String) -> impl IntoView {
    let back = paths::manage(&assistants.organization.read_value(), paths::ASSISTANTS);
    let content = if id == paths::NEW {
        Heading::show(text(Key::NewAssistant));
        let may = Session::expect().can(Permission::AssistantsUpdate);
        let editor = move || view! { <Lazy load=EDITOR given=Begun { assistants, base: None } lines=8/> };
        view! { {move || if may.get() { editor().into_any() } else { view! { <p class="note">{t!(AssistantsReadOnly)}</p> }.into_any() }} }
            .into_any()
    } else {
        view! { <Existing assistants id/> }.into_any()
    };
    view! {
        <a class="back" href=back>{t!(AllAssistants)}</a>
        {content}
    }
}

#[component]
fn Existing(assistants: Assistants, id: String) -> impl IntoView {
    let session = Session::expect();
    let asked = Reading::new(move || {
        let (organization, id) = (assistants.organization.get_value(), id.clone());
        async move { client::assistant_read(&organization, &id).await }
    });
    // What was saved stands in the editor already: the page is made once.
    let base = RwSignal::new(None::<Assistant>);
    let failure = Memo::new(move |_| asked.get().and_then(Result::err));
    Effect::new(move || match asked.get() {
        Some(Ok(assistant)) => base.set(Some(assistant)),
        Some(Err(error)) => session.learn_from(&error),
        None => {}
    });
    let there = Memo::new(move |_| base.read().is_some());
    view! {
        {move || failure.get().map(|error| view! { <Failure error on_retry=move |()| asked.again()/> })}
        {move || (!there.get() && asked.get().is_none()).then(|| view! { <Skeleton lines=8/> })}
        {move || there.get().then(|| base.get_untracked()).flatten().map(|assistant| view! { <Shown assistants assistant/> })}
    }
}

#[component]
fn Shown(assistants: Assistants, assistant: Assistant) -> impl IntoView {
    Heading::show(assistant.content.name.clone());
    let level = assistant.level;
    let base = RwSignal::new(assistant.clone());
    let given = Given {
        organization: assistants.organization.get_value(),
        kind: ResourceKind::Assistant,
        id: assistant.id.to_string(),
        on_done: Callback::new(move |()| assistants.list.again()),
    };
    view! {
        <Facts assistants base/>
        <Lazy load=EDITOR given=Begun { assistants, base: Some(base) } lines=8/>
        {(level >= Level::Admin).then(|| view! { <AccessCard given/> <DeleteAssistant assistants base/> })}
    }
}

/// Whose it is, and how it was used in the last 30 days.
#[component]
fn Facts(assistants: Assistants, base: RwSignal<Assistant>) -> impl IntoView {
    let viewer = Session::expect().viewer();
    let toasts = Toasts::expect();
    let sending = Submission::of_form();
    let (busy, failure) = (sending.busy(), sending.sentence());
    let mine = move || viewer.read().as_ref().is_some_and(|viewer| viewer.user_id == base.read().owner_id);
    let owner = move || {
        let owner = base.read().owner.clone();
        if owner.is_empty() { text(Key::OwnerLeft) } else { owner }
    };
    let take_over = move |()| {
        let Some(me) = viewer.get_untracked().map(|viewer| viewer.user_id) else { return };
        let (organization, assistant) = (assistants.organization.get_value(), base.get_untracked());
        let (id, version) = (assistant.id, assistant.version);
        let body = AssistantUpdate { content: assistant.content, owner_id: Some(me) };
        let request = async move { client::assistant_update(&organization, id.as_str(), version, &body).await };
        let told = move |_: &Assistant| {
            toasts.show(Toast::good(text(Key::Saved)));
            assistants.list.again();
        };
        sending.send_then(request, told, move |assistant| base.set(assistant));
    };
    // Requests of a month stay exact in a double.
    #[allow(clippy::cast_precision_loss)]
    let requests = move || number(base.read().usage.unwrap_or_default().requests as f64);
    let cost = move || money(base.read().usage.unwrap_or_default().cost);
    let told = Memo::new(move |_| base.read().usage.is_some());
    let usage_href = move || {
        let base = base.read();
        paths::usage_of(&assistants.organization.read_value(), Dimension::Assistant, base.id.as_str())
    };
    let used_in = move || {
        let used: Vec<String> = base.read().used_in.iter().map(|used| used.name.clone()).collect();
        if used.is_empty() { text(Key::Nowhere) } else { used.join(", ") }
    };
    view! {
        <section class="card">
            <dl class="facts">
                <dt>{t!(Owner)}</dt>
                <dd>
                    {words(owner)}
                    {move || (!mine() && base.read().level >= Level::Admin).then(|| view! {
                        <Button kind=ButtonKind::Quiet busy on_click=take_over>{t!(MakeMeOwner)}</Button>
                    })}
                </dd>
                <dt>{t!(Made)}</dt><dd>{words(move || date(base.read().created_at))}</dd>
                {move || told.get().then(|| view! {
                    <dt>{t!(Requests30)}</dt><dd>{words(requests)}</dd>
                    <dt>{t!(Cost30)}</dt><dd>{words(cost)}</dd>
                    <dt>{t!(UsedInSpaces)}</dt><dd>{words(used_in)}</dd>
                })}
            </dl>
            {move || told.get().then(|| view! { <p class="card-actions"><a class="button" href=usage_href>{t!(Usage)}</a></p> })}
            <p class="form-error" role="alert">{move || failure.get()}</p>
            {move || (!base.read().enabled).then(|| view! { <p class="note">{t!(AssistantIsOff)}</p> })}
        </section>
    }
}

#[component]
fn DeleteAssistant(assistants: Assistants, base: RwSignal<Assistant>) -> impl IntoView {
    let (open, sending) = (RwSignal::new(false), Submission::of_form());
    let toasts = Toasts::expect();
    let navigate = use_navigate();
    let name = move || base.read().content.name.clone();
    let delete = Callback::new(move |_: String| {
        let navigate = navigate.clone();
        let (organization, assistant) = (assistants.organization.get_value(), base.get_untracked());
        let list = paths::manage(&organization, paths::ASSISTANTS);
        let (id, name) = (assistant.id, assistant.content.name);
        let told = move |(): &()| {
            toasts.show(Toast::good(text_with(Key::Deleted, args!(name = name))));
            assistants.list.again();
        };
        let request = async move { client::assistant_delete(&organization, id.as_str()).await };
        sending.send_then(request, told, move |()| navigate(&list, Default::default()));
    });
    let question = Question {
        action: Signal::derive(t!(DeleteAssistant)),
        acting: Signal::derive(t!(Deleting)),
        consequence: Signal::derive(move || text_with(Key::DeleteAssistantMeaning, args!(name = name()))),
        typed: None,
        busy: sending.busy(),
        failure: sending.sentence(),
        on_confirm: delete,
    };
    view! {
        <section class="card ending" aria-label=t!(DeleteAssistant)>
            <p>{t!(DeleteAssistantHint)}</p>
            <Button kind=ButtonKind::Danger on_click=move |()| open.set(true)>{t!(DeleteAssistant)}</Button>
            <ConfirmDialog open question/>
        </section>
    }
}
