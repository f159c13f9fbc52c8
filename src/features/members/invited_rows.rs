//! The rows of the dry run: what becomes of each, its role and its spaces.

use super::space_grants::SpaceGrants;
use crate::client::{Reading, error::rule_text};
use crate::i18n::{Key, label, plural, text, text_with};
use crate::session::Session;
use crate::shell::role::role_key;
use crate::{args, t};
use leptos::prelude::*;
use pulze_contract::invitation::{InvitationRow, Outcome, Receipt};
use pulze_contract::space::{SpaceGrant, SpaceList};
use pulze_contract::{Permission, Role, Timestamp};

/// A row as it was checked; role and spaces can still be changed.
#[derive(Clone)]
pub struct Checked {
    email: String,
    role: RwSignal<Role>,
    grants: RwSignal<Vec<SpaceGrant>>,
    ends_at: Option<Timestamp>,
    pub outcome: Outcome,
}

impl Checked {
    pub fn new(row: InvitationRow, receipt: Receipt) -> Self {
        Self {
            email: receipt.email,
            role: RwSignal::new(row.role),
            grants: RwSignal::new(row.spaces),
            ends_at: row.ends_at,
            outcome: receipt.outcome,
        }
    }

    /// What is sent.
    pub fn row(&self) -> InvitationRow {
        let role = self.role.get_untracked();
        let everywhere = role.grants(Permission::SpacesUpdate);
        InvitationRow {
            email: self.email.clone(),
            role,
            spaces: if everywhere { Vec::new() } else { self.grants.get_untracked() },
            ends_at: self.ends_at,
        }
    }
}

#[component]
pub fn CheckedRows(rows: Vec<Checked>, spaces: Reading<SpaceList>) -> impl IntoView {
    let rows = rows.into_iter().map(|row| view! { <CheckedRow row spaces/> });
    view! { <ul class="people checked-rows">{rows.collect_view()}</ul> }
}

#[component]
fn CheckedRow(row: Checked, spaces: Reading<SpaceList>) -> impl IntoView {
    let own = Session::expect().organization().get_untracked().map_or(Role::Viewer, |organization| organization.role);
    let Checked { email, role, grants, outcome, .. } = row;
    let whose = email.clone();
    let said = move || match outcome {
        Outcome::New => String::new(),
        Outcome::Member { role: has } if has == role.get() => text_with(Key::AlreadyMember, args!(role = name(has))),
        Outcome::Member { role: has } => text_with(Key::MemberDiffers, args!(role = name(has), wanted = name(role.get()))),
        Outcome::Invited => text(Key::AlreadyInvited),
        Outcome::NoSeat => text(Key::NoSeat),
        Outcome::Invalid { rule } => rule_text(rule),
    };
    let kind = match outcome {
        Outcome::New => "new",
        Outcome::Invalid { .. } | Outcome::NoSeat => "invalid",
        Outcome::Member { .. } | Outcome::Invited => "known",
    };
    let everywhere = move || role.get().grants(Permission::SpacesUpdate);
    let count = move || plural(Key::SpacesCount, u32::try_from(grants.read().len()).unwrap_or(u32::MAX));
    view! {
        <li class="grant" data-kind=kind>
            <span class="person-text"><span class="person-name"><bdi translate="no">{email}</bdi></span><span class="person-email">{said}</span></span>
            {(outcome == Outcome::New).then(|| view! {
                <select
                    class="input"
                    aria-label=t!(RoleOf, name = whose)
                    on:change:target=move |event| if let Some(chosen) = Role::parse(&event.target().value()) { role.set(chosen) }
                >
                    {Role::ALL.into_iter().filter(|option| *option <= own).map(|option| view! {
                        <option value=option.as_str() selected=option == role.get_untracked()>{label(role_key(option))}</option>
                    }).collect_view()}
                </select>
                <Show when=move || !everywhere()>
                    <details class="row-spaces">
                        <summary>{count}</summary>
                        <SpaceGrants label=Signal::derive(t!(Spaces)) grants spaces/>
                    </details>
                </Show>
            })}
        </li>
    }
}

fn name(role: Role) -> String {
    text(role_key(role))
}
