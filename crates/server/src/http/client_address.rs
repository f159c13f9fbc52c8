//! Where a request comes from: what the proxy in front says, where the installation names its header, or else the socket.

use axum::http::HeaderMap;
use pulze_contract::address::ClientAddress;
use std::net::IpAddr;

/// The client of a request. What cannot be read is passed over: then everybody behind the proxy is one client.
pub fn find(headers: &HeaderMap, header: Option<&str>, peer: Option<IpAddr>) -> Option<ClientAddress> {
    header.and_then(|name| told(headers, name)).or(peer.map(ClientAddress::from))
}

/// The last entry of the last line: whatever stands before may come from the client itself.
fn told(headers: &HeaderMap, name: &str) -> Option<ClientAddress> {
    let entry = headers.get_all(name).into_iter().next_back()?.to_str().ok()?.rsplit(',').next()?;
    if name.eq_ignore_ascii_case("forwarded") {
        // `for="[2001:db8::9]:51234";proto=https` (RFC 7239, 4).
        let node = entry.split(';').find_map(|pair| {
            let (key, value) = pair.split_once('=')?;
            key.trim().eq_ignore_ascii_case("for").then_some(value)
        })?;
        return ClientAddress::parse(node.trim().trim_matches('"'));
    }
    ClientAddress::parse(entry)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{HeaderName, HeaderValue};
    use std::net::Ipv4Addr;

    #[test]
    fn the_last_entry_of_the_last_line_counts() {
        let peer = Some(IpAddr::V4(Ipv4Addr::LOCALHOST));
        for (name, lines, found) in [
            ("x-forwarded-for", &["203.0.113.9"][..], "203.0.113.9"),
            ("x-forwarded-for", &["203.0.113.9:51234"], "203.0.113.9"),
            ("x-forwarded-for", &["[2001:db8::9]:51234"], "2001:db8::9"),
            ("x-forwarded-for", &["198.51.100.1, 203.0.113.9"], "203.0.113.9"),
            ("x-forwarded-for", &["198.51.100.1", "203.0.113.9"], "203.0.113.9"),
            ("x-real-ip", &["::ffff:203.0.113.9"], "203.0.113.9"),
            ("forwarded", &["for=198.51.100.1, for=203.0.113.9;proto=https;by=10.0.0.1"], "203.0.113.9"),
            ("forwarded", &["proto=https; For=\"[2001:db8::9]:51234\""], "2001:db8::9"),
            ("forwarded", &["for=\"198.51.100.1", "for=203.0.113.9"], "203.0.113.9"),
            ("forwarded", &["for=unknown"], "127.0.0.1"),
            ("forwarded", &["by=203.0.113.9"], "127.0.0.1"),
            ("x-forwarded-for", &["203.0.113.9, unknown"], "127.0.0.1"),
            ("x-forwarded-for", &["203.0.113.9,"], "127.0.0.1"),
            ("x-forwarded-for", &[], "127.0.0.1"),
        ] {
            let pair = |line: &&'static str| (HeaderName::from_static(name), HeaderValue::from_static(line));
            let headers: HeaderMap = lines.iter().map(pair).collect();
            let address = find(&headers, Some(name), peer).map(|address| address.to_string());
            assert_eq!(address.as_deref(), Some(found), "{name}: {lines:?}");
            assert_eq!(find(&headers, None, peer).map(|address| address.to_string()).as_deref(), Some("127.0.0.1"));
        }
        assert_eq!(find(&HeaderMap::new(), Some("forwarded"), None), None);
    }
}
