//! What holds for every route: who may come in, what every answer carries, what is turned away.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use domain::hotline::Device;
use sachivalaya::app::{company, slip};
use sachivalaya::auth::policy::Act;
use sachivalaya::http::routes::{self, Route};

use crate::browser::{Answer, Browser, HOST};
use crate::house::House;
use crate::terminals::Machine;

/// Kinds of visitor: nobody, the citizen himself, another citizen, the desk of the post, another desk,
/// the head of a department, the Chief Secretary, a gate, a service centre; one who hears grievances, his desk, and the
/// authority that is heard; who looks after the machines, and the terminal of a chamber.
const KINDS: [&str; 14] = [
    "nobody",
    "owner",
    "stranger",
    "ps-hlt",
    "ps-edu",
    "sec-hlt",
    "cs",
    "gate-1",
    "counter-1",
    "pgro-patna",
    "desk-pgro-patna",
    "dm-patna",
    "it-1",
    "terminal",
];

/// Who of [`KINDS`] may do what with an appointment of the Health Minister.
fn may(act: Act, kind: &str) -> bool {
    // A gate and a counter have no diary.
    let hears = ["pgro-patna", "desk-pgro-patna"].contains(&kind);
    let is_staff = hears || ["ps-hlt", "ps-edu", "sec-hlt", "cs", "dm-patna"].contains(&kind);
    match act {
        Act::ReadPublic | Act::HoldTime | Act::SignIn | Act::ReadOutbox | Act::TryPath => true,
        // Whoever has the link; a wrong link is another test.
        Act::ReadSlip | Act::ChangeByLink | Act::OpenDoor | Act::TakeInvitation => true,
        Act::FillForm => kind == "owner",
        Act::SignOut => !["nobody", "terminal"].contains(&kind),
        Act::SpeakForOneself | Act::AskRelay => kind != "nobody",
        Act::OpenTerminal => true,
        Act::UseTerminal => kind == "terminal",
        Act::ManageTerminals => kind == "it-1",
        // Each staff sees the first of the desks that it runs.
        Act::ReadDesk | Act::ReadQueue | Act::ReadDirections | Act::ReadReports => is_staff,
        Act::ReadQuestions | Act::ReadMissed => is_staff,
        // The word of this test is the Chief Secretary's to the Health Secretary.
        Act::HearWord | Act::NoteMissed => kind == "sec-hlt",
        Act::LeaveWord => ["sec-hlt", "cs", "dm-patna"].contains(&kind),
        // The question of this test is the Chief Secretary's to the Health Secretary; so are the groups his.
        Act::AskSeats | Act::ReadSheet | Act::KeepGroups => kind == "cs",
        Act::ReadUse => ["cs", "it-1"].contains(&kind),
        Act::AnswerQuestion => kind == "sec-hlt",
        // The hearing of this test is the District Magistrate's.
        Act::ReadHearings | Act::ReadHearing | Act::RunHearing => hears,
        Act::DecideHearing => kind == "pgro-patna",
        Act::ReadHearingNotice => kind == "dm-patna",
        // It is the Minister's citizen who reports, so that the Chief Secretary reads it.
        Act::AnswerReport => kind == "cs",
        // The direction of this test is the Minister's to himself.
        Act::GiveOutcome | Act::CarryDirection | Act::WithdrawDirection => kind == "ps-hlt",
        Act::ReadAttendance | Act::CorrectAttendance => kind == "ps-hlt",
        Act::Screen | Act::RunQueue | Act::HoldDraw => kind == "ps-hlt",
        Act::Displace | Act::SwitchToVideo | Act::SetCaps | Act::DeclareHoliday => kind == "ps-hlt",
        Act::KeepGate => kind == "gate-1",
        Act::ServeCounter => kind == "counter-1",
        Act::ReadBoard | Act::TakeSeat | Act::SetAutoAnswer | Act::Ring | Act::AnswerCall => {
            ["sec-hlt", "cs", "dm-patna"].contains(&kind)
        }
        Act::EnterMeeting | Act::TakePart => ["owner", "ps-hlt"].contains(&kind),
        // No session replaces a pass.
        Act::PublishFromOutside | Act::PlayOutside => false,
        Act::Admit | Act::ConductMeeting | Act::AskIn | Act::ReadQuality | Act::Dial => kind == "ps-hlt",
        // A monitor is no person.
        Act::EndMeeting | Act::SealMeeting | Act::RecordMeeting | Act::ReadMetrics => false,
    }
}

/// Whether `{id}` is that of a meeting.
fn names_a_meeting(act: Act) -> bool {
    matches!(
        act,
        Act::EnterMeeting
            | Act::AskIn
            | Act::TakePart
            | Act::ReadQuality
            | Act::GiveOutcome
            | Act::ReadAttendance
            | Act::CorrectAttendance
    )
}

fn is_denied(answer: &Answer) -> bool {
    matches!(answer.status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::NOT_FOUND)
        || answer.location().starts_with("/sign-in?next=")
}

/// The browser of one of [`KINDS`].
async fn browser_of(house: &House, kind: &str, [owner, stranger, terminal]: [&str; 3]) -> Browser {
    match kind {
        "nobody" => Browser::new(house),
        "owner" => Browser::with_session(house, owner),
        "stranger" => Browser::with_session(house, stranger),
        "terminal" => Browser::with_session(house, terminal),
        post => Browser::with_session(house, &house.cookie(post).await),
    }
}

/// The Chief Secretary has asked the Health Secretary.
fn asked_path(path: &str) -> String {
    path.replace("{question}/answer/{post}", "{question}/answer/sec-hlt")
        .replace("{question}/direct/{post}", "{question}/direct/sec-hlt")
        .replace("{question}", "q1")
        .replace("/mesh/ask/{post}", "/mesh/ask/cs")
        .replace("/mesh/groups/{post}", "/mesh/groups/cs")
        .replace("/mesh/missed/{post}", "/mesh/missed/sec-hlt")
        .replace("{word}", "w1")
        .replace("{side}", "complainant")
}

#[tokio::test]
async fn every_route_lets_in_whom_the_policy_names_and_nobody_else() {
    let house = House::open().await;
    let slot = house.free("min-hlt").await[0];
    let (token, appointment, owner) = house.books_with_cookie("min-hlt", slot).await;
    let other = house.free("min-hlt").await[1];
    let (_, _, stranger) = house.books_with_cookie("min-hlt", other).await;
    let meeting = house.accepts(&appointment).await;
    let door = slip::slip(&house.desk, &token).await.unwrap().unwrap().join_token.unwrap();
    let absence = house.is_away("min-hlt", "ps-hlt").await;
    let emergency = house.is_by_video("min-hlt", "ps-hlt").await;
    company::name(&house.desk, &token, "क ख").await.unwrap();
    let seat = company::seats(&house.desk, &appointment).await.unwrap().remove(0).token;
    let draw = house.announces("min-hlt", "ps-hlt").await;
    let direction = house.has_directed("min-hlt", &appointment).await;
    let report = house.has_reported(&token).await;
    house.gives_a_page("ps-hlt", &meeting).await;
    let invitation = house.asks_in("ps-hlt", &meeting, ("helper", "मीना देवी")).await;
    let (heard, heard_token) = house.has_listed_a_case().await;
    let to_be_revoked = Machine::new().is_enrolled(&house, "sec-edu", Device::Hall).await;
    let machine = Machine::new();
    machine.is_enrolled(&house, "sec-hlt", Device::Chamber).await;
    let terminal = machine.opens(&house).await.unwrap();
    house.has_asked("q1", "sec-hlt").await;
    house.has_left_a_word("w1", "sec-hlt").await;
    let token_of = |route: &Route| match route.act {
        Act::OpenDoor => door.clone(),
        Act::TakeInvitation => invitation.clone(),
        Act::SignIn => "aaaa".to_owned(),
        Act::ReadSlip if route.path.ends_with("/hearing") => heard_token.clone(),
        _ => token.clone(),
    };
    for route in routes::table() {
        for kind in KINDS {
            let mut browser = browser_of(&house, kind, [&owner, &stranger, &terminal]).await;
            if route.act == Act::SignOut && matches!(kind, "owner" | "stranger") {
                continue; // would end the session that the next routes need
            }
            let path = asked_path(route.path)
                .replace("/hearing/{appointment}", &format!("/hearing/{heard}"))
                .replace("{appointment}", appointment.as_str())
                .replace("{token}", &token_of(&route))
                .replace("{meeting}", &meeting)
                .replace("{post}", "min-hlt")
                .replace("{body}", "mo-1")
                .replace("{seat}", &seat)
                .replace("{report}", report.as_str())
                .replace("{direction}", direction.as_str())
                .replace("{draw}", &draw)
                .replace("{terminal}", to_be_revoked.as_str())
                .replace("{client}", "nobody")
                .replace("{invite}", "another")
                .replace("{number}", "1")
                .replace("{absence}", absence.as_str())
                .replace("{emergency}", emergency.as_str())
                .replace("{id}", if names_a_meeting(route.act) { &meeting } else { "sec-hlt" })
                .replace("{*path}", "css/base.css");
            let answer = browser.ask(&route.method, &path).await;
            let is_hold = route.act == Act::HoldTime; // nothing is named, so nothing is found
            let is_others = route.path.starts_with("/counter/slip/"); // no counter made this appointment
            assert!(
                is_hold || is_others || is_denied(&answer) != may(route.act, kind),
                "{} {path} as {kind}: {} {}",
                route.method,
                answer.status,
                answer.location()
            );
            assert!(!answer.status.is_server_error(), "{} {path} as {kind}", route.method);
        }
    }
}

#[tokio::test]
async fn the_figures_are_for_this_machine_and_for_a_monitor_with_its_token() {
    let house = House::open().await;
    let mut browser = Browser::new(&house);
    let request = |token: &str| {
        let asked = Request::get("/metrics").header(header::AUTHORIZATION, format!("Bearer {token}"));
        asked.body(Body::empty()).unwrap()
    };
    assert_eq!(browser.get("/metrics").await.status, StatusCode::NOT_FOUND);
    assert_eq!(browser.send(request("of-somebody-else-yet")).await.status, StatusCode::NOT_FOUND);
    browser.send(request("of-the-monitor-alone")).await.says("up 1");
    let from = |address: &str, via: Option<&str>| {
        let mut asked = Request::get("/metrics");
        if let Some(other) = via {
            asked = asked.header("x-forwarded-for", other);
        }
        let mut asked = asked.body(Body::empty()).unwrap();
        let address: std::net::SocketAddr = address.parse().unwrap();
        asked.extensions_mut().insert(axum::extract::ConnectInfo(address));
        asked
    };
    assert_eq!(browser.send(from("127.0.0.1:4000", None)).await.status, StatusCode::OK);
    assert_eq!(browser.send(from("127.0.0.1:4000", Some("192.0.2.1"))).await.status, StatusCode::NOT_FOUND);
    assert_eq!(browser.send(from("192.0.2.1:4000", None)).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_guessed_link_and_a_link_for_something_else_look_alike() {
    let house = House::open().await;
    let slot = house.free("sec-hlt").await[0];
    let (token, _, cookie) = house.books_with_cookie("sec-hlt", slot).await;
    let door = slip::slip(&house.desk, &token).await.unwrap().unwrap().join_token.unwrap();
    let guessed = "a".repeat(token.len());
    let mut browser = Browser::with_session(&house, &cookie);
    for (method, path) in
        routes::table().into_iter().filter(|route| route.path.starts_with("/s/")).map(|r| (r.method, r.path))
    {
        let wrong = browser.ask(&method, &path.replace("{token}", &guessed)).await;
        let other = browser.ask(&method, &path.replace("{token}", &door)).await;
        assert_eq!((wrong.status, other.status), (StatusCode::NOT_FOUND, StatusCode::NOT_FOUND), "{path}");
        assert_eq!(wrong.text.replace(&guessed, ""), other.text.replace(&door, ""), "{path}");
    }
}

#[tokio::test]
async fn a_post_of_another_site_changes_nothing() {
    let house = House::open().await;
    let slot = house.free("sec-hlt").await[0];
    let (token, _, cookie) = house.books_with_cookie("sec-hlt", slot).await;
    let mut browser = Browser::with_session(&house, &cookie);
    for (name, value) in
        [("origin", "https://evil.example"), ("origin", "null"), ("sec-fetch-site", "cross-site")]
    {
        let request =
            Request::post(format!("/s/{token}/cancel")).header(name, value).body(Body::empty()).unwrap();
        let answer = browser.send(request).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{name}: {value}");
        answer.says("किसी दूसरी जगह से");
    }
    browser.get(&format!("/s/{token}")).await.says("मुलाकात तय है");
}

#[tokio::test]
async fn every_answer_is_shut_against_other_sites() {
    let house = House::open().await;
    let mut browser = Browser::new(&house);
    for path in
        ["/", "/find?q=x", "/post/sec-hlt", "/nowhere", "/static/css/base.css", "/healthz", "/sign-in"]
    {
        let answer = browser.get(path).await;
        let header =
            |name: &str| answer.headers.get(name).map_or("", |value| value.to_str().unwrap()).to_owned();
        let policy = header("content-security-policy");
        for part in [
            "default-src 'self'",
            "script-src 'self'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
            "form-action 'self'",
        ] {
            assert!(policy.contains(part), "{path}: {policy}");
        }
        assert!(!policy.contains("unsafe-inline"), "{path}");
        assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(header("referrer-policy"), "same-origin", "{path}");
        assert!(!header("cache-control").is_empty(), "{path}");
        answer.never_says(" style=");
        answer.never_says("<script>");
        answer.never_says(" onclick=");
    }
}

#[tokio::test]
async fn a_shared_telephone_keeps_no_copy_of_a_slip() {
    let house = House::open().await;
    let slot = house.free("sec-hlt").await[0];
    let (token, _, cookie) = house.books_with_cookie("sec-hlt", slot).await;
    let mut browser = Browser::with_session(&house, &cookie);
    for path in [format!("/s/{token}"), "/mine".to_owned()] {
        assert_eq!(browser.get(&path).await.headers["cache-control"], "no-store", "{path}");
    }
}

#[tokio::test]
async fn the_session_cookie_is_out_of_reach_of_scripts_and_other_sites() {
    let house = House::open().await;
    let slot = house.free("sec-hlt").await[0];
    let start = slot.start().as_millisecond().to_string();
    let held = Browser::new(&house).post("/hold", &[("post", "sec-hlt"), ("start", &start)]).await;
    let cookie = held.headers[header::SET_COOKIE].to_str().unwrap();
    for part in ["es=", "HttpOnly", "SameSite=Lax", "Secure", "Path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
}

#[tokio::test]
async fn a_program_gets_problems_as_json_with_stable_codes() {
    let house = House::open().await;
    let request =
        Request::get("/nowhere").header(header::ACCEPT, "application/json").body(Body::empty()).unwrap();
    let answer = Browser::new(&house).send(request).await;
    assert_eq!(answer.headers[header::CONTENT_TYPE], "application/problem+json");
    let problem: serde_json::Value = serde_json::from_str(&answer.text).unwrap();
    assert_eq!((problem["status"].as_u64(), problem["code"].as_str()), (Some(404), Some("not-found")));
}

#[tokio::test]
async fn a_fault_of_the_store_shows_a_number_and_nothing_else() {
    let house = House::open().await;
    let mut browser = Browser::new(&house);
    house.desk.store.close().await;
    let answer = browser.get("/post/sec-hlt").await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    answer.says("मदद के नंबर पर यह संख्या बताएँ");
    assert_eq!(answer.find(r#"class="slip-reference">([A-Z2-7]+)<"#).len(), 8);
    for inside in ["sqlx", "pool", "closed", "sqlite"] {
        assert!(!answer.text.to_lowercase().contains(inside), "{inside}");
    }
    assert_eq!(browser.get("/healthz").await.status, StatusCode::OK);
    assert_eq!(browser.get("/readyz").await.status, StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test]
async fn static_files_are_kept_by_browsers_until_they_change() {
    let house = House::open().await;
    let mut browser = Browser::new(&house);
    let page = browser.get("/").await;
    let versioned = page.find(r#"href="(/static/css/base\.css\?v=[0-9a-f]+)""#);
    let first = browser.get(&versioned).await;
    assert!(first.headers[header::CACHE_CONTROL].to_str().unwrap().contains("immutable"));
    let tag = first.headers[header::ETAG].clone();
    let plain = browser.get("/static/css/base.css").await;
    assert_eq!(plain.headers[header::CACHE_CONTROL], "no-cache");
    let again =
        Request::get("/static/css/base.css").header(header::IF_NONE_MATCH, tag).body(Body::empty()).unwrap();
    let again = browser.send(again).await;
    assert_eq!((again.status, again.text.len()), (StatusCode::NOT_MODIFIED, 0));
}

#[tokio::test]
async fn a_citizens_page_weighs_little_on_the_wire() {
    let house = House::open().await;
    let slot = house.free("sec-hlt").await[0];
    let (token, _, cookie) = house.books_with_cookie("sec-hlt", slot).await;
    let mut browser = Browser::with_session(&house, &cookie);
    let mut shared = 0;
    for path in ["/static/css/tokens.css", "/static/css/base.css", "/static/icon.svg"] {
        shared += weight(&mut browser, path).await;
    }
    for path in ["/".to_owned(), "/find?q=s".to_owned(), "/post/sec-hlt".to_owned(), format!("/s/{token}")] {
        let bytes = shared + weight(&mut browser, &path).await;
        assert!(bytes <= 60 * 1024, "{path} weighs {bytes} bytes");
    }
}

async fn weight(browser: &mut Browser, path: &str) -> usize {
    let request = Request::get(path).header(header::ACCEPT_ENCODING, "gzip").header(header::HOST, HOST);
    let answer = browser.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.status, StatusCode::OK, "{path}");
    answer.bytes
}
