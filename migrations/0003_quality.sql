-- How good a meeting was: for each stay of a participant the stretches in which it was equally good for the same
-- reason. Means over the stretch; no personal data beyond who was there, which `attendance` says as well.
create table quality_stretch (
    meeting_id text not null references meeting (id),
    participant text not null,
    starts_at_ms bigint not null,
    ends_at_ms bigint not null,
    score_hundredths bigint not null,
    cause text,
    lost_permille bigint not null,
    round_trip_ms bigint,
    up_bps bigint not null,
    down_bps bigint not null,
    primary key (meeting_id, participant, starts_at_ms)
);
