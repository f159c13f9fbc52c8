//! Manage Organization → Models: what the organization may use, what it costs, and who depends on it.

mod model_details;
mod model_filters;
mod model_query;
mod model_table;
mod own_model;

use crate::client;
use crate::i18n::{Key, date, label, plural, words};
use crate::lazy_part;
use crate::paths;
use crate::session::Session;
use crate::shell::manage::ManagePage;
use crate::shell::page::page_query;
use crate::shell::switching::{SwitchOff, SwitchOffDialog, switch_on};
use crate::t;
use crate::ui::load::{Failure, Shape, Skeleton};
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use model_details::ModelDialog;
use model_filters::ModelFilters;
use model_query::ModelQuery;
use model_table::ModelTable;
use own_model::OwnModelDialog;
use pulze_contract::model::Model;
use pulze_contract::{Level, Operation, OrganizationId, Permission, ResourceKind};
use std::sync::Arc;

pub const PAGE: ManagePage = ManagePage {
    slug: paths::MODELS,
    group: Key::Resources,
    title: Key::Models,
    purpose: Key::ModelsPurpose,
    words: Key::WordsModels,
    icon: "models",
    skeleton: (8, Shape::List),
    needs: |_| Operation::ModelList,
    content: || Box::pin(models()),
    actions: &[],
};

lazy_part!(models, |_given: ()| view! { <ModelsPage/> }.into_any());

/// The models as they are known, the question of the address, and what is done to them.
#[derive(Clone, Copy)]
pub struct Models {
    organization: StoredValue<OrganizationId>,
    known: RwSignal<Option<Arc<Vec<Model>>>>,
    query: Memo<ModelQuery>,
    /// The models that fit, in their order.
    fitting: Memo<Arc<Vec<Model>>>,
    selection: RwSignal<Vec<String>>,
    /// Whether there is a model that the viewer manages.
    may_change: Memo<bool>,
    may_add: Memo<bool>,
    shown: RwSignal<Option<String>>,
    adding: RwSignal<bool>,
    switching_off: RwSignal<Option<SwitchOff>>,
    reload: Callback<()>,
    /// After a change: nothing is selected, and the list is read again. Of the page, not of a row: those are made anew
    /// by every answer, and an undo may come later.
    done: Callback<()>,
    go: Callback<ModelQuery>,
}

impl Models {
    /// Asks another question: the address changes, and the rows follow.
    fn ask(self, change: impl FnOnce(&mut ModelQuery)) {
        let Some(mut query) = self.query.try_get_untracked() else { return };
        change(&mut query);
        self.go.try_run(query);
    }

    /// Switches models; off asks first.
    fn switch(self, ids: Vec<String>, enabled: bool) {
        if enabled {
            return switch_on(ResourceKind::Model, self.organization.get_value(), ids, self.done);
        }
        let known = self.known.get_untracked().unwrap_or_default();
        let other = |model: &&Model| model.enabled && !ids.contains(&model.facts.id);
        // Elsewhere a replacement is written by whoever looks after all models.
        let offered = known.iter().filter(other).filter(|_| self.may_add.get_untracked());
        let replacements = offered.map(|model| (model.facts.id.clone(), model.facts.id.clone())).collect();
        self.switching_off.set(Some(SwitchOff { kind: ResourceKind::Model, ids, replacements }));
    }
}

#[component]
fn ModelsPage() -> impl IntoView {
    let session = Session::expect();
    let Some(organization) = session.organization_id().get_untracked() else { return ().into_any() };
    let answer = {
        let organization = organization.clone();
        client::Reading::new(move || {
            let organization = organization.clone();
            async move { client::model_list(&organization).await }
        })
    };
    // What stands on the page stays there while it is read again.
    let known = RwSignal::new(None::<Arc<Vec<Model>>>);
    Effect::new(move || match answer.get() {
        Some(Ok(list)) => known.set(Some(Arc::new(list.models))),
        Some(Err(error)) => session.learn_from(&error),
        None => {}
    });
    let may_add = session.can(Permission::ModelsUpdate);
    let parameters = page_query();
    let query = Memo::new(move |_| ModelQuery::read(|name| parameters.read().get(name)));
    let fitting = Memo::new(move |_| Arc::new(query.read().fitting(known.read().as_deref().map_or(&[], |known| known))));
    let navigate = use_navigate();
    let organization = StoredValue::new(organization);
    let go = Callback::new(move |query: ModelQuery| {
        let path = paths::manage(&organization.read_value(), paths::MODELS) + &paths::query(&query.pairs());
        navigate(&path, NavigateOptions { replace: true, scroll: false, ..Default::default() });
    });
    let (selection, reload) = (RwSignal::new(Vec::new()), Callback::new(move |()| answer.again()));
    let models = Models {
        organization,
        known,
        query,
        fitting,
        selection,
        may_change: Memo::new(move |_| {
            may_add.get() || known.read().iter().flat_map(|known| known.iter()).any(|model| model.level >= Level::Manage)
        }),
        may_add,
        shown: RwSignal::new(None),
        adding: RwSignal::new(false),
        switching_off: RwSignal::new(None),
        reload,
        done: Callback::new(move |()| {
            selection.set(Vec::new());
            answer.again();
        }),
        go,
    };
    // A selection is of what can be seen: it goes where the question changes.
    Effect::watch(move || query.get(), move |_, _, _| models.selection.set(Vec::new()), false);
    // Not the models themselves: the table stays where it is when they are read again.
    let there = Memo::new(move |_| known.read().is_some());
    let failure = move || answer.get().and_then(Result::err).filter(|_| known.read().is_none());
    let loading = move || known.read().is_none() && answer.get().is_none();
    view! {
        {move || (!models.may_change.get()).then(|| view! { <p class="note">{t!(ModelsReadOnly)}</p> })}
        <GoingAway models/>
        <ModelFilters models/>
        {move || failure().map(|error| view! { <Failure error on_retry=models.reload/> })}
        {move || loading().then(|| view! { <Skeleton lines=8 shape=Shape::List/> })}
        {move || there.get().then(|| view! { <ModelTable models/> })}
        <ModelDialog models/>
        <OwnModelDialog models/>
        <SwitchOffDialog what=models.switching_off on_done=models.done/>
    }
    .into_any()
}

/// Models that their providers take away though something here still names them.
#[component]
fn GoingAway(models: Models) -> impl IntoView {
    let going = Memo::new(move |_| {
        let in_use = |model: &&Model| model.facts.deprecated_on.is_some() && model.dependents > 0 && model.enabled;
        models.known.read().iter().flat_map(|known| known.iter()).filter(in_use).cloned().collect::<Vec<_>>()
    });
    view! {
        {move || (!going.read().is_empty()).then(|| view! {
            <section class="card going-away" aria-label=t!(GoingAway)>
                <h2>{t!(GoingAway)}</h2>
                <ul>
                    {going.get().into_iter().map(|model| {
                        let (id, at) = (model.facts.id.clone(), model.facts.deprecated_on.unwrap_or_default());
                        view! {
                            <li>
                                <button class="button" data-kind="quiet" type="button" on:click=move |_| models.shown.set(Some(id.clone()))>
                                    <bdi translate="no">{model.facts.id.clone()}</bdi>
                                </button>
                                <span>{words(move || date(at))}</span>
                                <span>{words(move || plural(Key::NamedByCount, model.dependents))}</span>
                            </li>
                        }
                    }).collect_view()}
                </ul>
            </section>
        })}
    }
}

/// Provider and name of an identifier.
fn halves(id: &str) -> (&str, &str) {
    id.split_once('/').unwrap_or(("", id))
}

/// What a model can, in words.
fn abilities(model: &Model) -> Vec<Key> {
    let all =
        [(model.facts.vision, Key::Vision), (model.facts.functions, Key::Functions), (model.facts.json_schema, Key::JsonSchema)];
    all.into_iter().filter(|(has, _)| *has).map(|(_, key)| key).collect()
}

/// Why somebody who may only look cannot change a model.
fn only_admins(may: bool) -> Signal<Option<String>> {
    Signal::derive(move || (!may).then(|| label(Key::OnlyAdmins)()))
}
