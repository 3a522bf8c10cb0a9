-- The gate of a building, the service centre's counter, and groups that come together.

-- Who went in or out, and when. The id is made at the gate, so that a mark sent twice is one.
create table gate_mark (
    id text primary key,
    gate_post_id text not null references post (id),
    appointment_id text not null references appointment (id),
    seat bigint not null,
    way text not null,
    at_ms bigint not null,
    received_at_ms bigint not null
);
create index gate_mark_appointment on gate_mark (appointment_id, at_ms);

-- A booking that somebody made for a person who was there: who helped, from which post, and that the person agreed.
-- Of the slip's PIN only a keyed hash is kept.
create table assisted (
    appointment_id text primary key references appointment (id),
    staff_id text not null references staff (id),
    post_id text not null references post (id),
    place text not null,
    consented_at_ms bigint not null,
    pin_hash text not null
);

-- Who comes along with an appointment, each with a seat and a pass of his own. Seat 0 is the one who booked.
create table party_seat (
    appointment_id text not null references appointment (id),
    seat bigint not null,
    name text not null,
    state text not null,
    token_hash text not null unique,
    created_at_ms bigint not null,
    primary key (appointment_id, seat)
);
