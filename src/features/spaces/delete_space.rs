//! Deleting a space: what goes with it, and its name to type.

use super::Doing;
use crate::client;
use crate::i18n::{Key, plural, text};
use crate::t;
use crate::ui::confirm_dialog::{ConfirmDialog, Question};
use crate::ui::toast::{Toast, Toasts};
use leptos::prelude::*;
use leptos::task::spawn_local;
use pulze_contract::OrganizationId;
use pulze_contract::space::Space;

#[component]
pub fn DeleteSpace(
    organization: OrganizationId,
    space: Space,
    doing: RwSignal<Option<Doing>>,
    reload: Callback<()>,
) -> impl IntoView {
    let toasts = Toasts::expect();
    let open = RwSignal::new(true);
    Effect::new(move || {
        if !open.get() {
            doing.set(None);
        }
    });
    let busy = RwSignal::new(false);
    let failure = RwSignal::new(None::<String>);
    let members = space.members;
    let name = StoredValue::new(space.name.clone());
    let question = Question {
        action: Signal::derive(t!(DeleteSpace)),
        acting: Signal::derive(t!(Deleting)),
        consequence: Signal::derive(move || text(Key::DeleteSpaceExplained, &[("members", plural(Key::MembersCount, members))])),
        typed: Some((name, Signal::derive(t!(TypeNameToConfirm, name = name.get_value())))),
    };
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
                    reload.run(());
                }
                Err(error) => failure.set(Some(error.sentence())),
            }
        });
    };
    view! { <ConfirmDialog open question busy failure=Signal::derive(move || failure.get()) on_confirm=confirm/> }
}
