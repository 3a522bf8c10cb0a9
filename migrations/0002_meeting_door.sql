-- Who was let in at a meeting's door, and who was sent away: so that a server that starts again, or a
-- phone that comes back, finds the same place. `participant` is `citizen:`, `officer:` or `desk:` and an id.
create table meeting_door (
    meeting_id text not null references meeting (id),
    participant text not null,
    decision text not null,
    decided_at_ms bigint not null,
    primary key (meeting_id, participant)
);
