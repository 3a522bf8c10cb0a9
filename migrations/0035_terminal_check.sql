-- What the terminals of seats found out about themselves: a row a terminal and day, in which the last report stands.
create table terminal_check (
    terminal_id text not null references terminal (id),
    -- The day in India.
    day text not null,
    at_ms bigint not null,
    camera text not null,
    microphone text not null,
    -- dBFS; nothing where it could not be measured.
    loudest_db bigint,
    has_speaker bigint not null,
    may_sound bigint not null,
    is_line_up bigint not null,
    is_page_current bigint not null,
    clock_ahead_ms bigint not null,
    round_trip_ms bigint not null,
    -- Since when its reports are red, over days; nothing while they are not.
    red_since_ms bigint,
    primary key (terminal_id, day)
);
create index terminal_check_day_of on terminal_check (day);

-- Days on which the terminals were asked, by the clock or by whoever looks after them, and on which a mail went out.
create table terminal_check_day (
    day text primary key,
    morning_at_ms bigint,
    asked_at_ms bigint,
    mailed_at_ms bigint
);
