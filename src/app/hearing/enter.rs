//! Entering a case: its number, the day of filing and the authority concerned, which is told when and where it is heard.

use domain::hearing::{CaseNumber, FILED_DAYS_AGO_MAX, HearingError, Stage};
use domain::id::{AppointmentId, PostId};
use domain::notice::What;
use jiff::ToSpan;
use jiff::civil::Date;

use super::{StepError, day_of, is_hearing, notice_url};
use crate::app::carry_out::Case;
use crate::app::desk::{Deed, settled};
use crate::app::{Desk, tell};
use crate::audit::{self, By, Line};
use crate::auth::Actor;
use crate::auth::policy::{Act, Object, allows};
use crate::store::hearing::{self, CaseRow};
use crate::store::{StoreError, office};

/// What the office writes down of a case.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The number under which it was filed.
    pub number: CaseNumber,
    /// The day on which it was filed.
    pub filed: Date,
    /// The post of the authority concerned.
    pub authority: PostId,
}

/// Enters the case of an appointment, or corrects it until it is called.
///
/// # Errors
/// [`StepError`].
pub async fn enter(desk: &Desk, actor: &Actor, id: &AppointmentId, entry: &Entry) -> Result<(), StepError> {
    settled(|| once(desk, actor, id, entry)).await
}

async fn once(desk: &Desk, actor: &Actor, id: &AppointmentId, entry: &Entry) -> Result<(), StepError> {
    let now = desk.now();
    let mut tx = desk.store.write().await?;
    let case = Case::read(&mut tx, id).await?.ok_or(StepError::Unknown)?;
    allows(actor, Act::RunHearing, &Object::Post(case.post.id.clone()))?;
    if !is_hearing(&case) {
        return Err(StepError::Unknown);
    }
    let mut deed = Deed { desk, tx: &mut tx, now };
    lay(&mut deed, (&case, actor.by(Some(id))), entry).await?;
    Ok(tx.commit().await?)
}

/// Writes the case, tells the authority, and lays the audit line.
pub(super) async fn lay(
    deed: &mut Deed<'_>,
    (case, by): (&Case, By),
    entry: &Entry,
) -> Result<(), StepError> {
    let id = &case.row.rules.id;
    check(deed, case, entry).await?;
    let fresh = CaseRow {
        appointment: id.clone(),
        case_number: entry.number.clone(),
        filed: entry.filed,
        number: 1,
        previous: None,
        authority: entry.authority.clone(),
        entered_at: deed.now,
    };
    let standing = hearing::of(deed.tx, id).await?;
    let before = standing.as_ref().map(|standing| standing.case.clone());
    let (row, version) = match standing {
        None => {
            if !hearing::insert(deed.tx, &fresh).await? {
                return Err(StepError::Changed);
            }
            (fresh, 1)
        }
        Some(standing) => {
            if standing.rules.stage() != Stage::Listed {
                return Err(HearingError::CalledAlready.into());
            }
            if standing.case.previous.is_some() && !is_the_same(&standing.case, &fresh) {
                return Err(StepError::Standing);
            }
            let row =
                CaseRow { number: standing.case.number, previous: standing.case.previous.clone(), ..fresh };
            if !hearing::amend(deed.tx, (&row, standing.version)).await? {
                return Err(StepError::Changed);
            }
            (row, standing.version + 1)
        }
    };
    tell_authority(deed, case, (&row, &version.to_string())).await?;
    let mut detail = format!("authority={} filed={}", row.authority, row.filed);
    if let Some(before) = before {
        detail.push_str(&format!(" was_authority={} was_filed={}", before.authority, before.filed));
    }
    let line = Line { by, act: "hearing.enter", object: id.as_str(), detail };
    Ok(audit::append(deed.tx, line, deed.now).await?)
}

/// Its number and its day of filing stand from the first hearing on: the limit is counted by them.
fn is_the_same(before: &CaseRow, now: &CaseRow) -> bool {
    (&before.case_number, before.filed) == (&now.case_number, now.filed)
}

async fn check(deed: &mut Deed<'_>, case: &Case, entry: &Entry) -> Result<(), StepError> {
    let today = day_of(deed.now);
    let first = today.saturating_sub(FILED_DAYS_AGO_MAX.days());
    let last = today.min(day_of(case.row.rules.slot.start()));
    if entry.filed < first || entry.filed > last {
        return Err(StepError::Filed);
    }
    let authority = office::post(deed.tx, &entry.authority).await?;
    if authority.is_none() || entry.authority == case.post.id {
        return Err(StepError::Authority);
    }
    Ok(())
}

/// When and about what the authority is heard.
pub(super) async fn tell_authority(
    deed: &mut Deed<'_>,
    case: &Case,
    (row, version): (&CaseRow, &str),
) -> Result<(), StoreError> {
    let post = super::authority(deed.tx, &row.authority).await?;
    let what = What::DeskHearing {
        visit: tell::visit(deed.desk, &case.row, &case.post, case.booked_by()?)?,
        case_number: row.case_number.to_string(),
        url: notice_url(deed.desk, &row.appointment),
    };
    let key = format!("{}/{}/{version}", what.kind(), row.appointment);
    tell::post(deed, (&post, key), what).await
}
