//! The walls between the rooms, as a table: who lives where, and what must not be named there.
//!
//! Where a room is a crate, Cargo keeps the wall too; the table says it again so that one place shows them all.

use crate::rust::{At, Source, sources};

struct Wall {
    /// Where the room's files lie.
    room: &'static [&'static str],
    /// Path beginnings that must not be named there.
    never: &'static [&'static str],
}

/// Each line of the table in ARCHITECTURE.md, "Walls".
const WALLS: [Wall; 16] = [
    Wall {
        room: &["src/domain/"],
        never: &[
            "tokio",
            "sqlx",
            "axum",
            "lettre",
            "signaling",
            "media",
            "sachivalaya",
            "std::net",
            "std::fs",
            "std::thread",
            "std::env",
            "std::process",
            "rand",
            "getrandom",
            "aws_lc_rs",
            "rtc_",
        ],
    },
    Wall {
        room: &["signaling/src/"],
        never: &["domain", "media", "sachivalaya", "sqlx", "axum", "std::fs", "rtc_"],
    },
    Wall {
        room: &["src/media/src/core/", "src/media/src/core.rs"],
        never: &[
            "tokio",
            "domain",
            "signaling",
            "sachivalaya",
            "socket2",
            "quinn_udp",
            "rustix",
            "std::thread",
            "std::sync::Mutex",
            "std::sync::RwLock",
            "std::net::UdpSocket",
            "std::net::TcpListener",
            "std::net::TcpStream",
            "std::fs",
            "UdpSocket",
            "Mutex",
            "RwLock",
            "crate::driver",
            "crate::handle",
        ],
    },
    Wall {
        room: &["src/media/src/"],
        never: &["tokio", "domain", "signaling", "sachivalaya", "axum", "sqlx"],
    },
    Wall {
        room: &["src/store/", "src/store.rs"],
        never: &[
            "crate::http",
            "crate::ws",
            "crate::app",
            "crate::outbox",
            "media",
            "axum",
            "lettre",
            "signaling",
            "rtc_",
        ],
    },
    Wall {
        room: &["src/app/", "src/app.rs"],
        never: &["crate::http", "crate::ws", "axum", "sqlx", "lettre", "rtc_", "media::core"],
    },
    Wall {
        room: &["src/auth/", "src/auth.rs", "src/audit.rs"],
        never: &["crate::http", "crate::ws", "crate::app", "media", "axum", "sqlx", "lettre", "rtc_"],
    },
    Wall {
        room: &["src/outbox/", "src/outbox.rs"],
        never: &["crate::http", "crate::ws", "crate::app", "axum", "sqlx", "media", "rtc_"],
    },
    Wall {
        room: &["src/letter/", "src/letter.rs"],
        never: &[
            "crate::http",
            "crate::ws",
            "crate::app",
            "crate::store",
            "crate::outbox",
            "axum",
            "sqlx",
            "lettre",
            "media",
            "rtc_",
        ],
    },
    Wall {
        room: &["src/http/", "src/http.rs"],
        never: &["crate::store", "crate::ws", "crate::outbox", "sqlx", "lettre", "media::core", "rtc_"],
    },
    Wall {
        room: &["src/ws/", "src/ws.rs"],
        never: &["crate::store", "crate::http", "crate::outbox", "sqlx", "lettre", "media::core", "rtc_"],
    },
    Wall {
        room: &["src/recording/"],
        never: &["tokio", "domain", "signaling", "media", "sachivalaya", "axum", "sqlx", "std::net"],
    },
    Wall {
        room: &["src/evidence/"],
        never: &[
            "crate::store",
            "crate::app",
            "crate::auth",
            "crate::http",
            "crate::ws",
            "crate::outbox",
            "sqlx",
            "media",
        ],
    },
    Wall {
        room: &["src/doctor/"],
        never: &[
            "crate::store",
            "crate::app",
            "crate::auth",
            "crate::http",
            "crate::ws",
            "crate::outbox",
            "sqlx",
            "lettre",
            "media",
        ],
    },
    Wall {
        room: &["src/front/", "src/front.rs"],
        never: &[
            "crate::store",
            "crate::app",
            "crate::http",
            "crate::ws",
            "crate::outbox",
            "sqlx",
            "lettre",
            "media::core",
            "rtc_",
        ],
    },
    Wall { room: &["src/"], never: &["crate::wiring", "sachivalaya::wiring"] },
];

/// Files that may know every room.
const KNOW_ALL: [&str; 3] = ["src/wiring.rs", "src/main.rs", "src/lib.rs"];

pub fn breaches() -> Vec<String> {
    let mut found: Vec<String> = sources().iter().flat_map(breaches_of).collect();
    found.dedup();
    found
}

fn breaches_of(source: &Source) -> Vec<String> {
    let is_free = KNOW_ALL.contains(&source.file.path.as_str()) || source.file.is_under(&["src/wiring/"]);
    let walls = WALLS.iter().filter(|wall| !is_free && source.file.is_under(wall.room));
    let mut found = Vec::new();
    for wall in walls {
        for at in source.paths.iter().filter(|at| !source.is_test(at.line)) {
            if let Some(never) = wall.never.iter().find(|never| is_within(at, never)) {
                found.push(format!("{}  {} (never {never})", source.place(at.line), at.what.join("::")));
            }
        }
    }
    found
}

/// Whether a path names what is forbidden or something inside it. `rtc_` stands for every crate that begins so.
fn is_within(at: &At<Vec<String>>, never: &str) -> bool {
    if let Some(prefix) = never.strip_suffix('_') {
        return at.what.len() > 1 && at.what[0].starts_with(&format!("{prefix}_"));
    }
    let wanted: Vec<&str> = never.split("::").collect();
    // A bare lower-case word is a variable or a local module; a crate is named by a path into it.
    let is_bare_word =
        at.what.len() == 1 && at.what[0].chars().all(|letter| letter.is_lowercase() || letter == '_');
    !is_bare_word
        && at.what.len() >= wanted.len()
        && at.what.iter().zip(&wanted).all(|(said, want)| said == want)
}
