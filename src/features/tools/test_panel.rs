//! Calls what the tool calls, and shows what came back.

use super::Tools;
use crate::client::{self, ClientError, Listener};
use crate::i18n::{Key, milliseconds, relative, text, text_with, words};
use crate::ui::button::Button;
use crate::{args, t};
use leptos::prelude::*;
use pulze_contract::tool::{TestFailure, Tool, ToolTested};

#[component]
pub fn TestPanel(tools: Tools, tool: RwSignal<Tool>, dirty: RwSignal<bool>) -> impl IntoView {
    let busy = RwSignal::new(false);
    let found = RwSignal::new(None::<Result<ToolTested, ClientError>>);
    // What was found about other settings says nothing about these.
    Effect::watch(move || tool.read().version, move |_, _, _| found.set(None), false);
    let blocked = Signal::derive(move || {
        let tool = tool.read();
        match (tool.kind.calls(), tool.ready, dirty.get()) {
            (false, ..) => Some(text(Key::NothingToCall)),
            (true, _, true) => Some(text(Key::SaveFirst)),
            (true, false, false) => Some(text(Key::ToolSetUpFirst)),
            (true, true, false) => None,
        }
    });
    let listener = Listener::here();
    let test = move |()| {
        busy.set(true);
        let (organization, id) = (tools.organization.get_value(), tool.read_untracked().id.clone());
        listener.hear(async move { client::tool_test(&organization, &id).await }, move |answer| {
            busy.set(false);
            found.set(Some(answer));
            tools.list.again();
        });
    };
    let last = move || tool.read().tested.clone().filter(|_| found.read().is_none());
    view! {
        <section class="card tool-test" aria-label=t!(TestTool)>
            <h2>{t!(TestTool)}</h2>
            <p class="quiet">{t!(TestToolHint)}</p>
            {move || last().map(|last| {
                let key = if last.good { Key::TestedWell } else { Key::TestedBadly };
                view! { <p>{words(move || text_with(key, args!(when = relative(last.at))))}</p> }
            })}
            <div>
                <Button busy disabled_reason=blocked on_click=test>
                    {move || if busy.get() { t!(Testing)() } else { t!(TestTool)() }}
                </Button>
            </div>
            <div role="status">
                {move || found.get().map(|found| match found {
                    Ok(tested) => view! { <Found tested/> }.into_any(),
                    Err(error) => view! { <p class="form-error">{error.sentence()}</p> }.into_any(),
                })}
            </div>
        </section>
    }
}

#[component]
fn Found(tested: ToolTested) -> impl IntoView {
    let ToolTested { called, good, status, failure, took, content_type, body } = tested;
    let said = move || match (failure, status) {
        (Some(failure), _) => text(match failure {
            TestFailure::AddressNotAllowed => Key::TestAddressNotAllowed,
            TestFailure::Unreachable => Key::TestUnreachable,
            TestFailure::TimedOut => Key::TestTimedOut,
            TestFailure::NotTrusted => Key::TestNotTrusted,
        }),
        (None, status) => {
            let status = status.unwrap_or_default().to_string();
            let key = if good { Key::TestAnswered } else { Key::TestRefused };
            text_with(key, args!(status = status, time = milliseconds(f64::from(took))))
        }
    };
    let badge = if good { "accent" } else { "warning" };
    view! {
        <p class="tested">
            <span class="badge" data-kind=badge>{move || if good { t!(Works)() } else { t!(Fails)() }}</span>
            <span>{words(said)}</span>
        </p>
        <p class="quiet"><bdi translate="no" class="mono">{called}</bdi></p>
        {(!content_type.is_empty()).then(|| view! { <p class="quiet">{content_type}</p> })}
        {(!body.is_empty()).then(|| view! { <pre class="answer" tabindex="0" aria-label=t!(Answer)>{body}</pre> })}
    }
}
