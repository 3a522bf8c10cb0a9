-- Named lists of seats that a post has made for itself on the board. They are the post's: whoever holds it next has them.
create table own_group (
    id text primary key,
    post_id text not null references post (id),
    name text not null,
    made_at_ms bigint not null
);
create index own_group_post on own_group (post_id, name);

create table own_group_seat (
    group_id text not null references own_group (id),
    post_id text not null references post (id),
    primary key (group_id, post_id)
);
