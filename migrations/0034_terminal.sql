-- Terminals of seats: a chamber's machine or a hall's, known by the key that it made itself. It belongs to the post.
create table terminal (
    id text primary key,
    post_id text not null references post (id),
    device text not null,
    public_key text not null,
    -- Of all keys that ever were: one that was revoked never comes back.
    fingerprint text not null unique,
    enrolled_at_ms bigint not null,
    seen_at_ms bigint not null,
    -- The question that its next signature answers; only the newest one, once.
    challenge_hash text,
    challenge_until_ms bigint,
    -- The last refusal that was written down.
    refused text,
    refused_at_ms bigint,
    revoked_at_ms bigint
);

-- One device of a kind at one seat.
create unique index terminal_place on terminal (post_id, device) where revoked_at_ms is null;

-- A terminal that shows a code and waits for somebody to type it; one row a key.
create table terminal_pairing (
    fingerprint text primary key,
    public_key text not null,
    code_hash text not null unique,
    until_ms bigint not null
);

alter table session add column terminal_id text references terminal (id);
create index session_terminal on session (terminal_id) where terminal_id is not null;
