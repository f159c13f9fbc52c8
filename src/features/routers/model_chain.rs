//! The models of a router: added by name, taken out, and for a chain put in order by buttons,
//! by Alt and the arrow keys, or by dragging.

use crate::i18n::{Key, text, text_with, words};
use crate::ui::browser;
use crate::ui::button::Button;
use crate::ui::field::unique_id;
use crate::ui::icon::Icon;
use crate::{args, t};
use leptos::html;
use leptos::prelude::*;

#[derive(Clone, Copy)]
pub struct Chain {
    pub chosen: RwSignal<Vec<String>>,
    /// Models that may be used.
    pub offered: Signal<Vec<String>>,
    /// Whether the order means something.
    pub ordered: Signal<bool>,
    pub hint: Signal<String>,
    pub error: Signal<Option<String>>,
}

#[component]
pub fn ModelChain(chain: Chain) -> impl IntoView {
    let Chain { chosen, offered, ordered, hint, error } = chain;
    let typed = RwSignal::new(String::new());
    let unknown = RwSignal::new(None::<String>);
    let said = RwSignal::new(String::new());
    let dragged = RwSignal::new(None::<usize>);
    let list = NodeRef::<html::Ol>::new();
    let input_id = unique_id("models");
    let (list_id, hint_id) = (format!("{input_id}-list"), format!("{input_id}-hint"));
    let add = move || {
        let name = typed.get_untracked().trim().to_owned();
        if name.is_empty() {
            return;
        }
        if !offered.read_untracked().contains(&name) {
            return unknown.set(Some(text(Key::RuleModelUnavailable)));
        }
        unknown.set(None);
        typed.set(String::new());
        if !chosen.read_untracked().contains(&name) {
            chosen.update(|chosen| chosen.push(name));
        }
    };
    // The row that moved keeps the focus, on the same button.
    let focus = move |place: usize, part: &'static str| {
        browser::after_render(move || {
            let list = list.get_untracked();
            let row = list.and_then(|list| list.children().item(u32::try_from(place).unwrap_or(u32::MAX)));
            if let Some(button) = row.and_then(|row| row.query_selector(part).ok().flatten()) {
                browser::focus_element(&button);
            }
        });
    };
    let place_at = move |from: usize, to: usize| {
        let count = chosen.read_untracked().len();
        if from == to || to >= count || from >= count {
            return false;
        }
        chosen.update(|chosen| {
            let model = chosen.remove(from);
            said.set(text_with(
                Key::MovedTo,
                args!(name = model.clone(), place = (to + 1).to_string(), count = count.to_string()),
            ));
            chosen.insert(to, model);
        });
        true
    };
    let row = move |place: usize, model: String| {
        let name = StoredValue::new(model.clone());
        let off = Memo::new(move |_| !offered.read().contains(&name.read_value()));
        view! {
            <li
                class="chain-row"
                draggable=move || ordered.get().to_string()
                on:dragstart=move |_| dragged.set(Some(place))
                on:dragover=move |event| event.prevent_default()
                on:drop=move |event| {
                    event.prevent_default();
                    if let Some(from) = dragged.get_untracked() {
                        place_at(from, place);
                    }
                    dragged.set(None);
                }
                on:keydown=move |event| {
                    if !event.alt_key() || !ordered.get_untracked() {
                        return;
                    }
                    let to = match event.key().as_str() {
                        "ArrowUp" => place.checked_sub(1),
                        "ArrowDown" => Some(place + 1),
                        _ => return,
                    };
                    event.prevent_default();
                    if let Some(to) = to && place_at(place, to) {
                        focus(to, "button");
                    }
                }
            >
                {move || ordered.get().then(|| view! { <span class="chain-place" aria-hidden="true">{(place + 1).to_string()}</span> })}
                <span class="chain-name"><bdi translate="no">{model}</bdi></span>
                {move || off.get().then(|| view! { <span class="badge" data-kind="warning">{t!(Disabled)}</span> })}
                {move || ordered.get().then(|| view! {
                    <button
                        class="button" type="button" data-kind="quiet" data-move="up"
                        aria-label=t!(MoveUp, name = name.get_value())
                        aria-disabled=(place == 0).then_some("true")
                        on:click=move |_| {
                            if place > 0 && place_at(place, place - 1) {
                                focus(place - 1, "[data-move=up]");
                            }
                        }
                    ><Icon name="up"/></button>
                    <button
                        class="button" type="button" data-kind="quiet" data-move="down"
                        aria-label=t!(MoveDown, name = name.get_value())
                        aria-disabled=move || (place + 1 == chosen.read().len()).then_some("true")
                        on:click=move |_| {
                            if place_at(place, place + 1) {
                                focus(place + 1, "[data-move=down]");
                            }
                        }
                    ><Icon name="down"/></button>
                })}
                <button
                    class="button" type="button" data-kind="quiet"
                    aria-label=t!(RemoveNamed, name = name.get_value())
                    on:click=move |_| chosen.update(|chosen| chosen.retain(|other| *other != *name.read_value()))
                ><Icon name="close"/></button>
            </li>
        }
    };
    let wrong = Memo::new(move |_| unknown.get().or_else(|| error.get()));
    view! {
        <div class="field chain">
            <label class="field-label" for=input_id.clone()>{t!(Models)}</label>
            <ol class="chain-rows" node_ref=list aria-label=t!(Models)>
                {move || chosen.get().into_iter().enumerate().map(|(place, model)| row(place, model)).collect_view()}
            </ol>
            <div class="chain-add">
                <input
                    class="input"
                    id=input_id
                    list=list_id.clone()
                    autocomplete="off"
                    spellcheck="false"
                    placeholder=t!(FindModel)
                    aria-invalid=move || wrong.read().is_some().then_some("true")
                    aria-describedby=hint_id.clone()
                    bind:value=typed
                    on:keydown=move |event| {
                        if event.key() == "Enter" {
                            event.prevent_default();
                            add();
                        }
                    }
                />
                <Button on_click=move |()| add()>{t!(Add)}</Button>
            </div>
            <datalist id=list_id>
                {move || offered.get().into_iter().map(|model| view! { <option value=model></option> }).collect_view()}
            </datalist>
            <p class="field-hint" id=hint_id>{move || hint.get()}</p>
            <p class="field-error" role="alert" hidden=move || wrong.read().is_none()>{move || wrong.get()}</p>
            <p class="visually-hidden" role="status">{words(move || said.get())}</p>
        </div>
    }
}
