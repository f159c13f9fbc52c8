//! `/verify#secret`: the link that was mailed to the address of an account proves that it is its owner's.

use crate::client::{self, Reading};
use crate::i18n::{Key, text_with};
use crate::lazy_part;
use crate::paths;
use crate::session::Session;
use crate::shell::page::PageTitle;
use crate::ui::browser;
use crate::ui::lazy::{Lazy, Load};
use crate::ui::load::Skeleton;
use crate::{args, t};
use leptos::prelude::*;

#[component]
pub fn VerifyPage() -> impl IntoView {
    view! { <Lazy load=VERIFY given=() lines=3/> }
}

const VERIFY: Load<()> = || Box::pin(verify());

lazy_part!(verify, |_given: ()| view! { <VerifyContent/> }.into_any());

#[component]
fn VerifyContent() -> impl IntoView {
    let session = Session::expect();
    let viewer = session.viewer();
    let secret = browser::fragment();
    let reading = Reading::new(move || client::email_verify(secret.clone()));
    // What waits for the address shows now.
    Effect::new(move || {
        if let Some(Ok(())) = reading.get() {
            session.refresh();
        }
    });
    // Whether it is proved is known from the account as well: a link that is opened a second time has done its work.
    let verified =
        Memo::new(move |_| viewer.read().as_ref().filter(|viewer| viewer.email_verified).map(|viewer| viewer.email.clone()));
    view! {
        <main class="page alone" id="content">
            <PageTitle title=Signal::derive(t!(VerifyEmail)) purpose=Signal::derive(t!(VerifyEmailPurpose))/>
            <section class="card" aria-label=t!(VerifyEmail)>
                {move || match (verified.get(), reading.get()) {
                    (Some(email), _) => view! {
                        <p role="status">{move || text_with(Key::EmailIsVerified, args!(email = email.clone()))}</p>
                    }
                    .into_any(),
                    (None, Some(Err(error))) => view! { <p class="form-error" role="alert">{error.sentence()}</p> }.into_any(),
                    (None, _) => view! { <Skeleton lines=2/> }.into_any(),
                }}
                <p class="card-actions"><a class="button" href=paths::ACCOUNT>{t!(Account)}</a></p>
            </section>
        </main>
    }
}
