//! The program itself, met by sockets that behave badly.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

struct Server {
    process: Child,
    address: SocketAddr,
    _folder: tempfile::TempDir,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Server {
    /// A server that may open so many files.
    fn start(files: u32, settings: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = format!("sqlite:{}", folder.path().join("sockets.db").display());
        let mut process = Command::new("sh")
            .args(["-c", &format!("ulimit -n {files}; exec \"$0\" \"$@\""), env!("CARGO_BIN_EXE_pulze-console-server")])
            .args(["serve", "--listen", "127.0.0.1:0", "--database", &database])
            .args(settings)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening on http://").unwrap().parse().unwrap();
        Self { process, address, _folder: folder }
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        stream
    }

    /// Sends text as it is; gives everything that comes back until the end of the connection.
    fn send(&self, text: &str) -> String {
        let mut stream = self.connect();
        let _ = stream.write_all(text.as_bytes());
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        String::from_utf8_lossy(&answer).into_owned()
    }

    fn get(&self, path: &str) -> String {
        self.send(&format!("GET {path} HTTP/1.1\r\nHost: console.test\r\nConnection: close\r\n\r\n"))
    }
}

fn status(answer: &str) -> u16 {
    answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0)
}

/// Waits until something holds, for as long as a busy machine may need.
fn eventually(holds: impl Fn() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < Duration::from_secs(30));
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn silent_sockets_leave_room_for_signs_of_life() {
    let server = Server::start(300, &["--head-seconds", "20"]);
    let silent: Vec<TcpStream> = (0..400).map(|_| server.connect()).collect();
    for path in ["/healthz", "/readyz"] {
        assert_eq!(status(&server.get(path)), 204, "{path}");
    }
    // All from one address, which has no more than half of the connections: this one comes from there, too.
    let crowded = server.get("/api/v1/session");
    assert_eq!(status(&crowded), 503, "{crowded}");
    assert!(crowded.to_lowercase().contains("retry-after: "), "{crowded}");
    drop(silent);
    eventually(|| status(&server.get("/api/v1/session")) == 200);
}

#[test]
fn a_head_that_does_not_end_is_given_up() {
    let server = Server::start(300, &["--head-seconds", "1"]);
    let mut slow = server.connect();
    let begun = Instant::now();
    let mut ended = false;
    for byte in b"GET /healthz HTTP/1.1\r\nHost: console.test\r\nX-Slow: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" {
        slow.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
        ended = slow.write_all(&[*byte]).is_err() || matches!(slow.read(&mut [0; 64]), Ok(0));
        if ended {
            break;
        }
    }
    assert!(ended, "{:?}", begun.elapsed());
    // And so is a connection without any request.
    let mut silent = server.connect();
    assert_eq!(silent.read(&mut [0; 64]).unwrap_or(0), 0);
}

#[test]
fn heads_are_short_and_name_one_host() {
    let server = Server::start(300, &[]);
    let ask = |head: &str| server.send(&format!("GET /healthz {head}Connection: close\r\n\r\n"));
    for (head, expected) in [
        ("HTTP/1.1\r\nHost: console.test\r\n", 204),
        ("HTTP/1.1\r\nHost: [::1]:8080\r\n", 204),
        ("HTTP/1.0\r\n", 204),
        ("HTTP/1.1\r\n", 400),
        ("HTTP/1.1\r\nHost:\r\n", 400),
        ("HTTP/1.1\r\nHost: console.test\r\nHost: console.test\r\n", 400),
        ("HTTP/1.1\r\nHost: console.test\r\nhost: other.test\r\n", 400),
        ("HTTP/1.1\r\nHost: console.test, other.test\r\n", 400),
        ("HTTP/1.1\r\nHost: someone@console.test\r\n", 400),
        ("HTTP/1.1\r\nHost: console.test/path\r\n", 400),
        ("HTTP/1.0\r\nHost: a.test\r\nHost: b.test\r\n", 400),
    ] {
        assert_eq!(status(&ask(head)), expected, "{head}");
    }
    let long = |bytes: usize| ask(&format!("HTTP/1.1\r\nHost: console.test\r\nX-Long: {}\r\n", "x".repeat(bytes)));
    assert_eq!(status(&long(15 * 1024)), 204);
    let too_long = long(17 * 1024);
    assert_eq!(status(&too_long), 431);
    assert!(too_long.contains("headers-too-large"), "{too_long}");
    assert_eq!(status(&long(40 * 1024)), 431);
    let many: String = (0..150).map(|number| format!("X-{number}: a\r\n")).collect();
    assert_eq!(status(&ask(&format!("HTTP/1.1\r\nHost: console.test\r\n{many}"))), 431);
    assert_eq!(status(&ask("HTTP/1.1\r\nHost: console.test\r\n")), 204);
}

/// The most memory that the process had, in KiB.
#[cfg(target_os = "linux")]
fn peak(server: &Server) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.process.id())).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[cfg(target_os = "linux")]
#[test]
fn many_sign_ins_at_once_take_turns() {
    let server = Server::start(1_024, &["--sign-in-limit-address", "1000"]);
    let before = peak(&server);
    let body = r#"{"email":"nobody@console.test","password":"guessed, and wrong"}"#;
    let asked = format!(
        "POST /api/v1/session HTTP/1.1\r\nHost: console.test\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let answers: Vec<String> = std::thread::scope(|scope| {
        let all: Vec<_> = (0..50).map(|_| scope.spawn(|| server.send(&asked))).collect();
        all.into_iter().map(|one| one.join().unwrap()).collect()
    });
    // Ten of them are looked at; the account then has to wait. What does not fit is said to be so.
    for answer in &answers {
        let fits = matches!(status(answer), 401) || answer.to_lowercase().contains("retry-after: ");
        assert!(fits, "{answer}");
    }
    // Two to four at once; the allocator keeps some of what it had. All at once, they would take 950 MiB.
    let took = peak(&server) - before;
    assert!(took < 320 * 1024, "{took} KiB");
    assert_eq!(status(&server.get("/api/v1/session")), 200);
}
