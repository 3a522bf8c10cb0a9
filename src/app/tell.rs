//! Telling people: makes the notices of an act and lays them into the outbox, in the act's transaction.
//!
//! Chooses who is told by which way; never words, never sends.

use domain::diary::{AppointmentState, Channel};
use domain::id::NoticeId;
use domain::notice::{Language, Notice, Recipient, Visit, What};
use domain::text::{MailAddress, Mobile};

use super::Desk;
use super::desk::Deed;
use crate::auth::token::Purpose;
use crate::store::appointment::AppointmentRow;
use crate::store::citizen::CitizenRow;
use crate::store::office::PostRow;
use crate::store::{StoreError, notice, sound};

/// The address of a slip.
pub(super) fn slip_url(desk: &Desk, row: &AppointmentRow) -> String {
    let token = desk.settings.link_key.link(Purpose::Slip, &row.rules.id);
    format!("{}/s/{token}", desk.settings.public_url)
}

/// The address of a meeting's door; none when they do not meet by video.
pub(super) fn door_url(desk: &Desk, row: &AppointmentRow) -> Option<String> {
    (row.channel == Channel::Video).then(|| {
        let token = desk.settings.link_key.link(Purpose::Door, &row.rules.id);
        format!("{}/j/{token}", desk.settings.public_url)
    })
}

/// The appointment as a notice tells it.
pub(super) fn visit(
    desk: &Desk,
    row: &AppointmentRow,
    post: &PostRow,
    citizen: &CitizenRow,
) -> Result<Visit, StoreError> {
    Ok(Visit {
        reference: row.reference.clone(),
        uid: format!("{}@{}", row.rules.id, desk.settings.domain),
        sequence: row.rules.sequence,
        post_title: post.title.clone(),
        body: post.body_name.clone(),
        organizer: sound(MailAddress::parse(&post.mail).ok(), "post", "mail")?,
        start: row.rules.slot.start(),
        end: row.rules.slot.end(),
        channel: row.channel.code().to_owned(),
        citizen_name: citizen.name.clone(),
        citizen_mail: mail_of(citizen)?,
        subject: row.subject.clone(),
        slip_url: slip_url(desk, row),
        join_url: door_url(desk, row),
    })
}

fn mail_of(citizen: &CitizenRow) -> Result<Option<MailAddress>, StoreError> {
    citizen.mail.as_deref().map(|mail| sound(MailAddress::parse(mail).ok(), "citizen", "mail")).transpose()
}

/// Tells a citizen by every way that we have: text message, and mail if he gave an address.
///
/// * `version`: with the kind, what makes the notice one and not two.
pub(super) async fn citizen(
    deed: &mut Deed<'_>,
    who: (&AppointmentRow, &CitizenRow),
    said: (What, i64),
) -> Result<(), StoreError> {
    for (id, key, told) in notices(deed.desk, who, said)? {
        notice::insert(deed.tx, (&id, &key), &told, deed.now).await?;
    }
    Ok(())
}

/// The notices by which a citizen is told, each with its id and the key that makes it one.
pub(super) fn notices(
    desk: &Desk,
    (row, citizen): (&AppointmentRow, &CitizenRow),
    (what, version): (What, i64),
) -> Result<Vec<(NoticeId, String, Notice)>, StoreError> {
    // Whoever was helped at a counter may have no telephone: his slip is on paper.
    let mobile = match citizen.mobile.as_str() {
        "" => None,
        number => Some(sound(Mobile::parse(number).ok(), "citizen", "mobile")?),
    };
    let mut ways: Vec<Recipient> = mobile.into_iter().map(|mobile| Recipient::Sms { mobile }).collect();
    ways.extend(mail_of(citizen)?.map(|address| Recipient::Mail { address, name: citizen.name.clone() }));
    let notices = ways.into_iter().map(|to| {
        let id = NoticeId::fresh(desk.now(), desk.random.bytes());
        let key = format!("{}/{}/{version}/{}", what.kind(), row.rules.id, to.channel());
        (id, key, Notice { to, language: row.language, what: what.clone() })
    });
    Ok(notices.collect())
}

/// Tells the post's desk, by the post's mailbox, in Hindi.
pub(super) async fn desk_of(
    deed: &mut Deed<'_>,
    who: (&AppointmentRow, &PostRow),
    what: What,
) -> Result<(), StoreError> {
    let (id, key, told) = desk_notice(deed.desk, who, what)?;
    notice::insert(deed.tx, (&id, &key), &told, deed.now).await?;
    Ok(())
}

/// Tells a post by its mailbox, in Hindi.
///
/// * `key`: what makes the notice one and not two.
pub(super) async fn post(
    deed: &mut Deed<'_>,
    (post, key): (&PostRow, String),
    what: What,
) -> Result<(), StoreError> {
    let address = sound(MailAddress::parse(&post.mail).ok(), "post", "mail")?;
    let to = Recipient::Mail { address, name: post.title.hi.clone() };
    let id = NoticeId::fresh(deed.desk.now(), deed.desk.random.bytes());
    let told = Notice { to, language: Language::Hindi, what };
    notice::insert(deed.tx, (&id, &format!("{key}/desk-{}", post.id)), &told, deed.now).await?;
    Ok(())
}

fn desk_notice(
    desk: &Desk,
    (row, post): (&AppointmentRow, &PostRow),
    what: What,
) -> Result<(NoticeId, String, Notice), StoreError> {
    let address = sound(MailAddress::parse(&post.mail).ok(), "post", "mail")?;
    let key = format!("{}/{}/{}/desk-{}", what.kind(), row.rules.id, row.version, post.id);
    let to = Recipient::Mail { address, name: post.title.hi.clone() };
    let id = NoticeId::fresh(desk.now(), desk.random.bytes());
    Ok((id, key, Notice { to, language: Language::Hindi, what }))
}

/// Tells the citizen that his booking stands or is asked for, and the desk of what is asked of it.
pub(super) async fn booked(
    deed: &mut Deed<'_>,
    of: (&AppointmentRow, &PostRow, &CitizenRow),
) -> Result<(), StoreError> {
    for (id, key, told) in booked_notices(deed.desk, of)? {
        notice::insert(deed.tx, (&id, &key), &told, deed.now).await?;
    }
    Ok(())
}

/// The notices of [`booked`].
pub(super) fn booked_notices(
    desk: &Desk,
    (row, post, booked_by): (&AppointmentRow, &PostRow, &CitizenRow),
) -> Result<Vec<(NoticeId, String, Notice)>, StoreError> {
    let visit = visit(desk, row, post, booked_by)?;
    let (what, to_desk) = if row.rules.state == AppointmentState::Requested {
        let to_desk = desk_notice(desk, (row, post), What::DeskRequest { visit: visit.clone() })?;
        (What::Requested { visit }, Some(to_desk))
    } else {
        (What::Confirmed { visit }, None)
    };
    let mut all = notices(desk, (row, booked_by), (what, row.version))?;
    all.extend(to_desk);
    Ok(all)
}
