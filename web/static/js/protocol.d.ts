// The messages of /signal. Generated from the crate `signaling`, never edited:
// UPDATE=1 cargo test -p sachivalaya-signaling

export type Id = string;

export type Sdp = string;

export type Ufrag = string;

export type IcePassword = string;

export type ResumeToken = string;

export type Title = { 
/**
 * In Hindi.
 */
hi: string, 
/**
 * In English.
 */
en: string, };

export type Page = { "kind": "meeting", 
/**
 * Which meeting.
 */
meeting: Id, } | { "kind": "board", } | { "kind": "chamber", } | { "kind": "phone", } | { "kind": "hall", };

export type Role = "citizen" | "officer" | "guest" | "desk" | "seat" | "outside";

export type MeetingInfo = { 
/**
 * Which meeting.
 */
id: Id, 
/**
 * The post that is visited.
 */
title: Title, 
/**
 * Unix milliseconds.
 */
starts_at_ms: number, 
/**
 * Unix milliseconds.
 */
ends_at_ms: number, };

export type Limits = { 
/**
 * A frame's bytes.
 */
frame_bytes_max: number, 
/**
 * Messages a second in the long run.
 */
messages_per_second: number, 
/**
 * Messages at once.
 */
message_burst: number, 
/**
 * How long a ring rings.
 */
ring_timeout_ms: number, 
/**
 * How long a seat's call outlives its socket.
 */
call_return_window_ms: number, 
/**
 * How long a place in a meeting is kept.
 */
meeting_return_window_ms: number, };

export type MediaKind = "audio" | "video";

export type SlotInfo = { 
/**
 * The section's `mid` (RFC 9143).
 */
mid: string, 
/**
 * What it carries.
 */
kind: MediaKind, };

export type Mid = string;

export type View = { 
/**
 * The section.
 */
mid: Mid, 
/**
 * Device pixels from left to right; 0 when it is not to be seen.
 */
width: number, 
/**
 * Device pixels from top to bottom; 0 when it is not to be seen.
 */
height: number, };

export type Views = Array<View>;

export type Limitation = "none" | "cpu" | "bandwidth" | "other";

export type PageQuality = { 
/**
 * Pictures of others that are shown and move.
 */
pictures: number, 
/**
 * Frames a second of the slowest of them.
 */
frames_per_second: number, 
/**
 * Lines of the largest of them.
 */
lines: number, 
/**
 * Times that one of them stood still.
 */
freezes: number, 
/**
 * How long they stood still, together.
 */
frozen_ms: number, 
/**
 * How long sound waits in the receiver.
 */
sound_delay_ms: number, 
/**
 * Sound that was missing and was made up, in 1/1000.
 */
sound_missing_permille: number, 
/**
 * Frames a second of the page's own camera as it is sent; 0 without one.
 */
sent_frames_per_second: number, 
/**
 * What holds it back.
 */
limitation: Limitation, };

export type Waiting = { 
/**
 * Whom `admit` and `deny` name.
 */
participant: Id, 
/**
 * The name given at booking or in the invitation.
 */
title: Title, 
/**
 * Who sits in the hall that waits; empty for anybody else.
 */
people?: Array<string>, 
/**
 * Waits since, Unix milliseconds.
 */
since_ms: number, 
/**
 * The number in the queue of the post, if it is known.
 */
number?: number, };

export type Minutes = { 
/**
 * Not before.
 */
from: number, 
/**
 * Not after.
 */
to: number, };

export type OfficerState = "busy" | "not_begun";

export type Way = "office" | "video" | "telephone";

export type First = { 
/**
 * The number.
 */
number: number, 
/**
 * How he comes.
 */
way: Way, 
/**
 * The meeting, if it is by video.
 */
meeting?: Id, };

export type FaintLine = { 
/**
 * Whom `call_back` names.
 */
participant: Id, 
/**
 * What they are called.
 */
title: Title, };

export type Participant = { 
/**
 * The name that `slot` uses.
 */
participant: Id, 
/**
 * A post's title or a citizen's name.
 */
title: Title, 
/**
 * Who sits in this hall; empty for anybody else.
 */
people?: Array<string>, 
/**
 * As what.
 */
role: Role, 
/**
 * The microphone is on, as the page says.
 */
microphone: boolean, 
/**
 * The camera is on, as the page says.
 */
camera: boolean, 
/**
 * Asks to speak since, Unix milliseconds.
 */
hand_ms?: number, 
/**
 * Was silenced.
 */
silenced?: boolean, 
/**
 * Has taken a call of the hotline meanwhile: neither sees nor is seen, and comes back.
 */
called_away?: boolean, 
/**
 * May show a screen.
 */
may_share?: boolean, };

export type LineKind = "chat" | "caption";

export type Written = string;

export type Line = { 
/**
 * When, Unix milliseconds; no two lines of a meeting have the same, so that it names the line.
 */
at_ms: number, 
/**
 * What for.
 */
kind: LineKind, 
/**
 * Who wrote it.
 */
title: Title, 
/**
 * It is your own.
 */
own?: boolean, 
/**
 * What was written.
 */
text: string, };

export type OwnPresence = "available" | "away";

export type Presence = "available" | "away" | "in_meeting" | "in_call" | "offline" | "vacant";

export type SeatGroup = "centre" | "department" | "division" | "district";

export type Posts = Array<string>;

export type MemberState = "rung" | "frosted" | "inside" | "held" | "later" | "telephone" | "busy" | "missed" | "cancelled" | "unavailable" | "left";

export type Member = { 
/**
 * The post; its title stands on the board.
 */
post: Id, 
/**
 * Where it stands.
 */
state: MemberState, };

export type Seat = { 
/**
 * The post.
 */
post: Id, 
/**
 * The tile's number, which an assistant may dial.
 */
number: number, 
/**
 * The post's title.
 */
title: Title, 
/**
 * Among whom it stands on the board.
 */
group: SeatGroup, 
/**
 * Where it stands.
 */
presence: Presence, };

export type Peer = { 
/**
 * The post.
 */
post: Id, 
/**
 * The post's title.
 */
title: Title, };

export type DeclineReason = "later" | "telephone" | "busy";

export type CallReason = "later" | "telephone" | "busy" | "hung_up" | "lost" | "handed_over";

export type CallState = "ringing" | "accepted" | "held" | "declined" | "cancelled" | "missed" | "ended" | "busy" | "unavailable";

export type RecordReason = string;

export type RecordAnswer = "asked" | "agreed" | "refused";

export type RecordEnd = "switched_off" | "officer_left" | "disk_full" | "disk_slow" | "disk_failed";

export type Recording = { 
/**
 * It runs.
 */
on: boolean, 
/**
 * Why, while it runs.
 */
reason?: RecordReason, 
/**
 * Who switched it on, while it runs.
 */
by?: Title, 
/**
 * How the receiver of this message answered, while it runs.
 */
you?: RecordAnswer, 
/**
 * Who inside said no (told to the officer).
 */
refused: Array<Id>, 
/**
 * Who inside has not answered (told to the officer).
 */
unanswered: Array<Id>, 
/**
 * Why the last one is over, if there was one.
 */
ended?: RecordEnd, };

export type SealNote = string;

export type ReviewStep = { "kind": "give_floor", 
/**
 * Whom.
 */
post: Id, 
/**
 * For how long by the clock, which never cuts.
 */
minutes: number, } | { "kind": "take_floor", 
/**
 * Whose.
 */
post: Id, } | { "kind": "order", 
/**
 * The first first.
 */
posts: Posts, } | { "kind": "spotlight", 
/**
 * Whom; nobody without.
 */
post?: Id, } | { "kind": "add_item", 
/**
 * What it is about.
 */
text: Written, 
/**
 * Who speaks to it first.
 */
post?: Id, } | { "kind": "take_up", 
/**
 * Its place on the agenda, from 0; none without.
 */
item?: number, } | { "kind": "lower_hand", 
/**
 * Whose.
 */
post: Id, } | { "kind": "ask_aside", 
/**
 * Whom.
 */
post: Id, } | { "kind": "answer_aside", 
/**
 * Takes it.
 */
agrees: boolean, } | { "kind": "end_aside", } | { "kind": "hand", 
/**
 * Asks.
 */
up: boolean, } | { "kind": "look", 
/**
 * Whose.
 */
posts: Posts, } | { "kind": "draft", 
/**
 * As it stands; may be empty.
 */
text: Draft, } | { "kind": "direct", 
/**
 * To whom.
 */
post: Id, 
/**
 * What is to be done.
 */
text: Written, 
/**
 * By the end of the day in so many days.
 */
due_in_days: number, };

export type Draft = string;

export type Speaker = { 
/**
 * Who.
 */
post: Id, 
/**
 * For how long already, by the server's clock.
 */
for_ms: number, 
/**
 * For how long by the clock.
 */
clock_ms: number, };

export type Spoken = { 
/**
 * Who.
 */
post: Id, 
/**
 * In all.
 */
for_ms: number, };

export type AgendaItem = { 
/**
 * What it is about.
 */
text: string, 
/**
 * Who speaks to it first.
 */
post?: Id, };

export type GivenDirection = { 
/**
 * To whom.
 */
post: Id, 
/**
 * What is to be done.
 */
text: string, 
/**
 * By the end of this day, `YYYY-MM-DD`.
 */
due: string, };

export type AsideState = { 
/**
 * With whom the chair speaks.
 */
post: Id, 
/**
 * It goes on; otherwise that seat is asked.
 */
on: boolean, };

export type RollLine = { 
/**
 * Who.
 */
post: Id, 
/**
 * It is present now.
 */
here: boolean, 
/**
 * When it came first, Unix milliseconds; nothing while it never came.
 */
came_ms?: number, 
/**
 * How often it was away between.
 */
gaps: number, 
/**
 * How long in all.
 */
away_ms: number, };

export type Review = { 
/**
 * Of which call.
 */
call: Id, 
/**
 * Who conducts it.
 */
chair: Id, 
/**
 * For how long already.
 */
for_ms: number, 
/**
 * Who has the floor besides the chair.
 */
floor: Array<Speaker>, 
/**
 * Who has had it before, and how long.
 */
spoken: Array<Spoken>, 
/**
 * In which order departments speak.
 */
order: Array<Id>, 
/**
 * Who asks to speak, the longest first.
 */
hands: Array<Id>, 
/**
 * Who is shown large.
 */
spotlight?: Id, 
/**
 * A word aside, asked for or going on.
 */
aside?: AsideState, 
/**
 * The agenda.
 */
items: Array<AgendaItem>, 
/**
 * The place of the item that is taken up.
 */
taken_up?: number, 
/**
 * What was directed, the newest 20, the newest last.
 */
directions: Array<GivenDirection>, };

export type ErrorCode = "malformed" | "too_large" | "not_text" | "version_unsupported" | "hello_expected" | "out_of_turn" | "too_fast" | "sign_in_needed" | "not_allowed" | "unknown_meeting" | "too_early" | "too_late" | "meeting_locked" | "chair_absent" | "screen_taken" | "text_refused" | "meeting_full" | "unknown_participant" | "unknown_post" | "unknown_call" | "call_passed" | "in_call_already" | "call_full" | "call_sealed" | "cannot_seal" | "connect_first" | "cannot_record" | "offer_refused" | "transport_lost" | "overloaded" | "replaced" | "too_slow" | "silent" | "session_ended" | "going_away" | "internal";

export type ClientMessage = { "type": "hello", 
/**
 * [`crate::VERSION`].
 */
version: number, 
/**
 * The page that speaks.
 */
page: Page, 
/**
 * The newest token of this place, if the page has one.
 */
resume?: ResumeToken, } | { "type": "connect", 
/**
 * The offer.
 */
sdp: Sdp, } | { "type": "restart_ice", 
/**
 * The name in the client's newest description.
 */
ufrag: Ufrag, } | { "type": "admit", 
/**
 * Who.
 */
participant: Id, } | { "type": "deny", 
/**
 * Who.
 */
participant: Id, } | { "type": "call_back", 
/**
 * Whom.
 */
participant: Id, } | { "type": "end_meeting", } | { "type": "write", 
/**
 * Of the talk, or of the captions.
 */
kind: LineKind, 
/**
 * What.
 */
text: Written, } | { "type": "raise_hand", 
/**
 * Asks.
 */
up: boolean, } | { "type": "lower_hand", 
/**
 * Whose.
 */
participant: Id, } | { "type": "silence", 
/**
 * Whom.
 */
participant: Id, } | { "type": "allow_screen", 
/**
 * Whom.
 */
participant: Id, 
/**
 * May.
 */
allowed: boolean, } | { "type": "share_screen", 
/**
 * Shows.
 */
on: boolean, } | { "type": "lock_door", 
/**
 * Nobody new.
 */
locked: boolean, } | { "type": "seal_meeting", } | { "type": "seal", 
/**
 * To whom; in a call, the other post.
 */
participant: Id, 
/**
 * What; the server does not read it.
 */
note: SealNote, } | { "type": "leave", } | { "type": "set_tracks", 
/**
 * The microphone is on.
 */
microphone: boolean, 
/**
 * The camera is on.
 */
camera: boolean, } | { "type": "set_views", 
/**
 * Each at most once.
 */
views: Views, } | { "type": "quality" } & PageQuality | { "type": "record", 
/**
 * On from now on.
 */
on: boolean, 
/**
 * Why, in the officer's words; needed to switch it on.
 */
reason?: RecordReason, } | { "type": "record_consent", 
/**
 * They may.
 */
agrees: boolean, } | { "type": "set_presence", 
/**
 * Which.
 */
presence: OwnPresence, } | { "type": "ring", 
/**
 * Whom; everybody who takes it is in one call.
 */
posts: Posts, } | { "type": "can_seal", } | { "type": "ring_sealed", 
/**
 * Whom.
 */
post: Id, } | { "type": "seal_call", 
/**
 * Which.
 */
call: Id, } | { "type": "add_to_call", 
/**
 * Which.
 */
call: Id, 
/**
 * Whom.
 */
posts: Posts, } | { "type": "hand_over", 
/**
 * Which.
 */
call: Id, 
/**
 * To whom.
 */
post: Id, } | { "type": "accept_ring", 
/**
 * Which.
 */
call: Id, } | { "type": "frosted", 
/**
 * Which.
 */
call: Id, } | { "type": "decline_ring", 
/**
 * Which.
 */
call: Id, 
/**
 * Why.
 */
reason: DeclineReason, } | { "type": "cancel_ring", 
/**
 * In which call.
 */
call: Id, 
/**
 * Whom.
 */
post: Id, } | { "type": "come_back", } | { "type": "resume_call", 
/**
 * Which.
 */
call: Id, } | { "type": "take_call", 
/**
 * Which.
 */
call: Id, } | { "type": "hang_up", 
/**
 * Which.
 */
call: Id, } | { "type": "open_review", 
/**
 * Whom.
 */
posts: Posts, } | { "type": "join_review", 
/**
 * The call of it.
 */
call: Id, } | { "type": "review_step", 
/**
 * The call of it.
 */
call: Id, 
/**
 * What.
 */
step: ReviewStep, } | { "type": "ping", 
/**
 * Any number.
 */
n: number, };

export type ServerMessage = { "type": "welcome", 
/**
 * The client's own name in `participants` and `slot`; a seat's is its post.
 */
participant: Id, 
/**
 * As what the client takes part.
 */
role: Role, 
/**
 * What the client is called.
 */
title: Title, 
/**
 * On the page of a meeting.
 */
meeting?: MeetingInfo, 
/**
 * The bounds to keep.
 */
limits: Limits, 
/**
 * The server still holds the transport of an earlier socket of this place: no new `connect` is needed
 * if the page still has it too.
 */
connected: boolean, 
/**
 * With this the page comes back to its place, also without its cookie, and while the database is away.
 */
resume?: ResumeToken, } | { "type": "answer", 
/**
 * The answer. It is never renegotiated.
 */
sdp: Sdp, 
/**
 * The receiving sections.
 */
slots: Array<SlotInfo>, } | { "type": "ice_restarted", 
/**
 * The name.
 */
ufrag: Ufrag, 
/**
 * The password.
 */
password: IcePassword, } | { "type": "waiting", 
/**
 * 1 is next: in the queue of the post, of all who come, call or wait by video; before that is known, in this lobby.
 */
position: number, 
/**
 * Your number in that queue today, as it stands on the slip and on the wall.
 */
number?: number, 
/**
 * In so many minutes it is your turn, four times in five.
 */
minutes?: Minutes, 
/**
 * Your number has been called: the officer comes to you.
 */
called?: boolean, 
/**
 * Where the officer is, if he is not here.
 */
officer?: OfficerState, 
/**
 * When the officer begins or goes on, if he has said that he is late; Unix milliseconds.
 */
begins_at_ms?: number, 
/**
 * What the post says to those who wait for it.
 */
message?: Title, } | { "type": "lobby", 
/**
 * Everybody there.
 */
waiting: Array<Waiting>, 
/**
 * Who is called next in the queue of the post, wherever he waits.
 */
first?: First, } | { "type": "admitted", 
/**
 * A newer token than that of `welcome`: the place is one inside from now on.
 */
resume?: ResumeToken, } | { "type": "denied", } | { "type": "participants", 
/**
 * Everybody there.
 */
participants: Array<Participant>, } | { "type": "slot", 
/**
 * The section.
 */
mid: string, 
/**
 * Whose media; `null` when the section is empty.
 */
participant: Id | null, 
/**
 * It is that participant's screen and not the camera.
 */
screen?: boolean, } | { "type": "layers", 
/**
 * The sending section.
 */
mid: string, 
/**
 * By `rid`, lowest first; one empty name for a camera without layers. Empty: nobody looks.
 */
rids: Array<string>, } | { "type": "loudest", 
/**
 * Who; `null` when all are silent.
 */
participant: Id | null, } | { "type": "lines", 
/**
 * At least one.
 */
lines: Array<Line>, } | { "type": "silenced", } | { "type": "conduct", 
/**
 * Nobody new comes to the door.
 */
locked: boolean, 
/**
 * Who shows a screen.
 */
sharing: Id | null, 
/**
 * You may show yours.
 */
may_share: boolean, } | { "type": "recording" } & Recording | { "type": "sealed", 
/**
 * A newer token that knows it.
 */
resume?: ResumeToken, } | { "type": "seal", 
/**
 * Who, by the server's word.
 */
participant: Id, 
/**
 * What.
 */
note: SealNote, } | { "type": "faint", 
/**
 * Everybody of whom this holds.
 */
lines: Array<FaintLine>, } | { "type": "called_back", } | { "type": "meeting_ended", } | { "type": "seats", 
/**
 * By number.
 */
seats: Array<Seat>, } | { "type": "seat" } & Seat | { "type": "incoming", 
/**
 * Which call.
 */
call: Id, 
/**
 * Who rings.
 */
caller: Peer, 
/**
 * Who else is rung or inside.
 */
others: Array<Peer>, 
/**
 * How long it will still ring.
 */
ring_timeout_ms: number, 
/**
 * It is heard in the middle of another call or a meeting: who takes it leaves that for a while.
 */
breaks_in: boolean, 
/**
 * At this device it is answered by itself after so long, for the occupant lets this caller in.
 */
opens_in_ms?: number, 
/**
 * It is a review: whoever comes in is seen, and heard when the chair gives the floor.
 */
review?: boolean, 
/**
 * It is sealed: the caller is not seen before the accept.
 */
sealed?: boolean, } | { "type": "call", 
/**
 * Which.
 */
call: Id, 
/**
 * Where it stands.
 */
state: CallState, 
/**
 * Why, when it was declined or ended.
 */
reason?: CallReason, 
/**
 * The seat is in it at this device; at another one it can be taken over.
 */
here: boolean, 
/**
 * Sound and pictures go encrypted from page to page, for good.
 */
sealed?: boolean, 
/**
 * The others.
 */
members: Array<Member>, } | { "type": "member", 
/**
 * Which call.
 */
call: Id, 
/**
 * Who, and where it stands.
 */
member: Member, } | { "type": "call_waiting", 
/**
 * Who.
 */
caller?: Peer, } | { "type": "ring_back", 
/**
 * To whom.
 */
peer: Peer, } | { "type": "questions", } | { "type": "missed", } | { "type": "review" } & Review | { "type": "review_line", 
/**
 * In which review.
 */
call: Id, 
/**
 * As it stands.
 */
text: string, } | { "type": "roll", 
/**
 * In which review.
 */
call: Id, 
/**
 * Everybody who is expected or came.
 */
lines: Array<RollLine>, } | { "type": "expected", 
/**
 * Which.
 */
call: Id, 
/**
 * Who conducts it.
 */
chair: Peer, 
/**
 * It may come.
 */
on: boolean, } | { "type": "error", 
/**
 * Which; stable.
 */
code: ErrorCode, 
/**
 * The `type` of the message that it answers.
 */
about?: string, } | { "type": "pong", 
/**
 * The same number.
 */
n: number, };
