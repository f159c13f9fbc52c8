//! Whether one's address is verified, and the mail by which it becomes so.

use crate::client::{self, Listener};
use crate::i18n::{Key, text, text_with};
use crate::session::Session;
use crate::ui::button::Button;
use crate::{args, t};
use leptos::prelude::*;

#[component]
pub fn EmailState() -> impl IntoView {
    let viewer = Session::expect().viewer();
    // None while nobody is signed in any more.
    let verified = Memo::new(move |_| viewer.read().as_ref().map(|viewer| viewer.email_verified));
    let (busy, said) = (RwSignal::new(false), RwSignal::new(None::<Result<String, String>>));
    let listener = Listener::here();
    let send = move |()| {
        let email = viewer.get_untracked().map(|viewer| viewer.email).unwrap_or_default();
        busy.set(true);
        said.set(None);
        listener.hear(client::email_verification_create(), move |answer| {
            busy.set(false);
            let sentence = match answer {
                Ok(true) => Ok(text_with(Key::VerificationSent, args!(email = email))),
                // Nothing was sent: whoever looks after the installation has the link.
                Ok(false) => Ok(text(Key::VerificationKept)),
                Err(error) => Err(error.sentence()),
            };
            said.set(Some(sentence));
        });
    };
    view! {
        {move || match verified.get() {
            None => ().into_any(),
            Some(true) => view! { <p><span class="badge" data-kind="good">{t!(EmailVerified)}</span></p> }.into_any(),
            Some(false) => view! {
                <p><span class="badge" data-kind="warning">{t!(EmailNotVerified)}</span></p>
                <p class="field-hint">{t!(EmailNotVerifiedHint)}</p>
                <p><Button busy on_click=send>{t!(SendVerification)}</Button></p>
                {move || said.get().and_then(Result::ok).map(|said| view! { <p class="note" role="status">{said}</p> })}
                <p class="form-error" role="alert">{move || said.get().and_then(Result::err)}</p>
            }
            .into_any(),
        }}
    }
}
