//! Somebody else saved in between: both versions, field by field.

use super::profile_form::Draft;
use crate::i18n::{Key, date_time, label, text, words};
use crate::t;
use crate::ui::button::Button;
use leptos::prelude::*;
use pulze_contract::problem::Conflict;

#[component]
pub fn ConflictPanel(conflict: Conflict, draft: Draft) -> impl IntoView {
    let theirs = conflict.current;
    let word = |on: bool| text(if on { Key::On } else { Key::Off });
    let may_invite = theirs.editors_may_invite;
    // Field, mine, theirs, and how theirs is taken.
    let typed = |key: Key, mine: RwSignal<String>, theirs: String| {
        let take = theirs.clone();
        (key, Signal::derive(move || mine.get()), theirs, Callback::new(move |()| mine.set(take.clone())))
    };
    let rows = [
        typed(Key::OrganizationName, draft.name, theirs.summary.name),
        typed(Key::LogoUrl, draft.logo_url, theirs.summary.logo_url.unwrap_or_default()),
        typed(Key::ReportingTimeZone, draft.time_zone, theirs.reporting_time_zone),
        typed(Key::MailLanguage, draft.language, theirs.language),
        (
            Key::EditorsMayInvite,
            Signal::derive(move || word(draft.editors_may_invite.get())),
            word(may_invite),
            Callback::new(move |()| draft.editors_may_invite.set(may_invite)),
        ),
    ];
    let (name, at) = (conflict.changed_by, conflict.changed_at);
    view! {
        <section class="conflict" role="alert">
            <h3>{t!(ConflictTitle, name = name)}</h3>
            <p>{words(move || date_time(at))}" · "{t!(ConflictExplained)}</p>
            <table class="table">
                <thead>
                    <tr>
                        <th scope="col">{t!(ConflictField)}</th>
                        <th scope="col">{t!(ConflictYours)}</th>
                        <th scope="col">{t!(ConflictTheirs)}</th>
                        <td></td>
                    </tr>
                </thead>
                <tbody>
                    {rows.into_iter().map(|(key, mine, theirs, take)| {
                        let other = theirs.clone();
                        let differs = move || *mine.read() != other;
                        let theirs = StoredValue::new(theirs);
                        view! {
                            <Show when=differs>
                                <tr>
                                    <th scope="row">{label(key)}</th>
                                    <td>{move || mine.get()}</td>
                                    <td>{move || theirs.get_value()}</td>
                                    <td><Button on_click=take>{t!(TakeTheirs)}</Button></td>
                                </tr>
                            </Show>
                        }
                    }).collect_view()}
                </tbody>
            </table>
        </section>
    }
}
