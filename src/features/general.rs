//! Manage Organization → General: the profile, the reporting time zone, leaving and deleting.

mod conflict_panel;
mod danger_zone;
mod defaults;
mod profile_form;

use crate::i18n::Key;
use crate::lazy_part;
use crate::paths;
use crate::session::Session;
use crate::shell::manage::ManagePage;
use crate::ui::lazy::Lazy;
use crate::ui::load::{Failure, Shape, Skeleton};
use danger_zone::DangerZone;
use leptos::prelude::*;
use profile_form::ProfileForm;
use pulze_contract::Operation;

pub const PAGE: ManagePage = ManagePage {
    slug: paths::GENERAL,
    group: Key::Organization,
    title: Key::General,
    purpose: Key::GeneralPurpose,
    words: Key::WordsGeneral,
    icon: "building",
    skeleton: (8, Shape::Form),
    needs: |_| Operation::OrganizationUpdate,
    content: || Box::pin(general()),
    actions: &[],
};

lazy_part!(general, |_given: ()| view! { <General/> }.into_any());

/// The organization as last read: a form is made once, and later answers do not touch what is typed.
#[component]
fn General() -> impl IntoView {
    let session = Session::expect();
    let Some(id) = session.organization_id().get_untracked() else { return ().into_any() };
    let answer = session.read_organization(id);
    let content = move || match answer.get() {
        None => view! { <Skeleton lines=8 shape=Shape::Form/> }.into_any(),
        Some(Err(error)) => view! { <Failure error on_retry=move |()| answer.again()/> }.into_any(),
        Some(Ok(organization)) => view! {
            <ProfileForm organization=organization.clone()/>
            <Lazy load=defaults::PART given=organization.summary.id.clone() lines=5/>
            <DangerZone organization=organization.summary/>
        }
        .into_any(),
    };
    content.into_any()
}
