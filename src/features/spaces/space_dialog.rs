//! The one dialog of the page.

use super::Doing;
use super::delete_space::DeleteSpace;
use super::space_form::SpaceForm;
use crate::i18n::{Key, label};
use crate::ui::dialog::Dialog;
use leptos::prelude::*;
use pulze_contract::OrganizationId;
use pulze_contract::space::Space;

/// What the content of the dialog is given.
#[derive(Clone)]
pub struct Given {
    pub organization: OrganizationId,
    /// None to make a new one.
    pub space: Option<Space>,
    pub open: RwSignal<bool>,
    pub busy: RwSignal<bool>,
    pub reload: Callback<()>,
}

#[component]
pub fn SpaceDialog(
    organization: OrganizationId,
    what: Doing,
    doing: RwSignal<Option<Doing>>,
    reload: Callback<()>,
) -> impl IntoView {
    let (open, busy) = (RwSignal::new(true), RwSignal::new(false));
    Effect::new(move || {
        if !open.get() {
            doing.set(None);
        }
    });
    let (title, deletes, space) = match what {
        Doing::Create => (Key::NewSpace, false, None),
        Doing::Edit(space) => (Key::EditSpace, false, Some(space)),
        Doing::Delete(space) => (Key::DeleteSpace, true, Some(space)),
    };
    let given = Given { organization, space, open, busy, reload };
    view! {
        <Dialog open title=Signal::derive(label(title)) busy>
            {
                let given = given.clone();
                if deletes {
                    view! { <DeleteSpace given/> }.into_any()
                } else {
                    view! { <SpaceForm given/> }.into_any()
                }
            }
        </Dialog>
    }
}
