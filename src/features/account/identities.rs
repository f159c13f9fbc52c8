//! Other services that one signs in by: linked, to be linked, taken off.

use crate::client;
use crate::i18n::{Key, date, text, text_with, words};
use crate::paths;
use crate::session::submission::Submission;
use crate::shell::provider_buttons::ProviderButton;
use crate::ui::button::{Button, ButtonKind};
use crate::{args, t};
use leptos::prelude::*;
use pulze_contract::account::{Account, Identity};
use pulze_contract::session::ProviderPurpose;

#[component]
pub fn Identities(account: RwSignal<Option<Account>>, #[prop(into)] on_changed: Callback<()>) -> impl IntoView {
    let of = move || account.get().map(|account| (account.has_password, account.identities, account.linkable));
    // Where the installation knows no such service, there is nothing to say.
    let content = move || {
        let (has_password, identities, linkable) = of()?;
        if identities.is_empty() && linkable.is_empty() {
            return None;
        }
        let only = !has_password && identities.len() == 1;
        let back = Callback::new(|()| paths::ACCOUNT.to_owned());
        Some(view! {
            <section class="card" aria-labelledby="identities-title">
                <h2 id="identities-title">{t!(Identities)}</h2>
                <ul class="account-list">
                    {identities.into_iter().map(|identity| view! { <Linked identity only on_changed/> }).collect_view()}
                </ul>
                <div class="providers">
                    {linkable.into_iter().map(|provider| view! { <ProviderButton provider purpose=ProviderPurpose::Link return_to=back/> }).collect_view()}
                </div>
            </section>
        })
    };
    view! { {content} }
}

#[component]
fn Linked(identity: Identity, only: bool, on_changed: Callback<()>) -> impl IntoView {
    let sending = Submission::of_button();
    let Identity { provider, name, email, linked_at } = identity;
    let hint = name.clone();
    let take_off = move |()| {
        let provider = provider.clone();
        sending.send(async move { client::identity_delete(&provider).await }, move |()| {
            on_changed.try_run(());
        });
    };
    let reason = Signal::derive(move || only.then(|| text(Key::OnlyWayIn)));
    view! {
        <li>
            <span class="person-text">
                <span class="person-name"><bdi translate="no">{name}</bdi></span>
                <span class="person-email"><bdi translate="no">{email}</bdi>" "{words(move || text_with(Key::LinkedOn, args!(date = date(linked_at))))}</span>
            </span>
            <Button kind=ButtonKind::Quiet busy=sending.busy() disabled_reason=reason on_click=take_off>{words(move || text_with(Key::TakeOff, args!(name = hint.clone())))}</Button>
        </li>
    }
}
