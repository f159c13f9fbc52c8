//! A space as a card, with what may be done to it.

use super::Doing;
use crate::client;
use crate::i18n::{Key, label, plural, text_with, words};
use crate::paths;
use crate::session::Session;
use crate::session::submission::Submission;
use crate::shell::role::space_role_key;
use crate::ui::button::{Button, ButtonKind};
use crate::ui::lazy::preload;
use crate::ui::logo::{Logo, LogoSize};
use crate::ui::toast::{Toast, Toasts};
use crate::{args, t};
use leptos::prelude::*;
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
    let sending = Submission::of_button();
    let busy = sending.busy();
    let Space { name, description, logo_url, visibility, archived, role, members: count, id, .. } = space.get_value();
    let archive = move |()| {
        let (organization, space) = (organization.clone(), space.get_value());
        let request = async move {
            let body = SpaceUpdate { archived: Some(!space.archived), ..SpaceUpdate::default() };
            let answer = client::space_update(&organization, &space, &body).await;
            // Refused, it has changed elsewhere.
            reload.try_run(());
            answer
        };
        sending.send(request, move |space| {
            let said = if space.archived { Key::SpaceArchived } else { Key::SpaceRestored };
            toasts.show(Toast::good(text_with(said, args!(name = space.name.clone()))));
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
                        <bdi translate="no">{label(visible)}</bdi>
                        " · "
                        <bdi translate="no">{words(move || plural(Key::MembersCount, count))}</bdi>
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
