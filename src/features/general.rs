//! Manage Organization → General: the profile, the reporting time zone, leaving and deleting.

mod conflict_panel;
mod danger_zone;
mod profile_form;

use crate::client;
use crate::i18n::Key;
use crate::lazy_part;
use crate::paths;
use crate::session::Session;
use crate::shell::manage::ManagePage;
use crate::ui::load::{Failure, Skeleton};
use danger_zone::DangerZone;
use leptos::prelude::*;
use profile_form::ProfileForm;
use pulze_contract::Permission;

pub const PAGE: ManagePage = ManagePage {
    slug: paths::GENERAL,
    group: Key::Organization,
    title: Key::General,
    purpose: Key::GeneralPurpose,
    icon: "building",
    permission: Permission::OrganizationManage,
    content: || Box::pin(general()),
};

lazy_part!(general, |_given: ()| view! { <General/> }.into_any());

/// The organization as last read: a form is made once, and later answers do not touch what is typed.
#[component]
fn General() -> impl IntoView {
    let session = Session::expect();
    let id = session.organization_id().get_untracked();
    let answer = LocalResource::new(move || {
        let id = id.clone();
        async move {
            match id {
                Some(id) => client::organization_read(&id).await.map(Some),
                None => Ok(None),
            }
        }
    });
    Effect::new(move || match answer.get() {
        Some(Ok(Some(organization))) => session.remember(organization),
        Some(Err(error)) => session.learn_from(&error),
        Some(Ok(None)) | None => {}
    });
    let stage = Memo::new(move |_| {
        answer.get().map(|answer| answer.map(|organization| organization.map(|organization| organization.version)))
    });
    move || match stage.get() {
        None => view! { <Skeleton lines=6/> }.into_any(),
        Some(Err(error)) => view! { <Failure error on_retry=move |()| answer.refetch()/> }.into_any(),
        Some(Ok(_)) => match answer.get_untracked().and_then(Result::ok).flatten() {
            Some(organization) => view! {
                <ProfileForm organization=organization.clone()/>
                <DangerZone organization=organization.summary/>
            }
            .into_any(),
            None => ().into_any(),
        },
    }
}
