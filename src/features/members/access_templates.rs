//! Access templates: one name for a role, roles in spaces and a term.

use super::space_grants::{SpaceGrants, spaces_of};
use crate::client::{self, Reading};
use crate::i18n::{Key, label, plural, text, text_with};
use crate::session::Session;
use crate::session::submission::Submission;
use crate::shell::manage::Heading;
use crate::shell::role::{role_key, role_meaning};
use crate::ui::browser;
use crate::ui::button::{Button, ButtonKind};
use crate::ui::confirm_dialog::{ConfirmDialog, Question};
use crate::ui::dialog::Dialog;
use crate::ui::field::{SelectField, TextField};
use crate::ui::icon::Icon;
use crate::ui::load::{Failure, Skeleton};
use crate::ui::toast::{Toast, Toasts};
use crate::{args, t};
use leptos::prelude::*;
use pulze_contract::access_template::{AccessTemplate, AccessTemplateContent};
use pulze_contract::{OrganizationId, Permission, Role};

#[component]
pub fn AccessTemplates() -> impl IntoView {
    let session = Session::expect();
    let Some(organization) = session.organization_id().get_untracked() else { return ().into_any() };
    Heading::show(text(Key::AccessTemplates));
    let organization = StoredValue::new(organization);
    let reading = Reading::new(move || async move { client::access_template_list(&organization.get_value()).await });
    // What stands on the page stays there while it is read again.
    let known = RwSignal::new(None::<Vec<AccessTemplate>>);
    Effect::new(move || {
        if let Some(Ok(list)) = reading.get() {
            known.set(Some(list.templates));
        }
    });
    let editing = RwSignal::new(None::<Option<AccessTemplate>>);
    let deleting = RwSignal::new(None::<AccessTemplate>);
    let reload = Callback::new(move |()| reading.again());
    view! {
        <div class="toolbar">
            <Button kind=ButtonKind::Primary on_click=move |()| editing.set(Some(None))>
                <Icon name="plus"/>
                <span>{t!(NewTemplate)}</span>
            </Button>
        </div>
        {move || reading.get().and_then(Result::err).map(|error| view! { <Failure error on_retry=reload/> })}
        {move || match known.get() {
            None => reading.get().is_none().then(|| view! { <Skeleton lines=4/> }).into_any(),
            Some(templates) if templates.is_empty() => view! { <p class="card empty">{t!(NoTemplates)}</p> }.into_any(),
            Some(templates) => {
                let cards = templates.into_iter().map(|template| view! { <TemplateCard template editing deleting/> });
                view! { <ul class="cards">{cards.collect_view()}</ul> }.into_any()
            }
        }}
        {move || editing.get().map(|template| view! {
            <TemplateDialog organization=organization.get_value() template editing reload/>
        })}
        {move || deleting.get().map(|template| view! {
            <DeleteTemplate organization=organization.get_value() template deleting reload/>
        })}
    }
    .into_any()
}

#[component]
fn TemplateCard(
    template: AccessTemplate,
    editing: RwSignal<Option<Option<AccessTemplate>>>,
    deleting: RwSignal<Option<AccessTemplate>>,
) -> impl IntoView {
    let whole = StoredValue::new(template.clone());
    let AccessTemplate { name, role, spaces, ends_after_days, .. } = template;
    let spaces = u32::try_from(spaces.len()).unwrap_or(u32::MAX);
    let facts = move || {
        let end = ends_after_days.map_or_else(|| text(Key::NoEnd), |days| plural(Key::EndsAfterDays, days));
        let spaces =
            if role.grants(Permission::SpacesUpdate) { text(Key::AllSpacesAdmin) } else { plural(Key::SpacesCount, spaces) };
        [spaces, end].join(" · ")
    };
    view! {
        <li class="card space-card">
            <div class="space-head">
                <div class="space-title"><h2><bdi translate="no">{name}</bdi></h2></div>
                <span class="badge">{label(role_key(role))}</span>
            </div>
            <p class="quiet">{facts}</p>
            <div class="space-actions">
                <Button on_click=move |()| editing.set(Some(Some(whole.get_value())))>{t!(Edit)}</Button>
                <Button kind=ButtonKind::Quiet on_click=move |()| deleting.set(Some(whole.get_value()))>{t!(Delete)}</Button>
            </div>
        </li>
    }
}

#[component]
fn TemplateDialog(
    organization: OrganizationId,
    template: Option<AccessTemplate>,
    editing: RwSignal<Option<Option<AccessTemplate>>>,
    reload: Callback<()>,
) -> impl IntoView {
    let open = RwSignal::new(true);
    let busy = RwSignal::new(false);
    Effect::new(move || {
        if !open.get() {
            editing.set(None);
        }
    });
    let new = template.is_none();
    let title = Signal::derive(move || if new { t!(NewTemplate)() } else { t!(EditTemplate)() });
    let given = StoredValue::new((organization, template));
    view! {
        <Dialog open title busy>
            {
                let (organization, template) = given.get_value();
                view! { <TemplateForm organization template open busy reload/> }
            }
        </Dialog>
    }
}

#[component]
fn TemplateForm(
    organization: OrganizationId,
    template: Option<AccessTemplate>,
    open: RwSignal<bool>,
    busy: RwSignal<bool>,
    reload: Callback<()>,
) -> impl IntoView {
    let toasts = Toasts::expect();
    let spaces = spaces_of(organization.clone());
    let new = template.is_none();
    let id = StoredValue::new(template.as_ref().map(|template| template.id.clone()));
    let organization = StoredValue::new(organization);
    let key = browser::random_key();
    let name = RwSignal::new(template.as_ref().map(|template| template.name.clone()).unwrap_or_default());
    let role = RwSignal::new(template.as_ref().map_or(Role::Viewer, |template| template.role).as_str().to_owned());
    let grants = RwSignal::new(template.as_ref().map(|template| template.spaces.clone()).unwrap_or_default());
    let days = template.as_ref().and_then(|template| template.ends_after_days);
    let days = RwSignal::new(days.map(|days| days.to_string()).unwrap_or_default());
    let sending = Submission::of_dialog(busy);
    let failure = sending.failure();
    let of_field = move |field: &'static str| Signal::derive(move || failure.get().and_then(|error| error.of_field(field)));
    let roles = Signal::derive(|| Role::ALL.map(|role| (role.as_str().to_owned(), text(role_key(role)))).to_vec());
    let chosen = Memo::new(move |_| Role::parse(&role.read()).unwrap_or(Role::Viewer));
    let meaning = Signal::derive(move || text(role_meaning(chosen.get())));
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        let everywhere = chosen.get_untracked().grants(Permission::SpacesUpdate);
        let body = AccessTemplateContent {
            name: name.get_untracked(),
            role: chosen.get_untracked(),
            spaces: if everywhere { Vec::new() } else { grants.get_untracked() },
            // What is no number is refused by the server at its field, as zero days.
            ends_after_days: Some(days.get_untracked().trim().to_owned())
                .filter(|days| !days.is_empty())
                .map(|days| days.parse().unwrap_or(0)),
        };
        let key = key.clone();
        let (organization, id) = (organization.get_value(), id.get_value());
        let request = async move {
            match id {
                None => client::access_template_create(&organization, &body, &key).await,
                Some(id) => client::access_template_update(&organization, &id, &body).await,
            }
        };
        sending.send(request, move |_| {
            toasts.show(Toast::good(text(Key::Saved)));
            reload.try_run(());
            open.set(false);
        });
    };
    view! {
        <form class="dialog-form" novalidate=true on:submit=submit>
            <TextField label=Signal::derive(t!(TemplateName)) value=name required=true first=true error=of_field("name")/>
            <SelectField label=Signal::derive(t!(Role)) value=role options=roles on_change=move |value| role.set(value) hint=meaning/>
            <Show when=move || !chosen.get().grants(Permission::SpacesUpdate)>
                <SpaceGrants label=Signal::derive(t!(Spaces)) grants spaces/>
            </Show>
            <TextField
                label=Signal::derive(t!(TemplateDays))
                value=days
                hint=Signal::derive(t!(TemplateDaysHint))
                error=of_field("ends_after_days")
            />
            <p class="form-error" role="alert">{move || failure.get().map(|error| {
                error.of_field("spaces").unwrap_or_else(|| error.sentence())
            })}</p>
            <div class="dialog-footer">
                <Button on_click=move |()| open.set(false)>{t!(Cancel)}</Button>
                <Button kind=ButtonKind::Primary submits=true busy>
                    {move || if busy.get() { t!(Saving)() } else if new { t!(CreateTemplate)() } else { t!(SaveChanges)() }}
                </Button>
            </div>
        </form>
    }
}

#[component]
fn DeleteTemplate(
    organization: OrganizationId,
    template: AccessTemplate,
    deleting: RwSignal<Option<AccessTemplate>>,
    reload: Callback<()>,
) -> impl IntoView {
    let open = RwSignal::new(true);
    Effect::new(move || {
        if !open.get() {
            deleting.set(None);
        }
    });
    let sending = Submission::of_form();
    let name = StoredValue::new(template.name);
    let place = StoredValue::new((organization, template.id));
    let on_confirm = Callback::new(move |_: String| {
        let (organization, id) = place.get_value();
        sending.send(async move { client::access_template_delete(&organization, &id).await }, move |()| {
            reload.try_run(());
            open.set(false);
        });
    });
    let question = Question {
        action: Signal::derive(t!(DeleteTemplate)),
        acting: Signal::derive(t!(Deleting)),
        consequence: Signal::derive(move || text_with(Key::DeleteTemplateExplained, args!(name = name.get_value()))),
        typed: None,
        busy: sending.busy(),
        failure: sending.sentence(),
        on_confirm,
    };
    view! { <ConfirmDialog open question/> }
}
