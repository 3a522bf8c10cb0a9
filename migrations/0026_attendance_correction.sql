-- What the office says of who was present, beside what was measured, which it never changes. A row says that a participant
-- was there or was not from one moment to another, or takes back an earlier row; each has its reason. `says` is present or
-- absent; `evidence` is manual.
create table attendance_correction (
    meeting_id text not null references meeting (id),
    number bigint not null,
    participant text,
    says text,
    starts_at_ms bigint,
    ends_at_ms bigint,
    takes_back bigint,
    evidence text not null,
    reason text not null,
    user_id text not null,
    post_id text not null references post (id),
    written_at_ms bigint not null,
    primary key (meeting_id, number)
);
