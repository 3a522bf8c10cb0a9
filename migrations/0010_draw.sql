-- Draws for times that more people want than there are. The secret stands nowhere: it follows from the installation's
-- key and the draw's id, and its commitment is published with the draw.

create table draw (
    id text primary key,
    post_id text not null references post (id),
    -- The appointment that keeps the times until they are drawn.
    keeper_id text not null references appointment (id),
    commitment text not null,
    opens_at_ms bigint not null,
    closes_at_ms bigint not null,
    word text,
    drawn_at_ms bigint,
    created_at_ms bigint not null
);
create index draw_post on draw (post_id, closes_at_ms);

create table draw_time (
    draw_id text not null references draw (id),
    starts_at_ms bigint not null,
    ends_at_ms bigint not null,
    primary key (draw_id, starts_at_ms)
);

-- One who wants one of the times; counts once the code has proved the number.
create table draw_entry (
    appointment_id text primary key references appointment (id),
    draw_id text not null references draw (id),
    place bigint,
    entered_at_ms bigint
);
create index draw_entry_draw on draw_entry (draw_id);

-- One number enters once: a keyed hash of it that is of no use for another draw.
create table draw_person (
    draw_id text not null references draw (id),
    person_hash text not null,
    appointment_id text not null references appointment (id),
    primary key (draw_id, person_hash)
);
