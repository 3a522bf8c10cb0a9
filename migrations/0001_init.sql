-- The first migration. One text for SQLite and PostgreSQL: text ids, bigint Unix milliseconds,
-- JSON as text, booleans as bigint 0/1. Never edited once it has landed: expand, move, contract.

-- The office ------------------------------------------------------------------------------------

create table body (
    id text primary key,
    parent_id text references body (id),
    kind text not null,
    code text not null,
    name_hi text not null,
    name_en text not null
);

create table post (
    id text primary key,
    body_id text not null references body (id),
    role_key text not null,
    rank text not null,
    title_hi text not null,
    title_en text not null,
    mail text not null,
    booking_mode text not null,
    slot_minutes bigint not null,
    notice_minutes bigint not null,
    seat_number bigint unique
);

create table person (
    id text primary key,
    name_hi text not null,
    name_en text not null
);

-- A start row ends the one before it, and a vacancy is a row too (person_id null). So two regular
-- holders at one moment cannot be written down, on either database.
create table incumbency (
    post_id text not null references post (id),
    charge text not null,
    starts_at_ms bigint not null,
    person_id text references person (id),
    primary key (post_id, charge, starts_at_ms)
);
create index incumbency_person on incumbency (person_id);

create table delegation (
    id text primary key,
    principal_post_id text not null references post (id),
    delegate_post_id text not null references post (id),
    act text not null,
    starts_at_ms bigint not null,
    ends_at_ms bigint
);
create index delegation_delegate on delegation (delegate_post_id);

create table holiday (
    body_id text not null references body (id),
    day text not null,
    kind text not null,
    name_hi text not null,
    name_en text not null,
    primary key (body_id, day, kind)
);

create table weekly_hours (
    post_id text not null references post (id),
    weekday bigint not null,
    from_minute bigint not null,
    to_minute bigint not null,
    primary key (post_id, weekday, from_minute)
);

-- The diary -------------------------------------------------------------------------------------

create table citizen (
    id text primary key,
    name text not null,
    mobile text not null,
    mail text,
    created_at_ms bigint not null
);

create table appointment (
    id text primary key,
    reference text not null unique,
    post_id text not null references post (id),
    citizen_id text references citizen (id),
    state text not null,
    channel text not null,
    language text not null,
    subject text not null,
    starts_at_ms bigint not null,
    ends_at_ms bigint not null,
    proposed_starts_at_ms bigint,
    proposed_ends_at_ms bigint,
    hold_expires_at_ms bigint,
    sequence bigint not null,
    version bigint not null,
    reason text,
    alternative_post_id text references post (id),
    created_at_ms bigint not null,
    updated_at_ms bigint not null
);
create index appointment_post on appointment (post_id, state, starts_at_ms);

-- One row a five-minute cell: unique for the post and for the person who holds it, so that neither
-- two people nor two posts of one person can be given the same minutes.
create table claim_cell (
    post_id text not null references post (id),
    cell bigint not null,
    person_id text references person (id),
    appointment_id text not null references appointment (id),
    expires_at_ms bigint,
    primary key (post_id, cell),
    unique (person_id, cell)
);
create index claim_cell_appointment on claim_cell (appointment_id);

-- A link opens one appointment; only the token's hash is kept.
create table link (
    token_hash text primary key,
    purpose text not null,
    appointment_id text not null references appointment (id),
    created_at_ms bigint not null
);

create table otp_challenge (
    appointment_id text primary key references appointment (id),
    code_hash text not null,
    expires_at_ms bigint not null,
    tries_left bigint not null,
    sends bigint not null
);

-- Who you are -----------------------------------------------------------------------------------

create table staff (
    id text primary key,
    person_id text not null references person (id),
    login text not null unique,
    password_hash text,
    totp_secret text,
    totp_step_last bigint not null,
    failures bigint not null,
    locked_until_ms bigint not null
);

create table session (
    id text primary key,
    token_hash text not null unique,
    kind text not null,
    staff_id text references staff (id),
    post_id text references post (id),
    created_at_ms bigint not null,
    expires_at_ms bigint not null,
    revoked_at_ms bigint
);

create table session_appointment (
    session_id text not null references session (id),
    appointment_id text not null references appointment (id),
    primary key (session_id, appointment_id)
);

create table sign_in_link (
    token_hash text primary key,
    staff_id text not null references staff (id),
    post_id text not null references post (id),
    expires_at_ms bigint not null,
    used_at_ms bigint
);

-- Counted tries of something that may not be tried without end (last four digits, sign-in).
create table attempt (
    subject text primary key,
    count bigint not null,
    window_ends_at_ms bigint not null
);

-- What people are told --------------------------------------------------------------------------

create table notice (
    id text primary key,
    idempotency_key text not null unique,
    channel text not null,
    recipient text not null,
    language text not null,
    payload text not null,
    state text not null,
    attempts bigint not null,
    due_at_ms bigint not null,
    created_at_ms bigint not null,
    sent_at_ms bigint,
    last_error text
);
create index notice_due on notice (state, due_at_ms);

-- Meetings and the hotline ----------------------------------------------------------------------

create table meeting (
    id text primary key,
    appointment_id text not null unique references appointment (id),
    post_id text not null references post (id),
    state text not null,
    opened_at_ms bigint,
    ended_at_ms bigint
);

create table attendance (
    meeting_id text not null references meeting (id),
    participant text not null,
    role text not null,
    joined_at_ms bigint not null,
    left_at_ms bigint,
    primary key (meeting_id, participant, joined_at_ms)
);

create table call (
    id text primary key,
    caller_post_id text not null references post (id),
    callee_post_id text not null references post (id),
    state text not null,
    reason text,
    rang_at_ms bigint not null,
    answered_at_ms bigint,
    ended_at_ms bigint
);
create index call_callee on call (callee_post_id, rang_at_ms);

-- The audit chain: append-only; each line carries the hash of the one before it ---------------------

create table audit (
    seq bigint primary key,
    at_ms bigint not null,
    actor text not null,
    act text not null,
    object text not null,
    detail text not null,
    hash text not null
);

create table audit_head (
    id bigint primary key,
    seq bigint not null,
    hash text not null
);
insert into audit_head (id, seq, hash) values (1, 0, '');
