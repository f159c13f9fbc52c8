//! Leaving and deleting: what happens, why it may not, and the typed name.

use crate::client;
use crate::i18n::{Key, text};
use crate::paths;
use crate::session::Session;
use crate::t;
use crate::ui::button::{Button, ButtonKind};
use crate::ui::dialog::Dialog;
use crate::ui::field::TextField;
use crate::ui::toast::{Toast, Toasts};
use leptos::prelude::*;
use leptos_router::hooks::use_navigate;
use pulze_contract::organization::{OrganizationDelete, OrganizationSummary, Plan};
use pulze_contract::{Permission, validation};

/// An operation that ends the viewer's membership, one way or the other.
type End = Action<(), client::Result<()>>;

#[component]
pub fn DangerZone(organization: OrganizationSummary) -> impl IntoView {
    let leaving = RwSignal::new(false);
    let deleting = RwSignal::new(false);
    let may_delete = Session::expect().can(Permission::OrganizationDelete);
    // Who manages may hand the role on; the last one who can must do so before going.
    let manages = organization.permissions.contains(&Permission::OrganizationManage);
    let only_admin = manages && organization.members.admins == 1;
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

/// After the server agreed: forget the organization, say so, go home.
fn follow(end: End, organization: OrganizationSummary, said: Key) {
    let session = Session::expect();
    let toasts = Toasts::expect();
    let navigate = use_navigate();
    Effect::watch(
        move || end.value().get(),
        move |result, _, _| match result {
            Some(Ok(())) => {
                toasts.show(Toast::good(text(said, &[("name", organization.name.clone())])));
                navigate(paths::HOME, leptos_router::NavigateOptions { replace: true, ..Default::default() });
                session.forget(&organization.id);
            }
            Some(Err(error)) => session.learn_from(error),
            None => {}
        },
        false,
    );
}

#[component]
fn LeaveOrganization(open: RwSignal<bool>, organization: OrganizationSummary) -> impl IntoView {
    let id = organization.id.clone();
    let leave: End = Action::new_local(move |(): &()| {
        let id = id.clone();
        async move { client::membership_delete(&id).await }
    });
    follow(leave, organization.clone(), Key::Left);
    let failure = move || leave.value().get().and_then(Result::err).map(|error| error.sentence());
    view! {
        <Dialog open title=Signal::derive(t!(LeaveOrganization)) busy=leave.pending()>
            <p class="dialog-text">{t!(LeaveExplained)}</p>
            <p class="form-error" role="alert">{failure}</p>
            <div class="dialog-footer">
                <Button on_click=move |()| open.set(false)>{t!(Cancel)}</Button>
                <Button kind=ButtonKind::Danger busy=leave.pending() on_click=move |()| { leave.dispatch(()); }>
                    {move || if leave.pending().get() { t!(Leaving)() } else { t!(LeaveOrganization)() }}
                </Button>
            </div>
        </Dialog>
    }
}

#[component]
fn DeleteOrganization(open: RwSignal<bool>, organization: OrganizationSummary) -> impl IntoView {
    let typed = RwSignal::new(String::new());
    let id = organization.id.clone();
    let delete: End = Action::new_local(move |(): &()| {
        let (id, body) = (id.clone(), OrganizationDelete { confirm_name: typed.get_untracked() });
        async move { client::organization_delete(&id, &body).await }
    });
    follow(delete, organization.clone(), Key::Deleted);
    Effect::new(move || {
        if open.get() {
            typed.set(String::new())
        }
    });
    let name = StoredValue::new(organization.name);
    let failure = move || delete.value().get().and_then(Result::err).map(|error| error.sentence());
    let label = Signal::derive(t!(TypeNameToConfirm, name = name.get_value()));
    let blocked = Signal::derive(move || (!validation::confirms_name(&typed.read(), &name.read_value())).then(|| label.get()));
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if blocked.read_untracked().is_none() && !delete.pending().get_untracked() {
            delete.dispatch(());
        }
    };
    view! {
        <Dialog open title=Signal::derive(t!(DeleteOrganization)) busy=delete.pending()>
            <form class="dialog-form" novalidate=true on:submit=submit>
                <p class="dialog-text">{t!(DeleteExplained)}</p>
                <TextField label value=typed first=true/>
                <p class="form-error" role="alert">{failure}</p>
                <div class="dialog-footer">
                    <Button on_click=move |()| open.set(false)>{t!(Cancel)}</Button>
                    <Button kind=ButtonKind::Danger submits=true busy=delete.pending() disabled_reason=blocked>
                        {move || if delete.pending().get() { t!(Deleting)() } else { t!(DeleteOrganization)() }}
                    </Button>
                </div>
            </form>
        </Dialog>
    }
}
