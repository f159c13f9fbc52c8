//! The server behind nginx and Caddy, in the set-ups of `examples/proxies/`. Where one is not installed, its test says
//! so and does nothing; `cargo xtask test` installs both where it can.

use crate::test_app::{TestApp, on_each_database};
use pulze_contract::organization::Plan;
use pulze_contract::{Operation, Role};
use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};
use std::io::Write;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

const PASSWORD: &str = "correct horse battery";
const EXAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/proxies");

/// A proxy that runs until it is dropped.
struct Proxy {
    process: Child,
    address: SocketAddr,
    _folder: tempfile::TempDir,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        // nginx ends its workers itself where it is asked to, not where it is killed.
        let asked = Command::new("kill").arg(self.process.id().to_string()).status();
        if asked.is_ok_and(|status| status.success()) {
            for _ in 0..100 {
                if self.process.try_wait().is_ok_and(|ended| ended.is_some()) {
                    return;
                }
                std::thread::sleep(Duration::from_millis(50));
            }
        }
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn is_installed(program: &str, ask: &str) -> bool {
    let found = Command::new(program).arg(ask).stdout(Stdio::null()).stderr(Stdio::null()).status();
    let found = found.is_ok_and(|status| status.success());
    if !found {
        println!("{program} is not installed: the server is not tested behind it");
    }
    found
}

/// An example with what differs in a test; each of it must be there.
fn example(name: &str, changes: &[(&str, &str)]) -> String {
    let mut text = std::fs::read_to_string(format!("{EXAMPLES}/{name}")).unwrap();
    for (from, to) in changes {
        assert_eq!(text.matches(from).count(), 1, "{name}: {from}");
        text = text.replace(from, to);
    }
    text
}

fn free_address() -> SocketAddr {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

async fn started(mut process: Child, address: SocketAddr, folder: tempfile::TempDir) -> Proxy {
    for _ in 0..200 {
        if tokio::net::TcpStream::connect(address).await.is_ok() {
            return Proxy { process, address, _folder: folder };
        }
        assert!(process.try_wait().unwrap().is_none(), "the proxy ended");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let _ = process.kill();
    panic!("the proxy does not listen");
}

/// nginx, which compresses what the API answers; with `more` it decodes paths too.
async fn nginx(server: SocketAddr, more: &[(&str, &str)]) -> Proxy {
    let (folder, address) = (tempfile::tempdir().unwrap(), free_address());
    let (listen, upstream) = (format!("listen {address};"), format!("server {server};"));
    let changes = [
        ("listen 443 ssl;", listen.as_str()),
        ("server 127.0.0.1:8080;", &upstream),
        ("    ssl_certificate /etc/ssl/console.example/fullchain.pem;\n", ""),
        ("    ssl_certificate_key /etc/ssl/console.example/privkey.pem;\n", ""),
    ];
    let site = example("nginx.conf", &[&changes, more].concat());
    let temporary =
        ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(|kind| format!("{kind}_temp_path {kind};")).join(" ");
    let user = if is_root() { "user root;" } else { "" };
    let text = format!(
        "{user} daemon off; pid nginx.pid; error_log stderr warn; events {{}}\n\
         http {{ access_log off; {temporary} gzip on; gzip_min_length 1; gzip_proxied any; gzip_types application/json application/problem+json;\n{site}}}\n"
    );
    std::fs::write(folder.path().join("nginx.conf"), text).unwrap();
    let mut process = Command::new("nginx");
    process.arg("-p").arg(folder.path()).args(["-e", "stderr", "-c"]).arg(folder.path().join("nginx.conf"));
    started(process.stdin(Stdio::null()).spawn().unwrap(), address, folder).await
}

async fn caddy(server: SocketAddr) -> Proxy {
    let (folder, address) = (tempfile::tempdir().unwrap(), free_address());
    let (site, upstream) = (format!("http://console.example:{} {{", address.port()), server.to_string());
    let text = example(
        "Caddyfile",
        &[("console.example {", &site), ("127.0.0.1:8080", &upstream), ("\t\tgzip\n", "\t\tgzip\n\t\tminimum_length 1\n")],
    );
    let global = "{\n\tadmin off\n\tauto_https off\n\tdefault_bind 127.0.0.1\n}\n";
    let file = folder.path().join("Caddyfile");
    std::fs::write(&file, format!("{global}{text}")).unwrap();
    let process = Command::new("caddy")
        .args(["run", "--adapter", "caddyfile", "--config"])
        .arg(&file)
        .env("HOME", folder.path())
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    started(process, address, folder).await
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.starts_with(b"0\n"))
}

/// The server of a test, on a socket.
async fn listening(app: &TestApp) -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let service = app.router.clone().into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, service).await });
    address
}

/// Somebody in front of a proxy.
struct Browser<'a> {
    proxy: &'a Proxy,
    client: reqwest::Client,
    cookie: String,
}

impl<'a> Browser<'a> {
    fn at(proxy: &'a Proxy) -> Self {
        let client = reqwest::Client::builder().resolve("console.example", proxy.address).no_proxy().build().unwrap();
        Self { proxy, client, cookie: String::new() }
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let address = format!("http://console.example:{}{path}", self.proxy.address.port());
        let address = reqwest::Url::parse(&address).unwrap();
        let request = self.client.request(method, address).timeout(Duration::from_secs(20));
        // What a client says of itself must not count, nor must a proxy lose what says that the page is ours.
        let request = request.header("x-forwarded-for", "192.0.2.1").header("origin", "https://console.example");
        request.header("cookie", &self.cookie).header("accept-encoding", "gzip")
    }

    async fn send(&self, method: Method, path: &str, body: Option<Value>, headers: &[(&'static str, &str)]) -> Response {
        let mut request = self.request(method, path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        request.send().await.unwrap()
    }
}

/// The JSON of an answer that the proxy may have compressed.
async fn json(response: Response) -> Value {
    let packed = response.headers().get("content-encoding").is_some_and(|coding| coding == "gzip");
    let bytes = response.bytes().await.unwrap();
    let mut text = Vec::new();
    if packed {
        std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(&bytes[..]), &mut text).unwrap();
    } else {
        text.extend_from_slice(&bytes);
    }
    serde_json::from_slice(&text).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&text)))
}

/// Everything that a proxy has been seen to break. Gives an entity tag as it came through.
async fn works_behind(app: &TestApp, proxy: &Proxy) -> String {
    let email = format!("p{}@proxy.test", proxy.address.port());
    let user = app.person_with_password(&email, PASSWORD).await;
    let organization = app.organization("Proxied", Plan::PulzeXSuite, &[(&user, Role::Admin)]).await;
    let home = format!("/api/v1/organizations/{organization}");
    let mut browser = Browser::at(proxy);

    let body = json!({ "email": email, "password": PASSWORD });
    let signed_in = browser.send(Method::POST, "/api/v1/session", Some(body), &[]).await;
    assert_eq!(signed_in.status(), 200);
    browser.cookie = signed_in.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    assert!(browser.cookie.starts_with("__Host-pulze_session="));
    let sessions = json(browser.send(Method::GET, "/api/v1/sessions", None, &[]).await).await;
    assert_eq!(sessions["sessions"][0]["address"], "127.0.0.1", "the proxy's word counts, not the client's");
    let foreign = [("sec-fetch-site", "cross-site")];
    assert_eq!(browser.send(Method::PATCH, &home, Some(json!({})), &foreign).await.status(), 403);

    // An entity tag goes through the proxy's compression, and back.
    let read = browser.send(Method::GET, &home, None, &[]).await;
    assert_eq!(read.headers()["content-encoding"], "gzip");
    let tag = read.headers()["etag"].to_str().unwrap().to_owned();
    let renamed = browser.send(Method::PATCH, &home, Some(json!({ "name": "Renamed" })), &[("if-match", &tag)]).await;
    assert_eq!(renamed.status(), 200, "{tag}");
    let stale = browser.send(Method::PATCH, &home, Some(json!({ "name": "Again" })), &[("if-match", &tag)]).await;
    assert_eq!(stale.status(), 412);
    assert_eq!(json(stale).await["type"], "conflict");

    // A slash within a name.
    app.own_model(&organization, "own/model").await;
    assert_eq!(browser.send(Method::DELETE, &format!("{home}/models/own%2Fmodel"), None, &[]).await.status(), 204);
    assert_eq!(json(browser.send(Method::GET, "/api/v1/session/", None, &[]).await).await["type"], "extra-slash");

    // A long body.
    let events = json!({ "events": [{ "id": "x".repeat(3_000_000), "at": 1, "model": "openai/gpt-4o" }] });
    assert_eq!(browser.send(Method::POST, &format!("{home}/usage/events"), Some(events), &[]).await.status(), 200);

    // What happens comes as it happens.
    let mut stream = browser.request(Method::GET, &format!("{home}/events")).send().await.unwrap();
    assert_eq!(stream.status(), 200);
    let packed = stream.headers().get("content-encoding").is_some_and(|coding| coding == "gzip");
    // What came so far, also where the proxy compresses as it goes.
    let (mut plain, mut unpacked) = (Vec::new(), flate2::write::GzDecoder::new(Vec::new()));
    let mut heard = String::new();
    for wanted in ["begun", "organization"] {
        let told = async {
            while !heard.contains(&format!("\"{wanted}\"")) {
                let chunk = stream.chunk().await.unwrap().expect("the stream goes on");
                if packed {
                    unpacked.write_all(&chunk).unwrap();
                    unpacked.flush().unwrap();
                } else {
                    plain.extend_from_slice(&chunk);
                }
                heard = String::from_utf8_lossy(if packed { unpacked.get_ref() } else { &plain }).into_owned();
            }
        };
        tokio::time::timeout(Duration::from_secs(10), told).await.unwrap_or_else(|_| panic!("{wanted} was held back: {heard}"));
        let name = json!({ "name": "Live" });
        assert_eq!(browser.send(Method::PATCH, &home, Some(name), &[("if-match", "*")]).await.status(), 200);
    }
    tag
}

const SETTINGS: [&str; 4] = ["--public-url", "https://console.example", "--client-address-header", "X-Forwarded-For"];

#[tokio::test(flavor = "multi_thread")]
async fn behind_nginx() {
    if !is_installed("nginx", "-v") {
        return;
    }
    for app in on_each_database(&SETTINGS).await {
        let server = listening(&app).await;
        let tag = works_behind(&app, &nginx(server, &[]).await).await;
        assert_eq!(tag, "W/\"1\"", "nginx makes the tag of what it compresses weak");
        // As many have it: the path is decoded and written anew.
        works_behind(&app, &nginx(server, &[("proxy_pass http://pulze_console;", "proxy_pass http://pulze_console/;")]).await)
            .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_caddy() {
    if !is_installed("caddy", "version") {
        return;
    }
    for app in on_each_database(&SETTINGS).await {
        let server = listening(&app).await;
        works_behind(&app, &caddy(server).await).await;
    }
}

#[test]
fn the_examples_let_the_longest_body_through() {
    let most = Operation::ALL.iter().map(|operation| operation.body_max()).max().unwrap_or_default();
    let nginx = std::fs::read_to_string(Path::new(EXAMPLES).join("nginx.conf")).unwrap();
    let megabytes = nginx.split("client_max_body_size ").nth(1).and_then(|rest| rest.split('m').next()?.parse::<usize>().ok());
    assert!(megabytes.unwrap() * 1024 * 1024 >= most);
}
