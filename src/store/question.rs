//! Rows of questions: what a desk asked about a request, and what the citizen answered.

use std::collections::BTreeMap;

use domain::id::{AppointmentId, PostId};
use jiff::Timestamp;

use super::{Connection, StoreError, sound};

/// A question as it stands.
#[derive(Debug, Clone)]
pub struct QuestionRow {
    /// The desk's words.
    pub question: String,
    /// The citizen's words, once he has answered.
    pub answer: Option<String>,
}

/// Writes a question.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn insert(
    connection: &mut Connection,
    appointment: &AppointmentId,
    question: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query("insert into question (appointment_id, asked_at_ms, question) values ($1, $2, $3)")
        .bind(appointment.as_str())
        .bind(now.as_millisecond())
        .bind(question)
        .execute(connection)
        .await?;
    Ok(())
}

/// Answers the question that waits. `false` when none does.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn answer(
    connection: &mut Connection,
    appointment: &AppointmentId,
    answer: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "update question set answer = $2, answered_at_ms = $3 where appointment_id = $1 and answer is null",
    )
    .bind(appointment.as_str())
    .bind(answer)
    .bind(now.as_millisecond())
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// The questions of one appointment, the latest last.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn of(
    connection: &mut Connection,
    appointment: &AppointmentId,
) -> Result<Vec<QuestionRow>, StoreError> {
    let rows: Vec<(String, Option<String>)> = sqlx::query_as(
        "select question, answer from question where appointment_id = $1 order by asked_at_ms",
    )
    .bind(appointment.as_str())
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|(question, answer)| QuestionRow { question, answer }).collect())
}

/// The questions of a post's open requests, by appointment, the latest last.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn of_post(
    connection: &mut Connection,
    post: &PostId,
) -> Result<BTreeMap<AppointmentId, Vec<QuestionRow>>, StoreError> {
    let rows: Vec<(String, String, Option<String>)> = sqlx::query_as(
        "select q.appointment_id, q.question, q.answer from question q \
         join appointment a on a.id = q.appointment_id \
         where (a.post_id = $1 or a.climbed_post_id = $1) and a.state in ('requested', 'proposed', 'confirmed') \
         order by q.asked_at_ms",
    )
    .bind(post.as_str())
    .fetch_all(connection)
    .await?;
    let mut questions: BTreeMap<AppointmentId, Vec<QuestionRow>> = BTreeMap::new();
    for (id, question, answer) in rows {
        let id = sound(AppointmentId::parse(&id).ok(), "question", "appointment")?;
        questions.entry(id).or_default().push(QuestionRow { question, answer });
    }
    Ok(questions)
}
