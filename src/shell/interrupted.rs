//! Asks in place, over the page as it stands: to sign in again after the session ended, or to prove who one is.
//! What was typed stays; another person sees nothing of it.

use crate::client::{self, ClientError, Listener, interruption, interruption::Interruption};
use crate::i18n::{Key, label, text};
use crate::lazy_part;
use crate::session::Session;
use crate::session::tabs::{self, TabMessage};
use crate::shell::provider_buttons::ProviderButtons;
use crate::t;
use crate::ui::button::{Button, ButtonKind};
use crate::ui::dialog::Dialog;
use crate::ui::field::{FieldKind, TextField};
use crate::ui::lazy::{Lazy, Load};
use leptos::prelude::*;
use pulze_contract::session::{ProviderPurpose, SessionCreate};
use std::rc::Rc;

/// What is asked, and which requests wait for it.
#[derive(Clone, Copy)]
struct Asking {
    asked: RwSignal<Option<Interruption>>,
    waiting: StoredValue<Vec<js_sys::Function>, LocalStorage>,
}

impl Asking {
    /// Lets every request that waits go on, or give up.
    fn resolve(self, go_on: bool) {
        self.asked.set(None);
        for done in self.waiting.try_update_value(std::mem::take).unwrap_or_default() {
            let _ = done.call1(&wasm_bindgen::JsValue::UNDEFINED, &go_on.into());
        }
    }
}

/// To be fetched by whoever is asked.
const FORM: Load<Given> = || Box::pin(interrupted());

lazy_part!(interrupted, |given: Given| view! { <Form given/> }.into_any());

#[derive(Clone, Copy)]
struct Given {
    asking: Asking,
    kind: Interruption,
}

#[component]
pub fn Interrupted() -> impl IntoView {
    let session = Session::expect();
    let asking = Asking { asked: RwSignal::new(None), waiting: StoredValue::new_local(Vec::new()) };
    let lapsed = session.lapsed();
    interruption::handle(Some(Rc::new(move |kind| {
        Box::pin(async move {
            // A session that has a new token (proved in another tab), or was signed in again there, goes on by itself.
            if kind == Interruption::SignedOut
                && let Ok(answer) = client::session_read().await
            {
                let (now, here) = (answer.viewer.as_ref().map(|viewer| viewer.user_id.clone()), session.user_id());
                if now.is_some() {
                    session.take(answer);
                    return now == here;
                }
                if here.is_none() {
                    return false;
                }
            }
            let promise = js_sys::Promise::new(&mut |done, _| {
                asking.waiting.try_update_value(|waiting| waiting.push(done));
            });
            asking.asked.set(Some(kind));
            wasm_bindgen_futures::JsFuture::from(promise).await.is_ok_and(|go_on| go_on.is_truthy())
        })
    })));
    on_cleanup(move || interruption::handle(None));
    // The session may end without any request: it is asked for all the same.
    Effect::new(move || {
        if lapsed.get() && asking.asked.read_untracked().is_none() {
            asking.asked.set(Some(Interruption::SignedOut));
        }
    });
    // Signed in again in another tab: nothing to ask any more.
    let viewer = session.viewer();
    Effect::new(move |was: Option<bool>| {
        let lapsed = lapsed.get();
        if was == Some(true) && !lapsed && viewer.read_untracked().is_some() {
            asking.resolve(true);
        }
        lapsed
    });
    let confirmed = session.confirmed();
    Effect::new(move |before: Option<u32>| {
        let now = confirmed.get();
        let asked = asking.asked.get_untracked();
        if before.is_some_and(|before| before != now) && asked == Some(Interruption::FreshSignIn) {
            asking.resolve(true);
        }
        now
    });
    let open = RwSignal::new(false);
    Effect::new(move || open.set(asking.asked.read().is_some()));
    // Closed by Escape or its button: a proof is given up; without a session there is no page to go back to.
    Effect::new(move |was: Option<bool>| {
        let is = open.get();
        if was == Some(true) && !is && asking.asked.read_untracked().is_some() {
            match asking.asked.get_untracked() {
                Some(Interruption::SignedOut) => {
                    asking.resolve(false);
                    session.set_viewer(None);
                }
                _ => asking.resolve(false),
            }
        }
        is
    });
    let title = Signal::derive(move || match asking.asked.get() {
        Some(Interruption::FreshSignIn) => text(Key::ConfirmTitle),
        _ => text(Key::LapsedTitle),
    });
    view! {
        <div class="interrupted" data-covers=move || (asking.asked.get() == Some(Interruption::SignedOut)).then_some("true")>
            <Dialog open title>
                {move || asking.asked.get().map(|kind| view! { <Lazy load=FORM given=Given { asking, kind } lines=4/> })}
            </Dialog>
        </div>
    }
}

#[component]
fn Form(given: Given) -> impl IntoView {
    let Given { asking, kind } = given;
    let session = Session::expect();
    let viewer = session.viewer();
    let email = viewer.read_untracked().as_ref().map(|viewer| viewer.email.clone()).unwrap_or_default();
    let has_password = viewer.read_untracked().as_ref().is_some_and(|viewer| viewer.has_password);
    let password = RwSignal::new(String::new());
    let (busy, failure) = (RwSignal::new(false), RwSignal::new(None::<ClientError>));
    let listener = Listener::here();
    let address = email.clone();
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() || password.read_untracked().is_empty() {
            return;
        }
        busy.set(true);
        failure.set(None);
        let (email, password) = (address.clone(), password.get_untracked());
        let answer = async move {
            match kind {
                Interruption::FreshSignIn => client::session_confirm(password).await.map(|()| None),
                Interruption::SignedOut => client::session_create(&SessionCreate { email, password }).await.map(Some),
            }
        };
        listener.hear(answer, move |answer| {
            busy.set(false);
            match answer {
                Ok(signed_in) => {
                    if let Some(viewer) = signed_in {
                        session.set_viewer(viewer);
                    }
                    tabs::tell(&TabMessage::Confirmed);
                    asking.resolve(true);
                }
                Err(error) => failure.set(Some(error)),
            }
        });
    };
    let explained = if kind == Interruption::FreshSignIn { Key::ConfirmExplained } else { Key::LapsedExplained };
    let purpose = if kind == Interruption::FreshSignIn { ProviderPurpose::Confirm } else { ProviderPurpose::SignIn };
    let action = if kind == Interruption::FreshSignIn { Key::ConfirmAction } else { Key::SignIn };
    let leave = if kind == Interruption::FreshSignIn { Key::Cancel } else { Key::SignInAsOther };
    let give_up = move |()| {
        asking.resolve(false);
        if kind == Interruption::SignedOut {
            session.set_viewer(None);
        }
    };
    let wrong = Signal::derive(move || failure.get().map(|error| error.sentence()));
    let nothing_typed = Signal::derive(move || password.read().is_empty().then(|| text(Key::RuleRequired)));
    view! {
        <form class="dialog-form" novalidate=true on:submit=submit>
            <p>{label(explained)}</p>
            <p class="quiet"><bdi translate="no">{email}</bdi></p>
            {has_password.then(|| view! {
                <TextField label=Signal::derive(t!(Password)) value=password kind=FieldKind::Password required=true first=true error=wrong/>
            })}
            // In a tab of its own: this one holds what was typed.
            <ProviderButtons purpose return_to=Callback::new(|()| crate::paths::ACCOUNT.to_owned()) elsewhere=true/>
            <div class="dialog-footer">
                <Button kind=ButtonKind::Quiet on_click=give_up>{label(leave)}</Button>
                {has_password.then(|| view! {
                    <Button kind=ButtonKind::Primary submits=true busy disabled_reason=nothing_typed>{label(action)}</Button>
                })}
            </div>
        </form>
    }
}
