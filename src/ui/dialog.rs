//! A modal dialog on `<dialog>`: the browser keeps the focus inside and gives it back.

use crate::t;
use crate::ui::icon::Icon;
use leptos::html;
use leptos::prelude::*;

/// Open while `open` holds; its content is made anew at every opening.
#[component]
pub fn Dialog(
    open: RwSignal<bool>,
    #[prop(into)] title: Signal<String>,
    /// Whether it may be closed now: not while something is under way.
    #[prop(optional, into)]
    busy: Signal<bool>,
    children: ChildrenFn,
) -> impl IntoView {
    let dialog = NodeRef::<html::Dialog>::new();
    Effect::new(move || {
        let Some(element) = dialog.get() else { return };
        if open.get() && !element.open() {
            let _ = element.show_modal();
        } else if !open.get() && element.open() {
            element.close();
        }
    });
    view! {
        <dialog
            class="dialog"
            node_ref=dialog
            aria-label=move || title.get()
            // A second Escape closes whatever the first was told; not where the browser knows this.
            closedby=move || if busy.get() { "none" } else { "closerequest" }
            on:cancel=move |event: leptos::ev::Event| if busy.get_untracked() { event.prevent_default() }
            on:close=move |_| open.set(false)
        >
            <Show when=move || open.get()>
                <div class="dialog-header">
                    <h2>{move || title.get()}</h2>
                    <button
                        class="button"
                        type="button"
                        data-kind="quiet"
                        aria-label=t!(Close)
                        on:click=move |_| if !busy.get_untracked() { open.set(false) }
                    >
                        <Icon name="close"/>
                    </button>
                </div>
                {children()}
            </Show>
        </dialog>
    }
}
