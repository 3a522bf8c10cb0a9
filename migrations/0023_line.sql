-- What was written in a meeting: lines of the talk and captions. No two lines of a meeting have the same millisecond, which
-- names them. `participant` is as in meeting_door; the title stands here as it was shown.
create table meeting_line (
    meeting_id text not null references meeting (id),
    at_ms bigint not null,
    participant text not null,
    kind text not null,
    title_hi text not null,
    title_en text not null,
    body text not null,
    primary key (meeting_id, at_ms)
);
