-- How many may come at most; a post without a row has no cap, and a null is none of this kind. Whoever gives a capped
-- post's time away changes its row first, so that one counts after the other.
create table post_cap (
    post_id text primary key references post (id),
    day_cap bigint,
    citizen_cap bigint,
    turn bigint not null
);
