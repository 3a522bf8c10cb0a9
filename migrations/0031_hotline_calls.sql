-- A call may have more than two seats, each with its own beginning and end; the row of two posts becomes a row a seat.
create table hotline_call (
    id text primary key,
    opener_post_id text not null references post (id),
    opened_at_ms bigint not null,
    ended_at_ms bigint
);
create index hotline_call_opened on hotline_call (opened_at_ms);

create table hotline_part (
    call_id text not null references hotline_call (id),
    post_id text not null references post (id),
    rang_at_ms bigint not null,
    -- Who rang; nobody for whoever opened the call.
    by_post_id text references post (id),
    -- 1: it was heard in the middle of another call or a meeting.
    broke_in bigint not null,
    -- The act by which the seat agreed to be seen, at which device, by whom and when; of several the last.
    act text,
    device text,
    person_id text references person (id),
    agreed_at_ms bigint,
    ended_at_ms bigint,
    outcome text,
    primary key (call_id, post_id, rang_at_ms)
);
create index hotline_part_post on hotline_part (post_id, rang_at_ms);

insert into hotline_call (id, opener_post_id, opened_at_ms, ended_at_ms)
select id, caller_post_id, rang_at_ms, ended_at_ms from call;
insert into hotline_part (call_id, post_id, rang_at_ms, broke_in, act, agreed_at_ms, ended_at_ms, outcome)
select id, caller_post_id, rang_at_ms, 0, 'rang', rang_at_ms, ended_at_ms, reason from call;
insert into hotline_part
    (call_id, post_id, rang_at_ms, by_post_id, broke_in, act, agreed_at_ms, ended_at_ms, outcome)
select id, callee_post_id, rang_at_ms, caller_post_id, 0,
    case when answered_at_ms is null then null else 'accepted' end, answered_at_ms, ended_at_ms, reason
from call;
drop table call;
