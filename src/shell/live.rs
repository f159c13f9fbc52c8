//! What happens elsewhere shows here within a second: the stream of this tab's organization, heard by one tab for all.

use super::role::role_key;
use crate::client;
use crate::i18n::{Key, text};
use crate::session::Session;
use crate::session::tabs::{TabMessage, Tabs, in_one_tab};
use crate::ui::browser;
use crate::ui::toast::{Toast, Toasts};
use leptos::prelude::*;
use leptos::task::spawn_local;
use pulze_contract::OrganizationId;
use pulze_contract::live::{LiveEvent, LiveKind};
use pulze_contract::organization::OrganizationSummary;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::{EventSource, MessageEvent};

/// A page that was out of sight for longer than this may have missed something, in milliseconds.
const ASLEEP_MS: i64 = 60_000;

/// Follows the organization of this tab, and the other tabs, for as long as the owner lives.
pub fn follow(session: Session) {
    let toasts = Toasts::expect();
    let heard = move |organization: OrganizationId, event: LiveEvent| {
        if session.organization_id().get_untracked().as_ref() == Some(&organization) {
            take(session, toasts, organization, event);
        }
    };
    let tabs = Tabs::listen(move |message| match message {
        TabMessage::SignedOut => session.set_viewer(None),
        // Somebody signed in or proved who they are in another tab: it is asked who.
        TabMessage::SignedIn(_) | TabMessage::Confirmed => session.refresh(),
        TabMessage::Happened(organization, event) => heard(organization, event),
    });
    provide_context(tabs);
    // Who is signed in here is told to the other tabs when it changes.
    let viewer = session.viewer();
    let user = Memo::new(move |_| viewer.read().as_ref().map(|viewer| viewer.user_id.clone()));
    Effect::new(move |before: Option<Option<_>>| {
        let now = user.get();
        match (before, &now) {
            (Some(Some(_)), None) => tabs.tell(&TabMessage::SignedOut),
            (Some(before), Some(user)) if before.as_ref() != Some(user) => tabs.tell(&TabMessage::SignedIn(user.clone())),
            _ => {}
        }
        now
    });
    let followed = Memo::new(move |_| {
        let id = session.organization_id().get()?;
        viewer.read().as_ref()?.organizations.iter().any(|organization| organization.id == id).then_some(id)
    });
    // One stream an organization and person: made anew where either changes.
    Effect::new(move || {
        let Some((organization, user)) = followed.get().zip(user.get()) else { return };
        let name = format!("pulze-live {organization} {user}");
        in_one_tab(&name, move || open(organization.clone(), tabs, heard));
    });
    let slept = StoredValue::new(browser::now());
    let woke = window_event_listener_untyped("visibilitychange", move |_| {
        let hidden = browser::document().hidden();
        if hidden {
            slept.set_value(browser::now());
        } else if browser::now() - slept.get_value() > ASLEEP_MS {
            session.refresh();
        }
    });
    on_cleanup(move || woke.remove());
}

/// Opens the stream; the browser opens it again where it breaks off.
fn open(organization: OrganizationId, tabs: Tabs, heard: impl Fn(OrganizationId, LiveEvent) + 'static) -> Box<dyn FnOnce()> {
    let Ok(source) = EventSource::new(&client::organization_events(&organization)) else { return Box::new(|| ()) };
    let ended = source.clone();
    let listener = Closure::<dyn Fn(MessageEvent)>::new(move |message: MessageEvent| {
        let Some(event) = message.data().as_string().and_then(|text| serde_json::from_str::<LiveEvent>(&text).ok()) else {
            return;
        };
        // The server ends the stream then: coming back would be refused.
        if matches!(event.kind, LiveKind::SessionEnded | LiveKind::OrganizationDeleted) {
            ended.close();
        }
        tabs.tell(&TabMessage::Happened(organization.clone(), event.clone()));
        heard(organization.clone(), event);
    });
    source.set_onmessage(Some(listener.as_ref().unchecked_ref()));
    Box::new(move || {
        source.set_onmessage(None);
        source.close();
        drop(listener);
    })
}

/// Takes up what happened.
fn take(session: Session, toasts: Toasts, organization: OrganizationId, event: LiveEvent) {
    let before = session.organization().get_untracked();
    match event.kind {
        LiveKind::Begun | LiveKind::Account => session.refresh(),
        LiveKind::Members => {
            session.members_changed().update(|count| *count += 1);
            session.refresh();
        }
        LiveKind::Organization => {
            session.refresh();
            spawn_local(async move {
                if let Ok(organization) = client::organization_read(&organization).await {
                    session.remember(organization);
                }
            });
        }
        LiveKind::SessionEnded => {
            session.notice().set(Some(text(Key::NoticeSessionEnded, &[])));
            session.set_viewer(None);
        }
        LiveKind::OrganizationDeleted => {
            if let Some(before) = before {
                let values = [("name", before.name), ("by", by(&event))];
                session.notice().set(Some(text(Key::NoticeDeleted, &values)));
            }
            session.forget(&organization);
            session.refresh();
        }
        LiveKind::Access => {
            let Some(before) = before else { return session.refresh() };
            spawn_local(async move {
                let Ok(answer) = client::session_read().await else { return };
                let now = answer.viewer.as_ref().map(|viewer| viewer.organizations.clone()).unwrap_or_default();
                let now = now.into_iter().find(|one| one.id == organization);
                // Before the page goes: what replaces it says why.
                tell_of_access(session, toasts, &before, now.as_ref(), &event);
                session.take(answer);
            });
        }
    }
}

fn by(event: &LiveEvent) -> String {
    if event.by.is_empty() { text(Key::BySomebody, &[]) } else { event.by.clone() }
}

/// Says what became of the reader's access, where it changed.
fn tell_of_access(
    session: Session,
    toasts: Toasts,
    before: &OrganizationSummary,
    now: Option<&OrganizationSummary>,
    event: &LiveEvent,
) {
    let name = before.name.clone();
    let Some(now) = now else {
        session.notice().set(Some(text(Key::NoticeRemoved, &[("name", name), ("by", by(event))])));
        return;
    };
    if now.role != before.role {
        let role = text(role_key(now.role), &[]);
        let said = text(Key::NoticeRole, &[("name", name), ("role", role), ("by", by(event))]);
        session.notice().set(Some(said.clone()));
        toasts.show(Toast::good(said));
    }
}
