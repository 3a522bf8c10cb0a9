//! What people are told, as data: to whom, in which language, what. The outbox keeps it as JSON and gives it words later.
//!
//! Pure values. No wording, no calendar text and no address book here; the tags of the JSON are stable, since rows
//! written by one version are sent by the next.

use crate::text::{Bilingual, MailAddress, Mobile};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// A language of the house.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum Language {
    /// The default.
    #[default]
    #[serde(rename = "hi")]
    Hindi,
    /// Complete as well.
    #[serde(rename = "en")]
    English,
}

impl Language {
    /// The stable code, as in `lang` attributes, cookies and rows: `hi` or `en`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Language::Hindi => "hi",
            Language::English => "en",
        }
    }

    /// The language of a code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        match code {
            "hi" => Some(Language::Hindi),
            "en" => Some(Language::English),
            _ => None,
        }
    }
}

/// One message to one person.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Notice {
    /// Who gets it and by which way.
    pub to: Recipient,
    /// The language that the person reads.
    pub language: Language,
    /// What it tells.
    pub what: What,
}

/// The way to a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "channel", rename_all = "snake_case")]
pub enum Recipient {
    /// By mail.
    Mail {
        /// Where to.
        address: MailAddress,
        /// The name that stands before the address.
        name: String,
    },
    /// By text message.
    Sms {
        /// Where to.
        mobile: Mobile,
    },
}

impl Recipient {
    /// The stable code of the way, as in the row's `channel`: `mail` or `sms`.
    #[must_use]
    pub fn channel(&self) -> &'static str {
        match self {
            Recipient::Mail { .. } => "mail",
            Recipient::Sms { .. } => "sms",
        }
    }

    /// Address or number, as in the row's `recipient`.
    #[must_use]
    pub fn address(&self) -> &str {
        match self {
            Recipient::Mail { address, .. } => address.as_str(),
            Recipient::Sms { mobile } => mobile.as_str(),
        }
    }
}

/// What a notice tells.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum What {
    /// The one-time code of a booking.
    Code {
        /// The digits; emptied in the row once sent.
        code: String,
        /// How long it is good for, whole minutes.
        minutes: u32,
    },
    /// The request has arrived; the desk will answer.
    Requested {
        /// The wished visit.
        visit: Visit,
    },
    /// The visit is fixed: carries the invitation.
    Confirmed {
        /// The visit.
        visit: Visit,
    },
    /// A fixed visit has another time: carries the invitation again, same UID, higher sequence.
    Moved {
        /// The visit at its new time.
        visit: Visit,
        /// When it would have begun.
        was: Timestamp,
    },
    /// The visit does not take place: carries the cancellation.
    Cancelled {
        /// The visit as it was, with the sequence raised.
        visit: Visit,
    },
    /// The desk cannot give the wished time.
    Declined {
        /// The visit that was wished.
        visit: Visit,
        /// Stable code of the reason; its words are `notice-reason-…` in the locales.
        reason: String,
        /// Another post that can help.
        alternative: Option<Bilingual>,
    },
    /// The desk offers another time.
    Proposed {
        /// The visit as it was wished.
        visit: Visit,
        /// When the first offered time begins; as long as the wished one.
        proposed: Timestamp,
        /// When the others begin, if there are any.
        #[serde(default)]
        others: Vec<Timestamp>,
    },
    /// A request waits at the desk; goes to the desk.
    DeskRequest {
        /// The wished visit.
        visit: Visit,
    },
    /// The officer is called away: the visit has another time, same UID, higher sequence.
    Displaced {
        /// The visit at its new time.
        visit: Visit,
        /// When it would have begun.
        was: Timestamp,
        /// Stable code of the reason; its words are `notice-away-…` in the locales.
        reason: String,
        /// It was fixed, so that it goes with an invitation.
        is_fixed: bool,
    },
    /// The officer is called away and no other time was found yet: the citizen stands first on the waiting list.
    Waiting {
        /// The visit at the time that fell.
        visit: Visit,
        /// Stable code of the reason, as above.
        reason: String,
        /// It was fixed, so that it goes with a cancellation.
        is_fixed: bool,
    },
    /// The visit takes place by video at the same time.
    Switched {
        /// The visit as it is now.
        visit: Visit,
        /// It is fixed, so that it goes with an invitation.
        is_fixed: bool,
    },
    /// Another post will meet the citizen.
    Redirected {
        /// The visit with the new post.
        visit: Visit,
        /// The post that was asked first.
        from: Bilingual,
        /// Stable code of the reason; its words are `notice-reason-…`.
        reason: String,
        /// It is fixed, so that it goes with an invitation.
        is_fixed: bool,
    },
    /// The desk asks something before it answers.
    Question {
        /// The wished visit.
        visit: Visit,
        /// The desk's words.
        question: String,
    },
    /// The citizen has answered the desk's question; goes to the desk.
    DeskAnswer {
        /// The wished visit.
        visit: Visit,
    },
    /// A request was not answered in the promised time and has climbed; goes to the desk of the post above.
    DeskLate {
        /// The wished visit.
        visit: Visit,
    },
    /// An earlier time has become free and is kept for the citizen for a while.
    Offered {
        /// The visit as it stands.
        visit: Visit,
        /// When the offered time begins.
        offered: Timestamp,
        /// Until when it is kept.
        until: Timestamp,
    },
    /// What came of the meeting.
    Outcome {
        /// The meeting.
        visit: Visit,
        /// Stable code: `direction`, `forward` or `not_possible`; a next date is told by its own invitation.
        outcome: String,
        /// What is to be done, when it is a direction.
        text: Option<String>,
        /// The post that acts, or meets him now.
        post: Option<Bilingual>,
        /// By which day it is to be done.
        due: Option<Date>,
        /// Stable code of the reason, when it is not possible; its words are `notice-impossible-…`.
        reason: Option<String>,
    },
    /// The due date of a direction has passed: is it done?
    OutcomeAsk {
        /// The meeting.
        visit: Visit,
        /// What was to be done.
        text: String,
        /// By which day.
        due: Date,
    },
    /// A direction was given to a post, or the citizen says that it is not done yet; goes to the desk.
    DeskDirection {
        /// The meeting.
        visit: Visit,
        /// What is to be done.
        text: String,
        /// By which day.
        due: Date,
        /// It was given before, and is not done.
        is_reopened: bool,
    },
    /// A case is listed; goes to the authority concerned.
    DeskHearing {
        /// The hearing.
        visit: Visit,
        /// The number under which the grievance was filed.
        case_number: String,
        /// The authority's own slip.
        url: String,
    },
    /// A listed case is not heard at its time, and has no other one; goes to the authority concerned.
    DeskHearingOff {
        /// The hearing.
        visit: Visit,
        /// The number under which the grievance was filed.
        case_number: String,
    },
    /// A case was heard.
    Heard {
        /// The hearing.
        visit: Visit,
        /// What came of it.
        heard: Decision,
    },
    /// The same for the authority concerned.
    DeskHeard {
        /// The hearing.
        visit: Visit,
        /// What came of it.
        heard: Decision,
        /// The authority's own slip.
        url: String,
    },
    /// Who rang a seat since the evening before, and when it was seen; goes to its occupant.
    RingDay {
        /// The seat.
        post: Bilingual,
        /// The day.
        day: Date,
        /// Each ring, oldest first.
        looks: Vec<RingLine>,
        /// How many more there are.
        more: usize,
        /// The ledger's page.
        url: String,
    },
    /// Which terminals of seats are red this morning; goes to whoever looks after them.
    TerminalReds {
        /// The day.
        day: Date,
        /// Each of them, in the order of who needs it first.
        reds: Vec<RedLine>,
        /// How many more there are.
        more: usize,
        /// The page of the terminals.
        url: String,
    },
    /// The officer is late on the day itself; the turn stays.
    Delayed {
        /// The visit as it stands.
        visit: Visit,
        /// About when the turn is now.
        about: Timestamp,
    },
}

impl What {
    /// The stable tag, the same as in the JSON.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            What::Code { .. } => "code",
            What::Requested { .. } => "requested",
            What::Confirmed { .. } => "confirmed",
            What::Moved { .. } => "moved",
            What::Cancelled { .. } => "cancelled",
            What::Declined { .. } => "declined",
            What::Proposed { .. } => "proposed",
            What::DeskRequest { .. } => "desk_request",
            What::Displaced { .. } => "displaced",
            What::Waiting { .. } => "waiting",
            What::Switched { .. } => "switched",
            What::Redirected { .. } => "redirected",
            What::Question { .. } => "question",
            What::DeskAnswer { .. } => "desk_answer",
            What::DeskLate { .. } => "desk_late",
            What::Offered { .. } => "offered",
            What::Outcome { .. } => "outcome",
            What::OutcomeAsk { .. } => "outcome_ask",
            What::DeskDirection { .. } => "desk_direction",
            What::Delayed { .. } => "delayed",
            What::RingDay { .. } => "ring_day",
            What::TerminalReds { .. } => "terminal_reds",
            What::DeskHearing { .. } => "desk_hearing",
            What::DeskHearingOff { .. } => "desk_hearing_off",
            What::Heard { .. } => "heard",
            What::DeskHeard { .. } => "desk_heard",
        }
    }

    /// The visit that it tells of; a code has none.
    #[must_use]
    pub fn visit(&self) -> Option<&Visit> {
        match self {
            What::Code { .. } | What::RingDay { .. } | What::TerminalReds { .. } => None,
            What::Requested { visit }
            | What::Confirmed { visit }
            | What::Moved { visit, .. }
            | What::Cancelled { visit }
            | What::Declined { visit, .. }
            | What::Proposed { visit, .. }
            | What::DeskRequest { visit }
            | What::Displaced { visit, .. }
            | What::Waiting { visit, .. }
            | What::Switched { visit, .. }
            | What::Redirected { visit, .. }
            | What::Question { visit, .. }
            | What::DeskAnswer { visit }
            | What::DeskLate { visit }
            | What::Offered { visit, .. }
            | What::Outcome { visit, .. }
            | What::OutcomeAsk { visit, .. }
            | What::DeskDirection { visit, .. }
            | What::DeskHearing { visit, .. }
            | What::DeskHearingOff { visit, .. }
            | What::Heard { visit, .. }
            | What::DeskHeard { visit, .. }
            | What::Delayed { visit, .. } => Some(visit),
        }
    }

    /// Does it go to a desk? Then it never holds the citizen's links.
    #[must_use]
    pub fn is_to_desk(&self) -> bool {
        matches!(
            self,
            What::DeskRequest { .. }
                | What::DeskAnswer { .. }
                | What::DeskLate { .. }
                | What::DeskDirection { .. }
                | What::DeskHearing { .. }
                | What::DeskHearingOff { .. }
                | What::DeskHeard { .. }
        )
    }

    /// The same without the secret, for the row that stays after sending.
    #[must_use]
    pub fn scrubbed(self) -> Self {
        match self {
            What::Code { minutes, .. } => What::Code { code: String::new(), minutes },
            other => other,
        }
    }
}

/// What came of a hearing, as a notice tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// The number under which the grievance was filed.
    pub case_number: String,
    /// Stable code of what it came to; its words are `hearing-disposal-…` in the locales.
    pub disposal: String,
    /// The text of the order.
    pub order: String,
    /// When the case is heard again.
    pub next: Option<Timestamp>,
}

/// A terminal that is red, as a notice tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RedLine {
    /// The seat at which it stands.
    pub post: Bilingual,
    /// Stable code of where; its words are `terminal-device-…` in the locales.
    pub device: String,
    /// The next appointment of the post on this day.
    pub first: Option<Timestamp>,
    /// Stable codes of what is wrong; their words are `morning-cause-…` and `morning-action-…` in the locales.
    pub causes: Vec<String>,
}

/// A ring of a seat, as a notice tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RingLine {
    /// When it rang.
    pub at: Timestamp,
    /// Who rang; nobody when the seat itself did.
    pub by: Option<Bilingual>,
    /// Stable code of what came of it; its words are `ledger-outcome-…` in the locales.
    pub outcome: String,
    /// Each time in which the seat was seen.
    pub seen: Vec<RingSeen>,
}

/// A time in which a seat was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RingSeen {
    /// From.
    pub from: Timestamp,
    /// To; nothing while it went on.
    pub to: Option<Timestamp>,
    /// Stable code of the device.
    pub device: String,
    /// Stable code of the act by which it agreed; nothing when it was a frosted picture alone.
    pub act: Option<String>,
}

/// An appointment as a notice tells it: a copy of that moment, so that a late mail still says what was decided.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Visit {
    /// The number on the slip, as in `ES26-004217`.
    pub reference: String,
    /// The calendar's UID: given once, unchanged by any move, transfer or change of channel.
    pub uid: String,
    /// The calendar's SEQUENCE: rises with each move and with the cancellation.
    pub sequence: u32,
    /// Title of the post.
    pub post_title: Bilingual,
    /// Name of the body that the post belongs to.
    pub body: Bilingual,
    /// Mailbox of the post: sender of the mail and ORGANIZER of the invitation, never the citizen.
    pub organizer: MailAddress,
    /// Begin.
    pub start: Timestamp,
    /// End.
    pub end: Timestamp,
    /// Stable code: `in_person`, `video` or `telephone`.
    pub channel: String,
    /// Who comes.
    pub citizen_name: String,
    /// Where the invitation goes to.
    pub citizen_mail: Option<MailAddress>,
    /// What about.
    pub subject: String,
    /// The slip page, from which the visit is moved or cancelled.
    pub slip_url: String,
    /// The page that opens the video meeting.
    pub join_url: Option<String>,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")] // a test that cannot build its input has failed

    use super::*;

    #[test]
    fn the_tags_of_the_json_are_stable() {
        let notice = Notice {
            to: Recipient::Sms { mobile: Mobile::parse("00000 12345").unwrap() },
            language: Language::Hindi,
            what: What::Code { code: "482913".into(), minutes: 10 },
        };
        let json = serde_json::to_string(&notice).unwrap();
        assert_eq!(
            json,
            r#"{"to":{"channel":"sms","mobile":"+910000012345"},"language":"hi","what":{"kind":"code","code":"482913","minutes":10}}"#
        );
        assert_eq!(serde_json::from_str::<Notice>(&json).unwrap(), notice);
    }

    #[test]
    fn a_scrubbed_code_holds_no_digit() {
        let what = What::Code { code: "482913".into(), minutes: 10 }.scrubbed();
        assert!(!serde_json::to_string(&what).unwrap().contains("482913"));
    }
}
