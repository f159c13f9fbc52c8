//! The difference in words, and then all of it at once.

use super::{Grid, Pending, grant_text};
use crate::client;
use crate::i18n::{Key, date, plural, text_with, words};
use crate::session::submission::Submission;
use crate::ui::button::{Button, ButtonKind};
use crate::ui::dialog::Dialog;
use crate::ui::toast::{Toast, Toasts};
use crate::{args, t};
use leptos::prelude::*;
use pulze_contract::OrganizationId;
use pulze_contract::access::AccessChange;

#[component]
pub fn Review(grid: Grid, open: RwSignal<bool>, #[prop(into)] on_applied: Callback<()>) -> impl IntoView {
    let toasts = Toasts::expect();
    let sending = Submission::of_form();
    let busy = sending.busy();
    let apply = move |()| {
        let (organization, changes) = (grid.organization.get_value(), grid.changes());
        let count = u32::try_from(changes.len()).unwrap_or(u32::MAX);
        let of = organization.clone();
        sending.send(async move { client::access_update(&of, changes).await }, move |done| {
            grid.pending.set(Vec::new());
            open.set(false);
            on_applied.try_run(());
            let before = done.before.clone();
            let back = move || undo(organization.clone(), before.clone(), on_applied);
            toasts.show(Toast::undoable(plural(Key::GridApplied, count), back));
        });
    };
    let lines = move || {
        let line = |Pending { member, space, before, after, .. }: &Pending| {
            let (name, space, after_role) = (member.clone(), space.clone(), grant_text(*after));
            let ends = after.and_then(|(_, ends_at)| ends_at);
            // The last day, not the midnight after it.
            let until = ends.map(|at| text_with(Key::EndsWhen, args!(when = date(at - 1))));
            let after = until.map_or_else(|| after_role.clone(), |until| format!("{after_role}, {until}"));
            let said =
                text_with(Key::GridDifference, args!(name = name, space = space, before = grant_text(*before), after = after));
            view! { <li>{said}</li> }
        };
        grid.pending.read().iter().map(line).collect_view()
    };
    view! {
        <Dialog open title=Signal::derive(t!(SpaceAccess)) busy>
            <div class="dialog-form">
                <p class="dialog-text">{words(move || plural(Key::GridChanges, u32::try_from(grid.pending.read().len()).unwrap_or(u32::MAX)))}</p>
                <ul class="history checked-rows">{lines}</ul>
                <p class="form-error" role="alert">{move || sending.of_field("ends_at").or_else(|| sending.sentence().get())}</p>
                <div class="dialog-footer">
                    <Button on_click=move |()| open.set(false)>{t!(Cancel)}</Button>
                    <Button kind=ButtonKind::Primary busy on_click=apply>
                        {move || if busy.get() { t!(Applying)() } else { t!(Apply)() }}
                    </Button>
                </div>
            </div>
        </Dialog>
    }
}

async fn undo(organization: OrganizationId, before: Vec<AccessChange>, on_applied: Callback<()>) -> client::Result<()> {
    client::access_update(&organization, before).await?;
    on_applied.try_run(());
    Ok(())
}
