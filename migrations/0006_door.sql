-- The day itself: the queue at a door.

-- One row a post and day: whoever changes its queue changes this row first, so that one after the other does.
create table queue_day (
    post_id text not null references post (id),
    day text not null,
    version bigint not null,
    primary key (post_id, day)
);

-- One person in a queue. `kind`: has a time (time), came without one (token), or calls (caller).
create table queue_ticket (
    post_id text not null references post (id),
    day text not null,
    number bigint not null,
    kind text not null,
    appointment_id text references appointment (id),
    name text not null,
    subject text not null,
    standing text not null,
    due_at_ms bigint not null,
    calls bigint not null,
    here_at_ms bigint,
    called_at_ms bigint,
    entered_at_ms bigint,
    left_at_ms bigint,
    created_at_ms bigint not null,
    primary key (post_id, day, number),
    unique (appointment_id, post_id, day)
);
create index queue_ticket_left on queue_ticket (post_id, left_at_ms);
