//! Makes an assistant, or changes one.

use super::{Assistants, visibility_key};
use crate::client::{self, ClientError, Reading, error::rule_text};
use crate::i18n::{Key, text, text_with};
use crate::paths;
use crate::session::Session;
use crate::session::submission::Submission;
use crate::shell::tool_name::tool_name;
use crate::ui::browser;
use crate::ui::button::{Button, ButtonKind};
use crate::ui::check_list::CheckList;
use crate::ui::field::{ChoiceField, FieldKind, SelectField, TextAreaField, TextField};
use crate::ui::load::Failure;
use crate::ui::toast::{Toast, Toasts};
use crate::ui::unsaved_changes::UnsavedChanges;
use crate::{args, t};
use leptos::prelude::*;
use leptos_router::hooks::use_navigate;
use pulze_contract::assistant::{Assistant, AssistantContent, AssistantUpdate, AssistantVisibility};
use pulze_contract::{Level, OrganizationId, Permission, SpaceId};

/// What the editor begins with; no base for a new one.
#[derive(Clone, Copy)]
pub struct Begun {
    pub assistants: Assistants,
    pub base: Option<RwSignal<Assistant>>,
}

/// Where it is available.
const EVERYWHERE: &str = "everywhere";
const CHOSEN: &str = "chosen";

/// What is being typed.
#[derive(Clone, Copy)]
struct Draft {
    name: RwSignal<String>,
    description: RwSignal<String>,
    instructions: RwSignal<String>,
    avatar_url: RwSignal<String>,
    visibility: RwSignal<String>,
    model: RwSignal<String>,
    tools: RwSignal<Vec<String>>,
    place: RwSignal<String>,
    spaces: RwSignal<Vec<String>>,
}

impl Draft {
    fn of(content: &AssistantContent) -> Self {
        let spaces = content.spaces.iter().flatten().map(|space| space.to_string()).collect();
        Self {
            name: RwSignal::new(content.name.clone()),
            description: RwSignal::new(content.description.clone()),
            instructions: RwSignal::new(content.instructions.clone()),
            avatar_url: RwSignal::new(content.avatar_url.clone()),
            visibility: RwSignal::new(content.visibility.as_str().to_owned()),
            model: RwSignal::new(content.model.clone().unwrap_or_default()),
            tools: RwSignal::new(content.tools.clone()),
            place: RwSignal::new(if content.spaces.is_some() { CHOSEN } else { EVERYWHERE }.to_owned()),
            spaces: RwSignal::new(spaces),
        }
    }

    fn content(self) -> AssistantContent {
        let chosen = self.place.get() == CHOSEN;
        let spaces = self.spaces.get().iter().filter_map(|id| SpaceId::parse(id)).collect();
        AssistantContent {
            name: self.name.get(),
            description: self.description.get(),
            instructions: self.instructions.get(),
            avatar_url: self.avatar_url.get(),
            visibility: AssistantVisibility::parse(&self.visibility.read()).unwrap_or_default(),
            model: Some(self.model.get()).filter(|model| !model.is_empty()),
            tools: self.tools.get(),
            spaces: chosen.then_some(spaces),
        }
    }
}

/// What can be chosen.
#[derive(Clone)]
struct Offered {
    models: Vec<String>,
    tools: Vec<(String, String)>,
    spaces: Vec<(String, String)>,
}

async fn offered(organization: OrganizationId) -> Result<Offered, ClientError> {
    let models = client::model_list(&organization).await?.models;
    let tools = client::tool_list(&organization).await?.tools;
    let spaces = client::space_list(&organization).await?.spaces;
    Ok(Offered {
        models: models
            .into_iter()
            .filter(|model| model.enabled && model.level >= Level::Use)
            .map(|model| model.facts.id)
            .collect(),
        tools: tools
            .iter()
            .filter(|tool| tool.enabled && tool.ready && tool.level >= Level::Use)
            .map(|tool| (tool.id.clone(), tool_name(tool)))
            .collect(),
        spaces: spaces.into_iter().filter(|space| !space.archived).map(|space| (space.id.to_string(), space.name)).collect(),
    })
}

/// The choices, and what stands there though it cannot be chosen any more.
fn with_held(mut choices: Vec<(String, String)>, held: &[String], said: impl Fn(&str) -> String) -> Vec<(String, String)> {
    for id in held {
        if !choices.iter().any(|(other, _)| other == id) {
            choices.push((id.clone(), said(id)));
        }
    }
    choices
}

fn no_longer_available(name: &str) -> String {
    text_with(Key::NoLongerAvailable, args!(name = name.to_owned()))
}

#[component]
pub fn Editor(begun: Begun) -> impl IntoView {
    let Begun { assistants, base } = begun;
    let session = Session::expect();
    let toasts = Toasts::expect();
    let new = base.is_none();
    let before = base.map(|base| base.get_untracked().content).unwrap_or_default();
    let draft = Draft::of(&before);
    let saved = RwSignal::new(before);
    let dirty = Memo::new(move |_| draft.content() != *saved.read());
    UnsavedChanges::expect().follow(dirty);
    let all = session.can(Permission::AssistantsUpdate);
    let may = Memo::new(move |_| base.map_or(all.get(), |base| base.read().level >= Level::Manage));
    let choices = Reading::new(move || offered(assistants.organization.get_value()));
    let known = move || choices.get().and_then(Result::ok);
    let models = Signal::derive(move || {
        let none = [(String::new(), text(Key::ModelBySpaceRouter))];
        let models = known().map(|known| known.models).unwrap_or_default().into_iter().map(|model| (model.clone(), model));
        let held: Vec<String> = saved.read().model.iter().cloned().collect();
        with_held(none.into_iter().chain(models).collect(), &held, no_longer_available)
    });
    let tools = Signal::derive(move || {
        let tools = known().map(|known| known.tools).unwrap_or_default();
        with_held(tools, &saved.read().tools, no_longer_available)
    });
    let spaces = Signal::derive(move || {
        let spaces = known().map(|known| known.spaces).unwrap_or_default();
        let held: Vec<String> = saved.read().spaces.iter().flatten().map(|space| space.to_string()).collect();
        // Not by its identifier: a space that the person cannot enter has no name for them.
        with_held(spaces, &held, |_| text(Key::SpaceNotYours))
    });
    let (submitted, sending) = (RwSignal::new(false), Submission::of_form());
    let (busy, error) = (sending.busy(), sending.failure());
    let key = StoredValue::new(browser::random_key());
    let prefix = if new { "" } else { "content." };
    let wrong = move |field: &'static str| {
        Signal::derive(move || {
            let rules = draft.content().check().err().unwrap_or_default();
            let rule = rules.into_iter().find(|(name, _)| *name == field).filter(|_| submitted.get());
            let here = rule.map(|(_, rule)| rule_text(rule));
            here.or_else(|| error.get().and_then(|error| error.of_field(&format!("{prefix}{field}"))))
        })
    };
    let navigate = use_navigate();
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let content = untrack(|| draft.content());
        submitted.set(true);
        if busy.get_untracked() || content.check().is_err() || !untrack(|| may.get()) {
            return;
        }
        let (organization, navigate, key) = (assistants.organization.get_value(), navigate.clone(), key.get_value());
        let before = base.map(|base| base.get_untracked());
        let request = async move {
            match before {
                None => client::assistant_create(&organization, &content, &key).await,
                Some(assistant) => {
                    let body = AssistantUpdate { content, owner_id: None };
                    client::assistant_update(&organization, assistant.id.as_str(), assistant.version, &body).await
                }
            }
        };
        let told = move |assistant: &Assistant| {
            let name = assistant.content.name.clone();
            let said = if new { text_with(Key::AssistantCreated, args!(name = name)) } else { text(Key::Saved) };
            toasts.show(Toast::good(said));
            assistants.list.again();
        };
        sending.send_then(request, told, move |assistant| {
            let kept = assistant.content.clone();
            draft.name.set(kept.name.clone());
            draft.description.set(kept.description.clone());
            draft.instructions.set(kept.instructions.clone());
            draft.avatar_url.set(kept.avatar_url.clone());
            saved.set(kept);
            if let Some(base) = base {
                base.set(assistant);
            } else {
                let path = paths::assistant(&assistants.organization.read_value(), assistant.id.as_str());
                navigate(&path, Default::default());
            }
        });
    };
    let visibilities = Signal::derive(move || {
        let meaning = |visibility| match visibility {
            AssistantVisibility::Public => Key::VisiblePublicMeaning,
            AssistantVisibility::Organization => Key::VisibleOrganizationMeaning,
            AssistantVisibility::Private => Key::VisiblePrivateMeaning,
        };
        // To publish is for those who look after all assistants; who owns one keeps what it is.
        let held = saved.read().visibility;
        let offered = AssistantVisibility::ALL
            .into_iter()
            .filter(|visibility| all.get() || *visibility == held || *visibility != AssistantVisibility::Public);
        offered
            .map(|visibility| (visibility.as_str(), text(visibility_key(visibility)), text(meaning(visibility))))
            .collect::<Vec<_>>()
    });
    let places = Signal::derive(move || {
        let everywhere = (EVERYWHERE, text(Key::EverySpace), text(Key::EverySpaceMeaning));
        let chosen = (CHOSEN, text(Key::ChosenSpaces), text(Key::ChosenSpacesMeaning));
        let offered = all.get() || saved.read().spaces.is_none();
        if offered { vec![everywhere, chosen] } else { vec![chosen] }
    });
    let blocked = Signal::derive(move || match (may.get(), new || dirty.get()) {
        (false, _) => Some(text(Key::OnlyAdminsAndOwner)),
        (true, false) => Some(text(Key::NothingToSave)),
        (true, true) => None,
    });
    view! {
        <form class="card form" novalidate=true on:submit=submit>
            {move || (!may.get()).then(|| view! { <p class="note">{t!(AssistantsReadOnly)}</p> })}
            <fieldset class="form-fields" disabled=move || !may.get()>
                <TextField label=Signal::derive(t!(Name)) value=draft.name required=true error=wrong("name")/>
                <TextAreaField label=Signal::derive(t!(Description)) value=draft.description error=wrong("description")/>
                <TextAreaField label=Signal::derive(t!(Instructions)) value=draft.instructions hint=Signal::derive(t!(InstructionsHint)) error=wrong("instructions")/>
                <TextField label=Signal::derive(t!(AvatarUrl)) value=draft.avatar_url kind=FieldKind::Url hint=Signal::derive(t!(AvatarUrlHint)) error=wrong("avatar_url")/>
                {move || choices.get().and_then(Result::err).map(|error| view! { <Failure error on_retry=move |()| choices.again()/> })}
                <SelectField label=Signal::derive(t!(Model)) value=draft.model options=models hint=Signal::derive(t!(AssistantModelHint)) on_change=move |model| draft.model.set(model)/>
                <p class="field-error" role="alert" hidden=move || wrong("model").read().is_none()>{move || wrong("model").get()}</p>
                <CheckList label=Signal::derive(t!(Tools)) chosen=draft.tools options=tools empty=Signal::derive(t!(NoToolsOn)) error=wrong("tools")/>
                <ChoiceField label=Signal::derive(t!(Visibility)) value=draft.visibility options=visibilities/>
                <ChoiceField label=Signal::derive(t!(Available)) value=draft.place options=places/>
                {move || (draft.place.get() == CHOSEN).then(|| view! {
                    <CheckList label=Signal::derive(t!(Spaces)) chosen=draft.spaces options=spaces empty=Signal::derive(t!(NoSpacesYet)) error=wrong("spaces")/>
                })}
            </fieldset>
            <p class="form-error" role="alert">{move || error.get().map(|error| error.sentence())}</p>
            <div class="form-footer">
                <Button kind=ButtonKind::Primary submits=true busy disabled_reason=blocked>
                    {move || match (busy.get(), new) {
                        (true, _) => t!(Saving)(),
                        (false, true) => t!(CreateAssistant)(),
                        (false, false) => t!(SaveChanges)(),
                    }}
                </Button>
            </div>
        </form>
    }
}
