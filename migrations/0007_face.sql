-- What programs are given: the answers of requests that may be sent twice, and where events are told.

-- One row for each request that carried an Idempotency-Key, for 24 hours. Neither the key nor who sent it stands here,
-- only a keyed hash of both; the answer is sealed with a key that only they give.
create table idempotency (
    id text primary key,
    fingerprint text not null,
    answer text,
    started_at_ms bigint not null,
    expires_at_ms bigint not null
);
create index idempotency_expiry on idempotency (expires_at_ms);

-- Where a post's events are told. The secret of its signatures is made from the installation's key and never stored.
create table webhook (
    id text primary key,
    post_id text not null references post (id),
    url text not null,
    created_at_ms bigint not null,
    ended_at_ms bigint
);
create index webhook_post on webhook (post_id);
