//! A database that is away: answers come soon, say so, and everything goes on when it is back.

use crate::test_app::{Call, TestApp, on_each_database};
use pulze_console_server::store::Tenant;
use pulze_contract::Operation;
use std::future::Future;
use std::time::{Duration, Instant};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// Longer than the server is patient, with room for a machine that is busy.
const SOON: Duration = Duration::from_secs(8);

async fn soon<T>(answer: impl Future<Output = T>) -> T {
    tokio::time::timeout(SOON, answer).await.unwrap()
}

async fn is_away(app: &TestApp) {
    let begun = Instant::now();
    let ready = soon(app.get("/readyz")).await;
    assert_eq!((ready.status, ready.headers["retry-after"].as_bytes()), (503, b"2".as_slice()));
    assert!(begun.elapsed() < Duration::from_secs(4), "{:?}", begun.elapsed());
    assert_eq!(app.get("/healthz").await.status, 204);
    let someone = app.anonymous();
    for operation in [Operation::SessionRead, Operation::OrganizationList] {
        let reply = soon(someone.send(operation, Call::default())).await;
        assert_eq!((reply.status, reply.json()["type"].as_str()), (503, Some("unavailable")), "{}", reply.text);
        assert!(reply.headers.contains_key("retry-after"));
    }
}

#[tokio::test]
async fn a_database_that_never_answered_is_said_to_be_away() {
    // One that accepts and says nothing, and one that refuses.
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let ports = [silent.local_addr().unwrap().port(), closed.local_addr().unwrap().port()];
    drop(closed);
    for port in ports {
        is_away(&TestApp::unopened(&format!("postgres://nobody@127.0.0.1:{port}/nothing"))).await;
    }
}

/// What stands between the server and its database does.
#[derive(Clone, Copy, PartialEq)]
enum Way {
    Open,
    /// Connections stay, and nothing passes.
    Silent,
    /// Connections end.
    Closed,
}

/// Stands between the server and its database.
async fn between(upstream: String, way: watch::Receiver<Way>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        loop {
            let Ok((near, _)) = listener.accept().await else { return };
            let (upstream, mut ends) = (upstream.clone(), way.clone());
            let passing = pass(near, upstream, way.clone());
            tokio::spawn(async move {
                tokio::select! {
                    () = passing => {}
                    _ = ends.wait_for(|way| *way == Way::Closed) => {}
                }
            });
        }
    });
    port
}

async fn pass(near: TcpStream, upstream: String, way: watch::Receiver<Way>) {
    let Ok(far) = TcpStream::connect(upstream).await else { return };
    let ((near_in, near_out), (far_in, far_out)) = (near.into_split(), far.into_split());
    let one_way =
        async |from: tokio::net::tcp::OwnedReadHalf, to: tokio::net::tcp::OwnedWriteHalf, mut way: watch::Receiver<Way>| {
            let mut bytes = vec![0; 16 * 1024];
            loop {
                if from.readable().await.is_err() || way.wait_for(|way| *way == Way::Open).await.is_err() {
                    return;
                }
                let read = match from.try_read(&mut bytes) {
                    Ok(0) => return,
                    Ok(read) => read,
                    Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => continue,
                    Err(_) => return,
                };
                let mut rest = &bytes[..read];
                while !rest.is_empty() {
                    if to.writable().await.is_err() {
                        return;
                    }
                    match to.try_write(rest) {
                        Ok(wrote) => rest = &rest[wrote..],
                        Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
                        Err(_) => return,
                    }
                }
            }
        };
    tokio::select! {
        () = one_way(near_in, far_out, way.clone()) => {}
        () = one_way(far_in, near_out, way) => {}
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_goes_away_and_comes_back() {
    for app in on_each_database(&[]).await {
        let Some(address) = app.config.database.strip_prefix("postgres://") else { continue };
        let (user, rest) = address.split_once('@').unwrap();
        let (host, name) = rest.split_once('/').unwrap();
        let (set, way) = watch::channel(Way::Open);
        let port = between(host.to_owned(), way).await;
        let app = TestApp::unopened(&format!("postgres://{user}@127.0.0.1:{port}/{name}"));
        let someone = app.client("ada@acme.test").await;
        let list = || async { soon(someone.send(Operation::OrganizationList, Call::default())).await.status };
        assert_eq!(list().await, 200);
        for gone in [Way::Silent, Way::Closed] {
            // In the middle of a change, too.
            let mut change = app.store.change(Tenant::Installation).await.unwrap();
            set.send_replace(gone);
            let work = async { Ok(sqlx::query("SELECT 1").execute(&mut *change).await?) };
            assert!(soon(app.store.while_there(work)).await.is_err());
            drop(change);
            is_away(&app).await;
            let many = (0..20).map(|_| list());
            assert_eq!(futures_util::future::join_all(many).await, [503; 20]);
            set.send_replace(Way::Open);
            let begun = Instant::now();
            while list().await != 200 {
                assert!(begun.elapsed() < Duration::from_secs(20));
            }
            assert_eq!(soon(app.get("/readyz")).await.status, 204);
        }
    }
}
