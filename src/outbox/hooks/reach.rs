//! Which addresses a webhook may be sent to: those of the public network, and what the installation's settings name.
//!
//! Pure. A listener's name may be given any address by whoever owns it, so the address is judged, not the name, and every
//! one that a name has must pass.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

use domain::hook::Scheme;
use serde::Deserialize;

/// A network: an address and how many of its bits count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Network {
    address: IpAddr,
    bits: u8,
}

impl Network {
    /// Whether an address is in it. An IPv6 address that stands for an IPv4 one is in no IPv4 network.
    #[must_use]
    pub fn holds(&self, ip: IpAddr) -> bool {
        match (self.address, ip) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                same_bits(u32::from(own).into(), u32::from(other).into(), self.bits + 96)
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => same_bits(own.into(), other.into(), self.bits),
            _ => false,
        }
    }
}

/// Whether the first `bits` of 128 are the same.
fn same_bits(own: u128, other: u128, bits: u8) -> bool {
    bits == 0 || (own ^ other) >> (128 - u32::from(bits)) == 0
}

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("a network like 10.1.0.0/16 or fd00::/8, not {text:?}");
        let (address, bits) = text.split_once('/').ok_or_else(wrong)?;
        let address: IpAddr = address.parse().map_err(|_| wrong())?;
        let bits = bits.parse().map_err(|_| wrong())?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        if bits > most { Err(wrong()) } else { Ok(Self { address, bits }) }
    }
}

impl TryFrom<String> for Network {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

/// What an installation allows beyond the public network.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reach {
    /// Networks of its own in which listeners stand.
    #[serde(default)]
    pub allowed_networks: Vec<Network>,
    /// Plain HTTP to this machine; a demonstration's, never read from a file.
    #[serde(skip)]
    pub plain_loopback: bool,
}

impl Reach {
    /// The address to connect to: the first of those that a name has, if every one of them may be reached.
    #[must_use]
    pub fn chosen(&self, addresses: &[SocketAddr], scheme: Scheme) -> Option<SocketAddr> {
        let all = addresses.iter().all(|address| self.may(address.ip(), scheme));
        addresses.first().copied().filter(|_| all)
    }

    fn may(&self, ip: IpAddr, scheme: Scheme) -> bool {
        match scheme {
            // Without TLS nobody knows who answers: this machine alone, and only where that was asked for.
            Scheme::Plain => self.plain_loopback && ip.is_loopback(),
            Scheme::Secure => is_public(ip) || self.allowed_networks.iter().any(|network| network.holds(ip)),
        }
    }
}

/// Whether an address belongs to the public network. Source: the special-purpose registries of IANA (RFC 6890).
#[must_use]
pub fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

/// IPv4 networks that are nobody's on the public network.
const SPECIAL_V4: [([u8; 4], u8); 16] = [
    ([0, 0, 0, 0], 8),
    ([10, 0, 0, 0], 8),
    ([100, 64, 0, 0], 10),
    ([127, 0, 0, 0], 8),
    ([169, 254, 0, 0], 16),
    ([172, 16, 0, 0], 12),
    ([192, 0, 0, 0], 24),
    ([192, 0, 2, 0], 24),
    ([192, 31, 196, 0], 24),
    ([192, 88, 99, 0], 24),
    ([192, 168, 0, 0], 16),
    ([198, 18, 0, 0], 15),
    ([198, 51, 100, 0], 24),
    ([203, 0, 113, 0], 24),
    ([224, 0, 0, 0], 4),
    ([240, 0, 0, 0], 4),
];

fn is_public_v4(ip: Ipv4Addr) -> bool {
    SPECIAL_V4.iter().all(|(network, bits)| {
        !Network { address: IpAddr::V4((*network).into()), bits: *bits }.holds(IpAddr::V4(ip))
    })
}

/// Of IPv6 only what is given out to the public (2000::/3), less what in it stands for something else: so no mapped,
/// translated (64:ff9b::/96), unique local, link-local, multicast, loopback or unspecified address passes.
const SPECIAL_V6: [([u16; 8], u8); 4] = [
    ([0x2001, 0, 0, 0, 0, 0, 0, 0], 23),
    ([0x2001, 0x0db8, 0, 0, 0, 0, 0, 0], 32),
    ([0x2002, 0, 0, 0, 0, 0, 0, 0], 16),
    ([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20),
];

fn is_public_v6(ip: Ipv6Addr) -> bool {
    let holds =
        |network: [u16; 8], bits| Network { address: IpAddr::V6(network.into()), bits }.holds(IpAddr::V6(ip));
    holds([0x2000, 0, 0, 0, 0, 0, 0, 0], 3)
        && SPECIAL_V6.iter().all(|(network, bits)| !holds(*network, *bits))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]
    use super::*;

    fn address(text: &str) -> SocketAddr {
        SocketAddr::new(text.parse().unwrap(), 443)
    }

    /// Each class that must never be reached, by its first and last addresses where it has two ends.
    const REFUSED: &[&str] = &[
        "0.0.0.0",
        "0.255.255.255",
        "10.0.0.0",
        "10.255.255.255",
        "100.64.0.0",
        "100.127.255.255",
        "127.0.0.1",
        "127.255.255.254",
        "169.254.0.1",
        "169.254.169.254",
        "172.16.0.0",
        "172.31.255.255",
        "192.0.0.8",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.0.0",
        "192.168.255.255",
        "198.18.0.0",
        "198.19.255.255",
        "198.51.100.7",
        "203.0.113.7",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:8.8.8.8",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::7f00:1",
        "64:ff9b::a00:1",
        "64:ff9b::8.8.8.8",
        "64:ff9b:1::1",
        "100::1",
        "2001::1",
        "2001:0:4136:e378::1",
        "2001:db8::1",
        "2002:a00:1::1",
        "2002:808:808::1",
        "3fff::1",
        "5f00::1",
        "fc00::1",
        "fd12:3456::1",
        "fe80::1",
        "febf::1",
        "fec0::1",
        "ff02::1",
        "ff0e::1",
    ];
    const PUBLIC: &[&str] = &[
        "8.8.8.8",
        "1.1.1.1",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "126.255.255.255",
        "128.0.0.1",
        "169.253.255.255",
        "169.255.0.0",
        "172.15.255.255",
        "172.32.0.0",
        "192.167.255.255",
        "192.169.0.0",
        "198.17.255.255",
        "198.20.0.0",
        "223.255.255.255",
        "2606:4700:4700::1111",
        "2400:cb00::1",
        "2a00:1450::1",
    ];

    #[test]
    fn no_address_of_any_inner_class_is_reached() {
        let reach = Reach::default();
        for text in REFUSED {
            assert!(!is_public(text.parse().unwrap()), "{text}");
            for scheme in [Scheme::Secure, Scheme::Plain] {
                assert_eq!(reach.chosen(&[address(text)], scheme), None, "{text}");
            }
        }
        for text in PUBLIC {
            assert_eq!(reach.chosen(&[address(text)], Scheme::Secure), Some(address(text)), "{text}");
            assert_eq!(reach.chosen(&[address(text)], Scheme::Plain), None, "{text} without TLS");
        }
    }

    #[test]
    fn a_name_with_one_inner_address_is_refused_whole() {
        let reach = Reach::default();
        let both = [address("8.8.8.8"), address("10.0.0.1")];
        assert_eq!(reach.chosen(&both, Scheme::Secure), None);
        assert_eq!(reach.chosen(&[both[1], both[0]], Scheme::Secure), None);
        assert_eq!(reach.chosen(&[], Scheme::Secure), None);
    }

    #[test]
    fn an_allowed_network_opens_itself_and_nothing_else() {
        let allowed_networks = ["10.1.0.0/16", "fd00:1::/32"].map(|text| text.parse().unwrap()).to_vec();
        let reach = Reach { allowed_networks, plain_loopback: false };
        for inside in ["10.1.0.1", "10.1.255.255", "fd00:1::9"] {
            assert!(reach.chosen(&[address(inside)], Scheme::Secure).is_some(), "{inside}");
            assert!(reach.chosen(&[address(inside)], Scheme::Plain).is_none(), "{inside} without TLS");
        }
        for outside in ["10.0.255.255", "10.2.0.0", "fd00:2::1", "127.0.0.1", "::ffff:10.1.0.1"] {
            assert!(reach.chosen(&[address(outside)], Scheme::Secure).is_none(), "{outside}");
        }
    }

    #[test]
    fn plain_http_reaches_this_machine_alone_and_only_when_asked_for() {
        let reach = Reach { plain_loopback: true, ..Reach::default() };
        assert!(reach.chosen(&[address("127.0.0.1")], Scheme::Plain).is_some());
        assert!(reach.chosen(&[address("::1")], Scheme::Plain).is_some());
        for other in ["8.8.8.8", "10.0.0.1", "::ffff:127.0.0.1", "0.0.0.0"] {
            assert!(reach.chosen(&[address(other)], Scheme::Plain).is_none(), "{other}");
        }
        assert!(reach.chosen(&[address("127.0.0.1")], Scheme::Secure).is_none());
    }

    #[test]
    fn a_network_is_read_or_said_to_be_none() {
        for good in ["10.0.0.0/8", "0.0.0.0/0", "::/0", "1.2.3.4/32"] {
            assert!(good.parse::<Network>().is_ok(), "{good}");
        }
        for bad in ["10.0.0.0", "10.0.0.0/33", "::/129", "x/8", "10.0.0.0/-1", ""] {
            assert!(bad.parse::<Network>().is_err(), "{bad}");
        }
        assert!("0.0.0.0/0".parse::<Network>().unwrap().holds("8.8.8.8".parse().unwrap()));
    }
}
