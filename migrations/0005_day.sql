-- The desk and the day: absences and whom they displace, switches to video, several offered times, questions, the
-- promise of an answer, and the waiting list.

-- An officer is called away: supply is gone while the row stands.
create table absence (
    id text primary key,
    post_id text not null references post (id),
    starts_at_ms bigint not null,
    ends_at_ms bigint not null,
    reason text not null,
    authority text not null,
    state text not null,
    created_at_ms bigint not null
);
create index absence_post on absence (post_id, state, ends_at_ms);

-- Whom an absence displaced: as he stood before, and the version right after. Whoever still has that version has
-- changed nothing since, so that the act can be undone for him.
create table displaced (
    absence_id text not null references absence (id),
    appointment_id text not null references appointment (id),
    state text not null,
    starts_at_ms bigint not null,
    ends_at_ms bigint not null,
    version bigint not null,
    answered_at_ms bigint,
    primary key (absence_id, appointment_id)
);
create index displaced_appointment on displaced (appointment_id);

alter table appointment add column displaced_count bigint not null default 0;
-- The promise: until when the desk answers, when the request climbs next, and to which post it has climbed.
alter table appointment add column answer_due_at_ms bigint;
alter table appointment add column climbs_at_ms bigint;
alter table appointment add column climbed_post_id text references post (id);
create index appointment_due on appointment (state, answer_due_at_ms);
create index appointment_citizen on appointment (citizen_id);
create index citizen_mobile on citizen (mobile);

-- All meetings in person of a body and everything below it go to video in one act.
create table emergency (
    id text primary key,
    body_id text not null references body (id),
    post_id text not null references post (id),
    starts_at_ms bigint not null,
    ends_at_ms bigint not null,
    state text not null,
    created_at_ms bigint not null
);
create table switched (
    emergency_id text not null references emergency (id),
    appointment_id text not null references appointment (id),
    primary key (emergency_id, appointment_id)
);

-- The times that a desk offers, one to three; read in state `proposed` only.
create table proposal (
    appointment_id text not null references appointment (id),
    starts_at_ms bigint not null,
    ends_at_ms bigint not null,
    primary key (appointment_id, starts_at_ms)
);
insert into proposal (appointment_id, starts_at_ms, ends_at_ms)
    select id, proposed_starts_at_ms, proposed_ends_at_ms from appointment
    where state = 'proposed' and proposed_starts_at_ms is not null and proposed_ends_at_ms is not null;
create index proposal_time on proposal (starts_at_ms);

create table question (
    appointment_id text not null references appointment (id),
    asked_at_ms bigint not null,
    question text not null,
    answer text,
    answered_at_ms bigint,
    primary key (appointment_id, asked_at_ms)
);

-- Who waits for a time, or for an earlier one.
create table waiting (
    appointment_id text primary key references appointment (id),
    post_id text not null references post (id),
    since_ms bigint not null,
    lapses bigint not null
);
create index waiting_post on waiting (post_id);

-- A time that became free while somebody waits: it rests, is offered in order, and is open to all at last.
create table freed (
    id text primary key,
    post_id text not null references post (id),
    starts_at_ms bigint not null,
    ends_at_ms bigint not null,
    closes_at_ms bigint not null,
    due_at_ms bigint not null,
    state text not null,
    keeper_id text not null references appointment (id)
);
create index freed_due on freed (state, due_at_ms);

create table offer (
    freed_id text not null references freed (id),
    appointment_id text not null references appointment (id),
    until_ms bigint not null,
    answer text,
    primary key (freed_id, appointment_id)
);
create index offer_appointment on offer (appointment_id);
