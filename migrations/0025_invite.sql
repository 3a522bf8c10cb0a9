-- Who is asked in to a meeting besides its two sides: an interpreter, a helper, a hall in which several sit. `people` has the
-- names of those in a hall, one a line. The link's token is not kept, only its hash.
create table invite (
    id text primary key,
    meeting_id text not null references meeting (id),
    kind text not null,
    name text not null,
    people text not null,
    token_hash text not null unique,
    made_at_ms bigint not null,
    withdrawn_at_ms bigint
);
create index invite_meeting on invite (meeting_id);

-- The device on which an invitation was opened and taken.
create table session_invite (
    session_id text not null references session (id),
    invite_id text not null references invite (id),
    primary key (session_id, invite_id)
);
