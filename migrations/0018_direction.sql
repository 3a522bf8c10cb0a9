-- What follows a meeting: directions with their history, and outcomes with their corrections.

-- What an office has been told to do, and by which day (in India). `origin_kind` says what `origin_id` is the id of.
-- `asks_at_ms`: when the citizen is asked whether it is done; null once he was asked, or nobody is to be.
create table direction (
    id text primary key,
    origin_kind text not null,
    origin_id text not null,
    text text not null,
    owner_post_id text not null references post (id),
    giver_post_id text not null references post (id),
    due_day text not null,
    state text not null,
    version bigint not null,
    asks_at_ms bigint,
    created_at_ms bigint not null
);
create index direction_owner on direction (owner_post_id, state);
create index direction_giver on direction (giver_post_id, state);
create index direction_origin on direction (origin_kind, origin_id);
create index direction_asks on direction (asks_at_ms) where asks_at_ms is not null;

-- Each move of a direction. `number` is the version that it made; no `post_id` is the citizen.
create table direction_step (
    direction_id text not null references direction (id),
    number bigint not null,
    what text not null,
    post_id text references post (id),
    note text,
    at_ms bigint not null,
    primary key (direction_id, number)
);

-- What came of a meeting. The highest number stands; those before it were corrected, each time for a reason (`why`).
create table outcome (
    appointment_id text not null references appointment (id),
    number bigint not null,
    kind text not null,
    reason text,
    direction_id text references direction (id),
    to_post_id text references post (id),
    follow_up_id text references appointment (id),
    post_id text not null references post (id),
    why text,
    given_at_ms bigint not null,
    primary key (appointment_id, number)
);
create index outcome_post on outcome (post_id, given_at_ms);
