//! Router and naming model of a space: inherited, its own, or locked; saved at once, with undo.

use crate::client::{self, ClientError, Reading};
use crate::i18n::{Key, label, plural, text, text_with, words};
use crate::lazy_part;
use crate::session::submission::Submission;
use crate::shell::switching::count_of;
use crate::ui::field::unique_id;
use crate::ui::lazy::Load;
use crate::ui::load::{Failure, Skeleton};
use crate::ui::toast::{Toast, Toasts};
use crate::{args, t};
use leptos::prelude::*;
use pulze_contract::policy::{Defaults, Effective, EffectivePolicy, Setting, Source, SpaceSettingUpdate};
use pulze_contract::router::{LAST_RESORT, Router};
use pulze_contract::space::Space;
use pulze_contract::{OrganizationId, SpaceId, SpacePermission};

/// The organization and the space.
pub type Place = (OrganizationId, Space);

pub const PART: Load<Place> = || Box::pin(space_settings());

lazy_part!(space_settings, |given: Place| view! { <SpaceSettings organization=given.0 space=given.1/> }.into_any());

/// What has to be known to show and to choose.
#[derive(Clone)]
struct Known {
    policy: EffectivePolicy,
    defaults: Defaults,
    routers: Vec<Router>,
}

async fn read(organization: OrganizationId, space: SpaceId) -> Result<Known, ClientError> {
    Ok(Known {
        policy: client::effective_policy_read(&organization, &space).await?,
        defaults: client::defaults_read(&organization).await?,
        routers: client::router_list(&organization).await?.routers,
    })
}

#[component]
fn SpaceSettings(organization: OrganizationId, space: Space) -> impl IntoView {
    let place = StoredValue::new((organization, space.id.clone()));
    let may = space.permissions.contains(&SpacePermission::Update);
    let asked = Reading::new(move || {
        let (organization, space) = place.get_value();
        read(organization, space)
    });
    // Of the section, not of a row: a row is made anew by every answer, and an undo may come later.
    let reload = Callback::new(move |()| asked.again());
    view! {
        <section class="card space-settings" aria-label=t!(RouterAndNaming)>
            <h2>{t!(RouterAndNaming)}</h2>
            {move || match asked.get() {
                None => view! { <Skeleton lines=3/> }.into_any(),
                Some(Err(error)) => view! { <Failure error on_retry=move |()| asked.again()/> }.into_any(),
                Some(Ok(known)) => {
                    let rows = Setting::ALL.map(|setting| view! { <SettingRow place setting known=known.clone() may reload/> });
                    view! { {rows.collect_view()} <Usable policy=known.policy/> }.into_any()
                }
            }}
        </section>
    }
}

/// How much can be used in the space in the end, and how much of it not by everybody.
#[component]
fn Usable(policy: EffectivePolicy) -> impl IntoView {
    let EffectivePolicy { models, tools, assistants, limits, .. } = policy;
    let counts = (count_of(&models), count_of(&tools), count_of(&assistants), count_of(&limits));
    let said = move || {
        let (models, tools, assistants, limited) = counts;
        let what = [plural(Key::ModelsFound, models), plural(Key::ToolsCount, tools), plural(Key::AssistantsFound, assistants)]
            .join(" · ");
        let limited = if limited == 0 { String::new() } else { plural(Key::LimitedCount, limited) };
        text_with(Key::UsableHere, args!(what = what, limited = limited)).trim_end().to_owned()
    };
    view! { <p class="quiet">{words(said)}</p> }
}

#[component]
fn SettingRow(
    place: StoredValue<(OrganizationId, SpaceId)>,
    setting: Setting,
    known: Known,
    may: bool,
    reload: Callback<()>,
) -> impl IntoView {
    let (toasts, sending) = (Toasts::expect(), Submission::of_button());
    let id = unique_id("setting");
    let hint_id = format!("{id}-hint");
    let Known { policy, defaults, routers } = known;
    let own = defaults
        .spaces
        .iter()
        .find(|space| space.space_id == place.read_value().1)
        .and_then(|space| space.of(setting))
        .map(str::to_owned);
    let locked = defaults.of(setting).locked;
    let effective = match setting {
        Setting::Router => policy.router,
        Setting::NamingModel => policy.naming_model,
    };
    let name_of = {
        let routers = routers.clone();
        move |value: &str| {
            routers.iter().find(|router| router.id == value).map_or(value.to_owned(), |router| router.name().to_owned())
        }
    };
    let last_resort = move || match setting {
        Setting::Router => LAST_RESORT.to_owned(),
        Setting::NamingModel => text(Key::FirstWords),
    };
    let inherited = defaults.of(setting).value.as_deref().map(&name_of);
    let options: Vec<(String, String)> = match setting {
        Setting::Router => {
            routers.iter().filter(|router| router.usable()).map(|router| (router.id.clone(), router.name().to_owned())).collect()
        }
        Setting::NamingModel => policy.models.iter().map(|model| (model.clone(), model.clone())).collect(),
    };
    // What was chosen and is switched off now stays in sight.
    let gone = own.clone().filter(|own| options.iter().all(|(value, _)| value != own)).map(|own| (own.clone(), name_of(&own)));
    let save = move |wanted: Option<String>, before: Option<String>| {
        set(sending, toasts, place.get_value(), setting, wanted, before, reload)
    };
    let reason = match (locked, may) {
        (true, _) => Some(Key::LockedReason),
        (false, false) => Some(Key::OnlySpaceAdmins),
        (false, true) => None,
    };
    let Effective { value, source } = effective;
    let value = value.as_deref().map(&name_of);
    let status = move || {
        let value = value.clone().unwrap_or_else(last_resort);
        let key = match source {
            Source::Organization => Key::SourceOrganization,
            Source::Locked => Key::SourceLocked,
            Source::Space => Key::SourceSpace,
            Source::Fallback => Key::SourceFallback,
        };
        text_with(key, args!(value = value))
    };
    let selected = own.clone().unwrap_or_default();
    let inherit = move || text_with(Key::InheritValue, args!(value = inherited.clone().unwrap_or_else(last_resort)));
    let title = match setting {
        Setting::Router => Key::Router,
        Setting::NamingModel => Key::NamingModel,
    };
    let all = options.into_iter().chain(gone).map(|(value, name)| {
        let chosen = value == selected;
        view! { <option value=value selected=chosen>{name}</option> }
    });
    let all = all.collect_view();
    let none = selected.is_empty();
    view! {
        <div class="field">
            <label class="field-label" for=id.clone()>{label(title)}</label>
            <select
                class="input"
                id=id
                disabled=reason.is_some()
                aria-describedby=hint_id.clone()
                on:change:target=move |event| {
                    let wanted = Some(event.target().value()).filter(|value| !value.is_empty());
                    save(wanted, own.clone());
                }
            >
                <option value="" selected=none>{words(inherit)}</option>
                {all}
            </select>
            <p class="field-hint" id=hint_id>{words(status)}" "{reason.map(label)}</p>
        </div>
    }
}

/// Saves what the space says, with a way back to `before`.
fn set(
    sending: Submission,
    toasts: Toasts,
    (organization, space): (OrganizationId, SpaceId),
    setting: Setting,
    wanted: Option<String>,
    before: Option<String>,
    reload: Callback<()>,
) {
    let say = move |value: Option<String>| {
        let (organization, space) = (organization.clone(), space.clone());
        async move {
            let body = SpaceSettingUpdate { setting, value };
            let answer = client::space_settings_update(&organization, &space, &body).await;
            reload.try_run(());
            answer.map(|_| ())
        }
    };
    let saved = say(wanted);
    sending.send(saved, move |()| toasts.show(Toast::undoable(text(Key::Saved), move || say(before.clone()))));
}
