//! Mails: kept without a mail server; with one, sent, tried again, or given up.

use crate::test_app::{Call, TestApp, on_each_database};
use pulze_console_server::mail::{Delivery, deliver_waiting};
use pulze_contract::mail::MailState;
use pulze_contract::organization::Plan;
use pulze_contract::{Operation, OrganizationId, Role};
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Mutex;

/// A mail server on loopback: takes every mail, unless it is told to answer otherwise.
struct MailServer {
    port: u16,
    taken: Arc<Mutex<Vec<String>>>,
    /// What it answers to a recipient.
    answer: Arc<Mutex<&'static str>>,
}

impl MailServer {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let taken = Arc::new(Mutex::new(Vec::new()));
        let answer = Arc::new(Mutex::new("250 ok"));
        let (for_taken, for_answer) = (taken.clone(), answer.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(talk(stream, for_taken.clone(), for_answer.clone()));
            }
        });
        Self { port, taken, answer }
    }
}

async fn talk(stream: TcpStream, taken: Arc<Mutex<Vec<String>>>, answer: Arc<Mutex<&'static str>>) {
    let (reader, mut writer) = stream.into_split();
    let mut lines = BufReader::new(reader).lines();
    let _ = writer.write_all(b"220 test\r\n").await;
    while let Ok(Some(line)) = lines.next_line().await {
        let said = match line.split([' ', ':']).next().unwrap_or_default().to_uppercase().as_str() {
            "DATA" => {
                let _ = writer.write_all(b"354 go on\r\n").await;
                let mut mail = String::new();
                while let Ok(Some(line)) = lines.next_line().await {
                    if line == "." {
                        break;
                    }
                    mail.push_str(&line);
                    mail.push('\n');
                }
                taken.lock().await.push(mail);
                "250 taken"
            }
            "RCPT" => *answer.lock().await,
            "QUIT" => "221 bye",
            _ => "250 ok",
        };
        if writer.write_all(format!("{said}\r\n").as_bytes()).await.is_err() {
            return;
        }
    }
}

async fn invite(app: &TestApp, language: &str) -> OrganizationId {
    let admin = app.client("installation@mail.test").await;
    let id = app.organization("Größe & Co", Plan::Free, &[(&admin.user, Role::Admin)]).await;
    let call = |body: Value| Call { organization: Some(&id), body: Some(body), ..Call::default() };
    assert_eq!(admin.send(Operation::OrganizationUpdate, call(json!({ "language": language }))).await.status, 200);
    let rows = json!({ "rows": [{ "email": "new@mail.test", "role": "editor" }], "message": "<b>Hallo</b>" });
    assert_eq!(admin.send(Operation::InvitationCreate, call(rows)).await.status, 200);
    id
}

async fn outbox(app: &TestApp) -> Value {
    let admin = app.client(&format!("installation{}@mail.test", pulze_console_server::new_digits())).await;
    admin.send(Operation::MailList, Call::default()).await.json()
}

#[tokio::test]
async fn without_a_mail_server_mails_are_kept_to_be_read() {
    for app in on_each_database(&[]).await {
        invite(&app, "en").await;
        let outbox = outbox(&app).await;
        assert_eq!((&outbox["delivers"], &outbox["mails"][0]["state"]), (&json!(false), &json!("kept")));
        assert!(outbox["mails"][0]["text"].as_str().unwrap().contains("/invitation#"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_is_sent_in_the_organizations_language_and_then_forgotten() {
    let server = MailServer::start().await;
    let url = format!("smtp://127.0.0.1:{}", server.port);
    for app in on_each_database(&["--smtp-url", &url, "--mail-from", "Pulze <console@mail.test>"]).await {
        let delivery = Delivery::from_config(&app.config).unwrap().unwrap();
        invite(&app, "de").await;
        assert_eq!(outbox(&app).await["mails"][0]["state"], "waiting");
        assert_eq!(deliver_waiting(&app.store, &delivery).await.unwrap(), 1);
        let mail = server.taken.lock().await.pop().unwrap();
        for said in ["From: Pulze <console@mail.test>", "To: new@mail.test", "multipart/alternative", "text/plain", "text/html"] {
            assert!(mail.contains(said), "{said}\n{mail}");
        }
        assert!(mail.contains("Einladung"), "{mail}");
        let outbox = outbox(&app).await;
        let sent = &outbox["mails"][0];
        assert_eq!((&sent["state"], &sent["text"]), (&json!("sent"), &json!("")), "the link is no longer kept");
        assert_eq!(deliver_waiting(&app.store, &delivery).await.unwrap(), 0, "once");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_that_is_refused_for_now_is_tried_again_and_one_refused_for_good_is_not() {
    let server = MailServer::start().await;
    let url = format!("smtp://127.0.0.1:{}", server.port);
    for app in on_each_database(&["--smtp-url", &url, "--mail-from", "console@mail.test"]).await {
        let delivery = Delivery::from_config(&app.config).unwrap().unwrap();
        invite(&app, "en").await;
        let state = async |answer: &'static str, expected: MailState| {
            *server.answer.lock().await = answer;
            app.execute(sqlx::query("UPDATE mails SET next_attempt_at = 0")).await;
            assert_eq!(deliver_waiting(&app.store, &delivery).await.unwrap(), 0);
            let (_, mails) = pulze_console_server::store::mails::list(&mut app.store.read().await.unwrap(), 1).await.unwrap();
            assert_eq!(mails[0].state, expected, "{}", mails[0].error);
            assert!(!mails[0].error.is_empty());
        };
        state("451 come back later", MailState::Waiting).await;
        state("550 nobody of that name", MailState::Failed).await;
        *server.answer.lock().await = "250 ok";
    }
}

/// A mail server's words go into the database as well.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_mail_server_says_stops_no_other_mail() {
    let server = MailServer::start().await;
    let url = format!("smtp://127.0.0.1:{}", server.port);
    for app in on_each_database(&["--smtp-url", &url, "--mail-from", "console@mail.test"]).await {
        let delivery = Delivery::from_config(&app.config).unwrap().unwrap();
        let id = invite(&app, "en").await;
        let admin = app.client("second@mail.test").await;
        app.join(&id, &admin.user, Role::Admin).await;
        let body = json!({ "rows": [{ "email": "more@mail.test", "role": "viewer" }] });
        let call = Call { organization: Some(&id), body: Some(body), ..Call::default() };
        assert_eq!(admin.send(Operation::InvitationCreate, call).await.status, 200);
        *server.answer.lock().await = "550 no\0body \u{1b}[31mthere";
        assert_eq!(deliver_waiting(&app.store, &delivery).await.unwrap(), 0);
        *server.answer.lock().await = "250 ok";
        let (_, mails) = pulze_console_server::store::mails::list(&mut app.store.read().await.unwrap(), 9).await.unwrap();
        assert_eq!(mails.iter().map(|mail| mail.state).collect::<Vec<_>>(), [MailState::Failed, MailState::Failed]);
        assert!(mails[0].error.contains("nobody [31mthere"), "{}", mails[0].error);
    }
}
