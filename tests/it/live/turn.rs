//! The turn in a lobby over real sockets: the queue of the post is told, and what happens in the meeting stands in it.
//!
//! Ranges are drawn anew each time; here only who is where counts.

use domain::diary::queue::{Number, Standing};
use domain::text::Bilingual;
use sachivalaya::app::queue::{self, Joiner, Line, Move, TicketKind};
use signaling::value::{OfficerState, Way};
use signaling::{ClientMessage, ServerMessage};

use super::away::houses;
use super::house::{Booked, LiveHouse};
use super::visitor::Visitor;
use crate::house::{House, post_id};

const POST: &str = "sec-hlt";

/// What a lobby says of a turn.
#[derive(Clone, Copy)]
struct Told {
    place: (u32, Option<u32>),
    is_called: bool,
    officer: Option<OfficerState>,
}

/// Until the lobby says so.
async fn hears_turn(visitor: &mut Visitor, fits: impl Fn(Told) -> bool) {
    let told = |m: &ServerMessage| match m {
        ServerMessage::Waiting { position, number, called, officer, .. } => {
            Some(Told { place: (*position, *number), is_called: *called, officer: *officer })
        }
        _ => None,
    };
    visitor.hears(|m| told(m).filter(|one| fits(*one))).await;
}

/// Until the lobby says this place in the queue and this number.
async fn hears_place(visitor: &mut Visitor, place: u32, number: u32) {
    hears_turn(visitor, |told| told.place == (place, Some(number))).await;
}

async fn standing(house: &LiveHouse, number: u32) -> Option<Standing> {
    let desk = house.house.staff("desk-sec-hlt").await;
    let list = queue::list(&house.house.desk, &desk, &post_id(POST)).await.unwrap();
    let lines: Vec<&Line> = list.at_door.iter().chain(&list.waiting).chain(&list.expected).collect();
    lines.iter().find(|line| line.number == Number(number)).map(|line| line.standing)
}

/// Does anybody of this number stand so, once the ledger is written?
async fn stands(house: &LiveHouse, number: u32, fits: fn(Option<Standing>) -> bool) {
    house.live.flush().await;
    let found = standing(house, number).await;
    assert!(fits(found), "number {number} stands {found:?}");
}

/// Somebody at the office has the number 1, two by video 2 and 3.
async fn three(house: House) -> (LiveHouse, Vec<Booked>) {
    let house = LiveHouse::around(house).await;
    let desk = house.house.staff("desk-sec-hlt").await;
    let walk_in = Joiner { kind: TicketKind::Token, name: String::new(), subject: String::new() };
    let slots = house.house.free(POST).await;
    house.house.desk.clock.set(slots[0].start() - jiff::SignedDuration::from_mins(70));
    let slots = house.house.free(POST).await;
    let booked = vec![house.books_at(POST, slots[0]).await, house.books_at(POST, slots[1]).await];
    house.house.desk.clock.set(slots[0].start() - jiff::SignedDuration::from_mins(5));
    queue::join(&house.house.desk, &desk, &post_id(POST), &walk_in).await.unwrap();
    // Both doors are open now.
    house.house.minutes_later(11);
    (house, booked)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_waits_by_video_stands_in_one_line_with_those_at_the_office() {
    for house in House::everywhere().await {
        let (house, booked) = three(house).await;
        let desk = house.house.staff("desk-sec-hlt").await;
        let carry = async |wished| {
            queue::carry(&house.house.desk, &desk, &post_id(POST), wished).await.unwrap();
            house.edge.boards.ring(&post_id(POST));
        };
        let mut first = Visitor::on(&house, &booked[0].cookie, booked[0].page()).await;
        let mut second = Visitor::on(&house, &booked[1].cookie, booked[1].page()).await;
        hears_place(&mut first, 2, 1).await;
        hears_place(&mut second, 3, 2).await;

        // The one at the office goes in: both are told that the officer is busy, and are one place nearer.
        carry(Move::Next).await;
        carry(Move::Enter(Number(3))).await;
        let busy = Some(OfficerState::Busy);
        hears_turn(&mut first, |told| told.place.0 == 1 && told.officer == busy).await;
        hears_turn(&mut second, |told| told.place.0 == 2 && told.officer == busy).await;

        // The next one is by video: called, and the officer and the wall know him by the same number.
        carry(Move::Next).await;
        hears_turn(&mut first, |told| told.is_called).await;
        let cookie = house.staff(POST).await;
        let mut officer = Visitor::on(&house, &cookie, booked[0].page()).await;
        let lobby = |m: &ServerMessage| match m {
            ServerMessage::Lobby { waiting, first: Some(first) } if first.number == 2 => {
                waiting.first().map(|one| (one.participant.clone(), one.number, first.clone()))
            }
            _ => None,
        };
        let (participant, number, next) = officer.hears(lobby).await;
        assert_eq!(number, Some(1));
        assert_eq!((next.way, next.meeting.unwrap().as_str()), (Way::Video, booked[1].meeting.as_str()));
        officer.says(ClientMessage::Admit { participant }).await;
        first.hears_of("admitted").await;
        stands(&house, 1, |at| matches!(at, Some(Standing::Inside(_)))).await;
        hears_turn(&mut second, |told| told.place.0 == 1 && told.officer == busy).await;
        let board = house.edge.boards.board(&post_id(POST)).await.unwrap().unwrap();
        assert_eq!(board.inside, Some(Number(1)), "the wall says that somebody is inside");

        officer.says(ClientMessage::EndMeeting {}).await;
        first.hears_of("meeting_ended").await;
        hears_turn(&mut second, |told| told.place.0 == 1 && told.officer.is_none()).await;
        stands(&house, 1, |at| at.is_none()).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_steps_out_keeps_his_turn_and_who_is_cut_off_comes_in_again() {
    let (house, booked) = three(House::open().await).await;
    let one = &booked[0];
    let mut citizen = Visitor::on(&house, &one.cookie, one.page()).await;
    hears_place(&mut citizen, 2, 1).await;
    citizen.says(ClientMessage::Leave {}).await;
    citizen.is_closed().await;
    stands(&house, 1, |at| matches!(at, Some(Standing::Here(_)))).await;
    house.house.minutes_later(9);
    let mut citizen = Visitor::on(&house, &one.cookie, one.page()).await;
    hears_place(&mut citizen, 2, 1).await;

    let cookie = house.staff(POST).await;
    let mut officer = Visitor::on(&house, &cookie, one.page()).await;
    let participant = officer.first_in_lobby().await;
    officer.says(ClientMessage::Admit { participant }).await;
    citizen.hears_of("admitted").await;
    stands(&house, 1, |at| matches!(at, Some(Standing::Inside(_)))).await;
    drop(citizen);
    house
        .eventually("his line is lost", || async {
            matches!(standing(&house, 1).await, Some(Standing::Called(_)))
        })
        .await;
    house.house.a_moment_later();
    let mut citizen = Visitor::on(&house, &one.cookie, one.page()).await;
    citizen.hears_of("admitted").await;
    stands(&house, 1, |at| matches!(at, Some(Standing::Inside(_)))).await;
    citizen.says(ClientMessage::Leave {}).await;
    citizen.is_closed().await;
    stands(&house, 1, |at| at.is_none()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_the_desk_lets_in_to_the_officer_is_inside_in_the_queue() {
    let (house, booked) = three(House::open().await).await;
    let mut citizen = Visitor::on(&house, &booked[0].cookie, booked[0].page()).await;
    citizen.hears_of("waiting").await;
    let cookie = house.staff(POST).await;
    let mut officer = Visitor::on(&house, &cookie, booked[0].page()).await;
    officer.hears_of("participants").await;
    stands(&house, 1, |at| matches!(at, Some(Standing::Here(_)))).await;
    let cookie = house.house.cookie("desk-sec-hlt").await;
    let mut desk = Visitor::on(&house, &cookie, booked[0].page()).await;
    let participant = desk.first_in_lobby().await;
    desk.says(ClientMessage::Admit { participant }).await;
    citizen.hears_of("admitted").await;
    stands(&house, 1, |at| matches!(at, Some(Standing::Inside(_)))).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn while_the_database_is_away_the_lobby_keeps_what_it_knew_and_learns_the_rest_afterwards() {
    for (house, mut away) in houses().await {
        let (house, booked) = three(house).await;
        let desk = house.house.staff("desk-sec-hlt").await;
        let mut citizen = Visitor::on(&house, &booked[1].cookie, booked[1].page()).await;
        hears_place(&mut citizen, 3, 2).await;
        let token = citizen.token();
        away.begin().await;
        house.edge.boards.ring(&post_id(POST));
        let mut again = Visitor::with_token(&house, None, (booked[1].page(), &token)).await;
        hears_place(&mut again, 3, 2).await;
        away.end();
        let text = Bilingual::new("काग़ज़ पास रखें।", "Keep your papers at hand.");
        house
            .eventually("the database is back", || async {
                queue::say(&house.house.desk, &desk, &post_id(POST), &text).await.is_ok()
            })
            .await;
        house.edge.boards.ring(&post_id(POST));
        let said = |m: &ServerMessage| match m {
            ServerMessage::Waiting { message, .. } => message.clone(),
            _ => None,
        };
        assert_eq!(again.hears(said).await.en, text.en);
    }
}
