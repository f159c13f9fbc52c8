//! Roles in spaces, chosen one by one: for an invitation, for a row of many, for a template.

use crate::client::{self, Reading};
use crate::i18n::{Key, text_with, words};
use crate::shell::role::space_role_key;
use crate::ui::button::{Button, ButtonKind};
use crate::ui::icon::Icon;
use crate::ui::load::Failure;
use crate::{args, t};
use leptos::prelude::*;
use pulze_contract::space::{Space, SpaceGrant, SpaceList};
use pulze_contract::{OrganizationId, SpaceId, SpacePermission, SpaceRole};

/// Reads the spaces of an organization, once for all pickers of a form.
pub fn spaces_of(organization: OrganizationId) -> Reading<SpaceList> {
    Reading::new(move || {
        let organization = organization.clone();
        async move { client::space_list(&organization).await }
    })
}

#[component]
pub fn SpaceGrants(
    /// What the list is called for those who do not see it.
    #[prop(into)]
    label: Signal<String>,
    grants: RwSignal<Vec<SpaceGrant>>,
    spaces: Reading<SpaceList>,
) -> impl IntoView {
    let known = Memo::new(move |_| spaces.get().and_then(Result::ok).map(|list| list.spaces).unwrap_or_default());
    let name_of = move |id: &SpaceId| {
        let id = id.clone();
        Signal::derive(move || {
            let found = known.read().iter().find(|space| space.id == id).map(|space| space.name.clone());
            found.unwrap_or_else(|| "…".to_owned())
        })
    };
    // What I may not give to anybody is not offered.
    let offered = move || {
        let gives = |space: &Space| !space.archived && space.permissions.contains(&SpacePermission::MembersUpdate);
        let chosen = grants.read();
        let open = move |space: &Space| gives(space) && !chosen.iter().any(|grant| grant.space_id == space.id);
        known.get().into_iter().filter(open).collect::<Vec<_>>()
    };
    let add = move |id: String| {
        if let Some(space_id) = SpaceId::parse(&id) {
            grants.update(|grants| grants.push(SpaceGrant { space_id, role: SpaceRole::Viewer }));
        }
    };
    view! {
        <fieldset class="choices">
            <legend class="field-label">{move || label.get()}</legend>
            {move || spaces.get().and_then(Result::err).map(|error| view! { <Failure error on_retry=move |()| spaces.again()/> })}
            <ul class="people">
                <For each=move || grants.get() key=|grant| grant.space_id.clone() let:grant>
                    <GrantLine grants name=name_of(&grant.space_id) grant/>
                </For>
            </ul>
            <select
                class="input"
                aria-label=t!(AddSpace)
                prop:value=move || { offered(); String::new() }
                on:change:target=move |event| add(event.target().value())
            >
                <option value=String::new()>{t!(ChooseASpace)}</option>
                {move || offered().into_iter().map(|space| view! {
                    <option value=space.id.to_string()>{space.name}</option>
                }).collect_view()}
            </select>
        </fieldset>
    }
}

#[component]
fn GrantLine(grants: RwSignal<Vec<SpaceGrant>>, grant: SpaceGrant, name: Signal<String>) -> impl IntoView {
    let SpaceGrant { space_id, role } = grant;
    let id = StoredValue::new(space_id);
    let choose = move |name: String| {
        let Some(role) = SpaceRole::parse(&name) else { return };
        grants.update(|grants| {
            if let Some(grant) = grants.iter_mut().find(|grant| grant.space_id == *id.read_value()) {
                grant.role = role;
            }
        });
    };
    view! {
        <li class="grant">
            <span class="person-text"><bdi translate="no">{move || name.get()}</bdi></span>
            <select class="input" aria-label=move || text_with(Key::RoleOf, args!(name = name.get())) on:change:target=move |event| choose(event.target().value())>
                {SpaceRole::ALL.map(|option| view! {
                    <option value=option.as_str() selected=option == role>{crate::i18n::label(space_role_key(option))}</option>
                }).collect_view()}
            </select>
            <Button kind=ButtonKind::Quiet on_click=move |()| {
                grants.update(|grants| grants.retain(|grant| grant.space_id != *id.read_value()));
            }>
                <Icon name="close"/>
                <span class="visually-hidden">{words(move || text_with(Key::TakeOut, args!(name = name.get())))}</span>
            </Button>
        </li>
    }
}
