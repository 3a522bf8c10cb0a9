//! The store: all SQL, one file a noun; rows to domain and back; the transaction.
//!
//! Never decides a rule and never speaks to a person. Every function runs alike on SQLite and PostgreSQL.

pub mod absence;
pub mod appointment;
pub mod assisted;
pub mod attempt;
pub mod audit;
pub mod auto_answer;
mod batch;
pub mod body;
pub mod call;
pub mod cap;
pub mod cause_list;
pub mod citizen;
pub mod claim;
pub mod correction;
pub mod dialect;
pub mod direction;
pub mod displacement;
pub mod draw;
pub mod duplicate;
pub mod emergency;
pub mod file;
pub mod freed;
pub mod gate;
mod group;
pub mod handover;
pub mod hearing;
pub mod holiday;
pub mod idempotency;
pub mod intake;
pub mod invite;
pub mod kept_page;
pub mod ledger;
pub mod line;
pub mod link;
mod marks;
pub mod meeting;
pub mod mesh_use;
pub mod missed;
pub mod node;
pub mod notice;
pub mod office;
pub mod otp;
pub mod outcome;
pub mod own_group;
pub mod party;
pub mod presence;
pub mod proposal;
pub mod quality;
pub mod question;
pub mod question_sheet;
pub mod queue;
pub mod rating;
pub mod recording;
pub mod report;
pub mod ring_mail;
pub mod session;
pub mod shared_phone;
pub mod staff;
pub mod supply;
pub mod terminal;
pub mod terminal_check;
pub mod turn;
pub mod voice_note;
pub mod waiting;
pub mod webhook;
pub mod word;

use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use domain::id::{PersonId, PostId};
use jiff::Timestamp;
use sqlx::{Any, AnyPool, Transaction};

pub use dialect::Dialect;
use group::{Act, Group};
use marks::Touched;
pub use marks::{Marks, Watched};

/// An open connection, whatever the database: what every store function takes.
pub type Connection = sqlx::AnyConnection;

/// Why the store could not answer. Shown to a person only as a reference number.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database refused or was not reachable.
    #[error("the database did not do it")]
    Database(#[from] sqlx::Error),
    /// The commit that the act shared with others failed; nothing of it has happened.
    #[error("the database did not commit")]
    Commit(#[source] Arc<sqlx::Error>),
    /// Whoever was to write it down has ended.
    #[error("the server is ending")]
    Interrupted,
    /// The tables could not be brought up to date.
    #[error("the tables could not be brought up to date")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// A row holds what no code of ours writes.
    #[error("the row of {table} holds a {what} that cannot be read")]
    Corrupt {
        /// Table.
        table: &'static str,
        /// Column or thing.
        what: &'static str,
    },
    /// The address of the database is neither SQLite nor PostgreSQL.
    #[error("the database address must begin with sqlite: or postgres:, it is {0:?}")]
    Address(String),
}

impl StoreError {
    /// Is the database away for a moment, so that the same thing may work later?
    #[must_use]
    pub fn is_away(&self) -> bool {
        match self.database() {
            Some(sqlx::Error::Database(error)) => error.code().is_some_and(|code| is_absence(&code)),
            Some(
                sqlx::Error::Io(_)
                | sqlx::Error::Tls(_)
                | sqlx::Error::Protocol(_)
                | sqlx::Error::PoolTimedOut
                | sqlx::Error::PoolClosed
                | sqlx::Error::WorkerCrashed,
            ) => true,
            _ => false,
        }
    }

    /// Did the database ask to repeat the transaction (deadlock, serialization, busy)?
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self.database() {
            Some(sqlx::Error::Database(error)) => error.code().is_some_and(|code| is_rival(&code)),
            _ => false,
        }
    }

    /// Did a row with that key come between?
    #[must_use]
    pub fn is_double(&self) -> bool {
        match self.database() {
            Some(sqlx::Error::Database(error)) => error.is_unique_violation(),
            _ => false,
        }
    }

    /// May it have happened all the same? The connection broke, so that nobody heard what became of the commit.
    #[must_use]
    pub fn leaves_open(&self) -> bool {
        matches!(
            self.database(),
            Some(
                sqlx::Error::Io(_)
                    | sqlx::Error::Tls(_)
                    | sqlx::Error::Protocol(_)
                    | sqlx::Error::WorkerCrashed
            )
        )
    }

    fn database(&self) -> Option<&sqlx::Error> {
        match self {
            Self::Database(error) => Some(error),
            Self::Commit(error) => Some(error),
            _ => None,
        }
    }
}

/// The first part of an error code of SQLite, whose extended codes hold it in their lowest byte; nothing for PostgreSQL's,
/// which have five characters.
fn sqlite_primary(code: &str) -> Option<u32> {
    if code.len() == 5 { None } else { code.parse::<u32>().ok().map(|code| code & 0xff) }
}

/// Somebody else was in the way: deadlock, serialization, lock (PostgreSQL); busy, locked (SQLite).
fn is_rival(code: &str) -> bool {
    matches!(sqlite_primary(code), Some(5 | 6)) || matches!(code, "40P01" | "40001" | "55P03")
}

/// The database cannot do anything at the moment: no memory, read-only, a fault of the disk, a full disk, no file (SQLite);
/// no connection, no resources, its operator steps in, a fault of its system, read-only, it took us for gone (PostgreSQL).
fn is_absence(code: &str) -> bool {
    if let Some(primary) = sqlite_primary(code) {
        return matches!(primary, 7 | 8 | 10 | 13 | 14 | 15);
    }
    let is_of_class = ["08", "53", "57", "58"].iter().any(|class| code.starts_with(class));
    is_of_class || matches!(code, "25006" | "25P03")
}

/// The way to the database. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Store {
    read: AnyPool,
    write: Writer,
    dialect: Dialect,
    marks: Arc<Marks>,
    quiet: Arc<webhook::Quiet>,
}

/// How acts reach the database.
#[derive(Debug, Clone)]
enum Writer {
    /// Each in a transaction of its own: PostgreSQL joins their commits itself.
    Pool(AnyPool),
    /// One after the other, with a shared commit: SQLite has one writer.
    Group(AnyPool, Arc<Group>),
}

impl Writer {
    const fn pool(&self) -> &AnyPool {
        match self {
            Self::Pool(pool) | Self::Group(pool, _) => pool,
        }
    }
}

impl Store {
    /// Opens (and on SQLite makes) the database and brings its tables up to date.
    ///
    /// * `address`: `sqlite:PATH`, `sqlite::memory:` or `postgres://…`.
    ///
    /// # Errors
    /// [`StoreError`] when the address is neither, or the database cannot be opened or migrated.
    pub async fn open(address: &str) -> Result<Self, StoreError> {
        let dialect = Dialect::of(address).ok_or_else(|| StoreError::Address(redacted(address)))?;
        let (read, write) = dialect.connect(address).await?;
        sqlx::migrate!("./migrations").run(&write).await?;
        let write = match dialect {
            Dialect::Sqlite if !dialect::is_in_memory(address) => {
                let connection = write.acquire().await?.detach();
                Writer::Group(write, Group::new(connection))
            }
            _ => Writer::Pool(write),
        };
        let marks = Arc::new(Marks::default());
        // A file is most often one server's own; until others are looked for, a database server is taken to have many.
        if dialect == Dialect::Sqlite {
            marks.nobody_else_is_there();
        }
        Ok(Self { read, write, dialect, marks, quiet: Arc::default() })
    }

    /// Which database it is.
    #[must_use]
    pub const fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Begins a transaction that may write. Nothing outside the database happens while it is open.
    ///
    /// # Errors
    /// [`StoreError::Database`] when no connection could be had.
    pub async fn write(&self) -> Result<Tx, StoreError> {
        let way = match &self.write {
            Writer::Pool(pool) => Way::Own(pool.begin_with(self.dialect.begin_write()).await?),
            Writer::Group(_, group) => Way::Shared(group.begin().await?),
        };
        Ok(Tx { way, touched: Touched::nothing(self.marks.clone()), dialect: self.dialect })
    }

    /// What committed acts have touched.
    #[must_use]
    pub fn marks(&self) -> &Marks {
        &self.marks
    }

    /// Whether any webhook listens at all, as far as is known here.
    #[must_use]
    pub fn quiet(&self) -> &webhook::Quiet {
        &self.quiet
    }

    /// A connection for reading.
    ///
    /// # Errors
    /// [`StoreError::Database`] when no connection could be had.
    pub async fn read(&self) -> Result<sqlx::pool::PoolConnection<Any>, StoreError> {
        Ok(self.read.acquire().await?)
    }

    /// Is the database there?
    ///
    /// # Errors
    /// [`StoreError::Database`] when it is not.
    pub async fn ping(&self) -> Result<(), StoreError> {
        let mut connection = self.read().await?;
        sqlx::query("select 1").execute(&mut *connection).await?;
        Ok(())
    }

    /// Closes every connection; what is committed stays.
    pub async fn close(&self) {
        if let Writer::Group(_, group) = &self.write {
            group.rest().await;
        }
        self.write.pool().close().await;
        self.read.close().await;
    }
}

/// An open transaction; dropped without [`Tx::commit`] it leaves no trace.
#[derive(Debug)]
pub struct Tx {
    way: Way,
    touched: Touched,
    dialect: Dialect,
}

#[derive(Debug)]
enum Way {
    Own(Transaction<'static, Any>),
    Shared(Act),
}

impl Tx {
    /// Makes everything done in it durable.
    ///
    /// # Errors
    /// [`StoreError`]; nothing has happened then, unless the error [leaves it open](StoreError::leaves_open).
    pub async fn commit(self) -> Result<(), StoreError> {
        match self.way {
            Way::Own(transaction) => {
                let done = transaction.commit().await;
                drop(self.touched);
                Ok(done?)
            }
            Way::Shared(act) => act.commit(self.touched).await,
        }
    }

    /// Which database it is.
    #[must_use]
    pub const fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Says that what is taken in a diary changes.
    pub fn touch_diary(&mut self, post: &PostId, person: Option<&PersonId>) {
        self.touched.diary(post, person);
    }

    /// Says that what offices offer changes: posts, hours, holders, holidays, absences.
    pub fn touch_supply(&mut self) {
        self.touched.supply();
    }
}

impl Deref for Tx {
    type Target = Connection;
    fn deref(&self) -> &Connection {
        match &self.way {
            Way::Own(transaction) => transaction,
            Way::Shared(act) => act,
        }
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut Connection {
        match &mut self.way {
            Way::Own(transaction) => transaction,
            Way::Shared(act) => act,
        }
    }
}

/// Unix milliseconds of a column as an instant.
pub(crate) fn instant(ms: i64, table: &'static str) -> Result<Timestamp, StoreError> {
    Timestamp::from_millisecond(ms).map_err(|_| StoreError::Corrupt { table, what: "time" })
}

/// A value that our own code wrote, read back.
pub(crate) fn sound<T>(value: Option<T>, table: &'static str, what: &'static str) -> Result<T, StoreError> {
    value.ok_or(StoreError::Corrupt { table, what })
}

/// An address without its password, for a message.
fn redacted(address: &str) -> String {
    address.split_once('@').map_or_else(|| address.to_owned(), |(_, host)| format!("…@{host}"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]
    use super::*;

    #[test]
    fn what_passes_by_itself_is_told_from_what_never_will() {
        for away in [
            "10", "778", "6410", "13", "14", "8", "1032", "57014", "57P01", "57P03", "53100", "53300",
            "08006", "25006", "25P03",
        ] {
            assert!(is_absence(away) && !is_rival(away), "{away}");
        }
        for rival in ["5", "517", "261", "773", "6", "262", "40001", "40P01"] {
            assert!(is_rival(rival) && !is_absence(rival), "{rival}");
        }
        for ours in ["1", "19", "787", "2067", "23505", "23503", "42601", ""] {
            assert!(!is_rival(ours) && !is_absence(ours), "{ours}");
        }
    }

    #[tokio::test]
    async fn a_full_disk_is_an_absence() {
        let store = Store::open("sqlite::memory:").await.unwrap();
        let mut connection = store.read().await.unwrap();
        sqlx::query("pragma max_page_count = 1").execute(&mut *connection).await.unwrap();
        let big = "insert into schema_filler select randomblob(100000)";
        sqlx::query("create temporary table unused (id bigint)").execute(&mut *connection).await.unwrap();
        let made = sqlx::query("create table schema_filler (bytes blob)").execute(&mut *connection).await;
        let error = match made {
            Ok(_) => sqlx::query(big).execute(&mut *connection).await.unwrap_err(),
            Err(error) => error,
        };
        assert!(StoreError::from(error).is_away());
    }

    #[tokio::test]
    async fn a_closed_store_is_away() {
        let store = Store::open("sqlite::memory:").await.unwrap();
        store.close().await;
        assert!(store.ping().await.unwrap_err().is_away());
    }
}
