//! Deleting a space: what goes with it, and its name to type.

use super::space_dialog::Given;
use crate::client;
use crate::i18n::{Key, plural, text};
use crate::t;
use crate::ui::confirm_dialog::{Confirm, Question};
use crate::ui::toast::{Toast, Toasts};
use leptos::prelude::*;
use leptos::task::spawn_local;

#[component]
pub fn DeleteSpace(given: Given) -> impl IntoView {
    let Given { organization, space, open, busy, reload } = given;
    let Some(space) = space else { return ().into_any() };
    let toasts = Toasts::expect();
    let failure = RwSignal::new(None::<String>);
    let members = space.members;
    let name = StoredValue::new(space.name.clone());
    let confirm = move |typed: String| {
        let (organization, space) = (organization.clone(), space.clone());
        busy.set(true);
        failure.set(None);
        spawn_local(async move {
            let answer = client::space_delete(&organization, &space.id, typed).await;
            busy.set(false);
            match answer {
                Ok(()) => {
                    toasts.show(Toast::good(text(Key::Deleted, &[("name", space.name)])));
                    open.set(false);
                    reload.try_run(());
                }
                Err(error) => failure.set(Some(error.sentence())),
            }
        });
    };
    let question = Question {
        action: Signal::derive(t!(DeleteSpace)),
        acting: Signal::derive(t!(Deleting)),
        consequence: Signal::derive(move || text(Key::DeleteSpaceExplained, &[("members", plural(Key::MembersCount, members))])),
        typed: Some((name, Signal::derive(t!(TypeNameToConfirm, name = name.get_value())))),
        busy: busy.into(),
        failure: failure.into(),
        on_confirm: Callback::new(confirm),
    };
    view! { <Confirm open question/> }.into_any()
}
