-- Supply in full, and audit lines that wait for their place in the chain.

-- A window of the week: how one can meet in it (bits: video 1, in person 2, telephone 4), and for whom it is kept.
alter table weekly_hours add column channels bigint not null default 7;
alter table weekly_hours add column kept_for text;

-- What departs from the house's rules; a post without a row goes by them.
create table post_rules (
    post_id text primary key references post (id),
    rest_minutes bigint not null,
    horizon_days bigint not null,
    release_minute bigint not null,
    same_day_percent bigint not null,
    falls_back_minutes bigint not null
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

-- Orders take holidays back: such a row stays, and closes nothing. `withdrawn_by`: the order's number.
alter table holiday add column withdrawn_by text;

-- For whom windows are kept, as the citizen says of himself.
alter table appointment add column category text;

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
