//! Settings of an installation: one TOML file, then environment variables `SACHIVALAYA_…` over it.
//!
//! A wrong setting stops the start with a sentence that names the key and what it expects.

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use domain::text::MailAddress;
use figment::Figment;
use figment::providers::{Env, Format, Toml};
use serde::Deserialize;

use crate::outbox::hooks::reach::Reach as HookReach;
use crate::outbox::mail::{MailSettings, Mailer};

/// Everything that one installation decides.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where people reach it: `https://es.example.in`, without a slash at the end.
    pub public_url: String,
    /// `sqlite:PATH` or `postgres://user:password@host/name`.
    pub database: String,
    /// Folder for keys and files that are made on the first run.
    pub data: PathBuf,
    /// Address for plain HTTP: behind a proxy, or for tools on this machine. Off when absent.
    #[serde(default)]
    pub http: Option<SocketAddr>,
    /// Address for HTTPS. Off when absent.
    #[serde(default)]
    pub https: Option<SocketAddr>,
    /// Proxies that pass connections through and begin each with the PROXY header, version 1 or 2. Whatever else comes
    /// from these addresses is refused: who could leave the header out could also make one up.
    #[serde(default)]
    pub behind: Vec<IpAddr>,
    /// Certificate chain and key in PEM. Without them a self-made certificate is kept under `data`.
    #[serde(default)]
    pub certificate: Option<CertificateFiles>,
    /// The media plane.
    pub media: MediaSection,
    /// The mail server; without one mails stay in the outbox.
    #[serde(default)]
    pub mail: Option<MailSettings>,
    /// May passes (`sachivalaya token`) name meetings that exist for outside clients only?
    #[serde(default)]
    pub outside_rooms: bool,
    /// The folder of recordings. Without it no meeting can be recorded.
    #[serde(default)]
    pub recordings: Option<PathBuf>,
    /// What a monitor on another machine shows as a bearer token to read `/metrics`; without it only this machine may.
    #[serde(default)]
    pub metrics_token: Option<String>,
    /// Where webhooks may be sent beyond the public network.
    #[serde(default)]
    pub webhooks: HookReach,
    /// Minutes before its time at which a meeting's door opens.
    #[serde(default = "fifteen")]
    pub door_opens_minutes: u32,
}

/// A shorter token could be tried out.
const METRICS_TOKEN_CHARS_MIN: usize = 16;

const fn fifteen() -> u32 {
    15
}

/// A certificate that somebody else made.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CertificateFiles {
    /// Chain, PEM.
    pub chain: PathBuf,
    /// Private key, PEM.
    pub key: PathBuf,
}

/// Where sound and pictures come in.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MediaSection {
    /// The one address that the SFU binds, for UDP and for TCP.
    pub bind: SocketAddr,
    /// Addresses that clients are told; every address of this machine when empty.
    #[serde(default)]
    pub advertise: Vec<Reach>,
    /// Media threads; as many as this machine has cores when absent.
    #[serde(default)]
    pub threads: Option<usize>,
    /// Does it relay for browsers that get through no other way? Only to itself, never to anybody else.
    #[serde(default = "yes")]
    pub relay: bool,
}

const fn yes() -> bool {
    true
}

impl MediaSection {
    /// How many media threads to start: what was set, or one for each core.
    #[must_use]
    pub fn threads(&self) -> usize {
        let cores = || std::thread::available_parallelism().map_or(1, usize::from);
        self.threads.unwrap_or_else(cores).clamp(1, media::THREADS_MAX)
    }
}

/// Where clients reach the media plane: an address alone, with the port that is bound, or with a port of its own
/// when something in front maps it to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Reach {
    /// The address.
    pub ip: IpAddr,
    /// Its port; the bound one when absent.
    pub port: Option<u16>,
}

impl From<IpAddr> for Reach {
    fn from(ip: IpAddr) -> Reach {
        Reach { ip, port: None }
    }
}

impl FromStr for Reach {
    type Err = String;

    fn from_str(text: &str) -> Result<Reach, String> {
        if let Ok(ip) = text.parse() {
            return Ok(Reach { ip, port: None });
        }
        let both: SocketAddr =
            text.parse().map_err(|_| format!("an IP address, or one with a port, not {text:?}"))?;
        Ok(Reach { ip: both.ip(), port: Some(both.port()) })
    }
}

impl TryFrom<String> for Reach {
    type Error = String;

    fn try_from(text: String) -> Result<Reach, String> {
        text.parse()
    }
}

/// A setting that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file could not be read, a key is missing, unknown or of the wrong kind.
    #[error("{0}")]
    Unreadable(String),
    /// A value that has the right kind but cannot be used.
    #[error("`{key}` must be {expected}, it is {found:?}")]
    Value {
        /// The key.
        key: &'static str,
        /// What it expects.
        expected: &'static str,
        /// What was found.
        found: String,
    },
}

impl Config {
    /// Reads `file` and the environment.
    ///
    /// # Errors
    /// [`ConfigError`] with a sentence for the person who wrote the setting.
    pub fn read(file: &Path) -> Result<Self, ConfigError> {
        if !file.is_file() {
            return Err(ConfigError::Unreadable(format!("there is no settings file at {}", file.display())));
        }
        let config: Self = Figment::new()
            .merge(Toml::file_exact(file))
            .merge(Env::prefixed("SACHIVALAYA_").ignore(&["test_postgres"]).split("__"))
            .extract()
            .map_err(|error| ConfigError::Unreadable(sentence(&error)))?;
        config.checked()
    }

    /// Looks at values that a type alone cannot keep. Must be called inside a tokio runtime, which the mail
    /// library asks for even to read an address.
    ///
    /// # Errors
    /// [`ConfigError::Value`].
    pub fn checked(self) -> Result<Self, ConfigError> {
        let value =
            |key, expected, found: &str| Err(ConfigError::Value { key, expected, found: found.to_owned() });
        let is_web = self.public_url.starts_with("https://") || self.public_url.starts_with("http://");
        if !is_web || self.public_url.ends_with('/') || self.host().is_empty() {
            return value(
                "public_url",
                "like https://es.example.in, without a slash at the end",
                &self.public_url,
            );
        }
        if crate::store::Dialect::of(&self.database).is_none() {
            return value("database", "sqlite:PATH or postgres://user:password@host/name", "something else");
        }
        if self.http.is_none() && self.https.is_none() {
            return value("https", "an address such as 0.0.0.0:443 (or set http, behind a proxy)", "absent");
        }
        if self.metrics_token.as_ref().is_some_and(|token| token.len() < METRICS_TOKEN_CHARS_MIN) {
            return value("metrics_token", "16 characters or more", "a shorter one");
        }
        if let Some(threads) =
            self.media.threads.filter(|threads| !(1..=media::THREADS_MAX).contains(threads))
        {
            return value("media.threads", "a number from 1 to 64", &threads.to_string());
        }
        if self.mail.as_ref().is_some_and(|mail| Mailer::new(mail).is_err()) {
            return value("mail.server", "like smtp://user:password@host:587", "something else");
        }
        Ok(self)
    }

    /// The port at which browsers reach HTTPS of this very server: that of `public_url` where it says one, because
    /// something in front may map it to ours.
    #[must_use]
    pub fn https_port(&self) -> Option<u16> {
        let bound = self.https?.port();
        let Some(rest) = self.public_url.strip_prefix("https://") else { return Some(bound) };
        let authority = rest.split('/').next().unwrap_or_default();
        let named = authority.rsplit_once(':').and_then(|(_, port)| port.trim_end_matches(']').parse().ok());
        Some(named.unwrap_or(443))
    }

    /// Whether media is served by TCP at a port of its own, too: not where HTTPS has that number.
    #[must_use]
    pub fn has_media_tcp(&self) -> bool {
        let taken = [self.http, self.https].into_iter().flatten();
        !taken.map(|address| address.port()).any(|port| port == self.media.bind.port())
    }

    /// The host of `public_url`, for calendar UIDs and mail; an address of IPv6 in its brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        let rest = self.public_url.split_once("://").map_or("", |(_, rest)| rest);
        match rest.find(']') {
            Some(end) if rest.starts_with('[') => &rest[..=end],
            _ => rest.split([':', '/']).next().unwrap_or_default(),
        }
    }
}

/// A mail section from one address, as the demo takes it.
#[must_use]
pub fn mail_of(server: String) -> Option<MailSettings> {
    let sender = MailAddress::parse("no-reply@example.in").ok()?;
    Some(MailSettings { server, sender })
}

/// The library's error as one sentence that names the key.
fn sentence(error: &figment::Error) -> String {
    let key = error.path.join(".");
    let place = error.metadata.as_ref().map(|m| format!(" (in {})", m.name)).unwrap_or_default();
    if key.is_empty() { format!("{}{place}", error.kind) } else { format!("`{key}`: {}{place}", error.kind) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]
    use super::*;

    fn read(text: &str) -> Result<Config, String> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("es.toml");
        std::fs::write(&file, text).unwrap();
        Config::read(&file).map_err(|e| e.to_string())
    }

    const GOOD: &str = "public_url = 'https://es.example.in'\ndatabase = 'sqlite:es.sqlite'\ndata = 'd'\n\
        https = '0.0.0.0:443'\n[media]\nbind = '0.0.0.0:3478'\n";

    #[test]
    fn a_good_file_is_read() {
        let config = read(GOOD).unwrap();
        assert_eq!(config.host(), "es.example.in");
        assert_eq!(config.door_opens_minutes, 15);
    }

    #[test]
    fn the_port_of_https_is_the_one_that_browsers_are_told() {
        let port = |url: &str| read(&GOOD.replace("https://es.example.in", url)).unwrap().https_port();
        assert_eq!(port("https://es.example.in"), Some(443));
        assert_eq!(port("https://es.example.in:8443"), Some(8443));
        assert_eq!(port("http://es.example.in:8080"), Some(443), "the bound one");
        assert_eq!(port("https://[2001:db8::1]:8443"), Some(8443));
        assert!(!read(&GOOD.replace(":3478", ":443")).unwrap().has_media_tcp());
        let host = read(&GOOD.replace("es.example.in", "[2001:db8::1]:8443")).unwrap();
        assert_eq!(host.host(), "[2001:db8::1]");
    }

    #[test]
    fn the_media_plane_is_reached_at_its_own_port_or_at_another_one_in_front() {
        let with = |lines: &str| read(&format!("{GOOD}{lines}\n")).map(|c| c.media.advertise);
        let ip: IpAddr = "10.1.2.3".parse().unwrap();
        let both = with("advertise = ['10.1.2.3', '10.1.2.3:4000']").unwrap();
        assert_eq!(both, [Reach { ip, port: None }, Reach { ip, port: Some(4000) }]);
        assert!(with("advertise = ['es.example.in']").unwrap_err().contains("an IP address"));
    }

    #[tokio::test]
    async fn the_example_settings_can_be_used_as_they_are() {
        let config =
            Config::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/sachivalaya.toml")).unwrap();
        assert!(config.mail.is_some() && config.https.is_some());
    }

    #[test]
    fn an_error_names_the_key_and_what_it_expects() {
        let said = read(&GOOD.replace("0.0.0.0:443", "port 443")).unwrap_err();
        assert!(said.contains("https") && said.contains("socket address"), "{said}");
        let said = read(&GOOD.replace("https://es.example.in", "es.example.in")).unwrap_err();
        assert!(said.contains("`public_url` must be like https://"), "{said}");
        let said = read(&GOOD.replace("sqlite:es.sqlite", "mysql://x")).unwrap_err();
        assert!(said.contains("`database` must be sqlite:PATH or postgres"), "{said}");
        let said = read(&format!("{GOOD}threads = 65\n")).unwrap_err();
        assert!(said.contains("`media.threads` must be a number from 1 to 64, it is \"65\""), "{said}");
        let said = read(&GOOD.replace("data = 'd'", "date = 'd'")).unwrap_err();
        assert!(said.contains("date") || said.contains("data"), "{said}");
        assert!(read("").unwrap_err().contains("public_url"));
    }
}
