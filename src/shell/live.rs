//! What comes after the page and works beside it: what happens elsewhere shows here within a second (the stream of this
//! tab's organization, heard by one tab for all), questions to the person, and the palette.

use super::drafts;
use super::interrupted::Interrupted;
use super::offline_banner::OfflineBanner;
use super::palette::Palette;
use super::role::role_key;
use crate::args;
use crate::client;
use crate::i18n::{Key, text, text_with};
use crate::lazy_part;
use crate::session::tabs::{self, TabMessage, in_one_tab};
use crate::session::{Session, Stage};
use crate::ui::browser;
use crate::ui::lazy::Load;
use crate::ui::toast::{Toast, Toasts};
use leptos::prelude::*;
use leptos::task::spawn_local;
use pulze_contract::OrganizationId;
use pulze_contract::live::{LiveEvent, LiveKind};
use pulze_contract::organization::OrganizationSummary;
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::time::Duration;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::{EventSource, MessageEvent};

/// A page that was out of sight for longer than this may have missed something, in milliseconds.
const ASLEEP_MS: i64 = 60_000;

/// Comes after the page: nothing on it waits for this.
pub const LIVE: Load<()> = || Box::pin(live());

lazy_part!(live, |_given: ()| {
    let session = Session::expect();
    say_outcome();
    follow(session);
    drafts::keep(session);
    let stage = session.stage();
    let signed_in = move || stage.get() == Stage::SignedIn;
    view! {
        <OfflineBanner/>
        {move || signed_in().then(|| view! {
            <Interrupted/>
            <Palette/>
        })}
    }
    .into_any()
});

/// Says once what a provider's answer came to, where the browser was sent back to.
fn say_outcome() {
    let toasts = Toasts::expect();
    let Some(outcome) = browser::take_parameter("sign_in") else { return };
    let (good, said) = match outcome.as_str() {
        "confirmed" => (true, Key::OutcomeConfirmed),
        "linked" => (true, Key::OutcomeLinked),
        "cancelled" => (false, Key::OutcomeCancelled),
        "no-account" => (false, Key::OutcomeNoAccount),
        "account-exists" => (false, Key::OutcomeAccountExists),
        "linked-elsewhere" => (false, Key::OutcomeLinkedElsewhere),
        "other-person" => (false, Key::OutcomeOtherPerson),
        _ => (false, Key::OutcomeFailed),
    };
    let said = text(said);
    if outcome == "confirmed" {
        tabs::tell(&TabMessage::Confirmed);
    }
    toasts.show(if good { Toast::good(said) } else { Toast::bad(said) });
}

/// Follows the organization of this tab, and the other tabs, for as long as the owner lives.
fn follow(session: Session) {
    let toasts = Toasts::expect();
    let known = Known::new(session);
    let heard = move |organization: OrganizationId, event: LiveEvent| {
        // What concerns the person concerns every page of theirs.
        let of_person = matches!(event.kind, LiveKind::Account | LiveKind::SessionEnded | LiveKind::Begun);
        if of_person || session.organization_id().get_untracked().as_ref() == Some(&organization) {
            take(session, toasts, known, organization, event);
        }
    };
    tabs::listen(move |message| match message {
        TabMessage::SignedOut => session.set_viewer(None),
        // Somebody signed in in another tab: it is asked who, unless this one knows.
        TabMessage::SignedIn(user) => {
            if session.user_id() != Some(user) || session.lapsed().get_untracked() {
                session.refresh();
            }
        }
        TabMessage::Confirmed => session.confirmed().update(|count| *count += 1),
        TabMessage::Happened(organization, event) => heard(organization, event),
    });
    // Who is signed in here is told to the other tabs when it changes.
    let viewer = session.viewer();
    let user = Memo::new(move |_| viewer.read().as_ref().map(|viewer| viewer.user_id.clone()));
    Effect::new(move |before: Option<Option<_>>| {
        let now = user.get();
        match (before, &now) {
            (Some(Some(_)), None) => tabs::tell(&TabMessage::SignedOut),
            (Some(before), Some(user)) if before.as_ref() != Some(user) => tabs::tell(&TabMessage::SignedIn(user.clone())),
            _ => {}
        }
        now
    });
    let followed = Memo::new(move |_| {
        let here = session.organization_id().get();
        let viewer = viewer.read();
        let organizations = &viewer.as_ref()?.organizations;
        // A page of no organization, like the account, hears of the person by the first one.
        let found = organizations.iter().find(|organization| Some(&organization.id) == here.as_ref());
        found.or(organizations.first().filter(|_| here.is_none())).map(|organization| organization.id.clone())
    });
    // One stream an organization and person: made anew where either changes.
    Effect::new(move || {
        let Some((organization, user)) = followed.get().zip(user.get()) else { return };
        let name = format!("pulze-live {organization} {user}");
        in_one_tab(&name, move || open(session, organization.clone()));
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

/// A stream that is kept open: broken off, it is opened again after a pause that grows.
struct Stream {
    source: Option<EventSource>,
    /// How often it broke off without anything heard in between.
    failures: u32,
    over: bool,
}

/// Opens the stream.
fn open(session: Session, organization: OrganizationId) -> Box<dyn FnOnce()> {
    let stream = Rc::new(RefCell::new(Stream { source: None, failures: 0, over: false }));
    connect(session, organization, stream.clone());
    Box::new(move || {
        let mut stream = stream.borrow_mut();
        stream.over = true;
        close(&mut stream);
    })
}

fn close(stream: &mut Stream) {
    if let Some(source) = stream.source.take() {
        source.set_onmessage(None);
        source.set_onerror(None);
        source.close();
    }
}

fn connect(session: Session, organization: OrganizationId, stream: Rc<RefCell<Stream>>) {
    if stream.borrow().over {
        return;
    }
    let Ok(source) = EventSource::new(&client::organization_events(&organization)) else { return };
    let on_message = {
        let (stream, organization) = (stream.clone(), organization.clone());
        Closure::<dyn Fn(MessageEvent)>::new(move |message: MessageEvent| {
            let Some(event) = message.data().as_string().and_then(|text| serde_json::from_str::<LiveEvent>(&text).ok()) else {
                return;
            };
            stream.borrow_mut().failures = 0;
            session.set_unreachable(false);
            // The server ends the stream then: coming back would be refused.
            if matches!(event.kind, LiveKind::SessionEnded | LiveKind::OrganizationDeleted) {
                stream.borrow_mut().over = true;
                close(&mut stream.borrow_mut());
            }
            // This tab hears it by the same way as the others.
            tabs::tell(&TabMessage::Happened(organization.clone(), event));
        })
    };
    let on_error = {
        let stream = stream.clone();
        Closure::<dyn Fn()>::new(move || {
            let failures = {
                let mut stream = stream.borrow_mut();
                close(&mut stream);
                stream.failures += 1;
                stream.failures
            };
            let (stream, organization) = (stream.clone(), organization.clone());
            spawn_local(async move {
                // Broken off, or nobody signed in any more: the session says which.
                match client::session_read().await {
                    Ok(answer) => {
                        session.set_unreachable(false);
                        session.take(answer);
                    }
                    Err(_) => session.set_unreachable(true),
                }
                set_timeout(move || connect(session, organization, stream), pause(failures));
            });
        })
    };
    source.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    source.set_onerror(Some(on_error.as_ref().unchecked_ref()));
    // As long as the source lives; the browser lets go of both together.
    on_message.forget();
    on_error.forget();
    stream.borrow_mut().source = Some(source);
}

/// From a second up to half a minute, each twice the one before, and drawn: after a restart not all come at once.
fn pause(failures: u32) -> Duration {
    let longest = 1000.0 * f64::from(1_u32 << failures.saturating_sub(1).min(5));
    Duration::from_secs_f64(longest.min(30_000.0) * (0.5 + js_sys::Math::random() / 2.0) / 1000.0)
}

/// The reader's organizations as the reader was last told of them. Whatever else asked the server first, a page that found
/// its organization gone for one, may know the news already: what it was before is not lost by that.
#[derive(Clone, Copy)]
struct Known(StoredValue<HashMap<OrganizationId, OrganizationSummary>>);

impl Known {
    fn new(session: Session) -> Self {
        let known = Self(StoredValue::new(HashMap::new()));
        let (viewer, user) = (session.viewer(), StoredValue::new(None));
        Effect::new(move || {
            let viewer = viewer.read();
            known.0.update_value(|known| {
                // Another person begins with nothing of the one before.
                let now = viewer.as_ref().map(|viewer| viewer.user_id.clone());
                if user.get_value() != now {
                    user.set_value(now);
                    known.clear();
                }
                for organization in viewer.iter().flat_map(|viewer| &viewer.organizations) {
                    let entry = known.entry(organization.id.clone()).or_insert_with(|| organization.clone());
                    entry.name.clone_from(&organization.name);
                }
            });
        });
        known
    }

    fn before(self, organization: &OrganizationId) -> Option<OrganizationSummary> {
        self.0.with_value(|known| known.get(organization).cloned())
    }

    fn told(self, organization: &OrganizationId, now: Option<OrganizationSummary>) {
        self.0.update_value(|known| match now {
            Some(now) => {
                known.insert(organization.clone(), now);
            }
            None => {
                known.remove(organization);
            }
        });
    }
}

/// Takes up what happened.
fn take(session: Session, toasts: Toasts, known: Known, organization: OrganizationId, event: LiveEvent) {
    let before = known.before(&organization);
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
            session.notice().set(Some(text(Key::NoticeSessionEnded)));
            session.set_viewer(None);
        }
        LiveKind::OrganizationDeleted => {
            if let Some(before) = before {
                let values = args!(name = before.name, by = by(&event));
                session.notice().set(Some(text_with(Key::NoticeDeleted, values)));
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
                known.told(&organization, now);
                session.take(answer);
            });
        }
    }
}

fn by(event: &LiveEvent) -> String {
    if event.by.is_empty() { text(Key::BySomebody) } else { event.by.clone() }
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
        session.notice().set(Some(text_with(Key::NoticeRemoved, args!(name = name, by = by(event)))));
        return;
    };
    if now.role != before.role {
        let role = text(role_key(now.role));
        let said = text_with(Key::NoticeRole, args!(name = name, role = role, by = by(event)));
        session.notice().set(Some(said.clone()));
        toasts.show(Toast::good(said));
    }
}
