//! Connections: how many there are, how long each may take, and the end of all of them.

use super::door::Crowded;
use crate::App;
use crate::config::Config;
use crate::turns::Shares;
use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use std::collections::VecDeque;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio_io_timeout::TimeoutStream;
use tower::ServiceExt;

/// Files that are not connections: the database, what it keeps beside it, mails and calls that go out.
const OTHER_FILES: u64 = 160;
/// Connections where nobody said how many files there may be.
const USUAL: u64 = 8_192;
/// Connections beyond the limit, so that somebody who looks after the server still gets an answer. They are short, and
/// the oldest one goes when another one comes.
const BEYOND: usize = 32;
/// How long the head of a request may take there.
const BEYOND_HEAD: Duration = Duration::from_secs(2);
/// Longest head that is read at all, in bytes; what is longer than it may be is told so (`door`).
const HEAD_MAX: usize = 32 * 1024;
/// What is read ahead of a connection, in bytes.
const READ_AHEAD: usize = 64 * 1024;
/// How long a peer may take in nothing of an answer.
const STUCK: Duration = Duration::from_secs(60);
/// How long requests under way may still take when the server stops.
const LAST: Duration = Duration::from_secs(30);

/// How many connections there may be, and how many of one address.
fn limits(config: &Config) -> (usize, usize) {
    let files = rustix::process::getrlimit(rustix::process::Resource::Nofile).current.unwrap_or(USUAL);
    let most = files.saturating_sub(OTHER_FILES + BEYOND as u64).clamp(16, USUAL);
    let most = config.connections.unwrap_or_else(|| usize::try_from(most).unwrap_or(16));
    // Behind a proxy, everybody comes from the same address.
    (most, if config.client_address_header.is_some() { most } else { most.div_ceil(2) })
}

/// Answers connections until it is told to stop; requests under way are then finished.
pub async fn serve(listener: TcpListener, app: App, stopped: impl Future<Output = ()>) {
    let (most, most_each) = limits(&app.config);
    let shares = Shares::new(most, most_each);
    let head = Duration::from_secs(u64::from(app.config.head_seconds));
    let router = super::router(app);
    let ends = GracefulShutdown::new();
    let mut beyond = VecDeque::new();
    let mut stopped = pin!(stopped);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut stopped => break,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Somebody who has gone already, or no file left: neither ends the server.
                tracing::warn!(%error, "a connection was not accepted");
                tokio::time::sleep(Duration::from_millis(20)).await;
                continue;
            }
        };
        let (router, watcher) = (router.clone(), ends.watcher());
        match shares.take(&peer.ip(), 1) {
            Ok(share) => {
                tokio::spawn(async move {
                    connection(stream, peer, router, watcher, (head, false)).await;
                    drop(share);
                });
            }
            Err(_) => {
                beyond.retain(|task: &tokio::task::AbortHandle| !task.is_finished());
                if beyond.len() >= BEYOND
                    && let Some(oldest) = beyond.pop_front()
                {
                    oldest.abort();
                }
                let task = tokio::spawn(connection(stream, peer, router, watcher, (BEYOND_HEAD, true)));
                beyond.push_back(task.abort_handle());
            }
        }
    }
    drop(listener);
    if tokio::time::timeout(LAST, ends.shutdown()).await.is_err() {
        tracing::warn!("some requests were not finished");
    }
}

async fn connection(stream: TcpStream, peer: SocketAddr, router: Router, watcher: Watcher, (head, crowded): (Duration, bool)) {
    // Answers are small: they go out as they are. A peer that has gone meanwhile is found soon enough.
    let _ = stream.set_nodelay(true);
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(STUCK));
    let service = service_fn(move |request: Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        if crowded {
            request.extensions_mut().insert(Crowded);
        }
        router.clone().oneshot(request)
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(head).max_header_size(HEAD_MAX).max_buf_size(READ_AHEAD);
    http.keep_alive(!crowded);
    if let Err(error) = watcher.watch(http.serve_connection(TokioIo::new(Box::pin(stream)), service)).await {
        tracing::debug!(%error, "a connection ended");
    }
}
