//! Asks before something is ended: what will happen, a name to type where it is final, what went wrong.

use crate::t;
use crate::ui::button::{Button, ButtonKind};
use crate::ui::dialog::Dialog;
use crate::ui::field::TextField;
use leptos::prelude::*;
use pulze_contract::validation;

/// The words of one question.
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
}

#[component]
pub fn ConfirmDialog(
    open: RwSignal<bool>,
    question: Question,
    #[prop(into)] busy: Signal<bool>,
    /// Why it did not happen.
    #[prop(into)]
    failure: Signal<Option<String>>,
    /// Given what was typed.
    #[prop(into)]
    on_confirm: Callback<String>,
    /// What has to be decided on the way.
    #[prop(optional)]
    children: Option<ChildrenFn>,
) -> impl IntoView {
    let typed = RwSignal::new(String::new());
    Effect::new(move || {
        if open.get() {
            typed.set(String::new());
        }
    });
    let blocked = Signal::derive(move || {
        let (name, label) = question.typed?;
        (!validation::confirms_name(&typed.read(), &name.read_value())).then(|| label.get())
    });
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if blocked.read_untracked().is_none() && !busy.get_untracked() {
            on_confirm.run(typed.get_untracked());
        }
    };
    view! {
        <Dialog open title=question.action busy>
            <form class="dialog-form" novalidate=true on:submit=submit>
                <p class="dialog-text">{move || question.consequence.get()}</p>
                {children.as_ref().map(|children| children())}
                {question.typed.map(|(_, label)| view! { <TextField label value=typed first=true/> })}
                <p class="form-error" role="alert">{move || failure.get()}</p>
                <div class="dialog-footer">
                    <Button on_click=move |()| open.set(false)>{t!(Cancel)}</Button>
                    <Button kind=ButtonKind::Danger submits=true busy disabled_reason=blocked>
                        {move || if busy.get() { question.acting.get() } else { question.action.get() }}
                    </Button>
                </div>
            </form>
        </Dialog>
    }
}
