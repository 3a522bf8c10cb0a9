//! Every bound of the server with its reason. Passing one is a typed error, never a silent cut.

use std::time::Duration;

/// A hold lives so long: enough to type a form on a small phone, short enough not to hoard.
pub const HOLD_MINUTES: i64 = 10;
/// Live holds of one device at a time: a family's worth, not a tout's.
pub const HOLDS_PER_SESSION_MAX: i64 = 3;
/// Days of free times shown to a citizen.
pub const HORIZON_DAYS: i32 = 14;
/// Diaries kept in memory: four times the posts of a large state, some kilobytes each.
pub const DIARIES_KEPT_MAX: u64 = 20_000;
/// A diary is kept so long where this server alone writes: only the clock could have changed it.
pub const DIARY_KEPT_ALONE_MAX: Duration = Duration::from_secs(600);
/// How often a server says to its database that it is there, and looks for others.
pub const NODE_BEAT: Duration = Duration::from_secs(2);
/// A server that has said nothing for so long is not there: five beats, and room for clocks that differ.
pub const NODE_GONE_AFTER: Duration = Duration::from_secs(15);
/// Rows of servers that have said nothing for so long are dropped.
pub const NODE_FORGOTTEN_AFTER: Duration = Duration::from_secs(3_600);
/// A diary is kept so long where other servers write, too: a time that is shown may be gone for so long.
pub const DIARY_KEPT_AMONG_MANY_MAX: Duration = Duration::from_secs(1);
/// A one-time code lives so long (the text of the message says so, too).
pub const CODE_MINUTES: i64 = 10;
/// Wrong tries of one code: chance of a guess 5 in a million.
pub const CODE_TRIES_MAX: i64 = 5;
/// Codes sent for one booking: the person may ask twice more.
pub const CODE_SENDS_MAX: i64 = 3;
/// Others on a shared telephone that its page names: a large household on one day.
pub const SHARED_PHONE_MAX: i64 = 6;
/// A one-time code that has not come by then may not come at all: another way is shown.
pub const CODE_LATE_SECONDS: i64 = 30;
/// The code that a terminal shows lives so long: enough to walk to another room; then it shows a new one.
pub const TERMINAL_CODE_MINUTES: i64 = 10;
/// Terminals that show a code at one time: a building's worth on the morning when they are put up.
pub const TERMINAL_PAIRINGS_MAX: i64 = 500;
/// Codes that one address is given in a window: forty machines behind one address, and some started twice.
pub const TERMINAL_PAIRINGS_PER_ADDRESS_MAX: i64 = 120;
/// Wrong codes that one login may type in a window: of a hundred million codes.
pub const TERMINAL_CODES_WRONG_MAX: i64 = 10;
/// A terminal signs what it is asked at once; the question opens nothing after so long.
pub const TERMINAL_CHALLENGE_SECONDS: i64 = 60;
/// A terminal's session, which it prolongs by saying that it is there: one that was off for a day opens a new one.
pub const TERMINAL_SESSION_HOURS: i64 = 24;
/// A session that ends within so long is prolonged.
pub const TERMINAL_SESSION_PROLONGED_HOURS: i64 = 12;
/// The same refusal of one terminal is written down so often, for its page goes on trying.
pub const TERMINAL_REFUSAL_WRITTEN_MINUTES: i64 = 60;
/// A terminal's word that it is there is written down so often.
pub const TERMINAL_SEEN_WRITTEN_MINUTES: i64 = 5;
/// Terminals of an installation: two for each seat of a large state.
pub const TERMINALS_MAX: i64 = 2_000;
/// From this minute of a working day on terminals check themselves, wall time in India: 09:30, before the first visitor.
pub const TERMINAL_CHECK_AT_MINUTE: i32 = 9 * 60 + 30;
/// So long after the check began, whoever looks after them is told by mail what is red: 09:40.
pub const TERMINAL_MAIL_AFTER_MINUTES: i64 = 10;
/// Terminals that the mail names; more of them are on the page to which it leads.
pub const TERMINAL_MAIL_LINES_MAX: usize = 40;
/// A check that was asked for within so long is the one that is asked for again.
pub const TERMINAL_ASK_SECONDS: i64 = 5;
/// A terminal's report is some two hundred bytes.
pub const TERMINAL_REPORT_BYTES_MAX: usize = 1_024;
/// The page's version is twelve letters.
pub const TERMINAL_VERSION_BYTES_MAX: usize = 64;
/// Reports are kept so many days: a quarter, after which nobody asks when a camera failed first.
pub const TERMINAL_REPORTS_DAYS: i64 = 90;
const _: () = assert!(
    domain::terminal_check::OFF_AFTER.as_mins() > TERMINAL_SEEN_WRITTEN_MINUTES + 1,
    "a terminal that is there is not taken to be off"
);
const _: () = assert!(
    domain::terminal_check::ANSWER_MAX.as_mins() < TERMINAL_MAIL_AFTER_MINUTES,
    "who was asked has answered or is red before the mail goes"
);
/// A proposed time waits so long for the citizen's answer.
pub const PROPOSAL_HOURS: i64 = 24;
/// Days ahead in which other times are sought for those whom an absence displaces: their matters wait no longer.
pub const RESETTLE_DAYS: i32 = 60;
/// How far ahead a charge is handed over, in days: orders come weeks before, not years.
pub const HANDOVER_DAYS_MAX: i64 = 366;
/// Largest cap: more than this nobody meets on one day.
pub const CAP_MAX: u16 = 500;
/// Days that are looked at when a cap is lowered: the farthest that a post may be booked.
pub const CAP_DAYS_AHEAD: u16 = 366;
/// Appointments that one absence may displace: a minister's month; more is a mistake in the dates.
pub const DISPLACED_MAX: i64 = 1_000;
/// Holidays are declared for this year and the next, and not by a slip of the pen for a far one.
pub const HOLIDAY_DAYS_MAX: i64 = 731;
/// Longest absence, in days: beyond it somebody else is given the charge.
pub const AWAY_DAYS_MAX: i64 = 60;
/// Plans of a displacement that may lose a race for a time before the desk is asked to look again.
pub const RESETTLE_TRIES_MAX: u32 = 5;
/// Meetings that one emergency switch may move to video: a state's day.
pub const SWITCHED_MAX: i64 = 10_000;
/// The desk promises an answer within so long.
pub const ANSWER_HOURS: i64 = 24;
/// So often an unanswered request climbs one post further.
pub const CLIMB_HOURS: i64 = 24;
/// So often the keeper of promises looks: a time that rests for minutes may wake half a minute late.
pub const KEEP_POLL: Duration = Duration::from_secs(20);
/// So long a time that rests or is offered stays claimed after its hour: the keeper of promises comes before the public.
pub const LENT_SLACK_MINUTES: i64 = 10;
/// Things of one kind that the keeper does in one round; the next round does more.
pub const KEEP_BATCH: i64 = 200;
/// Other open requests of the same person that a card shows.
pub const DUPLICATES_MAX: usize = 5;
/// Of them so many are read for a whole worklist.
pub const DUPLICATES_READ_MAX: i64 = 1_000;
/// Questions about one request: a desk that needs more should meet the citizen.
pub const QUESTIONS_MAX: usize = 5;
/// Free times of the other post that a redirection tries, when others take them at the same moment.
pub const REDIRECT_TRIES_MAX: usize = 5;
/// Wrong tries of the last four digits, or of a password, in one window.
pub const ATTEMPTS_MAX: i64 = 5;
/// Wrong PINs of slips in one minute, of the whole house: more than people mistype, and so few that whoever walks through
/// the numbers, if each of them is somebody's, finds one in eleven days.
pub const WRONG_PINS_MAX: i64 = 60;
/// Length of that window.
pub const ATTEMPT_WINDOW_MINUTES: i64 = 15;
/// A citizen's device stays known so long: from the booking to after the meeting.
pub const CITIZEN_SESSION_DAYS: i64 = 60;
/// A staff session lasts a working day.
pub const STAFF_SESSION_HOURS: i64 = 12;
/// A sign-in link that an administrator or the demo prints.
pub const SIGN_IN_LINK_HOURS: i64 = 24;
/// Search results shown: a page on a phone.
pub const SEARCH_RESULTS_MAX: usize = 20;
/// Longest search text, in characters.
pub const SEARCH_CHARS_MAX: usize = 100;
/// Lines of figures on the page of one meeting: a full meeting whose every stay was as fickle as it may be written.
pub const QUALITY_LINES_MAX: i64 = 2_000;
/// Cards on one list of the desk.
pub const WORKLIST_MAX: i64 = 200;
/// Lines of one cause list: a day of five-minute meetings.
pub const CAUSE_LIST_MAX: i64 = 300;
/// Listeners of one house: every department and district once.
pub const WEBHOOKS_MAX: usize = 100;
/// One try of a webhook: a listener that works for longer answers first and works after.
pub const WEBHOOK_TIMEOUT: Duration = Duration::from_secs(10);
/// The head of a listener's answer; its body is never read.
pub const WEBHOOK_HEAD_BYTES_MAX: usize = 16 * 1024;
/// Headers of a listener's answer.
pub const WEBHOOK_HEADERS_MAX: usize = 64;
/// So long acts trust that nobody listens; a listener that another process adds hears from then on.
pub const WEBHOOKS_QUIET: Duration = Duration::from_secs(10);
/// Times of one day: a cell of five minutes each.
pub const SLOTS_PER_DAY_MAX: usize = 24 * 60 / 5;
/// A request body: the longest form is a few kilobytes.
pub const BODY_BYTES_MAX: usize = 64 * 1024;
/// Days of free times that a program may ask for at once: a quarter of a year.
pub const TIMES_DAYS_MAX: usize = 90;
/// So far ahead may the first of these days lie.
pub const TIMES_AHEAD_DAYS_MAX: i32 = 90;
/// An Idempotency-Key, in bytes: a UUID in quotes four times over.
pub const IDEMPOTENCY_KEY_BYTES_MAX: usize = 160;
/// The first answer is kept so long for whoever asks again.
pub const IDEMPOTENCY_HOURS: i64 = 24;
/// A request that runs so long has lost its server; its key may be used again.
pub const IDEMPOTENCY_LEASE_SECONDS: i64 = 60;
/// A request must be answered in this time, or it is given up with a clear page.
pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(20);
/// A socket that shows a token waits so long for the database to say whether it is still good; longer is as good as away.
pub const STORE_PATIENCE: Duration = Duration::from_secs(1);
/// So long while the database was away when it was asked last: enough to see that it is back.
pub const STORE_AWAY_WAIT: Duration = Duration::from_millis(100);
/// A seat comes back with its token for so long: a staff session lasts no longer.
pub const SEAT_RESUME_HOURS: i64 = STAFF_SESSION_HOURS;
/// Connections to PostgreSQL: more only queue inside the database on a small machine.
pub const DATABASE_CONNECTIONS_MAX: u32 = 16;
/// Waiting for a database connection before the person gets a reference number.
pub const DATABASE_WAIT: Duration = Duration::from_secs(10);
/// Acts that share one commit on SQLite: some ten milliseconds of work, which is what the disk takes to keep it.
pub const GROUP_ACTS_MAX: usize = 64;
/// New appointments that are written down together: some tens of milliseconds of work, beside which the disk's wait for one
/// commit is little.
pub const INTAKE_MAX: usize = 256;
/// Batches of new appointments on their way at once: PostgreSQL writes one while the other is made ready.
pub const INTAKES_AT_ONCE: usize = 2;
/// Audit lines that are chained in one transaction: some ten milliseconds of the writer.
pub const SEALED_AT_ONCE: i64 = 1_000;
/// How often audit lines that wait are chained: nobody reads the chain sooner.
pub const SEAL_INTERVAL: Duration = Duration::from_secs(1);
/// Tries of a transaction that the database asked to repeat (deadlock, serialization).
pub const TRANSACTION_TRIES_MAX: u32 = 5;
/// Lines on the demo's outbox page.
pub const OUTBOX_LINES_MAX: i64 = 100;
/// Notices that the outbox takes at once: a few seconds of work.
pub const OUTBOX_BATCH: i64 = 20;
/// So long a worker may keep a batch; then another one takes what it left behind.
pub const OUTBOX_LEASE: Duration = Duration::from_secs(600);
/// So often the outbox looks; a code arrives within a second.
pub const OUTBOX_POLL: Duration = Duration::from_secs(1);
/// Tries of one notice: with the pauses about two hours, longer than a mail server's restart.
pub const OUTBOX_ATTEMPTS_MAX: i64 = 8;
/// Pause before the second try of a notice.
pub const OUTBOX_RETRY_FIRST: Duration = Duration::from_secs(10);
/// Longest pause between two tries.
pub const OUTBOX_RETRY_MAX: Duration = Duration::from_secs(3_600);
/// One step of the conversation with a mail server.
pub const MAIL_TIMEOUT: Duration = Duration::from_secs(20);
/// Turns that may wait for the live actor; a socket whose turn finds no room waits with it.
pub const LIVE_MAILBOX_MAX: usize = 4096;
/// Events of the media plane that may wait: a whole storm of slots when the largest meetings end at once.
pub const LIVE_EVENTS_MAX: usize = 16_384;
/// Acts that may wait to be written down: half an hour of a full house without a database, in which everybody comes and
/// goes ten times, some megabytes. Beyond twice this nobody new comes in, and no new ring or admission is begun.
pub const LEDGER_LINES_MAX: usize = 16_384;
/// A server that ends waits so long for the ledger: longer than a database needs to start again, shorter than whoever
/// stops a server waits before he kills it.
pub const LEDGER_FAREWELL: Duration = Duration::from_secs(30);
/// One try of the ledger: longer than it waits for a connection and for another process that writes.
pub const LEDGER_PATIENCE: Duration = Duration::from_secs(16);
/// What tokens open no more: those sent away, meetings ended and sessions ended of a busy half day; a file of 160 kB.
pub const LAPSES_MAX: usize = 4_096;
/// How often rings and absences are looked at: a person does not notice a quarter of a second.
pub const LIVE_TICK: Duration = Duration::from_millis(250);
/// A call of the hotline says so often that it goes on.
pub const CALL_SEEN_EVERY: Duration = Duration::from_secs(20);
/// One that has not for so long has lost its server: a database that is away keeps a server silent, too.
pub const CALL_FORSAKEN_AFTER: Duration = Duration::from_secs(300);
/// A call goes from one device of a seat to another: the one before is shut when the new one is heard, or after this.
pub const CALL_MOVE_MAX: Duration = Duration::from_secs(2);
/// Posts whom a seat lets in by itself: those who go before a head are two.
pub const AUTO_ANSWER_CALLERS_MAX: usize = 8;
/// A seat's ledger of rings shows so many days: a month's evenings.
pub const RING_LEDGER_DAYS: i64 = 31;
/// Lines of the chain that it is read from, four for a call that was taken.
pub const RING_LEDGER_LINES_MAX: i64 = 2_000;
/// The evening's mail of a seat goes from this minute of the day on, wall time in India: 18:30, when offices close.
pub const RING_MAIL_AT_MINUTE: i32 = 18 * 60 + 30;
/// What rang in the last minute before it is told the evening after: its lines may not be sealed yet.
pub const RING_MAIL_SETTLES: Duration = Duration::from_secs(60);
/// It goes back so far at most, for a house that was shut for days.
pub const RING_MAIL_DAYS_MAX: i64 = 7;
/// Rings that it shows; more of them are on the page to which it leads.
pub const RING_MAIL_LINES_MAX: usize = 40;
/// Characters of the chain's hash that a person can note down.
pub const RING_LEDGER_HASH_CHARS: usize = 12;
/// Between two readings of who holds which seat.
pub const SEATS_LOOK: Duration = Duration::from_secs(60);
/// How often the media plane is asked what it counted: quality is told by the second.
pub const MEASURE_INTERVAL: Duration = Duration::from_secs(1);
/// Meetings at once: three times the expected 150.
pub const MEETINGS_MAX: usize = 500;
/// Recordings at once: each is a thread that makes some files safe several times a second, and a disk takes a few dozen
/// of them.
pub const RECORDINGS_MAX: usize = 32;
/// Places in one meeting, those away and those sent away included: a review of twenty, twice over.
pub const PLACES_MAX: usize = 40;
/// So often it is written down who is present while few are inside; so much is not known of anybody when the server is killed.
pub const PRESENCE_WRITE_MIN: Duration = Duration::from_secs(1);
/// So often it is written down while many are.
pub const PRESENCE_WRITE_MAX: Duration = Duration::from_secs(5);
/// Rows of presence a second before it is written less often: a minute without a database fits into the ledger.
pub const PRESENCE_ROWS_PER_SECOND: usize = 100;
/// Lines of a meeting that are shown to whoever comes; the rows keep all of them.
pub const LINES_MAX: usize = 500;
/// Characters of what a page says in the address of its socket: an offer and a token, packed; header lists are cut off
/// at 16 KiB.
pub const FIRST_WORDS_CHARS_MAX: usize = 12 * 1024;
/// Messages that it says there: its hello and its offer.
pub const FIRST_WORDS_MAX: usize = 2;
/// Live sockets of the whole server: everybody of the expected meetings and the mesh, four times over.
pub const SOCKETS_MAX: usize = 4096;
/// A socket that does not take a frame for so long is closed.
pub const SOCKET_SEND_TIMEOUT: Duration = Duration::from_secs(10);

/// After its end the door of a meeting stays open so long: the one before may run late.
pub const DOOR_CLOSES_MINUTES: i64 = 30;
/// Callers that wait to be accepted while a storm lasts: as many as the kernel keeps.
pub const FRONT_BACKLOG: u32 = 4_096;
/// Connections that have shown nothing yet: five seconds of five hundred joins a second, three times over.
pub const NEWCOMERS_MAX: usize = 8_192;
/// The same behind one address: a secretariat that comes at once. Beyond it the oldest of them goes.
pub const NEWCOMERS_OF_ONE_MAX: usize = 2_048;
/// Open connections that speak HTTP: every listener of the boards and every socket, and pages beside them.
pub const GUESTS_MAX: usize = 18_000;
/// The same behind one address: a proxy that does not say for whom it calls may be all that there is, but never all.
pub const GUESTS_OF_ONE_MAX: usize = 15_000;
/// The first bytes come within a round trip; so long a phone at the edge of its cell may take.
pub const FIRST_BYTES_TIME_MAX: Duration = Duration::from_secs(5);
/// A TLS handshake has two round trips, and so long when each is lost twice.
pub const TLS_HANDSHAKE_TIME_MAX: Duration = Duration::from_secs(10);
/// Browsers open a connection ahead of need, and give it up themselves after ten seconds.
pub const FIRST_REQUEST_TIME_MAX: Duration = Duration::from_secs(15);
/// The head of a request; a connection that is kept between two requests waits as long.
pub const HTTP_HEAD_TIME_MAX: Duration = Duration::from_secs(15);
/// Requests at once on one connection: a page with all its parts, a board and a socket.
pub const HTTP2_STREAMS_MAX: u32 = 128;
/// A connection of HTTP/2 on which nothing is heard for so long is asked, and as long later given up.
pub const HTTP2_QUIET_MAX: Duration = Duration::from_secs(20);

/// Credentials of the relay are good so long: to be used at once, and again when the network changes.
pub const RELAY_CREDENTIALS_MINUTES: i64 = 10;
/// Credentials of one session at once: every page that a device may have open.
pub const RELAY_CREDENTIALS_BURST: u32 = 30;
/// Credentials of one session a minute in the long run: a network that changes every ten seconds.
pub const RELAY_CREDENTIALS_A_MINUTE: u32 = 6;
/// Sessions whose asking is remembered.
pub const RELAY_SESSIONS_MAX: usize = 20_000;
/// Tries of the path at once in the whole house: a twentieth of its peers.
pub const CHECKS_MAX: usize = 100;
/// Tries of one address at once: a page makes eight, and behind one address is a whole office.
pub const CHECKS_BURST: u32 = 80;
/// Tries of one address a minute in the long run: ten pages.
pub const CHECKS_A_MINUTE: u32 = 80;
/// Addresses whose tries are remembered.
pub const CHECK_ADDRESSES_MAX: usize = 20_000;
/// A try ends after so long: the whole page takes half of it.
pub const CHECK_TIME_MAX: Duration = Duration::from_secs(60);
/// So often it is seen whether a try has ended by itself.
pub const CHECK_LOOK: Duration = Duration::from_secs(2);

/// A media peer that says nothing so long is removed (RFC 7675 gives consent 30 s; a dead phone blocks a slot).
pub const MEDIA_SILENCE_MAX: Duration = Duration::from_secs(15);
/// A seat from which nothing has come for so long is not shown as free: Chromium checks its path every 2.5 s, Firefox every 4
/// to 6 (RFC 7675 §5.1), so that two checks of the one and one of the other are missing.
pub const SEAT_SILENCE_MAX: Duration = Duration::from_secs(7);
/// Reviews at once: a Chief Secretary, a Development Commissioner and a few heads.
pub const REVIEWS_MAX: usize = 8;
/// Directions of one review: two for each of a hundred departments.
pub const REVIEW_DIRECTIONS_MAX: usize = 200;
/// Of them so many are told, the newest: with the agenda they fit into one message.
pub const REVIEW_DIRECTIONS_TOLD: usize = 20;
/// Between two words to the chair about who is present: a hundred come in within a few seconds.
pub const ROLL_EVERY: Duration = Duration::from_secs(1);
/// Media peers of one server.
pub const MEDIA_PEERS_MAX: usize = 2_000;

/// A pass for a client from outside is good so long: a studio sets up for a month of meetings.
pub const PASS_HOURS_MAX: i64 = 24 * 31;
/// A pass is good so long when nobody says otherwise: a working day.
pub const PASS_HOURS: i64 = 12;
/// Publishers from outside in one meeting of an appointment: a camera, a shared picture, and one more of each.
pub const OUTSIDE_PUBLISHERS_MAX: usize = 4;
/// Players from outside in one meeting of an appointment: a wall of screens and a recorder.
pub const OUTSIDE_PLAYERS_MAX: usize = 16;
/// Ways between publishers and players of one outside room: sixteen publishers before every other peer of a server.
pub const OUTSIDE_WAYS_MAX: usize = 16 * MEDIA_PEERS_MAX;
/// Requests of one pass a second in the long run: faster than any encoder, slower than the ledger writes.
pub const PASS_REQUESTS_PER_SECOND: u32 = 100;
/// Requests of one pass at once.
pub const PASS_REQUESTS_BURST: u32 = 400;
/// Passes whose pace is remembered: more of them than could ever have a connection each.
pub const PASSES_PACED_MAX: usize = 4_096;
/// A fragment of SDP that tells candidates: some thirty of them.
pub const FRAGMENT_BYTES_MAX: usize = 8 * 1024;

/// So often today's queues are compared with the diaries; a number stands on a slip within half a minute.
pub const QUEUE_ROUND: Duration = Duration::from_secs(20);
/// Letters that a desk writes beside the reason of a move in the order: a line.
pub const MOVE_NOTE_CHARS_MAX: usize = 120;
/// A message about a late officer that goes out so long after its time tells nobody anything.
pub const DELAY_TOLD_LATE_MAX: Duration = Duration::from_secs(600);
/// Numbers on a board: what reads from three metres.
pub const BOARD_NUMBERS_MAX: usize = 12;
/// Ranges are worked out once a second at most: they are minutes.
pub const BOARD_RANGES_EVERY: Duration = Duration::from_secs(1);
/// Between two events of one board: twenty a second are more than anybody calls or reads.
pub const BOARD_PAUSE: Duration = Duration::from_millis(50);
/// A line without news is used so often, so that what stands between does not close it.
pub const BOARD_HEARTBEAT: Duration = Duration::from_secs(15);
/// Walls and phones that listen at once: the whole of a large public day, twice.
pub const BOARD_LISTENERS_MAX: usize = 10_000;
/// Boards that are remembered for a second: more posts than any state has open at once.
pub const BOARDS_KEPT_MAX: usize = 2_000;

/// Times of one draw: the public days of a month.
pub const DRAW_TIMES_MAX: usize = 50;
/// Entries of a draw are taken for so many days at most: as far as a citizen sees free times.
pub const DRAW_DAYS_MAX: i64 = 14;
/// Entries of one draw: they are drawn and told in one act.
pub const DRAW_ENTRIES_MAX: usize = 5_000;
/// Draws of a post that its desk is shown.
pub const DRAWS_SHOWN_MAX: i64 = 20;
/// People on the list of a gate: the visitors of a whole secretariat on a public day.
pub const GATE_LIST_MAX: i64 = 10_000;
/// Passages of one day on that list: each visitor in and out twice.
pub const GATE_MARKS_OF_DAY_MAX: i64 = 40_000;
/// Marks that a gate sends at once after hours without a line.
pub const GATE_MARKS_MAX: usize = 500;
/// Longest id of a mark: a UUID has 36 characters.
pub const GATE_MARK_ID_CHARS_MAX: usize = 40;
/// People who come along with one appointment: a petition of fifteen, one of whom booked.
pub const PARTY_MAX: usize = 14;

/// Longest mark of a form that books once.
pub const ONCE_CHARS_MAX: usize = 64;
/// Longest reference number as it is typed, in bytes: in Devanagari each character has three.
pub const REFERENCE_BYTES_MAX: usize = 60;
/// Posts suggested for a subject: what is read aloud at a counter.
pub const SUGGESTIONS_MAX: usize = 5;
/// Words of a subject that are looked up.
pub const SUGGESTION_QUERIES_MAX: usize = 8;

/// Meetings without an outcome that a worklist names: a day of five-minute meetings.
pub const OUTCOMES_MISSING_MAX: i64 = 100;
/// An outcome is asked for so long, in days; then nobody remembers the meeting.
pub const OUTCOME_MISSING_DAYS: i64 = 14;
/// Outcomes of one meeting, corrections included: more than that is an argument.
pub const OUTCOMES_MAX: u32 = 10;
/// Marks of one party in one hearing: more than that is an argument.
pub const HEARING_MARKS_MAX: i64 = 20;
/// Earlier hearings of one case that are shown: sixty working days hold no more.
pub const HEARINGS_OF_CASE_MAX: usize = 60;
/// Times of one day that are tried for the next hearing: a day of quarter hours.
pub const NEXT_TRIES_MAX: usize = 40;
/// Next free times that the page of an outcome offers: they fit under a thumb.
pub const NEXT_TIMES_MAX: usize = 6;
/// Posts that it suggests before all others: what a thumb reaches.
pub const LIKELY_POSTS_MAX: usize = 5;
/// Of them so many that were directed lately.
pub const LATELY_DIRECTED_MAX: i64 = 3;
/// A voice note: half a minute at 64 kb/s, twice what browsers record speech at.
pub const VOICE_BYTES_MAX: usize = 256 * 1024;
/// A word that is left to a post: what one says in a minute, and what is longer is a talk.
pub const WORD_SECONDS_MAX: u64 = 60;
/// So much more a recorder may write that was told to stop at the minute.
pub const WORD_SLACK: Duration = Duration::from_secs(3);
/// One of them: a minute at 280 kb/s, half as much again as our page records a picture with its sound at.
pub const WORD_BYTES_MAX: usize = 2 * 1024 * 1024;
/// Words from one post to one other that were not heard: who has left five should ring again.
pub const WORDS_UNHEARD_MAX: usize = 5;
/// Words of one post that are kept at once, heard or not: three a day, and 200 MB at most.
pub const WORDS_KEPT_MAX: i64 = 100;
/// So many days a word is kept, heard or not.
pub const WORD_DAYS: i64 = 30;
/// Missed rings, and words, that a list shows: more than a month has for one post.
pub const MISSED_SHOWN_MAX: i64 = 100;
/// Who rang, and words, that the strip over the seats names: what is read at a glance.
pub const MISSED_NAMED_MAX: usize = 3;
/// So long the strip says that a word of one's own was heard.
pub const WORD_HEARD_TOLD: Duration = Duration::from_secs(10 * 60);
/// Pages given in one meeting: a petition with what belongs to it.
pub const KEPT_PAGES_MAX: i64 = 12;
/// One of them: 1080 lines of small print as JPEG take half of it.
pub const KEPT_PAGE_BYTES_MAX: usize = 1_500_000;
/// Voice notes that a worklist names before they are written down.
pub const VOICE_NOTES_SHOWN_MAX: i64 = 50;
/// Reports of one kind about one appointment: the first says it, and two more say what was forgotten.
pub const REPORTS_OF_APPOINTMENT_MAX: usize = 3;
/// Reports that a post is shown.
pub const REPORTS_SHOWN_MAX: i64 = 100;
/// Open directions of one kind that a post is shown; more of them no office should have.
pub const DIRECTIONS_SHOWN_MAX: i64 = 200;

const _: () = assert!(
    IDEMPOTENCY_LEASE_SECONDS as u64 > 2 * REQUEST_TIMEOUT.as_secs(),
    "a request must have been given up before its key is given to another"
);
const _: () =
    assert!(PRESENCE_ROWS_PER_SECOND * 60 < LEDGER_LINES_MAX / 2, "a minute of them leaves room for acts");
const _: () = assert!(CHECKS_MAX * 10 <= MEDIA_PEERS_MAX, "tries never crowd out meetings");
const _: () = assert!(GUESTS_OF_ONE_MAX < GUESTS_MAX, "one address never fills the house");
/// So long a ring of the centre that was missed can be returned by whoever may not ring it: the rest of a working day.
pub const RING_BACK: Duration = Duration::from_secs(8 * 3600);
/// The numbers of use are those of so many days: a week.
pub const USE_DAYS: i64 = 7;
/// Rows of calls, and of questions, from which they are computed: a hundred seats that talk fifty times a day.
pub const USE_ROWS_MAX: i64 = 40_000;
/// Groups that a post makes for itself: a row of chips that is read at a glance.
pub const OWN_GROUPS_MAX: usize = 12;
/// Seats that one question goes to: a state's departments, divisions and districts, and as many again by half.
pub const QUESTION_SEATS_MAX: usize = 160;
/// Questions of one post that take answers: more than anybody reads in a week.
pub const QUESTIONS_OPEN_MAX: i64 = 30;
/// So long a question takes answers after its minute, in days: what is later belongs on a file, or is a direction.
pub const QUESTION_DAYS: i64 = 7;
/// Cards of one seat to one question, corrections among them: whoever writes an eleventh should ring.
pub const QUESTION_CARDS_MAX: i64 = 10;
/// A direction that a silent seat is given is due so many days later: the next working morning's first task.
pub const QUESTION_DIRECTED_DAYS: i64 = 1;
/// Questions that a list shows of each kind.
pub const QUESTIONS_SHOWN_MAX: i64 = 40;
const _: () = assert!(
    GUESTS_MAX > BOARD_LISTENERS_MAX + SOCKETS_MAX,
    "listeners and sockets have their own bounds, and pages must come beside them"
);
const _: () = assert!(PASS_HOURS <= PASS_HOURS_MAX, "a pass of the usual length is one that may be made");
const _: () = assert!(CODE_MINUTES <= HOLD_MINUTES, "a code must not outlive the hold that it confirms");
const _: () = assert!(
    WEBHOOK_TIMEOUT.as_secs() < OUTBOX_LEASE.as_secs(),
    "a batch of webhooks, which goes out at once, must end before its lease"
);
const _: () = assert!(
    OUTBOX_BATCH as u64 * MAIL_TIMEOUT.as_secs() < OUTBOX_LEASE.as_secs(),
    "a batch whose every mail times out must end before its lease"
);
