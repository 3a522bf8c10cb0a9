-- Small files, the voice note of an outcome, reports, and what the citizen thought of a meeting.

-- Bytes that somebody handed in. `kind` says what for; `mime` is found out from the bytes, never from a name.
create table file (
    id text primary key,
    kind text not null,
    mime text not null,
    bytes bytea not null,
    sha256 text not null,
    created_at_ms bigint not null
);

-- What the officer said about the outcome, and what the desk wrote down of it.
create table voice_note (
    appointment_id text primary key references appointment (id),
    file_id text not null references file (id),
    recorded_at_ms bigint not null,
    said text
);

-- A report: of abuse, by an office; or that money was asked for, by a citizen. `about_post_id` is the office that reports,
-- or the one that is complained of; `to_post_id` reads it.
create table report (
    id text primary key,
    kind text not null,
    appointment_id text not null references appointment (id),
    about_post_id text not null references post (id),
    to_post_id text not null references post (id),
    reason text,
    text text,
    state text not null,
    note text,
    created_at_ms bigint not null,
    answered_at_ms bigint
);
create index report_to on report (to_post_id, state);
create index report_appointment on report (appointment_id);

-- One tap after the meeting; the last one counts.
create table rating (
    appointment_id text primary key references appointment (id),
    verdict text not null,
    given_at_ms bigint not null
);
