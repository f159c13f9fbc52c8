//! A modal dialog on `<dialog>`: the browser keeps the focus inside and gives it back. The focus begins at what is asked
//! first, and what was typed is not lost by one key.

use crate::t;
use crate::ui::browser;
use crate::ui::button::{Button, ButtonKind};
use crate::ui::icon::Icon;
use leptos::prelude::*;
use leptos::{ev, html};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlDialogElement, HtmlElement, HtmlInputElement};

/// What can be used, in the order of the page, below the title.
const CONTROLS: &str = ".dialog-header ~ * :is(input:not([type=hidden], :disabled), select:not(:disabled), textarea:not(:disabled), button:not(:disabled), a[href])";
/// Fields of text, but for secrets, searches, and what is typed to confirm.
const WRITTEN: &str =
    "textarea, input:not([type=checkbox], [type=radio], [type=search], [type=password], [type=file], [role=combobox])";

/// Open while `open` holds; its content is made anew at every opening.
#[component]
pub fn Dialog(
    open: RwSignal<bool>,
    #[prop(into)] title: Signal<String>,
    /// Whether it may be closed now: not while something is under way.
    #[prop(optional, into)]
    busy: Signal<bool>,
    /// Whether what is typed in it is worth nothing, like a name that confirms.
    #[prop(optional)]
    forgets: bool,
    children: ChildrenFn,
) -> impl IntoView {
    let dialog = NodeRef::<html::Dialog>::new();
    let heading = NodeRef::<html::H2>::new();
    let (typed, asking) = (RwSignal::new(false), RwSignal::new(false));
    // Whether the focus has found its place: the content may come later, and the person may be quicker.
    let settled = StoredValue::new(true);
    let settle = move || {
        let (Some(dialog), Some(heading)) = (dialog.get_untracked(), heading.get_untracked()) else { return };
        if settled.get_value() || !dialog.open() {
            return;
        }
        match first_control(&dialog) {
            Some(control) => {
                settled.set_value(true);
                // A field may have taken it by itself.
                let within = dialog.query_selector(CONTROLS_FOCUSED).ok().flatten();
                if within.is_none() {
                    browser::focus(&control);
                }
            }
            None => browser::focus(&heading),
        }
    };
    Effect::new(move || {
        let Some(element) = dialog.get() else { return };
        if open.get() && !element.open() {
            typed.set(false);
            settled.set_value(false);
            let _ = element.show_modal();
            browser::after_render(move || {
                if !settled.is_disposed() {
                    settle();
                }
            });
        } else if !open.get() && element.open() {
            element.close();
        }
    });
    Effect::new(move || {
        if let Some(element) = dialog.get() {
            on_cleanup(browser::watch_children(&element, move || {
                if settled.try_get_value() == Some(false) {
                    settle();
                }
            }));
        }
    });
    let close = move || {
        if busy.get_untracked() {
            return;
        }
        // What was typed may have been sent, or taken away again.
        let holds = dialog.get_untracked().is_some_and(|dialog| holds_text(&dialog));
        if typed.get_untracked() && holds { asking.set(true) } else { open.set(false) }
    };
    let typing = move |event: ev::Event| {
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        if !forgets && target.is_some_and(|target| target.matches(WRITTEN).unwrap_or(false)) {
            typed.set(true);
        }
    };
    view! {
        <dialog
            class="dialog"
            node_ref=dialog
            aria-label=move || title.get()
            // A second Escape closes whatever the first was told; not where the browser knows this.
            closedby=move || if busy.get() || typed.get() { "none" } else { "closerequest" }
            on:cancel=move |event: ev::Event| if busy.get_untracked() || typed.get_untracked() {
                event.prevent_default();
                close();
            }
            on:close=move |_| open.set(false)
            on:input=typing
            on:pointerdown=move |_| settled.set_value(true)
            on:keydown=move |event: ev::KeyboardEvent| {
                settled.set_value(true);
                if event.key() == "Escape" && typed.get_untracked() {
                    event.prevent_default();
                    close();
                }
            }
        >
            <Show when=move || open.get()>
                <div class="dialog-header">
                    <h2 tabindex="-1" node_ref=heading>{move || title.get()}</h2>
                    <button class="button" type="button" data-kind="quiet" aria-label=t!(Close) on:click=move |_| close()>
                        <Icon name="close"/>
                    </button>
                </div>
                {children()}
            </Show>
            <DiscardQuestion asking on_discard=move |()| open.set(false)/>
        </dialog>
    }
}

/// A control below the title that has the focus already.
const CONTROLS_FOCUSED: &str = ".dialog-header ~ * :focus";

/// Where the focus begins: of radio buttons the chosen one.
fn first_control(dialog: &HtmlDialogElement) -> Option<HtmlElement> {
    let first = dialog.query_selector(CONTROLS).ok()??;
    let chosen = first.matches("[type=radio]").unwrap_or(false).then(|| dialog.query_selector("[type=radio]:checked").ok()?);
    chosen.flatten().unwrap_or(first).dyn_into().ok()
}

/// Whether a field of text holds any.
fn holds_text(dialog: &HtmlDialogElement) -> bool {
    let Ok(fields) = dialog.query_selector_all(WRITTEN) else { return false };
    // A field of several lines has the same `value` as one of one line.
    let value = |place: u32| fields.get(place).map(|field| field.unchecked_into::<HtmlInputElement>().value());
    (0..fields.length()).filter_map(value).any(|value| !value.trim().is_empty())
}

/// Asks before what was typed is lost.
#[component]
fn DiscardQuestion(asking: RwSignal<bool>, #[prop(into)] on_discard: Callback<()>) -> impl IntoView {
    let question = NodeRef::<html::Dialog>::new();
    Effect::new(move || {
        let Some(element) = question.get() else { return };
        if asking.get() && !element.open() {
            let _ = element.show_modal();
        } else if !asking.get() && element.open() {
            element.close();
        }
    });
    let discard = move |()| {
        asking.set(false);
        on_discard.try_run(());
    };
    view! {
        <dialog
            class="dialog"
            node_ref=question
            aria-label=t!(UnsavedChanges)
            on:close=move |_| asking.set(false)
            // Its Escape is not that of the dialog around it.
            on:keydown=move |event: ev::KeyboardEvent| event.stop_propagation()
        >
            <Show when=move || asking.get()>
                <div class="dialog-header"><h2>{t!(UnsavedChanges)}</h2></div>
                <p class="dialog-text">{t!(DiscardTyped)}</p>
                <div class="dialog-footer">
                    <Button on_click=move |()| asking.set(false)>{t!(Stay)}</Button>
                    <Button kind=ButtonKind::Danger on_click=discard>{t!(DiscardAndClose)}</Button>
                </div>
            </Show>
        </dialog>
    }
}
