//! Deleting a space: what goes with it, and its name to type.

use super::space_dialog::Given;
use crate::client;
use crate::i18n::{Key, plural, text_with};
use crate::session::submission::Submission;
use crate::ui::confirm_dialog::{Confirm, Question};
use crate::ui::toast::{Toast, Toasts};
use crate::{args, t};
use leptos::prelude::*;

#[component]
pub fn DeleteSpace(given: Given) -> impl IntoView {
    let Given { organization, space, open, busy, reload } = given;
    let Some(space) = space else { return ().into_any() };
    let toasts = Toasts::expect();
    let sending = Submission::of_dialog(busy);
    let members = space.members;
    let name = StoredValue::new(space.name.clone());
    let confirm = move |typed: String| {
        let (organization, space) = (organization.clone(), space.clone());
        let (id, name) = (space.id, space.name);
        sending.send(async move { client::space_delete(&organization, &id, typed).await }, move |()| {
            toasts.show(Toast::good(text_with(Key::Deleted, args!(name = name))));
            open.set(false);
            reload.try_run(());
        });
    };
    let question = Question {
        action: Signal::derive(t!(DeleteSpace)),
        acting: Signal::derive(t!(Deleting)),
        consequence: Signal::derive(move || {
            text_with(Key::DeleteSpaceExplained, args!(members = plural(Key::MembersCount, members)))
        }),
        typed: Some((name, Signal::derive(t!(TypeNameToConfirm, name = name.get_value())))),
        busy: sending.busy(),
        failure: sending.sentence(),
        on_confirm: Callback::new(confirm),
    };
    view! { <Confirm open question/> }.into_any()
}
