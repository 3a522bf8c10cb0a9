-- The turn: an order that a desk may change with a reason, an officer who is late, a message to those who wait.

-- Where the desk has put somebody in the order; without it the time says.
alter table queue_ticket add column moved_to_ms bigint;
-- By how much everybody was told that the day is later, and until when nobody is called.
alter table queue_day add column late_by_ms bigint not null default 0;
alter table queue_day add column late_until_ms bigint;

-- Each move in the order, with its reason. `version` is that of the queue's day after it.
create table queue_move (
    post_id text not null references post (id),
    day text not null,
    version bigint not null,
    number bigint not null,
    step text not null,
    reason text not null,
    note text not null,
    moved_at_ms bigint not null,
    primary key (post_id, day, version)
);

-- What a post says to those who wait for it.
create table lobby_message (
    post_id text primary key references post (id),
    hi text not null,
    en text not null,
    set_at_ms bigint not null
);
