//! What differs between SQLite and PostgreSQL: opening, and how a writing transaction begins.

use std::str::FromStr;

use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::{AnyPool, Executor};

use super::StoreError;
use crate::limits;

/// The two databases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// Embedded; one writer.
    Sqlite,
    /// A server; many writers.
    Postgres,
}

impl Dialect {
    /// The dialect of an address.
    #[must_use]
    pub fn of(address: &str) -> Option<Self> {
        if address.starts_with("sqlite:") {
            Some(Self::Sqlite)
        } else if address.starts_with("postgres:") || address.starts_with("postgresql:") {
            Some(Self::Postgres)
        } else {
            None
        }
    }

    /// SQLite takes its write lock at once, so that a transaction never fails half way for it.
    pub(super) const fn begin_write(self) -> &'static str {
        match self {
            Self::Sqlite => "begin immediate",
            Self::Postgres => "begin",
        }
    }

    /// Opens the pools: for reading and for writing.
    pub(super) async fn connect(self, address: &str) -> Result<(AnyPool, AnyPool), StoreError> {
        sqlx::any::install_default_drivers();
        match self {
            Self::Postgres => {
                let pool = self.pool(address, limits::DATABASE_CONNECTIONS_MAX).await?;
                Ok((pool.clone(), pool))
            }
            Self::Sqlite if is_in_memory(address) => {
                let pool = self.pool(address, 1).await?;
                Ok((pool.clone(), pool))
            }
            Self::Sqlite => {
                let separator = if address.contains('?') { '&' } else { '?' };
                let write = self.pool(&format!("{address}{separator}mode=rwc"), 1).await?;
                let read = self.pool(address, 4).await?;
                Ok((read, write))
            }
        }
    }

    async fn pool(self, address: &str, connections: u32) -> Result<AnyPool, StoreError> {
        let options = AnyConnectOptions::from_str(address)?;
        let pool = AnyPoolOptions::new()
            .max_connections(connections)
            .min_connections(u32::from(self == Self::Sqlite))
            .acquire_timeout(limits::DATABASE_WAIT)
            .idle_timeout(None)
            .max_lifetime(None)
            .after_connect(move |connection, _| {
                Box::pin(async move {
                    let settings = match self {
                        Self::Sqlite => SQLITE_PRAGMAS,
                        Self::Postgres => POSTGRES_SETTINGS,
                    };
                    for setting in settings {
                        connection.execute(*setting).await?;
                    }
                    Ok(())
                })
            })
            .connect_with(options)
            .await?;
        Ok(pool)
    }
}

/// A database that lives as long as its one connection.
pub(super) fn is_in_memory(address: &str) -> bool {
    address.contains(":memory:")
}

/// What a column of many rows holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Text, or nothing.
    Text,
    /// A whole number, or nothing.
    Number,
}

impl Dialect {
    /// `select … from …`: the rows of one JSON text, `$1`, an array of arrays with these columns.
    ///
    /// One value whatever the number of rows, so that the statement stays prepared; and numbered places by the thousand
    /// cost SQLite the square of their number.
    pub(super) fn select_rows(self, kinds: &[Kind]) -> String {
        let column = |(place, kind): (usize, &Kind)| match kind {
            Kind::Text => format!("rows.value ->> {place}"),
            Kind::Number => format!("cast(rows.value ->> {place} as bigint)"),
        };
        let columns = kinds.iter().enumerate().map(column).collect::<Vec<_>>().join(", ");
        let rows = match self {
            Self::Sqlite => "json_each($1) as rows",
            Self::Postgres => "jsonb_array_elements(cast($1 as jsonb)) as rows(value)",
        };
        format!("select {columns} from {rows} where true")
    }

    /// `select` of one JSON text, an array of arrays with these columns, for all rows of `from`; the way back.
    ///
    /// A row that comes alone wakes a thread on SQLite, and travels alone on PostgreSQL.
    pub(super) fn select_one_text(self, columns: &str, from: &str) -> String {
        match self {
            Self::Sqlite => format!("select json_group_array(json_array({columns})) from ({from})"),
            Self::Postgres => format!(
                "select cast(coalesce(json_agg(json_build_array({columns})), '[]') as text) from ({from}) as rows"
            ),
        }
    }
}

/// `($1, $2), ($3, $4)`: places for the values of several rows; the caller bounds how many there are.
pub(super) fn rows_of_places(rows: usize, columns: usize) -> String {
    let row = |row: usize| {
        let places: Vec<String> =
            (1..=columns).map(|column| format!("${}", row * columns + column)).collect();
        format!("({})", places.join(", "))
    };
    (0..rows).map(row).collect::<Vec<_>>().join(", ")
}

/// Durable to the platter, readers beside the writer, references kept, a short wait for another process; room in memory for
/// the pages of a busy day and for what an act may have to take back, and the log written back less often than every four
/// megabytes, which is some hundred acts.
const SQLITE_PRAGMAS: &[&str] = &[
    "pragma cache_size = -65536",
    "pragma mmap_size = 268435456",
    "pragma temp_store = memory",
    "pragma wal_autocheckpoint = 8000",
    "pragma busy_timeout = 5000",
    "pragma journal_mode = wal",
    "pragma synchronous = full",
    "pragma foreign_keys = on",
];

/// A transaction whose client is cut off without a word gives its locks back; ours do nothing but ask the database.
const POSTGRES_SETTINGS: &[&str] = &["set idle_in_transaction_session_timeout = '10s'"];

/// Makes an empty database on a PostgreSQL server; for tests and set-up.
///
/// * `name`: letters, digits and `_` only.
///
/// # Errors
/// [`StoreError`] when the server refuses, or the name has another character.
pub async fn create_database(server: &str, name: &str) -> Result<(), StoreError> {
    if !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
        return Err(StoreError::Address(name.to_owned()));
    }
    sqlx::any::install_default_drivers();
    let pool = AnyPoolOptions::new().max_connections(1).connect(server).await?;
    sqlx::query(sqlx::AssertSqlSafe(format!("create database {name}"))).execute(&pool).await?;
    pool.close().await;
    Ok(())
}
