//! The words of a calendar entry: a visit as an invitation in one language.
//!
//! Which method a notice carries is decided here, once. Never writes calendar lines itself; `domain::invite` does.

use domain::diary::AppointmentState;
use domain::invite::{self, CalendarText, Conference, Invitation, Method, Party, Reminder};
use domain::notice::{Language, Notice, Recipient, Visit, What};
use jiff::Timestamp;

use super::{channel, is_invitation, labelled, links, post, rows};
use crate::i18n::Words;

/// The calendar reminds so long before the visit.
const REMINDER_MINUTES: u32 = 60;

/// The calendar text that goes with a notice: an invitation, its move or its cancellation, to the mailbox that gets
/// the mail. Nothing for other notices and other ways.
///
/// * `stamp`: when the notice was made; the same at each try.
#[must_use]
pub fn calendar(notice: &Notice, stamp: Timestamp) -> Option<CalendarText> {
    let Recipient::Mail { address, .. } = &notice.to else { return None };
    let visit = notice.what.visit()?;
    let to = Party { name: visit.citizen_name.clone(), address: address.clone() };
    let method = match &notice.what {
        what if is_invitation(what) => Method::Request { to },
        What::Cancelled { .. } | What::Waiting { is_fixed: true, .. } => Method::Cancel { to },
        _ => return None,
    };
    Some(invite::write(&invitation(visit, &notice.what, (notice.language, stamp)), &method))
}

/// The calendar file that the slip page hands out, in which nobody is asked to answer: the visit while it is fixed,
/// its cancellation when it is off.
///
/// * `stamp`: when the file is made.
#[must_use]
pub fn published(
    visit: &Visit,
    state: AppointmentState,
    (language, stamp): (Language, Timestamp),
) -> CalendarText {
    let visit = visit.clone();
    let (what, method) = match state {
        AppointmentState::Confirmed => (What::Confirmed { visit }, Method::Publish),
        _ => (What::Cancelled { visit }, Method::Withdraw),
    };
    let visit = what.visit().expect("both notices tell of a visit");
    invite::write(&invitation(visit, &what, (language, stamp)), &method)
}

fn invitation(visit: &Visit, what: &What, (language, stamp): (Language, Timestamp)) -> Invitation {
    let words = Words::of(language);
    let post = post(words, visit);
    let conference = visit
        .join_url
        .as_ref()
        .map(|url| Conference { url: url.clone(), label: words.t("notice-link-join").into_owned() });
    Invitation {
        uid: visit.uid.clone(),
        sequence: visit.sequence,
        stamp,
        start: visit.start,
        end: visit.end,
        organizer: Party { name: post.clone(), address: visit.organizer.clone() },
        summary: words.with("notice-calendar-summary", &[("post", post.as_str())]),
        description: [labelled(&rows(words, visit, what)), labelled(&links(words, visit, what))].join("\n\n"),
        location: Some(place(words, visit)),
        conference,
        reminder: Some(Reminder {
            minutes: REMINDER_MINUTES,
            text: words.with("notice-calendar-reminder", &[("post", post)]),
        }),
        language,
    }
}

/// The office that one comes to, or the way by which one is met elsewhere.
fn place(words: Words, visit: &Visit) -> String {
    match (&visit.join_url, visit.channel.as_str()) {
        (Some(url), _) => url.clone(),
        (None, "telephone" | "video") => channel(words, visit),
        (None, _) => words.pick(&visit.body).to_owned(),
    }
}
