//! The frame around every page: sign-in in place while nobody is signed in, so the URL survives.

use crate::i18n::{Key, text_with};
use crate::paths;
use crate::session::{Session, Stage};
use crate::shell::header::Header;
use crate::shell::live::LIVE;
use crate::shell::preferences;
use crate::shell::sign_in::SignIn;
use crate::ui::browser;
use crate::ui::focus;
use crate::ui::lazy::Background;
use crate::ui::load::{Failure, Skeleton};
use crate::ui::toast::{Toast, ToastRegion, Toasts};
use crate::ui::unsaved_changes::UnsavedChangesGuard;
use crate::{args, t};
use leptos::prelude::*;
use leptos_router::hooks::{use_location, use_navigate};
use pulze_contract::OrganizationId;

#[component]
pub fn Frame(children: ChildrenFn) -> impl IntoView {
    let location = use_location();
    let organization_id = Memo::new(move |_| paths::organization_of(&location.pathname.read()));
    let invited = Memo::new(move |_| *location.pathname.read() == paths::INVITATION);
    let session = Session::provide(organization_id.into());
    preferences::apply_theme();
    focus::keep();
    // A sentence about a page that is gone belongs to its address.
    Effect::new(move |before: Option<String>| {
        let path = location.pathname.get();
        if let Some(before) = before.filter(|before| *before != path) {
            session.notice().set(None);
            focus::came(&before, &path);
        }
        path
    });
    // Another person begins with nothing of the one before.
    let viewer = session.viewer();
    let person = Memo::new(move |_| viewer.read().as_ref().map(|viewer| viewer.user_id.to_string()).unwrap_or_default());
    let stage = session.stage();
    let navigate = use_navigate();
    view! {
        <a class="skip-link" href="#content">{t!(SkipToContent)}</a>
        <Background load=LIVE/>
        {move || match stage.get() {
            Stage::Loading => view! { <BootFrame/> }.into_any(),
            Stage::Failed(error) => view! {
                <main class="alone" id="content"><Failure error on_retry=move |()| session.refresh()/></main>
            }.into_any(),
            // An invitation is shown to whoever holds its link.
            Stage::SignedOut if invited.get() => children().into_any(),
            Stage::SignedOut => view! { <SignIn/> }.into_any(),
            Stage::SignedIn => {
                // Read, not only tracked: a memo that was never read counts as changed the first time.
                let _ = person.get();
                view! {
                    <Header/>
                    <Switched/>
                    {children()}
                }.into_any()
            }
        }}
        <UnsavedChangesGuard on_leave=move |path: String| navigate(&path, Default::default())/>
        <ToastRegion/>
    }
}

/// The tab says so when it comes to show another organization than before.
#[component]
fn Switched() -> impl IntoView {
    let session = Session::expect();
    let organization = session.organization();
    let id = Memo::new(move |_| organization.read().as_ref().map(|organization| organization.id.clone()));
    let toasts = Toasts::expect();
    Effect::new(move |before: Option<Option<OrganizationId>>| {
        let now = id.get();
        let before = before.flatten();
        if let Some(now) = &now {
            browser::store("pulze.organization", now.as_str());
            if before.as_ref().is_some_and(|before| before != now) {
                let name = organization.get_untracked().map(|organization| organization.name).unwrap_or_default();
                toasts.show(Toast::good(text_with(Key::SwitchedTo, args!(name = name))));
            }
        }
        now.or(before)
    });
}

/// The header's and a page's shape, while the session is asked for.
#[component]
fn BootFrame() -> impl IntoView {
    // Not a literal: a fully static element would be made through HTML.
    let header = "header";
    view! {
        <div class=header aria-hidden="true"></div>
        <main class="page" id="content"><Skeleton lines=4/></main>
    }
}
