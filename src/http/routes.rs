//! The one table of routes: method, path, the act of the policy, the handler.
//!
//! A route can't be made without its act, and none is served past the gate. What crosses the whole edge (headers,
//! limits, language, words for faults) is put around the table here and nowhere else.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::handler::Handler;
use axum::http::Method;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{MethodFilter, MethodRouter, get, on, options, post};
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, NotForContentType, Predicate};
use tower_http::timeout::TimeoutLayer;

use super::pages::{
    attendance, auto_answer, away, board, book, caps, cause_list, chamber, check, counter, desk, desk_ways,
    dial, direction, draw, emergency, gate as entrance, guests, hearing, hearing_slip, hearings, holidays,
    kept_page, kiosk, manage, meet, meeting, mesh_use, missed, now, outbox, outcome, own_group, party,
    post as times, quality, question_answer, question_ask, question_list, question_sheet, queue, report,
    review, ring_ledger, search, sign_in, slip, start, terminal_check, terminals, voice_note, word,
};
use super::{Edge, api, assets, error, gate, headers, probes, whip};
use crate::auth::policy::Act;
use crate::limits;

/// One line of the table.
pub struct Route {
    /// The method.
    pub method: Method,
    /// The path, with its parameters in braces.
    pub path: &'static str,
    /// What the policy is asked.
    pub act: Act,
    handler: MethodRouter<Edge>,
    guard: Guard,
}

/// How a route is guarded.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Guard {
    /// The gate finds out who asks.
    Gate,
    /// For everyone; the database is not asked who that is.
    Open,
    /// For whoever shows a pass, from whatever page; cookies are not read.
    Pass,
    /// The gate finds out who asks by a bearer token; cookies are not read.
    Bearer,
}

impl Route {
    fn read<H, T>(path: &'static str, act: Act, handler: H) -> Route
    where
        H: Handler<T, Edge>,
        T: 'static,
    {
        Route { method: Method::GET, path, act, handler: get(handler), guard: Guard::Gate }
    }

    fn change<H, T>(path: &'static str, act: Act, handler: H) -> Route
    where
        H: Handler<T, Edge>,
        T: 'static,
    {
        Route { method: Method::POST, path, act, handler: post(handler), guard: Guard::Gate }
    }

    /// A change whose body may be longer than a form's.
    fn sent<H, T>(path: &'static str, (act, bytes_max): (Act, usize), handler: H) -> Route
    where
        H: Handler<T, Edge>,
        T: 'static,
    {
        let handler = post(handler).layer(DefaultBodyLimit::max(bytes_max));
        Route { method: Method::POST, path, act, handler, guard: Guard::Gate }
    }

    fn pass<H, T>(method: Method, path: &'static str, act: Act, handler: H) -> Route
    where
        H: Handler<T, Edge>,
        T: 'static,
    {
        let only = MethodFilter::try_from(method.clone()).expect("the table names common methods");
        Route { method, path, act, handler: on(only, handler), guard: Guard::Pass }
    }

    /// A line of the API. What everyone may read is read without asking the database who asks.
    fn api<H, T>(method: Method, path: &'static str, act: Act, handler: H) -> Route
    where
        H: Handler<T, Edge>,
        T: 'static,
    {
        let is_open = act == Act::ReadPublic && method == Method::GET;
        let guard = if is_open { Guard::Open } else { Guard::Bearer };
        Route { guard, ..Route::pass(method, path, act, handler) }
    }

    fn asked<H, T>(path: &'static str, act: Act, handler: H) -> Route
    where
        H: Handler<T, Edge>,
        T: 'static,
    {
        Route::api(Method::GET, path, act, handler)
    }

    fn told<H, T>(path: &'static str, act: Act, handler: H) -> Route
    where
        H: Handler<T, Edge>,
        T: 'static,
    {
        Route::api(Method::POST, path, act, handler)
    }

    /// The question of a page of another host whether it may ask (CORS), and of anybody what there is.
    fn ask_first<H, T>(path: &'static str, handler: H) -> Route
    where
        H: Handler<T, Edge>,
        T: 'static,
    {
        Route {
            method: Method::OPTIONS,
            path,
            act: Act::ReadPublic,
            handler: options(handler),
            guard: Guard::Pass,
        }
    }

    /// What a try of the path asks for. Nobody is asked who he is, so that it works when the database does not.
    fn try_path<H, T>(path: &'static str, handler: H) -> Route
    where
        H: Handler<T, Edge>,
        T: 'static,
    {
        Route { guard: Guard::Open, ..Route::change(path, Act::TryPath, handler) }
    }

    fn open<H, T>(path: &'static str, handler: H) -> Route
    where
        H: Handler<T, Edge>,
        T: 'static,
    {
        Route { method: Method::GET, path, act: Act::ReadPublic, handler: get(handler), guard: Guard::Open }
    }
}

/// The table.
#[must_use]
pub fn table() -> Vec<Route> {
    [
        pages(),
        desks(),
        of_the_day(),
        around_meetings(),
        at_terminals(),
        hearings_of_grievances(),
        questions(),
        words(),
        face(),
        programs(),
        programs_by_link(),
        programs_of_offices(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// What is asked and answered over the hotline.
fn questions() -> Vec<Route> {
    vec![
        Route::read("/mesh/questions", Act::ReadQuestions, question_list::list),
        Route::read("/mesh/questions/strip", Act::ReadQuestions, question_list::strip),
        Route::read("/mesh/ask/{post}", Act::AskSeats, question_ask::form),
        Route::change("/mesh/ask/{post}", Act::AskSeats, question_ask::ask),
        Route::read("/mesh/use", Act::ReadUse, mesh_use::page),
        Route::read("/mesh/use.csv", Act::ReadUse, mesh_use::table),
        Route::read("/mesh/groups/{post}", Act::KeepGroups, own_group::list),
        Route::read("/mesh/groups/{post}/chips", Act::KeepGroups, own_group::chips),
        Route::change("/mesh/groups/{post}", Act::KeepGroups, own_group::change),
        Route::read("/mesh/question/{question}", Act::ReadSheet, question_sheet::sheet),
        Route::read("/mesh/question/{question}/rows", Act::ReadSheet, question_sheet::rows),
        Route::read("/mesh/question/{question}/sheet.csv", Act::ReadSheet, question_sheet::table),
        Route::change("/mesh/question/{question}/remind", Act::AskSeats, question_sheet::remind),
        Route::change("/mesh/question/{question}/close", Act::AskSeats, question_sheet::close),
        Route::change("/mesh/question/{question}/direct/{post}", Act::AskSeats, question_sheet::direct),
        Route::read("/mesh/question/{question}/answer/{post}", Act::AnswerQuestion, question_answer::form),
        Route::change(
            "/mesh/question/{question}/answer/{post}",
            Act::AnswerQuestion,
            question_answer::answer,
        ),
    ]
}

/// What was missed over the hotline, and words that are left instead of a talk.
fn words() -> Vec<Route> {
    // One byte more than may be, so that the answer can say what is too much.
    let bounds = (Act::LeaveWord, limits::WORD_BYTES_MAX + 1);
    vec![
        Route::read("/mesh/missed", Act::ReadMissed, missed::list),
        Route::read("/mesh/missed/strip", Act::ReadMissed, missed::strip),
        Route::change("/mesh/missed/{post}/seen", Act::NoteMissed, missed::notice),
        Route::sent("/mesh/leave/{post}", bounds, word::leave),
        Route::read("/mesh/word/{word}", Act::HearWord, word::play),
        Route::change("/mesh/word/{word}/open", Act::HearWord, word::open),
    ]
}

/// What an office shows on its wall: the same for everybody, so nobody is asked who he is.
fn face() -> Vec<Route> {
    vec![
        Route::open("/meet", meet::offices),
        Route::open("/meet/{body}", meet::office),
        Route::open("/meet/{body}/poster", meet::poster),
        Route::open("/meet/{body}/{post}", meet::post),
        Route::open("/list/{post}", cause_list::list),
        Route::open("/list/{post}/list.ics", cause_list::as_calendar),
        Route::open("/list/{post}/list.json", cause_list::as_json),
    ]
}

/// What programs ask for, as `/api/v1/openapi.json` describes it.
fn programs() -> Vec<Route> {
    vec![
        Route::asked("/api/v1/openapi.json", Act::ReadPublic, api::document::document),
        Route::asked("/api/v1/posts", Act::ReadPublic, api::posts::search),
        Route::asked("/api/v1/posts/{id}", Act::ReadPublic, api::posts::post),
        Route::asked("/api/v1/posts/{id}/times", Act::ReadPublic, api::times::times),
        Route::asked("/api/v1/posts/{id}/board", Act::ReadPublic, api::queue::board),
        Route::told("/api/v1/holds", Act::HoldTime, api::holds::hold),
        Route::asked("/api/v1/holds/{appointment}", Act::FillForm, api::holds::held),
        Route::api(
            Method::PUT,
            "/api/v1/holds/{appointment}/details",
            Act::FillForm,
            api::holds::give_details,
        ),
        Route::told("/api/v1/holds/{appointment}/code", Act::FillForm, api::holds::send_code),
        Route::told("/api/v1/holds/{appointment}/confirm", Act::FillForm, api::holds::confirm),
        Route::told("/api/v1/sessions", Act::SignIn, api::sessions::sign_in),
        Route::api(Method::DELETE, "/api/v1/sessions/current", Act::SignOut, api::sessions::sign_out),
        Route::told("/api/v1/slips", Act::ReadPublic, api::counter::open),
        Route::asked("/api/v1/seats/{seat}", Act::ReadPublic, api::party::seat),
        Route::told("/api/v1/seats/{seat}/give-up", Act::ReadPublic, api::party::give_up),
        Route::asked("/api/v1/draws/{draw}", Act::ReadPublic, api::draws::draw),
        Route::told("/api/v1/draws/{draw}/entries", Act::HoldTime, api::draws::enter),
    ]
}

/// What a program does with the token of a slip.
fn programs_by_link() -> Vec<Route> {
    vec![
        Route::asked("/api/v1/appointments/{token}", Act::ReadSlip, api::appointments::read),
        Route::told("/api/v1/appointments/{token}/move", Act::ChangeByLink, api::appointments::move_to),
        Route::told("/api/v1/appointments/{token}/cancel", Act::ChangeByLink, api::appointments::cancel),
        Route::told("/api/v1/appointments/{token}/take", Act::ChangeByLink, api::appointments::take),
        Route::told("/api/v1/appointments/{token}/refuse", Act::ChangeByLink, api::appointments::refuse),
        Route::told("/api/v1/appointments/{token}/agree", Act::ChangeByLink, api::answers::agree),
        Route::told("/api/v1/appointments/{token}/video", Act::ChangeByLink, api::answers::by_video),
        Route::told("/api/v1/appointments/{token}/answer", Act::ChangeByLink, api::answers::answer),
        Route::told("/api/v1/appointments/{token}/wait", Act::ChangeByLink, api::answers::wait),
        Route::told("/api/v1/appointments/{token}/earlier", Act::ChangeByLink, api::answers::earlier),
        Route::asked("/api/v1/appointments/{token}/group", Act::ReadSlip, api::party::people),
        Route::told("/api/v1/appointments/{token}/group", Act::ChangeByLink, api::party::name),
    ]
}

/// What programs of offices do: desk, queue, gate, counter, absences, draws.
fn programs_of_offices() -> Vec<Route> {
    vec![
        Route::asked("/api/v1/desk", Act::ReadDesk, api::desk::worklist),
        Route::told("/api/v1/desk/{appointment}/accept", Act::Screen, api::desk::accept),
        Route::told("/api/v1/desk/{appointment}/decline", Act::Screen, api::desk::decline),
        Route::told("/api/v1/desk/{appointment}/propose", Act::Screen, api::desk::propose),
        Route::told("/api/v1/desk/{appointment}/redirect", Act::Screen, api::desk::redirect),
        Route::told("/api/v1/desk/{appointment}/ask", Act::Screen, api::desk::ask),
        Route::asked("/api/v1/meetings/{id}/attendance", Act::ReadAttendance, api::attendance::of_meeting),
        Route::asked("/api/v1/queue", Act::ReadQueue, api::queue::list),
        Route::told("/api/v1/queue/{post}/tickets", Act::RunQueue, api::queue::join),
        Route::told("/api/v1/queue/{post}/moves", Act::RunQueue, api::queue::turn),
        Route::told("/api/v1/queue/{post}/order", Act::RunQueue, api::queue::order),
        Route::told("/api/v1/queue/{post}/delay", Act::RunQueue, api::queue::delay),
        Route::told("/api/v1/queue/{post}/message", Act::RunQueue, api::queue::message),
        Route::asked("/api/v1/gate/visitors", Act::KeepGate, api::gate::visitors),
        Route::told("/api/v1/gate/checks", Act::KeepGate, api::gate::check),
        Route::told("/api/v1/gate/marks", Act::KeepGate, api::gate::marks),
        Route::told("/api/v1/counter/appointments", Act::ServeCounter, api::counter::book),
        Route::asked("/api/v1/absences/{post}", Act::Displace, api::away::absences),
        Route::told("/api/v1/absences/{post}", Act::Displace, api::away::announce),
        Route::told("/api/v1/absences/{post}/preview", Act::Displace, api::away::preview),
        Route::told("/api/v1/absences/{post}/{absence}/undo", Act::Displace, api::away::undo_absence),
        Route::asked("/api/v1/emergencies/{post}", Act::SwitchToVideo, api::away::switches),
        Route::told("/api/v1/emergencies/{post}", Act::SwitchToVideo, api::away::switch),
        Route::told("/api/v1/emergencies/{post}/preview", Act::SwitchToVideo, api::away::preview_switch),
        Route::told(
            "/api/v1/emergencies/{post}/{emergency}/undo",
            Act::SwitchToVideo,
            api::away::undo_switch,
        ),
        Route::asked("/api/v1/draws", Act::ReadDesk, api::draws::of_post),
        Route::told("/api/v1/draws/of/{post}", Act::HoldDraw, api::draws::announce_draw),
        Route::told("/api/v1/draws/of/{post}/{draw}", Act::HoldDraw, api::draws::reveal),
    ]
}

/// What a desk decides and arranges.
fn desks() -> Vec<Route> {
    vec![
        Route::read("/desk", Act::ReadDesk, desk::worklist),
        Route::read("/desk/{appointment}/decline", Act::Screen, desk::ask_decline),
        Route::read("/desk/{appointment}/propose", Act::Screen, desk::ask_propose),
        Route::change("/desk/{appointment}/accept", Act::Screen, desk::accept),
        Route::change("/desk/{appointment}/decline", Act::Screen, desk::decline),
        Route::change("/desk/{appointment}/propose", Act::Screen, desk::propose),
        Route::read("/desk/{appointment}/redirect", Act::Screen, desk_ways::ask_redirect),
        Route::change("/desk/{appointment}/redirect", Act::Screen, desk_ways::redirect),
        Route::read("/desk/{appointment}/ask", Act::Screen, desk_ways::ask_question),
        Route::change("/desk/{appointment}/ask", Act::Screen, desk_ways::ask),
        Route::read("/desk/away/{post}", Act::Displace, away::form),
        Route::change("/desk/away/{post}", Act::Displace, away::carry_out),
        Route::read("/desk/away/{post}/{absence}", Act::Displace, away::done),
        Route::read("/desk/away/{post}/{absence}/press", Act::Displace, away::press),
        Route::change("/desk/away/{post}/{absence}/undo", Act::Displace, away::undo),
        Route::read("/desk/caps/{post}", Act::SetCaps, caps::form),
        Route::change("/desk/caps/{post}", Act::SetCaps, caps::set),
        Route::read("/desk/holidays/{post}", Act::DeclareHoliday, holidays::form),
        Route::change("/desk/holidays/{post}", Act::DeclareHoliday, holidays::change),
        Route::read("/desk/emergency/{post}", Act::SwitchToVideo, emergency::form),
        Route::change("/desk/emergency/{post}", Act::SwitchToVideo, emergency::carry_out),
        Route::change("/desk/emergency/{post}/{emergency}/undo", Act::SwitchToVideo, emergency::undo),
    ]
}

fn pages() -> Vec<Route> {
    vec![
        Route::read("/", Act::ReadPublic, start::start),
        Route::read("/centre", Act::ReadPublic, start::centre),
        Route::read("/mine", Act::ReadPublic, start::mine),
        Route::read("/find", Act::ReadPublic, search::find),
        Route::read("/post/{id}", Act::ReadPublic, times::post),
        Route::change("/hold", Act::HoldTime, book::hold),
        Route::read("/book/{appointment}", Act::FillForm, book::details),
        Route::change("/book/{appointment}", Act::FillForm, book::give_details),
        Route::read("/book/{appointment}/code", Act::FillForm, book::code),
        Route::change("/book/{appointment}/code", Act::FillForm, book::confirm),
        Route::change("/book/{appointment}/code/again", Act::FillForm, book::send_again),
        Route::read("/s/{token}", Act::ReadSlip, slip::slip),
        Route::read("/s/{token}/invite.ics", Act::ReadSlip, slip::calendar),
        Route::read("/s/{token}/times", Act::ReadSlip, manage::times),
        Route::read("/s/{token}/cancel", Act::ReadSlip, manage::ask_cancel),
        Route::change("/s/{token}/move", Act::ChangeByLink, manage::move_to),
        Route::change("/s/{token}/cancel", Act::ChangeByLink, manage::cancel),
        Route::change("/s/{token}/take", Act::ChangeByLink, manage::take),
        Route::change("/s/{token}/refuse", Act::ChangeByLink, manage::refuse),
        Route::change("/s/{token}/agree", Act::ChangeByLink, manage::agree),
        Route::change("/s/{token}/answer", Act::ChangeByLink, manage::answer),
        Route::change("/s/{token}/wait", Act::ChangeByLink, manage::wait),
        Route::change("/s/{token}/earlier", Act::ChangeByLink, manage::earlier),
        Route::change("/s/{token}/video", Act::ChangeByLink, manage::by_video),
        Route::change("/s/{token}/telephone", Act::ChangeByLink, manage::by_telephone),
        Route::read("/sign-in", Act::SignIn, sign_in::form),
        Route::change("/sign-in", Act::SignIn, sign_in::by_password),
        Route::read("/sign-in/{token}", Act::SignIn, sign_in::link),
        Route::change("/sign-in/{token}", Act::SignIn, sign_in::by_link),
        Route::change("/sign-out", Act::SignOut, sign_in::sign_out),
        Route::read("/j/{token}", Act::OpenDoor, meeting::join),
        Route::change("/j/{token}", Act::OpenDoor, meeting::come_in),
        Route::change("/j/{token}/other", Act::OpenDoor, meeting::go_over),
        Route::change("/j/{token}/telephone", Act::OpenDoor, meeting::by_telephone),
        Route::change("/dial/{appointment}", Act::Dial, dial::dial),
        Route::read("/meeting/{id}", Act::EnterMeeting, meeting::meeting),
        Route::read("/meeting/{id}/quality", Act::ReadQuality, quality::quality),
        Route::read("/board", Act::ReadBoard, board::board),
        Route::read("/review", Act::TakeSeat, review::wall),
        Route::read("/chamber", Act::TakeSeat, chamber::chamber),
        Route::read("/chamber/ledger", Act::TakeSeat, ring_ledger::ledger),
        Route::read("/chamber/auto-answer", Act::SetAutoAnswer, auto_answer::form),
        Route::change("/chamber/auto-answer", Act::SetAutoAnswer, auto_answer::set),
        Route::change("/chamber/auto-answer/off", Act::SetAutoAnswer, auto_answer::off),
        Route::read("/phone", Act::TakeSeat, chamber::phone),
        Route::read("/hall", Act::TakeSeat, chamber::hall),
        Route::read("/relays", Act::AskRelay, check::of_session),
        Route::open("/check", check::page),
        Route::try_path("/check/offer", check::offer),
        Route::try_path("/check/relays", check::relays),
        Route::read("/outbox", Act::ReadOutbox, outbox::outbox),
        Route::open("/static/{*path}", assets::serve),
        Route::open("/healthz", probes::alive),
        Route::open("/readyz", probes::ready),
        Route { act: Act::ReadMetrics, ..Route::open("/metrics", probes::figures) },
        Route::pass(Method::POST, whip::PUBLISH, Act::PublishFromOutside, whip::arrive),
        Route::pass(Method::PATCH, whip::PUBLISHER, Act::PublishFromOutside, whip::patch),
        Route::pass(Method::DELETE, whip::PUBLISHER, Act::PublishFromOutside, whip::leave),
        Route::pass(Method::POST, whip::PLAY, Act::PlayOutside, whip::arrive),
        Route::pass(Method::PATCH, whip::PLAYER, Act::PlayOutside, whip::patch),
        Route::pass(Method::DELETE, whip::PLAYER, Act::PlayOutside, whip::leave),
        Route::ask_first(whip::PUBLISH, whip::ask_first),
        Route::ask_first(whip::PUBLISHER, whip::ask_first),
        Route::ask_first(whip::PLAY, whip::ask_first),
        Route::ask_first(whip::PLAYER, whip::ask_first),
    ]
}

/// What a day needs: queue, board, gate, counter, those who come together.
fn of_the_day() -> Vec<Route> {
    vec![
        Route::read("/s/{token}/group", Act::ReadSlip, party::party),
        Route::change("/s/{token}/group", Act::ChangeByLink, party::name),
        Route::open("/g/{seat}", party::seat),
        Route::change("/g/{seat}", Act::ReadPublic, party::give_up),
        Route::change("/mine", Act::ReadPublic, start::open_by_pin),
        Route::open("/now/{post}", now::now),
        Route::open("/now/{post}/events", now::events),
        Route::open("/draw/{draw}", draw::draw),
        Route::open("/draw/{draw}/draw.json", draw::as_json),
        Route::change("/draw/{draw}/enter", Act::HoldTime, draw::enter),
        Route::read("/draws", Act::ReadDesk, draw::draws),
        Route::change("/draws/{post}", Act::HoldDraw, draw::announce),
        Route::change("/draws/{post}/{draw}", Act::HoldDraw, draw::reveal),
        Route::read("/queue", Act::ReadQueue, queue::queue),
        Route::change("/queue/{post}", Act::RunQueue, queue::turn),
        Route::read("/gate", Act::KeepGate, entrance::gate),
        Route::change("/gate", Act::KeepGate, entrance::mark),
        Route::read("/gate/list", Act::KeepGate, entrance::list),
        Route::change("/gate/marks", Act::KeepGate, entrance::marks),
        Route::open("/gate-worker.js", entrance::worker),
        Route::read("/counter", Act::ServeCounter, counter::counter),
        Route::change("/counter", Act::ServeCounter, counter::step),
        Route::read("/counter/slip/{appointment}", Act::ServeCounter, counter::printed),
    ]
}

/// Terminals of seats, and who looks after them.
fn at_terminals() -> Vec<Route> {
    vec![
        Route::read("/kiosk", Act::OpenTerminal, kiosk::kiosk),
        Route::read("/kiosk/open", Act::OpenTerminal, kiosk::reopen),
        Route::open("/kiosk/waiting", kiosk::waiting),
        Route::open("/kiosk-worker.js", kiosk::worker),
        Route::change("/kiosk/pair", Act::OpenTerminal, kiosk::pair),
        Route::change("/kiosk/challenge", Act::OpenTerminal, kiosk::challenge),
        Route::change("/kiosk/session", Act::OpenTerminal, kiosk::open),
        Route::change("/kiosk/beat", Act::UseTerminal, kiosk::beat),
        Route::sent(
            "/kiosk/check",
            (Act::UseTerminal, limits::TERMINAL_REPORT_BYTES_MAX),
            terminal_check::report,
        ),
        Route::read("/terminals", Act::ManageTerminals, terminals::list),
        Route::change("/terminals", Act::ManageTerminals, terminals::enrol),
        Route::change("/terminals/check", Act::ManageTerminals, terminal_check::ask),
        Route::change("/terminals/{terminal}/revoke", Act::ManageTerminals, terminals::revoke),
    ]
}

/// What follows a meeting: its outcome, directions, what the citizen says of them.
fn around_meetings() -> Vec<Route> {
    vec![
        Route::read("/meeting/{id}/outcome", Act::GiveOutcome, outcome::form),
        Route::change("/meeting/{id}/outcome", Act::GiveOutcome, outcome::give),
        Route::read("/meeting/{id}/attendance", Act::ReadAttendance, attendance::sheet),
        Route::read("/meeting/{id}/attendance.csv", Act::ReadAttendance, attendance::table),
        Route::change("/meeting/{id}/attendance", Act::CorrectAttendance, attendance::correct),
        Route::read("/meeting/{id}/people", Act::AskIn, guests::list),
        Route::change("/meeting/{id}/people", Act::AskIn, guests::ask_in),
        Route::change("/meeting/{id}/people/{invite}/withdraw", Act::AskIn, guests::withdraw),
        Route::sent("/meeting/{id}/pages", (Act::TakePart, limits::KEPT_PAGE_BYTES_MAX), kept_page::give),
        Route::read("/meeting/{id}/pages/{number}", Act::GiveOutcome, kept_page::picture),
        Route::read("/i/{token}", Act::TakeInvitation, guests::invited),
        Route::change("/i/{token}", Act::TakeInvitation, guests::take),
        Route::read("/directions", Act::ReadDirections, direction::list),
        Route::change("/directions/{direction}/take-up", Act::CarryDirection, direction::take_up),
        Route::change("/directions/{direction}/finish", Act::CarryDirection, direction::finish),
        Route::change("/directions/{direction}/withdraw", Act::WithdrawDirection, direction::withdraw),
        Route::change("/s/{token}/done", Act::ChangeByLink, direction::answer),
        Route::read("/meeting/{id}/outcome/voice", Act::GiveOutcome, voice_note::play),
        Route::sent(
            "/meeting/{id}/outcome/voice",
            (Act::GiveOutcome, limits::VOICE_BYTES_MAX),
            voice_note::keep,
        ),
        Route::change("/meeting/{id}/outcome/voice/text", Act::GiveOutcome, voice_note::write_down),
        Route::change("/meeting/{id}/outcome/report", Act::GiveOutcome, report::abuse),
        Route::read("/reports", Act::ReadReports, report::list),
        Route::change("/reports/{report}", Act::AnswerReport, report::answer),
        Route::read("/s/{token}/report", Act::ReadSlip, report::ask),
        Route::change("/s/{token}/report", Act::ChangeByLink, report::money),
        Route::change("/s/{token}/rating", Act::ChangeByLink, report::rate),
    ]
}

/// What a grievance redressal officer's hearing needs, and the slips of its parties.
fn hearings_of_grievances() -> Vec<Route> {
    vec![
        Route::read("/hearings", Act::ReadHearings, hearings::list),
        Route::read("/hearings/day.csv", Act::ReadHearings, hearings::as_csv),
        Route::read("/hearings/day.json", Act::ReadHearings, hearings::as_json),
        Route::read("/hearing/{appointment}", Act::ReadHearing, hearing::hearing),
        Route::change("/hearing/{appointment}/enter", Act::RunHearing, hearing::enter),
        Route::change("/hearing/{appointment}/call", Act::RunHearing, hearing::call),
        Route::change("/hearing/{appointment}/mark", Act::RunHearing, hearing::mark),
        Route::change("/hearing/{appointment}/order", Act::DecideHearing, hearing::order),
        Route::change("/hearing/{appointment}/close", Act::DecideHearing, hearing::close),
        Route::read("/hearing/{appointment}/slip/{side}", Act::ReadHearing, hearing_slip::of_office),
        Route::read("/hearing/{appointment}/notice", Act::ReadHearingNotice, hearing_slip::of_authority),
        Route::read("/s/{token}/hearing", Act::ReadSlip, hearing_slip::of_complainant),
    ]
}

/// The whole edge: the table, and `others` (the signaling socket), inside headers, limits and words for faults.
pub fn router(edge: &Edge, others: Router) -> Router {
    let mut router: Router<Edge> = Router::new();
    // A pass is sent by name and never along by a browser, so where a page comes from does not matter there.
    let mut by_pass: Router<Edge> = Router::new();
    for route in table() {
        let state = (edge.clone(), route.act);
        match (route.guard, route.act) {
            (Guard::Gate, _) => {
                let handler = route.handler.route_layer(from_fn_with_state(state, gate::gate));
                router = router.route(route.path, handler);
            }
            (Guard::Bearer, _) => {
                let once = from_fn_with_state(edge.clone(), api::once::once);
                let gate = from_fn_with_state(state, gate::gate_of_programs);
                // The gate is outside: a key is looked up for nobody who may not ask.
                router = router.route(route.path, route.handler.route_layer(once).route_layer(gate));
            }
            (Guard::Open, _) => router = router.route(route.path, route.handler),
            (Guard::Pass, Act::ReadPublic) => by_pass = by_pass.route(route.path, route.handler),
            (Guard::Pass, _) => {
                let handler = route.handler.route_layer(from_fn_with_state(state, whip::gate));
                by_pass = by_pass.route(route.path, handler);
            }
        }
    }
    // Compressing what is packed already only costs time.
    let worth_it = DefaultPredicate::new().and(NotForContentType::const_new("font/"));
    router
        .with_state(edge.clone())
        .merge(others)
        .layer(from_fn(headers::same_origin))
        .merge(by_pass.with_state(edge.clone()).layer(from_fn(whip::for_any_page)))
        .layer(DefaultBodyLimit::max(limits::BODY_BYTES_MAX))
        .layer(TimeoutLayer::with_status_code(error::TIMED_OUT, limits::REQUEST_TIMEOUT))
        .layer(from_fn_with_state(edge.clone(), error::speak))
        .layer(from_fn(headers::language))
        .layer(CompressionLayer::new().compress_when(worth_it))
        .layer(from_fn(headers::secure))
}
