-- Events that wait to be told to a post's webhooks. A queue of their own beside the notices, so that a listener that is
-- slow or gone never holds up a citizen's code. Bodies hold ids, states and times; no name, number or subject.
create table webhook_event (
    id text primary key,
    webhook_id text not null references webhook (id),
    body text not null,
    state text not null,
    attempts bigint not null,
    due_at_ms bigint not null,
    created_at_ms bigint not null,
    sent_at_ms bigint,
    last_error text
);
create index webhook_event_due on webhook_event (state, due_at_ms);
