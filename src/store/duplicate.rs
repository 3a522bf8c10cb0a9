//! Who else asks for the same: other open appointments of the person behind a request, with whatever office.
//!
//! The same number, or the same name; whether the matter is alike the caller decides. Shown, never used to refuse.

use domain::diary::AppointmentState;
use domain::id::{AppointmentId, PostId};
use domain::text::Bilingual;

use super::{Connection, StoreError, sound};

/// Another appointment of somebody who asks this post.
#[derive(Debug, Clone)]
pub struct DuplicateRow {
    /// The request at this post.
    pub of: AppointmentId,
    /// The other one's number.
    pub reference: String,
    /// Where the other one stands.
    pub state: AppointmentState,
    /// The other one's post.
    pub title: Bilingual,
    /// What the other one is about.
    pub subject: String,
    /// The numbers are the same; otherwise only the names are.
    pub has_same_mobile: bool,
}

/// The other open appointments of those who ask this post, the latest first, at most `count` in all.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn of_post(
    connection: &mut Connection,
    post: &PostId,
    count: i64,
) -> Result<Vec<DuplicateRow>, StoreError> {
    type Columns = (String, String, String, String, String, String, i64);
    let rows: Vec<Columns> = sqlx::query_as(
        "select mine.id, other.reference, other.state, p.title_hi, p.title_en, other.subject, \
         case when c.mobile = mc.mobile then 1 else 0 end \
         from appointment mine join citizen mc on mc.id = mine.citizen_id \
         join citizen c on (c.mobile = mc.mobile or c.name = mc.name) and c.id <> mc.id \
         join appointment other on other.citizen_id = c.id \
         and other.state in ('requested', 'confirmed', 'proposed', 'waiting') \
         join post p on p.id = other.post_id \
         where mine.post_id = $1 and mine.state = 'requested' \
         order by other.created_at_ms desc, other.id limit $2",
    )
    .bind(post.as_str())
    .bind(count)
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|(of, reference, state, hi, en, subject, same)| {
            Ok(DuplicateRow {
                of: sound(AppointmentId::parse(&of).ok(), "appointment", "id")?,
                reference,
                state: sound(AppointmentState::from_code(&state), "appointment", "state")?,
                title: Bilingual { hi, en },
                subject,
                has_same_mobile: same != 0,
            })
        })
        .collect()
}
