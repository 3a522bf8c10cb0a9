-- Whom the occupant of a seat lets in without an act of that moment, and at what hours. No row: nobody.
create table auto_answer (
    post_id text not null references post (id),
    person_id text not null references person (id),
    -- Minutes since midnight, wall time in India.
    from_minute bigint not null,
    to_minute bigint not null,
    -- The posts, with a space between.
    callers text not null,
    -- A setting from before the charge began is none.
    set_at_ms bigint not null,
    primary key (post_id, person_id)
);
