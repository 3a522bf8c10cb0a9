//! Calendar text of one visit: invitation, cancellation and the copy that a slip page hands out.
//!
//! Pure: told every value, the stamp as well. Names and subjects reach a calendar line only through `line.rs`, which no
//! input can break out of. Never a mail: the MIME method is read from [`CalendarText`], so the two cannot disagree.
//! Source: RFC 5545 (format), RFC 5546 (methods), RFC 7986 (CONFERENCE).

mod line;

use crate::notice::Language;
use crate::text::MailAddress;
use ics::components::{Component, Property};
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Who made the calendar text. Source: RFC 5545 §3.7.3.
const PRODUCT: &str = "-//sachivalaya//appointments//EN";
/// The only zone of the house. No daylight saving, so one block with equal offsets describes it.
const ZONE: &str = "Asia/Kolkata";

/// A name and a mailbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Party {
    /// The name shown.
    pub name: String,
    /// The mailbox.
    pub address: MailAddress,
}

/// How the visit's video is entered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conference {
    /// The page to open.
    pub url: String,
    /// What the link is called.
    pub label: String,
}

/// A reminder that the calendar gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reminder {
    /// Whole minutes before the begin.
    pub minutes: u32,
    /// What it says.
    pub text: String,
}

/// One visit as a calendar shows it. Any text may hold anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// Given once for an appointment and never changed, also when it moves or changes its channel.
    pub uid: String,
    /// Rises with each move and with the cancellation. Source: RFC 5546 §2.1.4.
    pub sequence: u32,
    /// When this message was made.
    pub stamp: Timestamp,
    /// Begin.
    pub start: Timestamp,
    /// End.
    pub end: Timestamp,
    /// The post's mailbox; never the citizen, whose calendar would show no buttons.
    pub organizer: Party,
    /// What the calendar shows first.
    pub summary: String,
    /// All that a person needs to know, also without the page.
    pub description: String,
    /// Where to come to.
    pub location: Option<String>,
    /// How to join by video.
    pub conference: Option<Conference>,
    /// The reminder before it.
    pub reminder: Option<Reminder>,
    /// Language of the texts.
    pub language: Language,
}

/// What the calendar text asks the calendar to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Method {
    /// Put it in, or move what has this UID.
    Request {
        /// Who is invited.
        to: Party,
    },
    /// Take it out.
    Cancel {
        /// Who was invited.
        to: Party,
    },
    /// Show it; nobody is asked to answer. For the file that the slip page hands out.
    Publish,
    /// Show that it is off. For the same file, once the visit is cancelled.
    Withdraw,
}

impl Method {
    /// The word in the METHOD line and in the MIME parameter.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Method::Request { .. } => "REQUEST",
            Method::Cancel { .. } => "CANCEL",
            Method::Publish | Method::Withdraw => "PUBLISH",
        }
    }
}

/// Finished calendar text with its method. Invariant: CRLF lines of at most 75 octets, each valid UTF-8, one VEVENT; in a list one for
/// each visit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarText {
    method: &'static str,
    text: String,
}

impl CalendarText {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The word in the METHOD line.
    #[must_use]
    pub fn method(&self) -> &'static str {
        self.method
    }

    /// The media type with the method that the text holds. Source: RFC 6047 §2.4, RFC 5545 §8.1.
    #[must_use]
    pub fn media_type(&self) -> String {
        format!("text/calendar; charset=utf-8; method={}", self.method)
    }
}

/// Writes the calendar text of a visit.
#[must_use]
pub fn write(invitation: &Invitation, method: &Method) -> CalendarText {
    let mut calendar = Component::new("VCALENDAR");
    calendar.add_property(Property::new("VERSION", "2.0"));
    calendar.add_property(Property::new("PRODID", PRODUCT));
    calendar.add_property(Property::new("CALSCALE", "GREGORIAN"));
    calendar.add_property(Property::new("METHOD", method.code()));
    calendar.add_component(zone());
    calendar.add_component(event(invitation, method));
    CalendarText { method: method.code(), text: line::fold(&calendar.to_string()) }
}

/// Writes the calendar text of a list of visits, to be shown and not answered.
#[must_use]
pub fn write_list(visits: &[Invitation]) -> CalendarText {
    let method = Method::Publish;
    let mut calendar = Component::new("VCALENDAR");
    calendar.add_property(Property::new("VERSION", "2.0"));
    calendar.add_property(Property::new("PRODID", PRODUCT));
    calendar.add_property(Property::new("CALSCALE", "GREGORIAN"));
    calendar.add_property(Property::new("METHOD", method.code()));
    calendar.add_component(zone());
    for visit in visits {
        calendar.add_component(event(visit, &method));
    }
    CalendarText { method: method.code(), text: line::fold(&calendar.to_string()) }
}

/// The zone that the times stand in.
fn zone() -> Component<'static> {
    let mut standard = Component::new("STANDARD");
    standard.add_property(Property::new("DTSTART", "19700101T000000"));
    standard.add_property(Property::new("TZOFFSETFROM", "+0530"));
    standard.add_property(Property::new("TZOFFSETTO", "+0530"));
    standard.add_property(Property::new("TZNAME", "IST"));
    let mut zone = Component::new("VTIMEZONE");
    zone.add_property(Property::new("TZID", ZONE));
    zone.add_component(standard);
    zone
}

fn event(invitation: &Invitation, method: &Method) -> Component<'static> {
    let language = invitation.language.code();
    let worded =
        |name: &'static str, text: &str| line::property(name, line::text(text), &[("LANGUAGE", language)]);
    let mut event = Component::new("VEVENT");
    event.add_property(Property::new("UID", line::text(&invitation.uid)));
    event.add_property(Property::new("SEQUENCE", invitation.sequence.to_string()));
    event.add_property(Property::new("DTSTAMP", utc(invitation.stamp)));
    event.add_property(line::property("DTSTART", local(invitation.start), &[("TZID", ZONE)]));
    event.add_property(line::property("DTEND", local(invitation.end), &[("TZID", ZONE)]));
    event.add_property(organizer(&invitation.organizer));
    if let Method::Request { to } | Method::Cancel { to } = method {
        event.add_property(attendee(to, method));
    }
    event.add_property(worded("SUMMARY", &invitation.summary));
    event.add_property(worded("DESCRIPTION", &invitation.description));
    if let Some(location) = &invitation.location {
        event.add_property(worded("LOCATION", location));
    }
    if matches!(method, Method::Cancel { .. } | Method::Withdraw) {
        event.add_property(Property::new("STATUS", "CANCELLED"));
        event.add_property(Property::new("TRANSP", "TRANSPARENT"));
        return event;
    }
    event.add_property(Property::new("STATUS", "CONFIRMED"));
    event.add_property(Property::new("TRANSP", "OPAQUE"));
    if let Some(conference) = &invitation.conference {
        event.add_property(link(conference));
    }
    if let Some(reminder) = &invitation.reminder {
        event.add_component(alarm(reminder));
    }
    event
}

fn organizer(post: &Party) -> Property<'static> {
    line::property("ORGANIZER", line::mailto(&post.address), &[("CN", &post.name)])
}

fn attendee(citizen: &Party, method: &Method) -> Property<'static> {
    let mut parameters =
        vec![("CN", citizen.name.as_str()), ("CUTYPE", "INDIVIDUAL"), ("ROLE", "REQ-PARTICIPANT")];
    if matches!(method, Method::Request { .. }) {
        parameters.extend([("PARTSTAT", "NEEDS-ACTION"), ("RSVP", "TRUE")]);
    }
    line::property("ATTENDEE", line::mailto(&citizen.address), &parameters)
}

/// Source: RFC 7986 §5.11.
fn link(conference: &Conference) -> Property<'static> {
    let mut link = line::property("CONFERENCE", line::uri(&conference.url), &[("LABEL", &conference.label)]);
    link.add(ics::components::Parameter::new("FEATURE", "AUDIO,VIDEO"));
    link.add(ics::components::Parameter::new("VALUE", "URI"));
    link
}

fn alarm(reminder: &Reminder) -> Component<'static> {
    let mut alarm = Component::new("VALARM");
    alarm.add_property(Property::new("ACTION", "DISPLAY"));
    alarm.add_property(Property::new("TRIGGER", format!("-PT{}M", reminder.minutes)));
    alarm.add_property(Property::new("DESCRIPTION", line::text(&reminder.text)));
    alarm
}

/// `20261124T054500Z`
fn utc(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC).strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// `20261124T111500`, in India.
fn local(at: Timestamp) -> String {
    at.to_zoned(crate::office::ist()).strftime("%Y%m%dT%H%M%S").to_string()
}

#[cfg(test)]
mod tests;
