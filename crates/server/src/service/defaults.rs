//! Defaults of the organization, and what spaces make of them.

use super::resources::{Reach, Resources};
use super::settings::{Settings, apply};
use super::spaces::eyes;
use super::switching::unavailable;
use super::{Member as Caller, members::lock};
use crate::error::{Fields, Result};
use crate::store::{self, Store};
use pulze_contract::availability::Changed;
use pulze_contract::policy::{
    Defaults, DefaultsUpdate, EffectivePolicy, Existing, OrganizationDefault, Setting, SpaceSettingUpdate,
};
use pulze_contract::router::LAST_RESORT;
use pulze_contract::space::Space;
use pulze_contract::{Level, Permission, ProblemType, ResourceKind, SpaceId, SpacePermission};
use std::collections::HashSet;

/// The defaults, and the spaces that the caller can enter.
///
/// # Errors
/// The database fails.
pub async fn read(store: &Store, caller: &Caller) -> Result<Defaults> {
    let mut db = store.read().await?;
    let resources = Resources::read(&mut db, &caller.organization).await?;
    let eyes = eyes(&caller.actor.user_id, caller.role);
    let entered = store::spaces::list(&mut db, &caller.organization, &eyes).await?;
    let entered: HashSet<SpaceId> = entered.into_iter().map(|space| space.id).collect();
    Ok(Defaults {
        router: resources.default_of(Setting::Router),
        naming_model: resources.default_of(Setting::NamingModel),
        spaces: resources.spaces.into_iter().filter(|space| entered.contains(&space.space_id)).collect(),
        new_models: resources.new_models,
    })
}

/// Changes what the body names.
///
/// # Errors
/// `invalid` for a router or a model that cannot be used.
pub async fn update(store: &Store, caller: &Caller, body: DefaultsUpdate) -> Result<Changed> {
    let mut change = store.change(&caller.organization).await?;
    lock(&mut change, caller, Permission::RoutersSetDefault).await?;
    let resources = Resources::read(&mut change, &caller.organization).await?;
    let mut fields = Fields::default();
    let mut after = Settings { new_models: body.new_models.clone(), ..Settings::default() };
    for (setting, wanted) in [(Setting::Router, &body.router), (Setting::NamingModel, &body.naming_model)] {
        let Some(wanted) = wanted else { continue };
        let before = resources.default_of(setting);
        // What stands there may stay, though it was switched off meanwhile: a lock is no new choice.
        let kept = wanted.value == before.value;
        let usable = wanted.value.as_deref().is_none_or(|value| resources.usable(setting, value));
        fields
            .check(&format!("{}.value", setting.as_str()), if kept || usable { Ok(()) } else { Err(unavailable(kind(setting))) });
        existing(&resources, setting, &before, body.existing.unwrap_or(setting.existing()), kept, &mut after);
        after.defaults.push((setting, wanted.clone()));
    }
    fields.finish()?;
    let answer = apply(&mut change, caller, &resources, "defaults_update", &after).await?;
    change.commit().await?;
    Ok(answer)
}

/// What becomes of the spaces that are there.
fn existing(
    resources: &Resources,
    setting: Setting,
    before: &OrganizationDefault,
    existing: Existing,
    kept: bool,
    after: &mut Settings,
) {
    match existing {
        Existing::Keep if kept => {}
        Existing::Keep => {
            // A router is always there; without a naming model there is nothing that could be kept.
            let fallback = (setting == Setting::Router).then_some(LAST_RESORT);
            let Some(value) = before.value.as_deref().or(fallback) else { return };
            let inherit = resources.spaces.iter().filter(|space| space.of(setting).is_none());
            after.spaces.extend(inherit.map(|space| (space.space_id.clone(), setting, Some(value.to_owned()))));
        }
        Existing::Follow => {}
        Existing::Reset => {
            let override_it = resources.spaces.iter().filter(|space| space.of(setting).is_some());
            after.spaces.extend(override_it.map(|space| (space.space_id.clone(), setting, None)));
        }
    }
}

fn kind(setting: Setting) -> ResourceKind {
    match setting {
        Setting::Router => ResourceKind::Router,
        Setting::NamingModel => ResourceKind::Model,
    }
}

/// Lets a space say something about a setting, or inherit it; answers with what holds then.
///
/// # Errors
/// `invalid` for a value that cannot be used; `forbidden` for a setting that the organization locked.
pub async fn update_space(store: &Store, caller: &Caller, space: &Space, body: SpaceSettingUpdate) -> Result<EffectivePolicy> {
    let mut change = store.change(&caller.organization).await?;
    let role = lock(&mut change, caller, Permission::SpacesRead).await?;
    let eyes = eyes(&caller.actor.user_id, role);
    let found = store::spaces::find(&mut change, &caller.organization, &space.id, &eyes).await?.ok_or(ProblemType::NotFound)?;
    if !found.role.grants(SpacePermission::Update) {
        return Err(ProblemType::Forbidden.into());
    }
    let resources = Resources::read(&mut change, &caller.organization).await?;
    if resources.default_of(body.setting).locked && body.value.is_some() {
        return Err(ProblemType::Forbidden.into());
    }
    let mut fields = Fields::default();
    let reach = Reach::read(&mut change, caller, role).await?;
    let may_use = |value: &str| resources.level(&reach, kind(body.setting), value) >= Level::Use;
    let usable = body.value.as_deref().is_none_or(|value| resources.usable(body.setting, value) && may_use(value));
    fields.check("value", if usable { Ok(()) } else { Err(unavailable(kind(body.setting))) });
    fields.finish()?;
    let after = Settings { spaces: vec![(space.id.clone(), body.setting, body.value)], ..Settings::default() };
    apply(&mut change, caller, &resources, "space_settings_update", &after).await?;
    let resources = Resources::read(&mut change, &caller.organization).await?;
    change.commit().await?;
    resources.policy(&space.id, crate::now()).ok_or_else(|| ProblemType::NotFound.into())
}

/// What holds in a space in the end: all of it for whoever looks after the space, for others what
/// they may see.
///
/// # Errors
/// `not-found` for one that was deleted meanwhile.
pub async fn policy(store: &Store, caller: &Caller, space: &Space) -> Result<EffectivePolicy> {
    let mut db = store.read().await?;
    let resources = Resources::read(&mut db, &caller.organization).await?;
    let policy = resources.policy(&space.id, crate::now()).ok_or(ProblemType::NotFound)?;
    if space.role.grants(SpacePermission::Update) {
        return Ok(policy);
    }
    Ok(resources.seen_by(&Reach::read(&mut db, caller, caller.role).await?, policy))
}
