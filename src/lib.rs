//! sachivalaya: a state government's appointments, video meetings and hotline mesh in one server.
//!
//! The rooms in reading order; ARCHITECTURE.md has the map and the walls between them.

pub mod app; // use cases, one verb a file
pub mod audit; // the hash-chained record of every act
pub mod auth; // who asks and what he may do
pub mod clock; // time and chance
pub mod config; // the settings of an installation
pub mod demo; // a state to try it with
pub mod doctor; // tries every way to a running server, from outside
pub mod evidence; // what can be shown of a recording afterwards
pub mod front; // the door: who speaks what on one port
pub mod http; // the edge: pages, errors, headers
pub mod i18n; // words in both languages
pub mod letter; // a notice in words: mail, text message, calendar entry
pub mod limits; // every bound with its reason
pub mod outbox; // sends what people are told
pub mod store; // all SQL
pub mod telemetry; // log lines and counters
pub mod tls; // certificates and keys, found or made
pub mod wiring; // knows every room; nobody imports it but the command line
pub mod ws; // the edge of signaling
