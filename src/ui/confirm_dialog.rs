//! Asks before something is ended: what will happen, a name to type where it is final, what went wrong.

use crate::t;
use crate::ui::browser;
use crate::ui::button::{Button, ButtonKind};
use crate::ui::dialog::Dialog;
use crate::ui::field::TextField;
use leptos::prelude::*;
use pulze_contract::validation;

/// One question: its words, and what becomes of the answer.
#[derive(Clone, Copy, Debug)]
pub struct Question {
    /// Title and button: what is done.
    pub action: Signal<String>,
    /// The button while it is under way.
    pub acting: Signal<String>,
    /// What happens then.
    pub consequence: Signal<String>,
    /// What must be typed first, and the field's label.
    pub typed: Option<(StoredValue<String>, Signal<String>)>,
    pub busy: Signal<bool>,
    /// Why it did not happen.
    pub failure: Signal<Option<String>>,
    /// Given what was typed.
    pub on_confirm: Callback<String>,
}

/// The question in a dialog of its own.
#[component]
pub fn ConfirmDialog(open: RwSignal<bool>, question: Question) -> impl IntoView {
    view! {
        <Dialog open title=question.action busy=question.busy forgets=true>
            <Confirm open question/>
        </Dialog>
    }
}

/// The question within a dialog.
#[component]
pub fn Confirm(
    open: RwSignal<bool>,
    question: Question,
    /// What has to be decided on the way.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let Question { action, acting, consequence, typed: name, busy, failure, on_confirm } = question;
    let typed = RwSignal::new(String::new());
    let blocked = Signal::derive(move || {
        let (name, label) = name?;
        (!validation::confirms_name(&browser::normal(&typed.read()), &name.read_value())).then(|| label.get())
    });
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if blocked.read_untracked().is_none() && !busy.get_untracked() {
            on_confirm.try_run(typed.get_untracked());
        }
    };
    view! {
        <form class="dialog-form" novalidate=true on:submit=submit>
            <p class="dialog-text">{move || consequence.get()}</p>
            {children.map(|children| children())}
            {name.map(|(_, label)| view! { <TextField label value=typed first=true/> })}
            <p class="form-error" role="alert">{move || failure.get()}</p>
            <div class="dialog-footer">
                <Button on_click=move |()| open.set(false)>{t!(Cancel)}</Button>
                <Button kind=ButtonKind::Danger submits=true busy disabled_reason=blocked>
                    {move || if busy.get() { acting.get() } else { action.get() }}
                </Button>
            </div>
        </form>
    }
}
