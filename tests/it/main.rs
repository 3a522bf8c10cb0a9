//! The one integration binary: the whole server's use cases on real databases, with a hand clock.
//!
//! Each file states rules of one area. Store tests run on SQLite, and on PostgreSQL when
//! `SACHIVALAYA_TEST_POSTGRES` names one (`./test` always does, and then they must not be skipped).
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod api;
mod api_day;
mod attendance;
mod auto_answer;
mod away;
mod booking;
mod browser;
mod caps;
mod category;
mod chain;
mod desk;
mod door;
mod draw;
mod earlier;
mod edge;
mod emergency;
mod face;
mod failures;
mod front;
mod gate;
mod group;
mod hand_over;
mod hearing;
mod holidays;
mod house;
mod invite;
mod kept_page;
mod live;
mod mail;
mod mail_sink;
mod mesh_use;
mod model;
mod neighbours;
mod outbox;
mod outcome;
mod own_group;
mod pages;
mod quality;
mod question;
mod queue;
mod race;
mod relays;
mod ring_mail;
mod search;
mod sign_in;
mod sound;
mod terminal_check;
mod terminals;
mod turn;
mod webhook;
mod word;
