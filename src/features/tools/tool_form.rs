//! The settings of a tool: a form that follows its schema. Secrets are written here and never come back.

use super::Tools;
use crate::client::{self, error::rule_text};
use crate::i18n::{Key, text, text_with};
use crate::paths;
use crate::session::submission::Submission;
use crate::ui::browser;
use crate::ui::button::{Button, ButtonKind};
use crate::ui::field::{CheckField, FieldKind as Input, SelectField, TextAreaField, TextField};
use crate::ui::toast::{Toast, Toasts};
use crate::ui::unsaved_changes::UnsavedChanges;
use crate::{args, t};
use leptos::prelude::*;
use leptos_router::hooks::use_navigate;
use pulze_contract::tool::{FieldKind, SettingField, Tool, ToolCreate, ToolKind, ToolUpdate};
use pulze_contract::validation::Rule;
use std::collections::BTreeMap;

/// A setting as it is being typed.
#[derive(Clone)]
struct Entry {
    field: SettingField,
    value: RwSignal<String>,
    /// Whether a secret stands there already.
    set: bool,
    /// Whether that secret is to go.
    removed: RwSignal<bool>,
}

/// What is being typed.
#[derive(Clone, Copy)]
struct Draft {
    kind: ToolKind,
    name: RwSignal<String>,
    description: RwSignal<String>,
    entries: StoredValue<Vec<Entry>>,
    /// The settings that stand there.
    before: StoredValue<BTreeMap<String, String>>,
}

impl Draft {
    fn of(kind: ToolKind, base: Option<&Tool>) -> Self {
        let schema = base.map_or_else(|| kind.schema(), |tool| tool.schema.clone());
        let entry = |field: SettingField| {
            let held = base.and_then(|tool| tool.settings.get(&field.name)).or(field.default.as_ref());
            let set = base.is_some_and(|tool| tool.secrets.contains(&field.name));
            Entry { value: RwSignal::new(held.cloned().unwrap_or_default()), set, removed: RwSignal::new(false), field }
        };
        Self {
            kind,
            name: RwSignal::new(base.map(|tool| tool.name.clone()).unwrap_or_default()),
            description: RwSignal::new(base.map(|tool| tool.description.clone()).unwrap_or_default()),
            entries: StoredValue::new(schema.into_iter().map(entry).collect()),
            before: StoredValue::new(base.map(|tool| tool.settings.clone()).unwrap_or_default()),
        }
    }

    /// What was typed. A secret that was not touched is not in it.
    fn content(self) -> ToolUpdate {
        let (mut settings, mut secrets) = (BTreeMap::new(), BTreeMap::new());
        for entry in self.entries.read_value().iter() {
            let (name, value) = (entry.field.name.clone(), entry.value.get());
            match entry.field.kind {
                FieldKind::Secret if entry.removed.get() => drop(secrets.insert(name, String::new())),
                FieldKind::Secret if value.is_empty() => {}
                FieldKind::Secret => drop(secrets.insert(name, value)),
                _ => drop(settings.insert(name, value)),
            }
        }
        ToolUpdate { name: self.name.get(), description: self.description.get(), settings, secrets }
    }

    fn wrong(self) -> Vec<(String, Rule)> {
        let set: Vec<String> =
            self.entries.read_value().iter().filter(|entry| entry.set).map(|entry| entry.field.name.clone()).collect();
        self.content().check(self.kind, &set, &self.before.read_value()).err().unwrap_or_default()
    }

    /// Whether the endpoint leads elsewhere now: the secret that is set stays behind.
    fn moved(self) -> bool {
        self.content().moves(self.kind, &self.before.read_value())
    }
}

/// Changes a tool, or makes an integration where there is no base.
#[component]
pub fn ToolForm(
    tools: Tools,
    kind: ToolKind,
    #[prop(optional, into)] base: Option<RwSignal<Tool>>,
    dirty: RwSignal<bool>,
) -> impl IntoView {
    let toasts = Toasts::expect();
    let begun = base.map(|base| base.get_untracked());
    let new = begun.is_none();
    let draft = RwSignal::new(Draft::of(kind, begun.as_ref()));
    let saved = RwSignal::new(untrack(|| draft.get().content()));
    let changed = Memo::new(move |_| draft.get().content() != *saved.read());
    UnsavedChanges::expect().follow(changed);
    Effect::new(move || dirty.set(changed.get()));
    let (submitted, sending) = (RwSignal::new(false), Submission::of_form());
    let (busy, error) = (sending.busy(), sending.failure());
    let key = StoredValue::new(browser::random_key());
    let prefix = if new { "content." } else { "" };
    let wrong = move |field: String| {
        Signal::derive(move || {
            let rule = draft.get().wrong().into_iter().find(|(name, _)| *name == field).filter(|_| submitted.get());
            let here = rule.map(|(_, rule)| rule_text(rule));
            here.or_else(|| error.get().and_then(|error| error.of_field(&format!("{prefix}{field}"))))
        })
    };
    let navigate = use_navigate();
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        submitted.set(true);
        if busy.get_untracked() || untrack(|| !draft.get().wrong().is_empty()) {
            return;
        }
        let content = untrack(|| draft.get().content());
        let (organization, navigate, key) = (tools.organization.get_value(), navigate.clone(), key.get_value());
        let before = base.map(|base| base.get_untracked());
        let request = async move {
            match before {
                None => client::tool_create(&organization, &ToolCreate { kind, content }, &key).await,
                Some(tool) => client::tool_update(&organization, &tool.id, tool.version, &content).await,
            }
        };
        let told = move |tool: &Tool| {
            let name = tool.name.clone();
            let said = if new { text_with(Key::IntegrationAdded, args!(name = name)) } else { text(Key::Saved) };
            toasts.show(Toast::good(said));
            tools.list.known.update(|known| {
                let mut list =
                    known.as_deref().cloned().unwrap_or(pulze_contract::tool::ToolList { total: 0, tools: Vec::new() });
                list.tools.retain(|other| other.id != tool.id);
                list.tools.push(tool.clone());
                *known = Some(std::sync::Arc::new(list));
            });
            tools.list.again();
        };
        sending.send_then(request, told, move |tool| {
            submitted.set(false);
            let kept = Draft::of(kind, Some(&tool));
            saved.set(untrack(|| kept.content()));
            draft.set(kept);
            if new {
                navigate(&paths::tool(&tools.organization.read_value(), &tool.id), Default::default());
            }
            if let Some(base) = base {
                base.set(tool);
            }
        });
    };
    let blocked = Signal::derive(move || (!new && !changed.get()).then(|| text(Key::NothingToSave)));
    let named = ToolKind::INTEGRATIONS.contains(&kind);
    // Made anew when it was saved: the secrets that were typed are gone from the page then.
    let fields = move || {
        let draft = draft.get();
        let entries = draft.entries.get_value();
        let moved = Signal::derive(move || draft.moved());
        view! {
            {named.then(|| view! {
                <TextField label=Signal::derive(t!(Name)) value=draft.name required=true error=wrong("name".to_owned())/>
                <TextAreaField label=Signal::derive(t!(Description)) value=draft.description hint=Signal::derive(t!(ToolDescriptionHint)) error=wrong("description".to_owned())/>
            })}
            {entries.into_iter().map(|entry| {
                let of = if entry.field.kind == FieldKind::Secret { "secrets" } else { "settings" };
                let error = wrong(format!("{of}.{}", entry.field.name));
                view! { <SettingInput entry error moved/> }
            }).collect_view()}
        }
    };
    view! {
        <form class="form-fields" novalidate=true on:submit=submit>
            {fields}
            <p class="form-error" role="alert">{move || error.get().map(|error| error.sentence())}</p>
            <div class="form-footer">
                <Button kind=ButtonKind::Primary submits=true busy disabled_reason=blocked>
                    {move || match (busy.get(), new) {
                        (true, _) => t!(Saving)(),
                        (false, true) => t!(AddIntegration)(),
                        (false, false) => t!(SaveChanges)(),
                    }}
                </Button>
            </div>
        </form>
    }
}

/// The words for a setting; a name that is not known stands for itself.
fn setting_name(name: &str) -> String {
    let key = match name {
        "endpoint" => Key::SettingEndpoint,
        "api_key" => Key::SettingApiKey,
        "access_token" => Key::SettingAccessToken,
        "results" => Key::SettingResults,
        "safe_search" => Key::SettingSafeSearch,
        "size" => Key::SettingSize,
        "quality" => Key::Quality,
        "model" => Key::Model,
        "language" => Key::Language,
        "method" => Key::SettingMethod,
        "header" => Key::SettingHeader,
        "header_value" => Key::SettingHeaderValue,
        other => return other.to_owned(),
    };
    text(key)
}

#[component]
fn SettingInput(entry: Entry, error: Signal<Option<String>>, moved: Signal<bool>) -> impl IntoView {
    let Entry { field, value, set, removed } = entry;
    let SettingField { name, kind, required, .. } = field;
    let label = Signal::derive(move || setting_name(&name));
    match kind {
        FieldKind::Text => view! { <TextField label value required error/> }.into_any(),
        FieldKind::Url => view! { <TextField label value kind=Input::Url required error/> }.into_any(),
        FieldKind::Number { min, max } => {
            let hint =
                Signal::derive(move || text_with(Key::BetweenNumbers, args!(min = min.to_string(), max = max.to_string())));
            view! { <TextField label value required hint error/> }.into_any()
        }
        FieldKind::Choice { options } => {
            let options = Signal::stored(options.into_iter().map(|option| (option.clone(), option)).collect::<Vec<_>>());
            view! { <SelectField label value options on_change=move |to| value.set(to)/> }.into_any()
        }
        FieldKind::Secret => {
            let hint = Signal::derive(move || {
                let key = match (set, moved.get()) {
                    (false, _) => Key::SecretHint,
                    (true, false) => Key::SecretIsSet,
                    (true, true) => Key::SecretStaysBehind,
                };
                text(key)
            });
            view! {
                <TextField label value kind=Input::Secret required=required && !set hint error/>
                {(set && !required).then(|| view! { <CheckField label=Signal::derive(t!(RemoveSecret)) value=removed/> })}
            }
            .into_any()
        }
    }
}
