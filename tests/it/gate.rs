//! The gate, the counter, and groups: who is let in by what, and what is written down.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use sachivalaya::app::counter::{self, OpenError};
use sachivalaya::app::gate::{self, GateList, Mark, Refusal, Way};
use sachivalaya::app::slip::{self, Slip};
use sachivalaya::app::{book, change, company, queue, session};
use sachivalaya::auth::{Actor, pin};
use sachivalaya::limits;

use crate::browser::{Browser, HOST};
use crate::house::{House, details, post_id};

const POST: &str = "sec-hlt";

/// A citizen books the n-th free time in person: the token of the slip.
async fn books_in_person(house: &House, n: usize) -> String {
    house.a_moment_later();
    let slot = house.free(POST).await[n];
    let (id, actor) = house.holds(POST, slot).await;
    let wish = book::Details { channel: "in_person".into(), ..details() };
    book::give_details(&house.desk, &actor, &id, &wish).await.unwrap();
    let code = house.last_code().await;
    book::confirm(&house.desk, &actor, &id, &code).await.unwrap().slip_token
}

async fn slip_of(house: &House, token: &str) -> Slip {
    slip::slip(&house.desk, token).await.unwrap().unwrap()
}

async fn list_of(house: &House, actor: &Actor) -> GateList {
    gate::list(&house.desk, actor).await.unwrap().unwrap()
}

fn mark(id: &str, slip: &Slip, way: Way, house: &House) -> Mark {
    Mark { id: id.into(), appointment: slip.appointment.clone(), seat: 0, way, at: house.desk.now() }
}

#[tokio::test]
async fn a_pass_is_good_for_its_version_and_day_and_the_typed_number_does_as_well() {
    for house in House::everywhere().await {
        let token = books_in_person(&house, 0).await;
        let slip = slip_of(&house, &token).await;
        let keeper = house.staff("gate-1").await;
        let pass = gate::pass_of(&house.desk, &slip, 0).unwrap();
        let list = list_of(&house, &keeper).await;
        assert_eq!(gate::check(&house.desk, &list, &pass).unwrap().name, "सुनीता देवी (डेमो)");
        let typed = slip.reference.to_lowercase().replace('-', " ");
        assert!(gate::check(&house.desk, &list, &typed).is_ok());
        assert_eq!(gate::check(&house.desk, &list, "ES26-000000").unwrap_err(), Refusal::Unknown);
        let forged = pass.replace(".0.0.", ".1.0.");
        assert_eq!(gate::check(&house.desk, &list, &forged).unwrap_err(), Refusal::Unknown);

        let other = house.free(POST).await[2];
        change::move_to(&house.desk, &token, other.start()).await.unwrap();
        let list = list_of(&house, &keeper).await;
        assert_eq!(gate::check(&house.desk, &list, &pass).unwrap_err(), Refusal::Moved);
        change::cancel(&house.desk, &token).await.unwrap();
        let list = list_of(&house, &keeper).await;
        assert_eq!(gate::check(&house.desk, &list, &pass).unwrap_err(), Refusal::Withdrawn);
        assert!(gate::pass_of(&house.desk, &slip_of(&house, &token).await, 0).is_none());
        house.minutes_later(24 * 60);
        let list = list_of(&house, &keeper).await;
        assert_eq!(gate::check(&house.desk, &list, &pass).unwrap_err(), Refusal::OtherDay);
    }
}

#[tokio::test]
async fn whoever_goes_in_is_here_in_the_queue_and_a_mark_sent_twice_is_one() {
    for house in House::everywhere().await {
        let token = books_in_person(&house, 0).await;
        let slip = slip_of(&house, &token).await;
        let keeper = house.staff("gate-1").await;
        let first = mark("mark-0001", &slip, Way::In, &house);
        let changed = gate::mark(&house.desk, &keeper, &first).await.unwrap();
        assert_eq!(changed, Some(post_id(POST)));
        assert_eq!(gate::mark(&house.desk, &keeper, &first).await.unwrap(), None);
        house.minutes_later(20);
        gate::mark(&house.desk, &keeper, &mark("mark-0002", &slip, Way::Out, &house)).await.unwrap();
        let desk = house.staff("desk-sec-hlt").await;
        let queue = queue::list(&house.desk, &desk, &post_id(POST)).await.unwrap();
        assert_eq!(queue.waiting.len(), 1, "he is here by the gate's word");
        let seen = list_of(&house, &keeper).await.visitors.remove(0);
        assert_eq!((seen.went_in, seen.came_out), (Some(first.at), Some(house.desk.now())));
        let late = Mark {
            at: first.at - jiff::SignedDuration::from_hours(72),
            ..mark("mark-0003", &slip, Way::In, &house)
        };
        assert!(gate::mark(&house.desk, &keeper, &late).await.is_err());
        assert!(gate::mark(&house.desk, &desk, &first).await.is_err(), "a desk keeps no gate");
    }
}

#[tokio::test]
async fn the_gates_page_checks_and_marks_by_forms_and_gives_its_list_once() {
    let house = House::open().await;
    let token = books_in_person(&house, 0).await;
    let slip = slip_of(&house, &token).await;
    let mut keeper = Browser::with_session(&house, &house.cookie("gate-1").await);
    keeper.get("/gate").await.says("पास पढ़ें या पर्ची संख्या लिखें");
    let good = keeper.get(&format!("/gate?q={}", slip.reference)).await;
    good.says("आने दें");
    let fields =
        [("mark", "mark-0001"), ("appointment", slip.appointment.as_str()), ("seat", "0"), ("way", "in")];
    assert_eq!(keeper.post("/gate", &fields).await.location(), "/gate?done=in");
    keeper.get("/gate?q=ES26-000000").await.says("रोकें");

    let list = keeper.get("/gate/list").await;
    list.says(&slip.reference);
    let tag = list.headers[header::ETAG].clone();
    let again = Request::get("/gate/list").header(header::IF_NONE_MATCH, tag).body(Body::empty()).unwrap();
    assert_eq!(keeper.send(again).await.status, StatusCode::NOT_MODIFIED);
    let sent = format!(
        r#"[{{"id":"mark-0002","appointment":"{}","seat":0,"way":"out","at_ms":{}}},{{"id":"x","appointment":"a","seat":0,"way":"up","at_ms":0}}]"#,
        slip.appointment,
        house.desk.now().as_millisecond()
    );
    let request = Request::post("/gate/marks")
        .header(header::ORIGIN, format!("https://{HOST}"))
        .header(header::CONTENT_TYPE, "application/json");
    let told = keeper.send(request.body(Body::from(sent)).unwrap()).await;
    assert_eq!(told.text, r#"{"refused":["x"],"taken":["mark-0002"]}"#);
    Browser::new(&house).get(&format!("/s/{token}")).await.says("द्वार का पास");
}

#[tokio::test]
async fn each_of_a_group_has_a_pass_and_one_gives_his_seat_up_alone() {
    for house in House::everywhere().await {
        let token = books_in_person(&house, 0).await;
        let slip = slip_of(&house, &token).await;
        company::name(&house.desk, &token, "रमेश कुमार\n\nसीता देवी\n").await.unwrap();
        assert!(matches!(
            company::name(&house.desk, &token, "कोई और").await,
            Err(company::CompanyError::NamedBefore)
        ));
        let seats = company::seats(&house.desk, &slip.appointment).await.unwrap();
        assert_eq!(seats.iter().map(|one| one.seat).collect::<Vec<_>>(), [1, 2]);
        let passes = [0, 1, 2].map(|seat| gate::pass_of(&house.desk, &slip, seat).unwrap());
        company::give_up(&house.desk, &seats[0].token).await.unwrap();
        company::give_up(&house.desk, &seats[0].token).await.unwrap();
        let keeper = house.staff("gate-1").await;
        let list = list_of(&house, &keeper).await;
        let seen = passes.map(|pass| gate::check(&house.desk, &list, &pass).map(|one| one.name));
        let stays = |name: &str| Ok(name.to_owned());
        assert_eq!(seen, [stays("सुनीता देवी (डेमो)"), Err(Refusal::GivenUp), stays("सीता देवी")]);
        let mut phone = Browser::new(&house);
        phone.get(&format!("/g/{}", seats[1].token)).await.says("सीता देवी");
        phone.get(&format!("/s/{token}/group")).await.says("नहीं आएँगे");
        let crowd = "क ख\n".repeat(15);
        let many = phone.post(&format!("/s/{token}/group"), &[("names", &crowd)]).await;
        assert_eq!(many.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
}

/// The fields of the counter's form.
fn form<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut fields = vec![
        ("once", "0123456789"),
        ("name", "बुधनी देवी"),
        ("place", "रामपुर, गया"),
        ("mobile", ""),
        ("subject", "राशन कार्ड में नाम जोड़ना"),
        ("channel", "video"),
    ];
    fields.extend_from_slice(more);
    fields
}

#[tokio::test]
async fn a_person_without_a_telephone_gets_a_printed_slip_whose_pin_opens_it() {
    for house in House::everywhere().await {
        let mut counter = Browser::with_session(&house, &house.cookie("counter-1").await);
        let bad = counter.post("/counter", &[("name", ""), ("subject", ""), ("channel", "video")]).await;
        assert_eq!(bad.status, StatusCode::UNPROCESSABLE_ENTITY);
        let found = counter.post("/counter", &form(&[("do", "look")])).await;
        let post = found.find(r#"name="post" value="([a-z0-9-]+)" checked"#);
        assert_eq!(post, "sec-fcp", "«राशन» leads to the department of food");
        let start = found.find(r#"name="start" value="(\d+)""#);
        let chosen = [("post", post.as_str()), ("start", start.as_str())];
        counter.post("/counter", &form(&chosen)).await.says("आवेदक को पढ़कर सुनाएँ");
        let mut booking = chosen.to_vec();
        booking.push(("do", "book"));
        let refused = counter.post("/counter", &form(&booking)).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        refused.says("सहमति पर निशान लगाएँ");
        booking.push(("consent", "1"));
        let made = counter.post("/counter", &form(&booking)).await;
        let again = counter.post("/counter", &form(&booking)).await;
        assert_eq!(made.location(), again.location(), "one form books once");
        let slip = counter.get(made.location()).await;
        let pin = slip.find(r#"counter-pin">(\d{3} \d{3})<"#);
        let reference = slip.find(r#"counter-reference">(ES26-\d{6})<"#);
        assert!(
            !house.told().await.iter().any(|told| told.starts_with("sms:")),
            "there is no number to tell"
        );

        let mut phone = Browser::new(&house);
        for _ in 0..2 {
            let wrong = phone.post("/mine", &[("reference", &reference), ("pin", "000000")]).await;
            assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        }
        let opened = phone.post("/mine", &[("reference", &reference), ("pin", &pin)]).await;
        assert!(opened.location().starts_with("/s/"), "{opened:?}");
        phone.get(opened.location()).await.says("बुधनी देवी");
        let door =
            slip::slip(&house.desk, opened.location().trim_start_matches("/s/")).await.unwrap().unwrap();
        let mut other = Browser::new(&house);
        let come = other.post(&format!("/j/{}", door.join_token.unwrap()), &[("digits", &pin)]).await;
        assert!(come.status.is_redirection(), "the PIN opens the door, too: {come:?}");
        for _ in 0..6 {
            other.post("/mine", &[("reference", &reference), ("pin", "000000")]).await;
        }
        let locked = other.post("/mine", &[("reference", &reference), ("pin", &pin)]).await;
        locked.says("बहुत बार कोशिश हुई");
        let stranger = session::actor(&house.desk, None).await.unwrap();
        assert!(matches!(stranger, Actor::Anyone));
    }
}

#[tokio::test]
async fn the_slip_of_every_booking_says_how_to_come_back_by_number_and_pin() {
    for house in House::everywhere().await {
        let slot = house.free("sec-hlt").await[0];
        let token = house.books("sec-hlt", slot).await;
        let mut phone = Browser::new(&house);
        let page = phone.get(&format!("/s/{token}")).await;
        page.says("फिर यहाँ कैसे आएँ");
        let reference = page.find(r"पर्ची संख्या \D*(ES26-\d{6})");
        let pin = page.find(r"PIN \D*(\d{3} \d{3})");
        let mut other = Browser::new(&house);
        let other_pin = if pin == "000 000" { "000 001" } else { "000 000" };
        other.post("/mine", &[("reference", &reference), ("pin", other_pin)]).await.says("सही नहीं है");
        let opened = other.post("/mine", &[("reference", &reference), ("pin", &pin)]).await;
        assert_eq!(opened.location(), format!("/s/{token}"));
        let door = slip::slip(&house.desk, &token).await.unwrap().unwrap().join_token.unwrap();
        phone.get(&format!("/j/{door}")).await.says("लिंक खो जाए तो");
    }
}

#[tokio::test]
async fn whoever_walks_through_the_numbers_is_stopped_and_a_minute_later_slips_open_again() {
    for house in House::everywhere().await {
        let slot = house.free(POST).await[0];
        let token = house.books(POST, slot).await;
        let slip = slip_of(&house, &token).await;
        let pin = pin::of(&house.desk.settings.link_key, &slip.appointment);
        let own = (slip.reference.as_str(), pin.as_str());
        let opens = || counter::open_by_pin(&house.desk, &Actor::Anyone, own);
        for number in 0..limits::WRONG_PINS_MAX {
            let other = format!("ES25-{number:06}");
            let tried = counter::open_by_pin(&house.desk, &Actor::Anyone, (&other, "123456")).await;
            assert!(matches!(tried, Err(OpenError::Wrong)));
        }
        assert!(matches!(opens().await, Err(OpenError::TooManyTries)), "{:?}", house.desk.store.dialect());
        house.minutes_later(1);
        assert_eq!(opens().await.unwrap().0, token, "{:?}", house.desk.store.dialect());
    }
}
