//! Mail: a notice as a MIME message, handed to an SMTP server.
//!
//! From equals ORGANIZER, or calendars show no buttons. The MIME method is read from the calendar text. No header can be
//! forged: addresses are parsed types, names and subjects are one line and encoded. Nothing here is logged.

use std::time::{Duration, SystemTime};

use domain::invite::CalendarText;
use domain::notice::{Notice, Recipient};
use domain::text::MailAddress;
use lettre::message::header::{ContentTransferEncoding, ContentType, Header, HeaderName, HeaderValue};
use lettre::message::{Attachment, Body, Mailbox, MultiPart, SinglePart};
use lettre::transport::smtp;
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use serde::Deserialize;

use super::render::{MailParts, mail_parts, one_line};
use crate::i18n::Words;
use crate::limits;
use crate::store::notice::NoticeRow;

/// The mail server and the house's own mailbox.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MailSettings {
    /// `smtp://[user:password@]host[:port][?tls=required|opportunistic]` or `smtps://…`.
    pub server: String,
    /// Sender of what no post sends: one-time codes, words to a desk.
    pub sender: MailAddress,
}

/// Why a mail did not go out. The codes are stable and stand in the row; none holds personal data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MailFault {
    /// The notice goes another way, or its mailbox is none for the mail library.
    #[error("the notice cannot be written as a mail")]
    Unwritable,
    /// The server refused it for good.
    #[error("the server refused it for good")]
    Refused,
    /// The server asked to come later.
    #[error("the server asked to come later")]
    Later,
    /// No connection, or it broke.
    #[error("the server could not be reached")]
    Unreachable,
}

impl MailFault {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Unwritable => "mail-unwritable",
            Self::Refused => "mail-refused",
            Self::Later => "mail-later",
            Self::Unreachable => "mail-unreachable",
        }
    }

    /// Would another try make sense?
    #[must_use]
    pub const fn is_passing(self) -> bool {
        matches!(self, Self::Later | Self::Unreachable)
    }
}

/// The way to the mail server. Cheap to clone; connections are pooled.
#[derive(Clone)]
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    sender: MailAddress,
}

impl Mailer {
    /// Reads the server's address; connects only when it sends.
    ///
    /// # Errors
    /// The library's error when the address is no `smtp` or `smtps` URL.
    pub fn new(settings: &MailSettings) -> Result<Self, smtp::Error> {
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(&settings.server)?
            .timeout(Some(limits::MAIL_TIMEOUT))
            .build();
        Ok(Self { transport, sender: settings.sender.clone() })
    }

    /// Sends the notice of a row.
    ///
    /// # Errors
    /// [`MailFault`], which says whether another try makes sense.
    pub async fn send(&self, row: &NoticeRow) -> Result<(), MailFault> {
        let message = message(row, &self.sender)?;
        match self.transport.send(message).await {
            Ok(_) => Ok(()),
            Err(error) if error.is_permanent() => Err(MailFault::Refused),
            Err(error) if error.is_transient() => Err(MailFault::Later),
            Err(_) => Err(MailFault::Unreachable),
        }
    }
}

/// The message of a row. Its Message-ID is the notice's, so that a second copy after a lost answer is seen to be one.
///
/// # Errors
/// [`MailFault::Unwritable`].
pub fn message(row: &NoticeRow, house: &MailAddress) -> Result<Message, MailFault> {
    let Recipient::Mail { address, name } = &row.notice.to else { return Err(MailFault::Unwritable) };
    let parts = mail_parts(&row.notice, row.created_at);
    let from = sender(&row.notice, house);
    let domain = from.1.domain().to_owned();
    let builder = Message::builder()
        .from(mailbox(&from.0, &from.1)?)
        .to(mailbox(name, address)?)
        .subject(parts.subject.clone())
        .date(date(row))
        .message_id(Some(format!("<{}@{domain}>", row.id)))
        .header(AutoSubmitted);
    builder.multipart(body(parts)?).map_err(|_| MailFault::Unwritable)
}

/// A post speaks to citizens from its own mailbox; codes and words to a desk come from the house.
fn sender(notice: &Notice, house: &MailAddress) -> (String, MailAddress) {
    let words = Words::of(notice.language);
    match notice.what.visit() {
        Some(visit) if visit.organizer.as_str() != notice.to.address() => {
            (words.pick(&visit.post_title).to_owned(), visit.organizer.clone())
        }
        _ => (words.t("common-service-name").into_owned(), house.clone()),
    }
}

fn mailbox(name: &str, address: &MailAddress) -> Result<Mailbox, MailFault> {
    let address: Address = address.as_str().parse().map_err(|_| MailFault::Unwritable)?;
    let name = one_line(name);
    Ok(Mailbox::new((!name.is_empty()).then_some(name), address))
}

/// The time the notice was made: the same at each try.
fn date(row: &NoticeRow) -> SystemTime {
    let seconds = u64::try_from(row.created_at.as_second()).unwrap_or(0);
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}

/// Source: RFC 6047 §2.4; the calendar stands last in the alternative, where mail programs look for it, and once more
/// as a file for those that do not look.
fn body(parts: MailParts) -> Result<MultiPart, MailFault> {
    let alternative = MultiPart::alternative()
        .singlepart(SinglePart::plain(parts.text))
        .singlepart(SinglePart::html(parts.html));
    let Some(calendar) = parts.calendar else { return Ok(alternative) };
    let inline = SinglePart::builder().header(media_type(&calendar.media_type())?).body(octets(&calendar)?);
    let file =
        Attachment::new("invite.ics".to_owned()).body(octets(&calendar)?, media_type("application/ics")?);
    Ok(MultiPart::mixed().multipart(alternative.singlepart(inline)).singlepart(file))
}

fn media_type(text: &str) -> Result<ContentType, MailFault> {
    ContentType::parse(text).map_err(|_| MailFault::Unwritable)
}

/// Base64, so that no server on the way touches a line of it.
fn octets(calendar: &CalendarText) -> Result<Body, MailFault> {
    Body::new_with_encoding(calendar.as_str().as_bytes().to_vec(), ContentTransferEncoding::Base64)
        .map_err(|_| MailFault::Unwritable)
}

/// Keeps answering machines quiet. Source: RFC 3834 §5.
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

#[cfg(test)]
mod tests;
