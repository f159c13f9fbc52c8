//! Where one is signed in: this device, and the others, each to be ended.

use crate::client::{self, Reading};
use crate::i18n::{Key, date_time, relative, text, text_with, words};
use crate::session::submission::Submission;
use crate::ui::button::{Button, ButtonKind};
use crate::ui::load::{Failure, Skeleton};
use crate::ui::toast::{Toast, Toasts};
use crate::{args, t};
use leptos::prelude::*;
use pulze_contract::account::SignedInDevice;

#[component]
pub fn SessionListView() -> impl IntoView {
    let toasts = Toasts::expect();
    let reading = Reading::new(client::session_list);
    let sessions = move || reading.get().and_then(Result::ok).map(|list| list.sessions).unwrap_or_default();
    let several = Memo::new(move |_| sessions().len() > 1);
    let sending = Submission::of_button();
    let end_others = move |()| {
        sending.send(client::sessions_end_others(), move |()| {
            toasts.show(Toast::good(text(Key::OthersEnded)));
            reading.again();
        });
    };
    let again = Callback::new(move |()| reading.again());
    view! {
        <section class="card" aria-labelledby="devices-title">
            <h2 id="devices-title">{t!(SignedInOn)}</h2>
            {move || match reading.get() {
                None => view! { <Skeleton lines=3/> }.into_any(),
                Some(Err(error)) => view! { <Failure error on_retry=again/> }.into_any(),
                Some(Ok(_)) => ().into_any(),
            }}
            <ul class="account-list">
                <For each=sessions key=|session| (session.id.clone(), session.last_used_at) let(session)>
                    <Device session on_ended=again/>
                </For>
            </ul>
            {move || several.get().then(|| view! {
                <p class="card-actions"><Button busy=sending.busy() on_click=end_others>{t!(EndOthers)}</Button></p>
            })}
        </section>
    }
}

#[component]
fn Device(session: SignedInDevice, on_ended: Callback<()>) -> impl IntoView {
    let toasts = Toasts::expect();
    let sending = Submission::of_button();
    let SignedInDevice { id, device, address, created_at, last_used_at, current } = session;
    let name = move || if device.is_empty() { text(Key::UnknownDevice) } else { device.clone() };
    let named = name.clone();
    let end = move |()| {
        let id = id.clone();
        sending.send(async move { client::session_end(&id).await }, move |()| {
            toasts.show(Toast::good(text(Key::SessionEnded)));
            on_ended.try_run(());
        });
    };
    let used = move || {
        let values = args!(address = address.clone(), used = relative(last_used_at), since = date_time(created_at));
        text_with(Key::SessionUsed, values)
    };
    view! {
        <li>
            <span class="person-text">
                <span class="person-name">
                    <bdi translate="no">{words(named)}</bdi>
                    {current.then(|| view! { <span class="badge" data-kind="accent">{t!(ThisOne)}</span> })}
                </span>
                <span class="person-email">{words(used)}</span>
            </span>
            {(!current).then(|| view! {
                <Button kind=ButtonKind::Quiet busy=sending.busy() on_click=end>{words(move || text_with(Key::EndSession, args!(name = name())))}</Button>
            })}
        </li>
    }
}
