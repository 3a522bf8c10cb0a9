-- Supply in full, caps, known devices, and audit lines that wait for their place in the chain.

-- A window of the week: how one can meet in it (bits: video 1, in person 2, telephone 4), and for whom it is kept.
alter table weekly_hours add column channels bigint not null default 7;
alter table weekly_hours add column kept_for text;

-- What departs from the house's rules; a post without a row goes by them. Caps: null is none.
create table post_rules (
    post_id text primary key references post (id),
    rest_minutes bigint not null,
    horizon_days bigint not null,
    release_minute bigint not null,
    same_day_percent bigint not null,
    falls_back_minutes bigint not null,
    day_cap bigint,
    citizen_cap bigint
);

-- A sitting on one day beside the week, also on a holiday.
create table extra_sitting (
    post_id text not null references post (id),
    day text not null,
    from_minute bigint not null,
    to_minute bigint not null,
    channels bigint not null,
    kept_for text,
    primary key (post_id, day, from_minute)
);

-- Holidays come by orders, and orders take holidays back. `withdrawn_by`: the order that did.
create table holiday_order (
    body_id text not null references body (id),
    version bigint not null,
    reference text not null,
    published_at_ms bigint not null,
    primary key (body_id, version)
);
alter table holiday add column added_by bigint not null default 1;
alter table holiday add column withdrawn_by bigint;

-- Counted capacity: a seat of a scope (`day/…`, `citizen/…`) is somebody's or nobody's.
create table seat_claim (
    scope text not null,
    seat bigint not null,
    appointment_id text not null references appointment (id),
    expires_at_ms bigint,
    primary key (scope, seat)
);
create index seat_claim_appointment on seat_claim (appointment_id);

-- For whom windows are kept, as the citizen says of himself.
alter table appointment add column category text;

-- A device that has once answered with the code sent to a number need not do so again.
create table session_mobile (
    session_id text not null references session (id),
    mobile text not null,
    proven_at_ms bigint not null,
    primary key (session_id, mobile)
);

-- Lines of acts that are done, in the order of their ids, until the sealer gives them their place in the chain.
create table audit_open (
    id text primary key,
    at_ms bigint not null,
    actor text not null,
    act text not null,
    object text not null,
    detail text not null
);

-- Holds that have run out are found by when they lapse.
create index claim_cell_lapses on claim_cell (expires_at_ms) where expires_at_ms is not null;
