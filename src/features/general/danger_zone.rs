//! Leaving and deleting: what happens, why it may not, and the typed name.

use crate::client;
use crate::i18n::{Key, NamedKey, text_with};
use crate::paths;
use crate::session::Session;
use crate::ui::button::{Button, ButtonKind};
use crate::ui::confirm_dialog::{ConfirmDialog, Question};
use crate::ui::toast::{Toast, Toasts};
use crate::{args, t};
use leptos::prelude::*;
use leptos_router::hooks::use_navigate;
use pulze_contract::Permission;
use pulze_contract::organization::{OrganizationDelete, OrganizationSummary, Plan};

/// An operation that ends the viewer's membership, one way or the other.
type End = Action<String, client::Result<()>>;

#[component]
pub fn DangerZone(organization: OrganizationSummary) -> impl IntoView {
    let leaving = RwSignal::new(false);
    let deleting = RwSignal::new(false);
    let may_delete = Session::expect().can(Permission::OrganizationDelete);
    // Who manages may hand the role on; the last one who can must do so before going.
    let manages = organization.permissions.contains(&Permission::OrganizationManage);
    let only_admin = manages && organization.ends.is_none() && organization.members.lasting_admins == 1;
    let leave_reason = Signal::derive(move || only_admin.then(t!(LeaveLastAdmin)));
    let plan = organization.plan;
    let delete_reason = Signal::derive(move || (plan != Plan::Free).then(t!(DeleteSubscription, plan = plan.display_name())));
    let for_delete = organization.clone();
    view! {
        <section class="card danger" aria-labelledby="danger-title">
            <h2 id="danger-title">{t!(DangerZone)}</h2>
            <div class="danger-row">
                <div>
                    <h3>{t!(LeaveOrganization)}</h3>
                    <p class="quiet">{move || leave_reason.get().unwrap_or_else(t!(LeaveExplained))}</p>
                </div>
                <Button kind=ButtonKind::Danger disabled_reason=leave_reason on_click=move |()| leaving.set(true)>{t!(LeaveOrganization)}</Button>
            </div>
            <Show when=move || may_delete.get()>
                <div class="danger-row">
                    <div>
                        <h3>{t!(DeleteOrganization)}</h3>
                        <p class="quiet">{move || delete_reason.get().unwrap_or_else(t!(DeleteExplained))}</p>
                    </div>
                    <Button kind=ButtonKind::Danger disabled_reason=delete_reason on_click=move |()| deleting.set(true)>{t!(DeleteOrganization)}</Button>
                </div>
            </Show>
            <LeaveOrganization open=leaving organization/>
            <DeleteOrganization open=deleting organization=for_delete/>
        </section>
    }
}

#[component]
fn LeaveOrganization(open: RwSignal<bool>, organization: OrganizationSummary) -> impl IntoView {
    let id = organization.id.clone();
    let leave: End = Action::new_local(move |_| {
        let id = id.clone();
        async move { client::membership_delete(&id).await }
    });
    let question = Question {
        action: Signal::derive(t!(LeaveOrganization)),
        acting: Signal::derive(t!(Leaving)),
        consequence: Signal::derive(t!(LeaveExplained)),
        typed: None,
        ..ending(leave)
    };
    view! { <EndDialog open organization question end=leave said=Key::Left/> }
}

#[component]
fn DeleteOrganization(open: RwSignal<bool>, organization: OrganizationSummary) -> impl IntoView {
    let id = organization.id.clone();
    let delete: End = Action::new_local(move |typed: &String| {
        let (id, body) = (id.clone(), OrganizationDelete { confirm_name: typed.clone() });
        async move { client::organization_delete(&id, &body).await }
    });
    let name = StoredValue::new(organization.name.clone());
    let question = Question {
        action: Signal::derive(t!(DeleteOrganization)),
        acting: Signal::derive(t!(Deleting)),
        consequence: Signal::derive(t!(DeleteExplained)),
        typed: Some((name, Signal::derive(t!(TypeNameToConfirm, name = name.get_value())))),
        ..ending(delete)
    };
    view! { <EndDialog open organization question end=delete said=Key::Deleted/> }
}

/// Asks; after the server agreed, forgets the organization, says so and goes home.
#[component]
fn EndDialog(
    open: RwSignal<bool>,
    organization: OrganizationSummary,
    question: Question,
    end: End,
    said: NamedKey,
) -> impl IntoView {
    let session = Session::expect();
    let toasts = Toasts::expect();
    let navigate = use_navigate();
    Effect::watch(
        move || end.value().get(),
        move |result, _, _| match result {
            Some(Ok(())) => {
                toasts.show(Toast::good(text_with(said, args!(name = organization.name.clone()))));
                navigate(paths::HOME, leptos_router::NavigateOptions { replace: true, ..Default::default() });
                session.forget(&organization.id);
            }
            Some(Err(error)) => session.learn_from(error),
            None => {}
        },
        false,
    );
    view! { <ConfirmDialog open question/> }
}

/// A question whose answer starts `end`; the words are put in by the caller.
fn ending(end: End) -> Question {
    Question {
        action: Signal::default(),
        acting: Signal::default(),
        consequence: Signal::default(),
        typed: None,
        busy: end.pending().into(),
        failure: Signal::derive(move || end.value().get().and_then(Result::err).map(|error| error.sentence())),
        on_confirm: Callback::new(move |typed| {
            end.dispatch(typed);
        }),
    }
}
