-- A question over the hotline: one row a question, a row a seat that is asked, a row a card. Nothing is overwritten: of the
-- cards of a seat the highest number stands, and number 0 is what its office has prepared and not sent.
create table mesh_question (
    id text primary key,
    post_id text not null references post (id),
    text text not null,
    file_number text,
    asked_at_ms bigint not null,
    until_ms bigint not null,
    closed_at_ms bigint
);
create index mesh_question_post on mesh_question (post_id, asked_at_ms);

-- `cards`: how many it has sent, which is the number of the one that stands.
create table mesh_asked (
    question_id text not null references mesh_question (id),
    post_id text not null references post (id),
    cards bigint not null,
    reminded_at_ms bigint,
    direction_id text references direction (id),
    primary key (question_id, post_id)
);
create index mesh_asked_post on mesh_asked (post_id, question_id);

create table mesh_card (
    question_id text not null references mesh_question (id),
    post_id text not null references post (id),
    number bigint not null,
    kind text not null,
    with_whom text,
    since_day text,
    why text,
    next_step text,
    next_day text,
    at_ms bigint not null,
    primary key (question_id, post_id, number)
);
