//! What names a resource, and what becomes of it without that resource.

use super::resources::Resources;
use crate::store::assistants::AssistantRow;
use pulze_contract::ResourceKind;
use pulze_contract::availability::{Dependent, DependentKind, DependentPart};
use pulze_contract::policy::{Setting, effective};
use pulze_contract::router::{LAST_RESORT, MANAGED, Strategy};
use std::collections::{HashMap, HashSet};

/// Models named as what is left of a router's candidates.
const LEFT_NAMED: usize = 3;

impl Resources {
    /// Everything that names one of these models, and what becomes of it without them.
    pub fn dependents_on_models(&self, ids: &HashSet<&str>) -> Vec<Dependent> {
        let left = |id: &str| self.model_enabled(id) && !ids.contains(id);
        let mut found = self.dependents_on_value(Setting::NamingModel, ids, &left, None);
        for router in self.routers.iter().filter(|router| !router.archived) {
            let content = &router.content;
            for model in content.models.iter().filter(|model| ids.contains(model.as_str())) {
                let place = content.models.iter().position(|other| other == model).unwrap_or(0);
                let behind = if content.strategy == Strategy::Failover { place } else { 0 };
                let rest: Vec<&str> = content.models[behind..]
                    .iter()
                    .chain(&content.models[..behind])
                    .map(String::as_str)
                    .filter(|id| left(id))
                    .collect();
                let only = content.strategy == Strategy::Fixed;
                let to = if rest.is_empty() {
                    content.fallback.clone().unwrap_or_else(|| LAST_RESORT.to_owned())
                } else {
                    named(&rest)
                };
                found.push(Dependent {
                    resource: model.clone(),
                    kind: DependentKind::Router,
                    part: if only { DependentPart::OnlyModel } else { DependentPart::Candidate },
                    id: router.id.to_string(),
                    name: content.name.clone(),
                    falls_back_to: Some(self.name_of(ResourceKind::Router, &to)),
                    breaks: rest.is_empty(),
                });
            }
        }
        for assistant in &self.assistants {
            if let Some(model) = assistant.content.model.as_deref().filter(|model| ids.contains(model)) {
                found.push(self.assistant_depends(assistant, model, DependentPart::OnlyModel));
            }
        }
        found
    }

    /// Everything that names one of these routers, and what becomes of it without them.
    pub fn dependents_on_routers(&self, ids: &HashSet<&str>) -> Vec<Dependent> {
        let left = |id: &str| self.router_usable(id) && !ids.contains(id);
        let mut found = self.dependents_on_value(Setting::Router, ids, &left, Some(LAST_RESORT));
        for router in self.routers.iter().filter(|router| !router.archived) {
            if let Some(fallback) = router.content.fallback.as_deref().filter(|fallback| ids.contains(fallback)) {
                found.push(Dependent {
                    resource: fallback.to_owned(),
                    kind: DependentKind::Router,
                    part: DependentPart::Fallback,
                    id: router.id.to_string(),
                    name: router.content.name.clone(),
                    falls_back_to: Some(LAST_RESORT.to_owned()),
                    breaks: false,
                });
            }
        }
        found
    }

    /// The default and the spaces that say one of these values.
    fn dependents_on_value(
        &self,
        setting: Setting,
        ids: &HashSet<&str>,
        left: &impl Fn(&str) -> bool,
        last_resort: Option<&str>,
    ) -> Vec<Dependent> {
        let part = match setting {
            Setting::Router => DependentPart::Router,
            Setting::NamingModel => DependentPart::NamingModel,
        };
        let mut found = Vec::new();
        let default = self.default_of(setting);
        if let Some(value) = default.value.as_deref().filter(|value| ids.contains(value)) {
            found.push(Dependent {
                resource: value.to_owned(),
                kind: DependentKind::Organization,
                part,
                id: String::new(),
                name: String::new(),
                falls_back_to: last_resort.map(str::to_owned),
                // Everything that inherits answers differently, and nobody there is told.
                breaks: true,
            });
        }
        for space in self.spaces.iter().filter(|space| !space.archived) {
            let Some(value) = space.of(setting).filter(|value| ids.contains(value)) else { continue };
            let then = effective(&default, Some(value), |value| left(value), last_resort).value;
            found.push(Dependent {
                resource: value.to_owned(),
                kind: DependentKind::Space,
                part,
                id: space.space_id.to_string(),
                name: space.name.clone(),
                breaks: then.is_none(),
                falls_back_to: then.map(|then| self.name_of(ResourceKind::Router, &then)),
            });
        }
        found
    }

    /// Everything that names one of these tools.
    pub fn dependents_on_tools(&self, ids: &HashSet<&str>) -> Vec<Dependent> {
        let mut found = Vec::new();
        for assistant in &self.assistants {
            for tool in assistant.content.tools.iter().filter(|tool| ids.contains(tool.as_str())) {
                found.push(self.assistant_depends(assistant, tool, DependentPart::Tool));
            }
        }
        found
    }

    /// An assistant answers without its tool, or by the router of the space, and nobody there is told.
    fn assistant_depends(&self, assistant: &AssistantRow, resource: &str, part: DependentPart) -> Dependent {
        Dependent {
            resource: resource.to_owned(),
            kind: DependentKind::Assistant,
            part,
            id: assistant.id.to_string(),
            name: assistant.content.name.clone(),
            falls_back_to: None,
            breaks: self.switched_on(ResourceKind::Assistant, assistant.id.as_str()),
        }
    }

    /// Everything that names one of these resources, and what becomes of it without them.
    pub fn dependents_on(&self, kind: ResourceKind, ids: &HashSet<&str>) -> Vec<Dependent> {
        match kind {
            ResourceKind::Model => self.dependents_on_models(ids),
            ResourceKind::Router => self.dependents_on_routers(ids),
            ResourceKind::Tool => self.dependents_on_tools(ids),
            // Nothing names an assistant: who talks to it is in the spaces that asked it.
            ResourceKind::Assistant => Vec::new(),
        }
    }

    /// How often each resource is named.
    pub fn dependents_of(&self, kind: ResourceKind) -> HashMap<String, u32> {
        let all: HashSet<&str> = match kind {
            ResourceKind::Model => self.models.iter().map(|model| model.id.as_str()).collect(),
            ResourceKind::Router => {
                MANAGED.iter().map(|managed| managed.id).chain(self.routers.iter().map(|router| router.id.as_str())).collect()
            }
            ResourceKind::Assistant => HashSet::new(),
            ResourceKind::Tool => self.tools.iter().map(|tool| tool.id.as_str()).collect(),
        };
        let mut counted = HashMap::new();
        for dependent in self.dependents_on(kind, &all) {
            *counted.entry(dependent.resource).or_insert(0) += 1;
        }
        counted
    }
}

/// The first of them by name, and that there are more.
fn named(ids: &[&str]) -> String {
    let more = if ids.len() > LEFT_NAMED { ", …" } else { "" };
    ids.iter().take(LEFT_NAMED).copied().collect::<Vec<_>>().join(", ") + more
}
