//! What happens, told to open pages as it happens: server-sent events.
//!
//! The change itself writes down what happened, in its transaction; every server looks there a few times a second and
//! passes it on to its own streams. So it makes no difference which server a change was made on, and what was
//! not committed is not told.

use crate::App;
use crate::error::Result;
use crate::service::{Member, sessions};
use crate::store::live::Happened;
use crate::store::{self, Tenant};
use axum::http::HeaderValue;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use pulze_contract::live::{LiveEvent, LiveKind};
use std::collections::HashSet;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{broadcast, watch};

/// How often is looked.
const EVERY: Duration = Duration::from_millis(250);
/// How far back is looked each time, in milliseconds: transactions are not seen in the order of their times, and the
/// clocks of servers differ.
const BACK_MS: i64 = 15_000;
/// How long what happened is kept, in milliseconds.
const KEPT_MS: i64 = 60_000;
/// A sign of life on a stream where nothing happens.
const SIGN_OF_LIFE: Duration = Duration::from_secs(20);
/// How often a stream looks whether its listener is still let in, whatever happens.
const LOOK_AGAIN: Duration = Duration::from_secs(60);
/// What a stream may fall behind before it is told to look at everything.
const BEHIND: usize = 1_000;

/// The streams of this server.
pub struct Live {
    happened: broadcast::Sender<Arc<Happened>>,
    /// Whether the server stops: streams end then, so that it can.
    stops: watch::Sender<bool>,
}

impl Default for Live {
    fn default() -> Self {
        Self { happened: broadcast::channel(BEHIND).0, stops: watch::channel(false).0 }
    }
}

impl Live {
    /// Ends every stream.
    pub fn stop(&self) {
        self.stops.send_replace(true);
    }
}

/// Looks for what happened, for as long as the process lives.
pub async fn run(app: App) {
    let mut told: HashSet<String> = HashSet::new();
    let mut cleared = crate::now();
    loop {
        match look(&app, &mut told).await {
            Ok(()) => {}
            Err(error) => tracing::warn!(%error, "what happened could not be read"),
        }
        let now = crate::now();
        if now - cleared > KEPT_MS {
            cleared = now;
            if let Err(error) = clear(&app, now - KEPT_MS).await {
                tracing::warn!(%error, "what happened could not be cleared away");
            }
        }
        tokio::time::sleep(EVERY).await;
    }
}

async fn look(app: &App, told: &mut HashSet<String>) -> Result<()> {
    let happened = store::live::since(&mut *app.store.read().await?, crate::now() - BACK_MS).await?;
    let ids: HashSet<String> = happened.iter().map(|one| one.id.clone()).collect();
    for one in happened {
        if told.insert(one.id.clone()) {
            // Nobody listens: nobody missed it.
            let _ = app.live.happened.send(Arc::new(one));
        }
    }
    told.retain(|id| ids.contains(id));
    Ok(())
}

async fn clear(app: &App, before: i64) -> Result<()> {
    let mut change = app.store.change(Tenant::Installation).await?;
    store::live::delete_before(&mut change, before).await?;
    change.commit().await
}

/// Who listens to what.
struct Listener {
    organization: String,
    user: String,
    session: String,
}

impl Listener {
    fn concerns(&self, happened: &Happened) -> bool {
        let is = |of: &str, mine: &str| of.is_empty() || of == mine;
        is(&happened.organization, &self.organization)
            && is(&happened.user, &self.user)
            && is(&happened.session, &self.session)
            // What names neither would be everybody's.
            && !(happened.organization.is_empty() && happened.user.is_empty())
    }
}

struct Streaming {
    app: App,
    member: Member,
    listener: Listener,
    happened: broadcast::Receiver<Arc<Happened>>,
    stops: watch::Receiver<bool>,
    begun: bool,
    over: bool,
    /// Something about the listener's access happened: it is looked at before anything else is told.
    doubtful: bool,
}

impl Streaming {
    /// Whether the session runs and the membership stands.
    async fn is_let_in(&self) -> Result<bool> {
        let mut db = self.app.store.read().await?;
        let (organization, user) = (&self.member.organization, &self.member.actor.user_id);
        if store::members::standing(&mut db, organization, user).await?.is_none() {
            return Ok(false);
        }
        match &self.member.actor.session {
            Some(session) => sessions::runs(&mut db, &self.app.config, &session.id).await,
            None => Ok(true),
        }
    }

    /// That the session was ended, where that is what happened and was not told yet. One that ran out just stops.
    async fn ended(&self) -> Result<Option<LiveEvent>> {
        let happened = store::live::since(&mut *self.app.store.read().await?, crate::now() - BACK_MS).await?;
        let ended = |one: &Happened| one.kind == LiveKind::SessionEnded && self.listener.concerns(one);
        Ok(happened.into_iter().find(ended).map(|one| LiveEvent { kind: one.kind, by: one.by }))
    }
}

/// The stream of an organization, for one of its members.
pub fn stream(app: &App, member: &Member) -> Response {
    let listener = Listener {
        organization: member.organization.to_string(),
        user: member.actor.user_id.to_string(),
        session: member.actor.session.as_ref().map(|session| session.id.to_string()).unwrap_or_default(),
    };
    // Listened from here on: nothing falls between the first line and the next.
    let (happened, stops) = (app.live.happened.subscribe(), app.live.stops.subscribe());
    let (app, member) = (app.clone(), member.clone());
    let streaming = Streaming { app, member, listener, happened, stops, begun: false, over: false, doubtful: false };
    let events = stream::unfold(streaming, |mut streaming| async move {
        let told = next(&mut streaming).await?;
        Some((Ok::<_, Infallible>(line(&told)), streaming))
    });
    let mut response = Sse::new(events).keep_alive(KeepAlive::new().interval(SIGN_OF_LIFE)).into_response();
    // nginx holds answers back until its buffers are full, unless an answer says that it must not.
    response.headers_mut().insert("x-accel-buffering", HeaderValue::from_static("no"));
    // Nor may it be compressed on the way: some collect what they compress.
    response.headers_mut().insert("cache-control", HeaderValue::from_static("no-store, no-transform"));
    response
}

fn line(told: &LiveEvent) -> Event {
    let event = Event::default().retry(Duration::from_secs(2));
    event.data(serde_json::to_string(told).unwrap_or_default())
}

async fn next(streaming: &mut Streaming) -> Option<LiveEvent> {
    if streaming.over || *streaming.stops.borrow() {
        return None;
    }
    let begun = || LiveEvent { kind: LiveKind::Begun, by: String::new() };
    if !streaming.begun {
        streaming.begun = true;
        return Some(begun());
    }
    loop {
        if std::mem::take(&mut streaming.doubtful) && !streaming.is_let_in().await.unwrap_or(false) {
            streaming.over = true;
            return streaming.ended().await.unwrap_or(None);
        }
        let happened = tokio::select! {
            happened = streaming.happened.recv() => happened,
            _ = streaming.stops.changed() => return None,
            () = tokio::time::sleep(LOOK_AGAIN) => {
                streaming.doubtful = true;
                continue;
            }
        };
        match happened {
            Ok(happened) if streaming.listener.concerns(&happened) => {
                streaming.doubtful = happened.kind == LiveKind::Access;
                // Of one session: there is nothing to tell, but to look whether it still runs.
                if streaming.doubtful && !happened.session.is_empty() {
                    continue;
                }
                streaming.over = matches!(happened.kind, LiveKind::SessionEnded | LiveKind::OrganizationDeleted);
                return Some(LiveEvent { kind: happened.kind, by: happened.by.clone() });
            }
            Ok(_) => {}
            Err(broadcast::error::RecvError::Lagged(_)) => return Some(begun()),
            Err(broadcast::error::RecvError::Closed) => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_concerns_somebody_is_told_to_them() {
        let listener = Listener { organization: "org_a".to_owned(), user: "user_a".to_owned(), session: "session_a".to_owned() };
        let happened = |organization: &str, user: &str, session: &str| Happened {
            id: String::new(),
            kind: LiveKind::Access,
            organization: organization.to_owned(),
            user: user.to_owned(),
            session: session.to_owned(),
            by: String::new(),
        };
        for (organization, user, session, told) in [
            ("org_a", "", "", true),
            ("org_a", "user_a", "", true),
            ("", "user_a", "", true),
            ("", "user_a", "session_a", true),
            ("org_b", "", "", false),
            ("org_a", "user_b", "", false),
            ("org_b", "user_a", "", false),
            ("", "user_b", "", false),
            ("", "user_a", "session_b", false),
            ("", "", "", false),
        ] {
            assert_eq!(listener.concerns(&happened(organization, user, session)), told, "{organization} {user} {session}");
        }
    }
}
