//! The store: all SQL, one file a noun; rows to domain and back; the transaction.
//!
//! Never decides a rule and never speaks to a person. Every function runs alike on SQLite and PostgreSQL.

pub mod appointment;
pub mod attempt;
pub mod audit;
pub mod call;
pub mod citizen;
pub mod claim;
pub mod dialect;
pub mod link;
pub mod meeting;
pub mod notice;
pub mod office;
pub mod otp;
pub mod quality;
pub mod session;
pub mod staff;

use std::ops::{Deref, DerefMut};

use jiff::Timestamp;
use sqlx::{Any, AnyPool, Transaction};

pub use dialect::Dialect;

/// An open connection, whatever the database: what every store function takes.
pub type Connection = sqlx::AnyConnection;

/// Why the store could not answer. Shown to a person only as a reference number.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database refused or was not reachable.
    #[error("the database did not do it")]
    Database(#[from] sqlx::Error),
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
        let Self::Database(error) = self else { return false };
        matches!(error, sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::WorkerCrashed)
    }

    /// Did the database ask to repeat the transaction (deadlock, serialization, busy)?
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Database(sqlx::Error::Database(error)) => {
                matches!(error.code().as_deref(), Some("40P01" | "40001" | "5" | "517"))
            }
            _ => false,
        }
    }
}

/// The way to the database. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Store {
    read: AnyPool,
    write: AnyPool,
    dialect: Dialect,
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
        Ok(Self { read, write, dialect })
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
        Ok(Tx(self.write.begin_with(self.dialect.begin_write()).await?))
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
        self.write.close().await;
        self.read.close().await;
    }
}

/// An open transaction; dropped without [`Tx::commit`] it leaves no trace.
#[derive(Debug)]
pub struct Tx(Transaction<'static, Any>);

impl Tx {
    /// Makes everything done in it durable.
    ///
    /// # Errors
    /// [`StoreError::Database`]; nothing has happened then.
    pub async fn commit(self) -> Result<(), StoreError> {
        Ok(self.0.commit().await?)
    }
}

impl Deref for Tx {
    type Target = Connection;
    fn deref(&self) -> &Connection {
        &self.0
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut Connection {
        &mut self.0
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
