-- Recordings of meetings. Their files lie in the folder of recordings; a row holds the ends of their chains of hashes, and
-- tells after a crash which had no end. A meeting of outside clients has no row of its own, so that none is referred to.
create table recording (
    id text primary key,
    meeting text not null,
    begun_ms bigint not null,
    begun_head text not null,
    ended_ms bigint,
    ended_head text,
    why text
);
