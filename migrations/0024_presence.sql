-- Who was present in a meeting when, by what was heard from each: the evidence of attendance. A stretch that lasts is written
-- again, longer, every few seconds. `evidence` is present, network or house.
create table presence (
    meeting_id text not null references meeting (id),
    participant text not null,
    starts_at_ms bigint not null,
    ends_at_ms bigint not null,
    evidence text not null,
    primary key (meeting_id, participant, starts_at_ms)
);
