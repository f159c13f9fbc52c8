//! A new password: every other session ends with the old one.

use crate::client::{self, ClientError, error::rule_text};
use crate::i18n::{Key, label, text};
use crate::session::submission::Submission;
use crate::t;
use crate::ui::button::Button;
use crate::ui::field::{FieldKind, TextField};
use crate::ui::toast::{Toast, Toasts};
use leptos::prelude::*;
use pulze_contract::account::PasswordUpdate;
use pulze_contract::validation;

#[component]
pub fn PasswordForm(has_password: bool, #[prop(into)] on_changed: Callback<()>) -> impl IntoView {
    let toasts = Toasts::expect();
    let (current, new) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let (submitted, sending) = (RwSignal::new(false), Submission::of_form());
    let (busy, failure) = (sending.busy(), sending.failure());
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        submitted.set(true);
        let valid =
            validation::new_password(&new.read_untracked()).is_ok() && !(has_password && current.read_untracked().is_empty());
        if !valid || busy.get_untracked() {
            return;
        }
        let body = PasswordUpdate { current: current.get_untracked(), new: new.get_untracked() };
        let told = move |(): &()| {
            toasts.show(Toast::good(text(Key::PasswordChanged)));
            on_changed.try_run(());
        };
        sending.send_then(async move { client::password_update(&body).await }, told, move |()| {
            submitted.set(false);
            current.set(String::new());
            new.set(String::new());
        });
    };
    let wrong_current = Signal::derive(move || {
        let missing = submitted.get() && current.read().is_empty();
        let wrong = failure.read().as_ref().is_some_and(ClientError::is_wrong_password);
        if missing { Some(text(Key::RuleRequired)) } else { wrong.then(|| text(Key::WrongPassword)) }
    });
    let wrong_new = Signal::derive(move || {
        let rule = validation::new_password(&new.read()).err().filter(|_| submitted.get()).map(rule_text);
        rule.or_else(|| failure.read().as_ref().and_then(|error| error.of_field("new")))
    });
    let sentence = move || failure.read().as_ref().filter(|error| !error.is_wrong_password()).map(ClientError::sentence);
    let title = if has_password { Key::ChangePassword } else { Key::SetPassword };
    view! {
        <form class="card form" novalidate=true aria-label=label(title) on:submit=submit>
            <h2>{label(title)}</h2>
            {has_password.then(|| view! {
                <TextField label=Signal::derive(t!(CurrentPassword)) value=current kind=FieldKind::Password required=true error=wrong_current/>
            })}
            <TextField
                label=Signal::derive(t!(NewPassword))
                value=new
                kind=FieldKind::NewPassword
                required=true
                hint=Signal::derive(t!(NewPasswordHint))
                error=wrong_new
            />
            <p class="form-error" role="alert">{sentence}</p>
            <div class="form-footer"><Button submits=true busy>{label(title)}</Button></div>
        </form>
    }
}
