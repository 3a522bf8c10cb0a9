-- Words that are left to a post, sound or picture, and which missed rings somebody has seen.

-- `id` is made by the page that records: what is sent twice is kept once. `place` is one of a few for each pair of posts, so that
-- no more than those wait to be heard, whoever is fast.
create table mesh_word (
    id text primary key,
    from_post_id text not null references post (id),
    to_post_id text not null references post (id),
    place bigint not null,
    kind text not null,
    length_ms bigint not null,
    file_id text not null references file (id),
    left_at_ms bigint not null,
    heard_at_ms bigint
);
create unique index mesh_word_place on mesh_word (from_post_id, to_post_id, place) where heard_at_ms is null;
create index mesh_word_to on mesh_word (to_post_id, left_at_ms);
create index mesh_word_from on mesh_word (from_post_id, left_at_ms);
create index mesh_word_left on mesh_word (left_at_ms);

-- When the occupant of a seat has said that he knows of a ring that he did not take.
alter table hotline_part add column noticed_at_ms bigint;
