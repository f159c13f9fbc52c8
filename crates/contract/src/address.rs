//! Network addresses of clients, as sockets, proxies, gateways and people write them. Nothing else reads them.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Where a request comes from. IPv4 within IPv6 (`::ffff:203.0.113.9`) is IPv4; ports and zones say nothing about who it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ClientAddress(IpAddr);

impl ClientAddress {
    /// Reads `203.0.113.9`, `203.0.113.9:51234`, `2001:db8::9`, `[2001:db8::9]`, `[2001:db8::9]:51234` and
    /// `fe80::1%eth0`. `None` for names, and for several addresses: which of them is meant is not ours to guess.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (address, port) = match text.strip_prefix('[') {
            Some(rest) => {
                let (address, rest) = rest.split_once(']')?;
                let port = if rest.is_empty() { None } else { Some(rest.strip_prefix(':')?) };
                (IpAddr::V6(version_6(address)?), port)
            }
            // One colon comes before a port, several make an IPv6 address.
            None => match text.split_once(':') {
                Some((_, rest)) if rest.contains(':') => (IpAddr::V6(version_6(text)?), None),
                Some((address, port)) => (IpAddr::V4(address.parse::<Ipv4Addr>().ok()?), Some(port)),
                None => (IpAddr::V4(text.parse::<Ipv4Addr>().ok()?), None),
            },
        };
        port.is_none_or(is_port).then(|| Self(address.to_canonical()))
    }

    /// Everybody behind one of these is one client where requests are counted: an IPv4 address, or the 64 bits of an
    /// IPv6 address that are given to one network. Whoever has those has 2⁶⁴ addresses to come from.
    pub fn client(self) -> AddressRange {
        match self.0 {
            IpAddr::V4(_) => AddressRange { address: self.0, bits: 32 },
            IpAddr::V6(address) => {
                AddressRange { address: Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into(), bits: 64 }
            }
        }
    }
}

fn version_6(text: &str) -> Option<Ipv6Addr> {
    let (address, zone) = text.split_once('%').map_or((text, None), |(address, zone)| (address, Some(zone)));
    let named =
        |zone: &str| !zone.is_empty() && zone.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'));
    address.parse().ok().filter(|_| zone.is_none_or(named))
}

fn is_port(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit()) && text.parse::<u16>().is_ok()
}

impl From<IpAddr> for ClientAddress {
    fn from(address: IpAddr) -> Self {
        Self(address.to_canonical())
    }
}

impl fmt::Display for ClientAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// An address as it is kept and shown; what is none stays as it is.
pub fn shown(text: &str) -> String {
    ClientAddress::parse(text).map_or_else(|| text.to_owned(), |address| address.to_string())
}

/// What requests from an address are counted by ([`ClientAddress::client`]); what is no address is counted as it is.
pub fn counted(text: &str) -> String {
    ClientAddress::parse(text).map_or_else(|| text.to_owned(), |address| address.client().to_string())
}

/// Addresses that begin with the same bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AddressRange {
    address: IpAddr,
    bits: u32,
}

impl AddressRange {
    /// Reads `192.0.2.0/24`, `2001:db8::/32`, or one address in any form of [`ClientAddress::parse`].
    pub fn parse(text: &str) -> Option<Self> {
        let Some((address, bits)) = text.trim().split_once('/') else {
            let ClientAddress(address) = ClientAddress::parse(text)?;
            return Some(Self { address, bits: if address.is_ipv4() { 32 } else { 128 } });
        };
        let bits: u32 = Some(bits).filter(|bits| bits.bytes().all(|byte| byte.is_ascii_digit()))?.parse().ok()?;
        let address: IpAddr = address.parse().ok()?;
        let mapped = address.is_ipv6() && address.to_canonical().is_ipv4();
        // Of a range of mapped addresses, the bits that lie before IPv4 are the same for all.
        let (address, bits) = if mapped { (address.to_canonical(), bits.checked_sub(96)?) } else { (address, bits) };
        (bits <= if address.is_ipv4() { 32 } else { 128 }).then_some(Self { address, bits })
    }

    /// Whether all of it lies in another one.
    pub fn is_within(self, outer: Self) -> bool {
        outer.bits <= self.bits && outer.contains(ClientAddress(self.address))
    }

    pub fn contains(self, address: ClientAddress) -> bool {
        let Self { address: range, bits } = self;
        match (range, address.0) {
            (IpAddr::V4(range), IpAddr::V4(address)) => bits == 0 || (range.to_bits() ^ address.to_bits()) >> (32 - bits) == 0,
            (IpAddr::V6(range), IpAddr::V6(address)) => bits == 0 || (range.to_bits() ^ address.to_bits()) >> (128 - bits) == 0,
            _ => false,
        }
    }
}

impl fmt::Display for AddressRange {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.address.fmt(formatter)?;
        let whole = if self.address.is_ipv4() { 32 } else { 128 };
        if self.bits == whole { Ok(()) } else { write!(formatter, "/{}", self.bits) }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn addresses_by_example() {
        for (text, kept) in [
            ("203.0.113.9", "203.0.113.9"),
            (" 203.0.113.9:51234 ", "203.0.113.9"),
            ("::ffff:203.0.113.9", "203.0.113.9"),
            ("[::ffff:203.0.113.9]:443", "203.0.113.9"),
            ("2001:DB8:0:0::9", "2001:db8::9"),
            ("[2001:db8::9]", "2001:db8::9"),
            ("[2001:db8::9]:51234", "2001:db8::9"),
            ("fe80::1%eth0", "fe80::1"),
            ("[fe80::1%25]:80", "fe80::1"),
        ] {
            assert_eq!(ClientAddress::parse(text).map(|address| address.to_string()).as_deref(), Some(kept), "{text}");
        }
        for wrong in [
            "",
            "unknown",
            "203.0.113.9, 198.51.100.7",
            "203.0.113.9 198.51.100.7",
            "203.0.113.9:",
            "203.0.113.9:65536",
            "203.0.113.9:+1",
            "203.0.113.256",
            "203.0.113.9%eth0",
            "203.0.113.9/24",
            "[203.0.113.9]:80",
            "[2001:db8::9",
            "[2001:db8::9]51234",
            "2001:db8::9%",
            "\"203.0.113.9\"",
            "localhost:80",
        ] {
            assert_eq!(ClientAddress::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn clients_by_example() {
        for (address, client) in [
            ("203.0.113.9:51234", "203.0.113.9"),
            ("::ffff:203.0.113.9", "203.0.113.9"),
            ("[2001:db8:1:2:3:4:5:6]:1", "2001:db8:1:2::/64"),
            ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
            ("not an address", "not an address"),
        ] {
            assert_eq!(counted(address), client);
        }
        assert_eq!((shown("[2001:db8::9]:1"), shown("x")), ("2001:db8::9".to_owned(), "x".to_owned()));
    }

    #[test]
    fn ranges_by_example() {
        let holds =
            |range: &str, address: &str| AddressRange::parse(range).unwrap().contains(ClientAddress::parse(address).unwrap());
        for (range, inside, outside) in [
            ("203.0.113.0/24", "203.0.113.9:1", "203.0.114.1"),
            ("203.0.113.9:80", "::ffff:203.0.113.9", "203.0.113.10"),
            ("::ffff:203.0.113.0/120", "203.0.113.255", "203.0.112.255"),
            ("0.0.0.0/0", "8.8.8.8", "2001:db8::1"),
            ("2001:db8::/32", "[2001:db8:ffff::1]:1", "2001:db9::1"),
            ("::/0", "2001:db8::1", "8.8.8.8"),
        ] {
            assert!(holds(range, inside) && !holds(range, outside), "{range}");
        }
        for wrong in
            ["", "1.2.3.4/33", "1.2.3/8", "1.2.3.4/", "1.2.3.4/+8", "x", "2001:db8::/129", "::ffff:1.2.3.4/95", "[::1]/8"]
        {
            assert_eq!(AddressRange::parse(wrong), None, "{wrong}");
        }
    }

    proptest! {
        /// With or without a port, in brackets or mapped: it is the same address.
        #[test]
        fn every_form_is_the_same_address(four: u32, six: u128, port: u16) {
            let (four, six) = (Ipv4Addr::from_bits(four), Ipv6Addr::from_bits(six));
            for text in [format!("{four}:{port}"), format!("::ffff:{four}"), format!("[::ffff:{four}]:{port}")] {
                prop_assert_eq!(ClientAddress::parse(&text), Some(ClientAddress::from(IpAddr::V4(four))));
            }
            for text in [format!("{six}"), format!("[{six}]:{port}"), format!("{six}%eth0")] {
                prop_assert_eq!(ClientAddress::parse(&text), Some(ClientAddress::from(IpAddr::V6(six))));
            }
        }

        /// What is shown is read as the same again, and a client holds its own address.
        #[test]
        fn what_is_shown_is_read_again(text in "[0-9a-f:.%/\\[\\]]{0,40}") {
            if let Some(address) = ClientAddress::parse(&text) {
                prop_assert_eq!(ClientAddress::parse(&address.to_string()), Some(address));
                prop_assert!(address.client().contains(address));
            }
            if let Some(range) = AddressRange::parse(&text) {
                prop_assert_eq!(AddressRange::parse(&range.to_string()), Some(range));
            }
        }
    }
}
