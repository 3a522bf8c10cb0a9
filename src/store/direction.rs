//! Rows of directions and of their history.

use domain::direction::{Author, Direction, DirectionState, Origin, Step, StepKind};
use domain::id::{DirectionId, PostId};
use domain::text::Noting;
use jiff::Timestamp;
use jiff::civil::Date;

use super::{Connection, StoreError, instant, sound};

/// A direction as it stands.
#[derive(Debug, Clone)]
pub struct DirectionRow {
    /// What the rules see.
    pub rules: Direction,
    /// Rises with every move.
    pub version: i64,
    /// When the citizen is asked next.
    pub asks_at: Option<Timestamp>,
    /// When it was given.
    pub created_at: Timestamp,
}

const TABLE: &str = "direction";
const COLUMNS: &str = "id, origin_kind, origin_id, text, owner_post_id, giver_post_id, due_day, state, version, \
     asks_at_ms, created_at_ms";

type Columns = (String, String, String, String, String, String, String, String, i64, Option<i64>, i64);

fn row_of(columns: Columns) -> Result<DirectionRow, StoreError> {
    let (id, kind, origin, text, owner, giver, due, state, version, asks, created) = columns;
    let post = |id: String| sound(PostId::parse(&id).ok(), TABLE, "post");
    Ok(DirectionRow {
        rules: Direction {
            id: sound(DirectionId::parse(&id).ok(), TABLE, "id")?,
            text: sound(Noting::parse(&text).ok(), TABLE, "text")?,
            owner: post(owner)?,
            giver: post(giver)?,
            due: sound(due.parse::<Date>().ok(), TABLE, "day")?,
            state: sound(DirectionState::from_code(&state), TABLE, "state")?,
            origin: sound(Origin::from_row(&kind, &origin), TABLE, "origin")?,
        },
        version,
        asks_at: asks.map(|ms| instant(ms, TABLE)).transpose()?,
        created_at: instant(created, TABLE)?,
    })
}

/// Writes a new direction with the first step of its history.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn insert(
    connection: &mut Connection,
    (rules, step): (&Direction, &Step),
    asks_at: Option<Timestamp>,
) -> Result<(), StoreError> {
    sqlx::query(
        "insert into direction (id, origin_kind, origin_id, text, owner_post_id, giver_post_id, due_day, state, \
         version, asks_at_ms, created_at_ms) values ($1, $2, $3, $4, $5, $6, $7, $8, 1, $9, $10)",
    )
    .bind(rules.id.as_str())
    .bind(rules.origin.kind())
    .bind(rules.origin.id())
    .bind(rules.text.as_str())
    .bind(rules.owner.as_str())
    .bind(rules.giver.as_str())
    .bind(rules.due.to_string())
    .bind(rules.state.code())
    .bind(asks_at.map(Timestamp::as_millisecond))
    .bind(step.at.as_millisecond())
    .execute(&mut *connection)
    .await?;
    insert_step(connection, (&rules.id, 1), step).await
}

/// Writes a move: `row` as it was read, `rules` after it, and the step.
///
/// * returns: `false` when somebody else moved it meanwhile; drop the transaction then.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn update(
    connection: &mut Connection,
    row: &DirectionRow,
    (rules, step): (&Direction, &Step),
    asks_at: Option<Timestamp>,
) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "update direction set state = $3, due_day = $4, asks_at_ms = $5, version = version + 1 \
         where id = $1 and version = $2",
    )
    .bind(rules.id.as_str())
    .bind(row.version)
    .bind(rules.state.code())
    .bind(rules.due.to_string())
    .bind(asks_at.map(Timestamp::as_millisecond))
    .execute(&mut *connection)
    .await?;
    if done.rows_affected() != 1 {
        return Ok(false);
    }
    insert_step(connection, (&rules.id, row.version + 1), step).await?;
    Ok(true)
}

async fn insert_step(
    connection: &mut Connection,
    (id, number): (&DirectionId, i64),
    step: &Step,
) -> Result<(), StoreError> {
    let post = match &step.by {
        Author::Post(post) => Some(post.as_str()),
        Author::Citizen => None,
    };
    sqlx::query(
        "insert into direction_step (direction_id, number, what, post_id, note, at_ms) \
         values ($1, $2, $3, $4, $5, $6)",
    )
    .bind(id.as_str())
    .bind(number)
    .bind(step.what.code())
    .bind(post)
    .bind(step.note.as_ref().map(Noting::as_str))
    .bind(step.at.as_millisecond())
    .execute(connection)
    .await?;
    Ok(())
}

/// One direction.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn by_id(
    connection: &mut Connection,
    id: &DirectionId,
) -> Result<Option<DirectionRow>, StoreError> {
    let text = format!("select {COLUMNS} from direction where id = $1");
    let row: Option<Columns> =
        sqlx::query_as(sqlx::AssertSqlSafe(text)).bind(id.as_str()).fetch_optional(connection).await?;
    row.map(row_of).transpose()
}

/// The history of a direction, from its beginning.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn steps(connection: &mut Connection, id: &DirectionId) -> Result<Vec<Step>, StoreError> {
    let rows: Vec<(String, Option<String>, Option<String>, i64)> = sqlx::query_as(
        "select what, post_id, note, at_ms from direction_step where direction_id = $1 order by number",
    )
    .bind(id.as_str())
    .fetch_all(connection)
    .await?;
    let table = "direction_step";
    let step = |(what, post, note, at): (String, Option<String>, Option<String>, i64)| {
        let post = post.map(|id| sound(PostId::parse(&id).ok(), table, "post")).transpose()?;
        Ok(Step {
            what: sound(StepKind::from_code(&what), table, "move")?,
            by: post.map_or(Author::Citizen, Author::Post),
            note: note.map(|note| sound(Noting::parse(&note).ok(), table, "note")).transpose()?,
            at: instant(at, table)?,
        })
    };
    rows.into_iter().map(step).collect()
}

/// What this post is to do: what it has not done yet first, by due date.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn of_owner(
    connection: &mut Connection,
    post: &PostId,
    count: i64,
) -> Result<Vec<DirectionRow>, StoreError> {
    open_of(connection, "owner_post_id", (post, count)).await
}

/// What this post has told others to do, in the same order.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn of_giver(
    connection: &mut Connection,
    post: &PostId,
    count: i64,
) -> Result<Vec<DirectionRow>, StoreError> {
    open_of(connection, "giver_post_id", (post, count)).await
}

async fn open_of(
    connection: &mut Connection,
    column: &'static str,
    (post, count): (&PostId, i64),
) -> Result<Vec<DirectionRow>, StoreError> {
    let text = format!(
        "select {COLUMNS} from direction where {column} = $1 \
         and state in ('given', 'in_hand', 'reopened', 'done') \
         order by case state when 'done' then 1 else 0 end, due_day, id limit $2"
    );
    let query = sqlx::query_as(sqlx::AssertSqlSafe(text)).bind(post.as_str()).bind(count);
    let rows: Vec<Columns> = query.fetch_all(connection).await?;
    rows.into_iter().map(row_of).collect()
}

/// The posts that this post has directed last, the latest first.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn lately_directed(
    connection: &mut Connection,
    giver: &PostId,
    count: i64,
) -> Result<Vec<PostId>, StoreError> {
    let rows: Vec<(String, i64)> = sqlx::query_as(
        "select owner_post_id, max(created_at_ms) from direction where giver_post_id = $1 \
         group by owner_post_id order by 2 desc limit $2",
    )
    .bind(giver.as_str())
    .bind(count)
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(|(id, _)| sound(PostId::parse(&id).ok(), TABLE, "post")).collect()
}

/// Directions of which the citizen is to be asked by now.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn to_ask(
    connection: &mut Connection,
    now: Timestamp,
    count: i64,
) -> Result<Vec<DirectionRow>, StoreError> {
    let text =
        format!("select {COLUMNS} from direction where asks_at_ms <= $1 order by asks_at_ms, id limit $2");
    let query = sqlx::query_as(sqlx::AssertSqlSafe(text)).bind(now.as_millisecond()).bind(count);
    let rows: Vec<Columns> = query.fetch_all(connection).await?;
    rows.into_iter().map(row_of).collect()
}

/// The citizen is being asked. `false` when he has been, or it was moved meanwhile.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn mark_asked(connection: &mut Connection, row: &DirectionRow) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "update direction set asks_at_ms = null where id = $1 and version = $2 and asks_at_ms is not null",
    )
    .bind(row.rules.id.as_str())
    .bind(row.version)
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}
