//! Makes a space, or changes one.

use super::space_dialog::Given;
use crate::client::{self, error::rule_text};
use crate::i18n::{Key, text, text_with};
use crate::session::submission::Submission;
use crate::shell::logo_field::{LogoField, LogoState};
use crate::ui::browser;
use crate::ui::button::{Button, ButtonKind};
use crate::ui::field::{ChoiceField, TextAreaField, TextField};
use crate::ui::toast::{Toast, Toasts};
use crate::{args, t};
use leptos::prelude::*;
use pulze_contract::space::{SpaceCreate, SpaceUpdate, Visibility};
use pulze_contract::validation;

#[component]
pub fn SpaceForm(given: Given) -> impl IntoView {
    let Given { organization, space, open, busy, reload } = given;
    let toasts = Toasts::expect();
    let base = space.clone();
    let name = RwSignal::new(base.as_ref().map(|space| space.name.clone()).unwrap_or_default());
    let description = RwSignal::new(base.as_ref().map(|space| space.description.clone()).unwrap_or_default());
    let logo_url = RwSignal::new(base.as_ref().and_then(|space| space.logo_url.clone()).unwrap_or_default());
    let visibility = RwSignal::new(base.as_ref().map(|space| space.visibility).unwrap_or_default().as_str().to_owned());
    let logo_state = RwSignal::new(LogoState::None);
    let (submitted, sending) = (RwSignal::new(false), Submission::of_dialog(busy));
    let error = sending.failure();
    // One key for this opening of the dialog: a double click or a retry makes one space.
    let key = StoredValue::new(browser::random_key());
    let refused = move |field: &str| error.get().and_then(|error| error.of_field(field));
    let name_error = Signal::derive(move || {
        let rule = validation::name(&name.read()).err().filter(|_| submitted.get());
        rule.map(rule_text).or_else(|| refused("name"))
    });
    let description_error = Signal::derive(move || {
        validation::description(&description.read()).err().map(rule_text).or_else(|| refused("description"))
    });
    let creates = space.is_none();
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        submitted.set(true);
        let (new_name, new_description, new_logo) = (name.get_untracked(), description.get_untracked(), logo_url.get_untracked());
        let visibility = Visibility::parse(&visibility.get_untracked()).unwrap_or_default();
        let valid = validation::name(&new_name).is_ok()
            && validation::description(&new_description).is_ok()
            && validation::logo_url(&new_logo).is_ok()
            && !logo_state.get_untracked().is_bad();
        if !valid || busy.get_untracked() {
            return;
        }
        let (organization, space, key) = (organization.clone(), space.clone(), key.get_value());
        let request = async move {
            match space {
                None => {
                    let body = SpaceCreate { name: new_name, description: new_description, logo_url: new_logo, visibility };
                    client::space_create(&organization, &body, &key).await
                }
                Some(space) => {
                    let body = SpaceUpdate {
                        name: Some(new_name),
                        description: Some(new_description),
                        logo_url: Some(new_logo),
                        visibility: Some(visibility),
                        archived: None,
                    };
                    client::space_update(&organization, &space, &body).await
                }
            }
        };
        sending.send(request, move |space| {
            let name = space.name.clone();
            let said = if creates { text_with(Key::SpaceCreated, args!(name = name)) } else { text(Key::Saved) };
            toasts.show(Toast::good(said));
            open.set(false);
            reload.try_run(());
        });
    };
    let visibilities = Signal::derive(|| {
        Visibility::ALL
            .map(|visibility| {
                let (title, meaning) = match visibility {
                    Visibility::Organization => (Key::VisibleToAll, Key::VisibleToAllMeaning),
                    Visibility::Invited => (Key::VisibleToInvited, Key::VisibleToInvitedMeaning),
                };
                (visibility.as_str(), text(title), text(meaning))
            })
            .to_vec()
    });
    view! {
        <form class="dialog-form" novalidate=true on:submit=submit>
            <TextField label=Signal::derive(t!(SpaceName)) value=name required=true first=true error=name_error/>
            <TextAreaField label=Signal::derive(t!(Description)) value=description error=description_error/>
            <ChoiceField label=Signal::derive(t!(Visibility)) value=visibility options=visibilities/>
            <LogoField
                url=logo_url
                name=name
                identifier=Signal::derive(move || key.get_value())
                state=logo_state
                refused=Signal::derive(move || error.get().and_then(|error| error.field_error("logo_url").cloned()))
            />
            <p class="form-error" role="alert">{move || error.get().map(|error| error.sentence())}</p>
            <div class="dialog-footer">
                <Button on_click=move |()| open.set(false)>{t!(Cancel)}</Button>
                <Button kind=ButtonKind::Primary submits=true busy>
                    {move || match (busy.get(), creates) {
                        (true, _) => t!(Saving)(),
                        (false, true) => t!(CreateSpace)(),
                        (false, false) => t!(SaveChanges)(),
                    }}
                </Button>
            </div>
        </form>
    }
}
