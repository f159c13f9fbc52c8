//! Calls to addresses that people typed: never into a private network unless the installation allows
//! it, never along a redirect, never for long (OWASP, server-side request forgery).

use pulze_contract::tool::TestFailure;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::{Client, Url, redirect};
use std::error::Error as _;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

const CONNECT: Duration = Duration::from_secs(3);
const TOTAL: Duration = Duration::from_secs(10);
/// Bytes that are read of an answer.
const BODY_MAX: usize = 64 * 1024;

/// What is asked.
pub struct Outbound {
    pub method: &'static str,
    pub url: String,
    pub headers: Vec<(String, String)>,
    pub body: Option<serde_json::Value>,
}

/// What came back.
#[derive(Debug, Default)]
pub struct Inbound {
    pub status: Option<u16>,
    pub failure: Option<TestFailure>,
    /// Milliseconds.
    pub took: u32,
    pub content_type: String,
    pub body: String,
}

/// Asks, and waits for at most ten seconds.
pub async fn call(asked: Outbound, allow_private: bool) -> Inbound {
    let started = Instant::now();
    let answer = attempt(asked, allow_private).await;
    let took = u32::try_from(started.elapsed().as_millis()).unwrap_or(u32::MAX);
    match answer {
        Ok(inbound) => Inbound { took, ..inbound },
        Err(failure) => Inbound { took, failure: Some(failure), ..Inbound::default() },
    }
}

/// What a call may take.
struct Limits {
    total: Duration,
    /// Bytes that are read of an answer.
    body: usize,
}

/// Reads a file: its bytes, or why there are none. One that is longer than `most` bytes is `None`.
///
/// # Errors
/// Why it could not be read.
pub async fn read(url: &str, allow_private: bool, total: Duration, most: usize) -> Result<Option<Vec<u8>>, TestFailure> {
    let asked = Outbound { method: "GET", url: url.to_owned(), headers: Vec::new(), body: None };
    let (response, body) = send(asked, allow_private, &Limits { total, body: most + 1 }).await?;
    if response.status() != reqwest::StatusCode::OK {
        return Err(TestFailure::Unreachable);
    }
    Ok(Some(body).filter(|body| body.len() <= most))
}

async fn attempt(asked: Outbound, allow_private: bool) -> Result<Inbound, TestFailure> {
    let (response, body) = send(asked, allow_private, &Limits { total: TOTAL, body: BODY_MAX }).await?;
    let content_type = response.headers().get("content-type").and_then(|value| value.to_str().ok()).unwrap_or_default();
    Ok(Inbound {
        status: Some(response.status().as_u16()),
        content_type: content_type.chars().take(100).collect(),
        body: String::from_utf8_lossy(&body).into_owned(),
        ..Inbound::default()
    })
}

async fn send(asked: Outbound, allow_private: bool, limits: &Limits) -> Result<(reqwest::Response, Vec<u8>), TestFailure> {
    let url = Url::parse(&asked.url).map_err(|_| TestFailure::Unreachable)?;
    // A host that is an address is never looked up, so it is looked at here. The parser has brought
    // every spelling of one (decimal, octal, hexadecimal, mapped) into its one form.
    let literal = match url.host() {
        Some(url::Host::Ipv4(address)) => Some(IpAddr::V4(address)),
        Some(url::Host::Ipv6(address)) => Some(IpAddr::V6(address)),
        _ => None,
    };
    if !allow_private && (url.scheme() != "https" || literal.is_some_and(|address| !is_public(address))) {
        return Err(TestFailure::AddressNotAllowed);
    }
    let client = client(allow_private, limits.total)?;
    let mut request = match asked.method {
        "POST" => client.post(url),
        _ => client.get(url),
    };
    for (name, value) in asked.headers {
        request = request.header(name, value);
    }
    if let Some(body) = asked.body {
        request = request.header("content-type", "application/json").body(body.to_string());
    }
    let mut response = request.send().await.map_err(|error| failure(&error))?;
    let mut body: Vec<u8> = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| failure(&error))? {
        let left = limits.body - body.len();
        body.extend(chunk.iter().take(left));
        if body.len() == limits.body {
            break;
        }
    }
    Ok((response, body))
}

/// A client that resolves names our way, follows no redirect and uses no proxy.
///
/// # Errors
/// The certificates of the system cannot be read.
pub fn client(allow_private: bool, total: Duration) -> Result<Client, TestFailure> {
    Client::builder()
        .redirect(redirect::Policy::none())
        .no_proxy()
        .connect_timeout(CONNECT)
        .timeout(total)
        .dns_resolver(Arc::new(Public { allow_private }))
        .user_agent(concat!("pulze-console/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(|_| TestFailure::NotTrusted)
}

fn failure(error: &reqwest::Error) -> TestFailure {
    if error.is_timeout() {
        return TestFailure::TimedOut;
    }
    let mut source = error.source();
    while let Some(cause) = source {
        if cause.is::<NotAllowed>() {
            return TestFailure::AddressNotAllowed;
        }
        if cause.downcast_ref::<std::io::Error>().is_some_and(|error| error.kind() == std::io::ErrorKind::InvalidData) {
            return TestFailure::NotTrusted;
        }
        source = cause.source();
    }
    TestFailure::Unreachable
}

/// Looks names up, and gives only addresses that may be called: the connection goes to what was
/// looked at, so that a second answer of the name server changes nothing.
struct Public {
    allow_private: bool,
}

#[derive(Debug, thiserror::Error)]
#[error("the name leads into a private network")]
struct NotAllowed;

impl Resolve for Public {
    fn resolve(&self, name: Name) -> Resolving {
        let allow_private = self.allow_private;
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            // One private address among public ones is reason enough: it is how rebinding begins.
            if !allow_private && found.iter().any(|address| !is_public(address.ip())) {
                return Err(NotAllowed.into());
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

/// Whether an address is one of the public internet (IANA's special-purpose registries).
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = matches!((a, b), (0 | 10 | 127 | 224..=255, _) | (100, 64..=127) | (169, 254) | (172, 16..=31))
        || matches!((a, b), (192, 168) | (198, 18..=19))
        || matches!((a, b, c), (192, 0, 0 | 2) | (192, 88, 99) | (198, 51, 100) | (203, 0, 113));
    !special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let segments = address.segments();
    // Only global unicast; of that not documentation, nor what carries an IPv4 address within.
    segments[0] & 0xe000 == 0x2000
        && segments[0] != 0x2002
        && !(segments[0] == 0x2001 && (segments[1] < 0x0200 || segments[1] == 0x0db8))
        && !(segments[0] == 0x3fff && segments[1] < 0x1000)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn only_the_public_internet_is_public() {
        for public in ["8.8.8.8", "1.1.1.1", "192.0.1.1", "172.32.0.1", "2606:4700::1111", "2a00:1450::1"] {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
        for private in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.168.1.1",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:8.8.8.8",
            "64:ff9b::7f00:1",
            "fc00::1",
            "fe80::1",
            "ff02::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "3fff::1",
        ] {
            assert!(!is_public(private.parse().unwrap()), "{private}");
        }
    }

    #[tokio::test]
    async fn no_spelling_of_a_private_address_is_called() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let port = listener.local_addr().unwrap().port();
        for host in [
            "127.0.0.1",
            "2130706433",
            "0x7f000001",
            "0177.0.0.1",
            "127.1",
            "0",
            "[::1]",
            "[::ffff:127.0.0.1]",
            "localhost",
            "LOCALHOST.",
            "①②⑦.⓪.⓪.①",
            "127。0。0。1",
            "[64:ff9b::7f00:1]",
            "169.254.169.254",
        ] {
            for scheme in ["https", "http"] {
                let url = format!("{scheme}://{host}:{port}/");
                let answer = call(Outbound { method: "GET", url: url.clone(), headers: Vec::new(), body: None }, false).await;
                assert_eq!((answer.status, answer.failure.is_some()), (None, true), "{url}");
            }
        }
        assert!(listener.accept().is_err(), "somebody knocked");
    }
}
