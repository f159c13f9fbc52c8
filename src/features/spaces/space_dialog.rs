//! The one dialog of the page; what it holds comes when it is opened.

use super::{Doing, delete_space, space_form};
use crate::i18n::{Key, label};
use crate::ui::dialog::Dialog;
use crate::ui::lazy::Lazy;
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
    let (title, load, space) = match what {
        Doing::Create => (Key::NewSpace, space_form::FORM, None),
        Doing::Edit(space) => (Key::EditSpace, space_form::FORM, Some(space)),
        Doing::Delete(space) => (Key::DeleteSpace, delete_space::FORM, Some(space)),
    };
    let given = Given { organization, space, open, busy, reload };
    view! {
        <Dialog open title=Signal::derive(label(title)) busy>
            <Lazy load given=given.clone() lines=5/>
        </Dialog>
    }
}
