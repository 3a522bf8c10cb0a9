-- Hearings of grievances: a case on the cause list of a grievance redressal officer, and what came of it.

-- One a fixed appointment. `number`: which hearing of the case it is; `previous_id`: the one before. `filed_day` is a day in
-- India. An order was read aloud (`read_at_ms`, `read_by_post_id`) or was not (`unread_why`). `version` rises with every step.
create table hearing (
    appointment_id text primary key references appointment (id),
    case_number text not null,
    filed_day text not null,
    number bigint not null,
    previous_id text references appointment (id),
    authority_post_id text not null references post (id),
    version bigint not null,
    called_at_ms bigint,
    called_again_at_ms bigint,
    order_text text,
    ordered_at_ms bigint,
    read_at_ms bigint,
    read_by_post_id text references post (id),
    unread_why text,
    disposal text,
    next_day text,
    next_id text references appointment (id),
    closed_at_ms bigint,
    entered_at_ms bigint not null
);
create index hearing_authority on hearing (authority_post_id);

-- Who was there: each mark of a side, the highest number stands. `evidence` is joined (with `seconds`) or by_hand (with
-- `ground`, and `note` in words).
create table hearing_mark (
    appointment_id text not null references hearing (appointment_id),
    side text not null,
    number bigint not null,
    attendance text not null,
    evidence text not null,
    seconds bigint,
    ground text,
    note text,
    marked_at_ms bigint not null,
    primary key (appointment_id, side, number)
);
