//! Signing in, in place: the address stays, and the page that it names follows.

use crate::client;
use crate::i18n::{Key, text};
use crate::lazy_part;
use crate::session::Session;
use crate::shell::page::PageTitle;
use crate::shell::preferences::Preferences;
use crate::shell::provider_buttons::ProviderButtons;
use crate::t;
use crate::ui::browser;
use crate::ui::button::{Button, ButtonKind};
use crate::ui::field::{FieldKind, TextField};
use crate::ui::lazy::{Lazy, Load};
use leptos::prelude::*;
use pulze_contract::session::{ProviderPurpose, SessionCreate};

/// To be fetched by whoever is not signed in; most visits begin signed in.
const FORM: Load<()> = || Box::pin(sign_in_form());

lazy_part!(sign_in_form, |_given: ()| view! { <SignInForm/> }.into_any());

#[component]
pub fn SignIn() -> impl IntoView {
    let notice = Session::expect().notice();
    view! {
        <main class="sign-in" id="content">
            <div class="sign-in-card">
                <PageTitle title=Signal::derive(t!(SignIn)) purpose=Signal::derive(t!(SignInPurpose))/>
                {move || notice.get().map(|notice| view! { <p class="note" role="status">{notice}</p> })}
                <Lazy load=FORM given=() lines=4/>
            </div>
            <Preferences/>
        </main>
    }
}

/// Email and password, wherever they are asked for.
#[component]
pub fn SignInForm() -> impl IntoView {
    let session = Session::expect();
    let email = RwSignal::new(String::new());
    let password = RwSignal::new(String::new());
    let submitted = RwSignal::new(false);
    let create = Action::new_local(|body: &SessionCreate| {
        let body = body.clone();
        async move { client::session_create(&body).await }
    });
    Effect::watch(
        move || create.value().get(),
        move |result, _, _| {
            if let Some(Ok(viewer)) = result {
                session.set_viewer(viewer.clone());
            }
        },
        false,
    );
    let required = move |value: RwSignal<String>| {
        Signal::derive(move || (submitted.get() && value.read().trim().is_empty()).then(|| text(Key::RuleRequired)))
    };
    let failure = move || create.value().get().and_then(Result::err).map(|error| error.sentence());
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        submitted.set(true);
        let body = SessionCreate { email: email.get_untracked(), password: password.get_untracked() };
        if !body.email.trim().is_empty() && !body.password.is_empty() && !create.pending().get_untracked() {
            create.dispatch(body);
        }
    };
    view! {
        <form class="sign-in-form" novalidate=true on:submit=submit>
            <TextField label=Signal::derive(t!(Email)) value=email kind=FieldKind::Email required=true first=true error=required(email)/>
            <TextField label=Signal::derive(t!(Password)) value=password kind=FieldKind::Password required=true error=required(password)/>
            <p class="form-error" role="alert">{failure}</p>
            <Button kind=ButtonKind::Primary submits=true busy=create.pending()>
                {move || if create.pending().get() { t!(SigningIn)() } else { t!(SignIn)() }}
            </Button>
        </form>
        <ProviderButtons purpose=ProviderPurpose::SignIn return_to=Callback::new(|()| browser::address())/>
    }
}
