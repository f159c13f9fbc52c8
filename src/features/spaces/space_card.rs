//! A space as a card, with what may be done to it.

use super::Doing;
use crate::client;
use crate::i18n::{Key, label, plural, text, words};
use crate::paths;
use crate::session::Session;
use crate::shell::role::space_role_key;
use crate::t;
use crate::ui::button::{Button, ButtonKind};
use crate::ui::lazy::preload;
use crate::ui::logo::{Logo, LogoSize};
use crate::ui::toast::{Toast, Toasts};
use leptos::prelude::*;
use leptos::task::spawn_local;
use pulze_contract::space::{Space, SpaceUpdate, Visibility};
use pulze_contract::{OrganizationId, Permission, SpacePermission};

#[component]
pub fn SpaceCard(
    organization: OrganizationId,
    space: Space,
    doing: RwSignal<Option<Doing>>,
    reload: Callback<()>,
) -> impl IntoView {
    let session = Session::expect();
    let toasts = Toasts::expect();
    let may = |permission: SpacePermission| space.permissions.contains(&permission);
    let updates = may(SpacePermission::Update);
    let for_link = organization.clone();
    let deletes = may(SpacePermission::Delete) && session.can(Permission::SpacesDelete).get_untracked();
    let space = StoredValue::new(space);
    let busy = RwSignal::new(false);
    let Space { name, description, logo_url, visibility, archived, role, members: count, id, .. } = space.get_value();
    let archive = move |()| {
        let (organization, space) = (organization.clone(), space.get_value());
        busy.set(true);
        spawn_local(async move {
            let body = SpaceUpdate { archived: Some(!space.archived), ..SpaceUpdate::default() };
            let answer = client::space_update(&organization, &space, &body).await;
            let _ = busy.try_set(false);
            match answer {
                Ok(space) => {
                    let said = if space.archived { Key::SpaceArchived } else { Key::SpaceRestored };
                    toasts.show(Toast::good(text(said, &[("name", space.name)])));
                }
                Err(error) => toasts.show(Toast::bad(error.sentence())),
            }
            reload.try_run(());
        });
    };
    let visible = match visibility {
        Visibility::Organization => Key::VisibleToAll,
        Visibility::Invited => Key::VisibleToInvited,
    };
    view! {
        <li class="card space-card">
            <div class="space-head">
                <Logo name=name.clone() url=logo_url identifier=id.to_string() size=LogoSize::Medium/>
                <div class="space-title">
                    <h2>{name.clone()}</h2>
                    <p class="quiet">
                        <bdi>{label(visible)}</bdi>
                        " · "
                        <bdi>{words(move || plural(Key::MembersCount, count))}</bdi>
                    </p>
                </div>
                <span class="badge">{label(space_role_key(role))}</span>
            </div>
            {(!description.is_empty()).then(|| view! { <p class="space-description">{description.clone()}</p> })}
            <div class="space-actions" role="group" aria-label=name.clone()>
                <a class="button" href=paths::space(&for_link, &id) on:pointerenter=move |_| preload(super::MEMBERS)>{t!(Members)}</a>
                {updates.then(|| view! {
                    <Button on_click=move |()| doing.set(Some(Doing::Edit(space.get_value())))>{t!(Edit)}</Button>
                    <Button busy on_click=archive>{move || if archived { t!(Restore)() } else { t!(Archive)() }}</Button>
                })}
                {deletes.then(|| view! {
                    <Button kind=ButtonKind::Danger on_click=move |()| doing.set(Some(Doing::Delete(space.get_value())))>{t!(Delete)}</Button>
                })}
            </div>
        </li>
    }
}
