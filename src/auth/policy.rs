//! The one policy table: who may do what. Pure, default deny.
//!
//! Every page, API route and signaling message names an [`Act`]; one that is not in the table is refused.

use domain::id::{AppointmentId, PostId};
use domain::office::RoleKey;

use super::pass::Right;
use super::{Actor, Staff};

/// What can be asked of the house.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Act {
    /// Read what is for everyone: start, search, a post's free times, static files, health.
    ReadPublic,
    /// Take a free time for ten minutes.
    HoldTime,
    /// Fill the form of a hold, ask for its code, confirm it.
    FillForm,
    /// Read a slip by its link.
    ReadSlip,
    /// Move, cancel or answer a proposal by the slip's link.
    ChangeByLink,
    /// Open the door page of a meeting by its link.
    OpenDoor,
    /// Come to the sign-in page and sign in.
    SignIn,
    /// End one's own session.
    SignOut,
    /// Read the worklist of a post.
    ReadDesk,
    /// Accept, decline or propose for a post.
    Screen,
    /// Write down that the officer of a post is away, and give whom it hits other times.
    Displace,
    /// Move all meetings in person of a post's scope to video, and back.
    SwitchToVideo,
    /// Set how many may come to a post on one day, and how many times one citizen may have ahead.
    SetCaps,
    /// Declare a holiday for the office of a post and all below it, and take it back.
    DeclareHoliday,
    /// Read the wall of seats.
    ReadBoard,
    /// Sit at one's own seat: board or chamber.
    TakeSeat,
    /// Say whom one's own seat lets in without an act of that moment.
    SetAutoAnswer,
    /// Go into (or wait before) a meeting.
    EnterMeeting,
    /// Read afterwards how good a meeting was.
    ReadQuality,
    /// Write down or correct what came of a meeting.
    GiveOutcome,
    /// Read who was present in a meeting.
    ReadAttendance,
    /// Say beside what was measured who was present in a meeting.
    CorrectAttendance,
    /// Read the day's hearings of a post, with names, and export them.
    ReadHearings,
    /// Read one hearing and print the slips of both parties.
    ReadHearing,
    /// Enter and call a case, and mark who is there.
    RunHearing,
    /// Write the order of a hearing and close it.
    DecideHearing,
    /// Read the slip of the authority concerned in a case.
    ReadHearingNotice,
    /// Read the directions of a post: those it has, and those it gave.
    ReadDirections,
    /// Take a direction in hand, and say that it is done.
    CarryDirection,
    /// Take a direction back that one's post gave.
    WithdrawDirection,
    /// Read the reports that come to a post.
    ReadReports,
    /// Read one report and answer it.
    AnswerReport,
    /// See the lobby, admit and deny.
    Admit,
    /// Write, raise a hand and show a screen in a meeting.
    TakePart,
    /// Ask somebody in to a meeting, and take that back.
    AskIn,
    /// Read an invitation by its link, and take it.
    TakeInvitation,
    /// Silence, allow a screen, lower a hand, lock the door of a meeting.
    ConductMeeting,
    /// End a meeting for all.
    EndMeeting,
    /// Make a meeting confidential, for good.
    SealMeeting,
    /// Switch the recording of a meeting on and off.
    RecordMeeting,
    /// Speak for oneself in a session that has begun: leave, tracks, presence, ping.
    SpeakForOneself,
    /// Ring another seat.
    Ring,
    /// Answer, decline, cancel or end a call of one's own seat.
    AnswerCall,
    /// Ask seats of the hotline something for a post, remind them, and close the question.
    AskSeats,
    /// Read the questions of a post: those to it, and those that it asked.
    ReadQuestions,
    /// Read the sheet of answers to a question of a post.
    ReadSheet,
    /// Prepare or send the answer of a post to a question.
    AnswerQuestion,
    /// Leave a word to the post of another seat.
    LeaveWord,
    /// Read who rang a post in vain.
    ReadMissed,
    /// Hear the words that were left to a post.
    HearWord,
    /// Say that the missed rings of a post are known.
    NoteMissed,
    /// Read the numbers of use of the hotline as a post of its centre, or as whoever looks after the machines.
    ReadUse,
    /// Read, make, rename and delete the own groups of a post.
    KeepGroups,
    /// See the number of a citizen whose post one serves, in order to call it.
    Dial,
    /// Try what the network lets through, with nobody at the other end.
    TryPath,
    /// Ask for credentials of the relay.
    AskRelay,
    /// Read today's queue of a post.
    ReadQueue,
    /// Call people in the queue of a post, and say who is here.
    RunQueue,
    /// Announce a draw for times of a post, and draw.
    HoldDraw,
    /// Let people in and out at a gate.
    KeepGate,
    /// Book for people at a service centre.
    ServeCounter,
    /// Read what was sent, in the demo only.
    ReadOutbox,
    /// Read the figures that a monitor collects.
    ReadMetrics,
    /// Publish into a meeting from outside, by WHIP.
    PublishFromOutside,
    /// Play a meeting outside, by WHEP.
    PlayOutside,
    /// Come to a terminal's page, ask for a code, show that one has the key.
    OpenTerminal,
    /// What a terminal asks and reports beside its seat: today's list, the time, how its devices are.
    UseTerminal,
    /// Enrol the terminals of seats, revoke them, read how they are.
    ManageTerminals,
}

impl Act {
    /// Every act, for tests that must miss none.
    pub const ALL: &'static [Self] = &[
        Self::ReadPublic,
        Self::HoldTime,
        Self::FillForm,
        Self::ReadSlip,
        Self::ChangeByLink,
        Self::OpenDoor,
        Self::SignIn,
        Self::SignOut,
        Self::ReadDesk,
        Self::Screen,
        Self::Displace,
        Self::SwitchToVideo,
        Self::SetCaps,
        Self::DeclareHoliday,
        Self::ReadBoard,
        Self::TakeSeat,
        Self::SetAutoAnswer,
        Self::EnterMeeting,
        Self::ReadQuality,
        Self::GiveOutcome,
        Self::ReadAttendance,
        Self::CorrectAttendance,
        Self::ReadHearings,
        Self::ReadHearing,
        Self::RunHearing,
        Self::DecideHearing,
        Self::ReadHearingNotice,
        Self::ReadDirections,
        Self::CarryDirection,
        Self::WithdrawDirection,
        Self::ReadReports,
        Self::AnswerReport,
        Self::Admit,
        Self::TakePart,
        Self::AskIn,
        Self::TakeInvitation,
        Self::ConductMeeting,
        Self::EndMeeting,
        Self::SealMeeting,
        Self::RecordMeeting,
        Self::SpeakForOneself,
        Self::Ring,
        Self::AnswerCall,
        Self::AskSeats,
        Self::ReadQuestions,
        Self::ReadSheet,
        Self::AnswerQuestion,
        Self::LeaveWord,
        Self::ReadMissed,
        Self::HearWord,
        Self::NoteMissed,
        Self::ReadUse,
        Self::KeepGroups,
        Self::Dial,
        Self::TryPath,
        Self::AskRelay,
        Self::ReadQueue,
        Self::RunQueue,
        Self::HoldDraw,
        Self::KeepGate,
        Self::ServeCounter,
        Self::ReadOutbox,
        Self::ReadMetrics,
        Self::PublishFromOutside,
        Self::PlayOutside,
        Self::OpenTerminal,
        Self::UseTerminal,
        Self::ManageTerminals,
    ];
}

/// What an act is done to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Object {
    /// Nothing in particular.
    House,
    /// An appointment.
    Appointment(AppointmentId),
    /// What a link opened: its token was right.
    Link(AppointmentId),
    /// A post: its desk, its door, its seat.
    Post(PostId),
    /// A meeting: its appointment and the post that gives it.
    Meeting {
        /// The appointment.
        appointment: AppointmentId,
        /// The post.
        post: PostId,
    },
    /// A report.
    Report {
        /// The post that reads it.
        to: PostId,
        /// The post that is complained of, if one is.
        against: Option<PostId>,
    },
    /// Something that only a demo has.
    Demo,
    /// The meeting of a good pass, and what the pass is for.
    Pass(Right),
    /// A machine that watches: this one, or one that shows the token for it.
    Monitor,
}

/// The act is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// Nobody is signed in, and somebody must be.
    #[error("sign in first")]
    SignInFirst,
    /// Whoever asks may not.
    #[error("this is not yours to do")]
    Forbidden,
}

/// Who may do an act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rule {
    Anyone,
    /// The device on which the appointment was made.
    OwnAppointment,
    /// Whoever shows a right link.
    RightLink,
    /// Any signed-in person.
    SignedIn,
    /// Whoever has a session: a signed-in person, or a terminal.
    HasSession,
    /// Staff that decides for the post.
    ScreensFor,
    /// Staff that may let people in at the post's door.
    AdmitsFor,
    /// The citizen of the appointment, whoever was asked in, or staff of the post's door.
    PartyOfMeeting,
    /// Staff that decides for the post to which a report goes, and has no part in the office complained of.
    ReadsReport,
    /// Staff that holds this very post.
    HoldsThePost,
    /// Staff whose post has a seat.
    HasSeat,
    /// The same, or a terminal at the seat of its own post while somebody holds that.
    SitsAtSeat,
    /// Whoever decides for that post, or looks after the machines of all.
    ReadsUse,
    /// A terminal.
    IsTerminal,
    /// Staff that looks after the machines.
    RunsTerminals,
    /// Staff of a gate.
    KeepsGate,
    /// Staff of a service centre.
    IsAtCounter,
    /// Everyone, in a demo.
    InDemo,
    /// Whoever shows a good pass for this.
    Pass(Right),
    /// A machine that watches.
    IsMonitor,
}

/// The table. An act without a line is nobody's.
const TABLE: &[(Act, Rule)] = &[
    (Act::ReadPublic, Rule::Anyone),
    (Act::HoldTime, Rule::Anyone),
    (Act::FillForm, Rule::OwnAppointment),
    (Act::ReadSlip, Rule::RightLink),
    (Act::ChangeByLink, Rule::RightLink),
    (Act::OpenDoor, Rule::RightLink),
    (Act::SignIn, Rule::Anyone),
    (Act::SignOut, Rule::SignedIn),
    (Act::ReadDesk, Rule::ScreensFor),
    (Act::Screen, Rule::ScreensFor),
    (Act::Displace, Rule::ScreensFor),
    (Act::SwitchToVideo, Rule::ScreensFor),
    (Act::SetCaps, Rule::ScreensFor),
    (Act::DeclareHoliday, Rule::ScreensFor),
    (Act::ReadBoard, Rule::HasSeat),
    (Act::TakeSeat, Rule::SitsAtSeat),
    (Act::SetAutoAnswer, Rule::HasSeat),
    (Act::EnterMeeting, Rule::PartyOfMeeting),
    (Act::ReadQuality, Rule::AdmitsFor),
    (Act::GiveOutcome, Rule::ScreensFor),
    (Act::ReadAttendance, Rule::ScreensFor),
    (Act::CorrectAttendance, Rule::ScreensFor),
    (Act::ReadHearings, Rule::ScreensFor),
    (Act::ReadHearing, Rule::ScreensFor),
    (Act::RunHearing, Rule::ScreensFor),
    (Act::DecideHearing, Rule::HoldsThePost),
    (Act::ReadHearingNotice, Rule::ScreensFor),
    (Act::ReadDirections, Rule::ScreensFor),
    (Act::CarryDirection, Rule::ScreensFor),
    (Act::WithdrawDirection, Rule::ScreensFor),
    (Act::ReadReports, Rule::ScreensFor),
    (Act::AnswerReport, Rule::ReadsReport),
    (Act::Admit, Rule::AdmitsFor),
    (Act::TakePart, Rule::PartyOfMeeting),
    (Act::AskIn, Rule::AdmitsFor),
    (Act::TakeInvitation, Rule::RightLink),
    (Act::ConductMeeting, Rule::AdmitsFor),
    (Act::EndMeeting, Rule::HoldsThePost),
    (Act::SealMeeting, Rule::HoldsThePost),
    (Act::RecordMeeting, Rule::HoldsThePost),
    (Act::SpeakForOneself, Rule::HasSession),
    (Act::Ring, Rule::SitsAtSeat),
    (Act::AnswerCall, Rule::SitsAtSeat),
    (Act::AskSeats, Rule::ScreensFor),
    (Act::ReadQuestions, Rule::ScreensFor),
    (Act::ReadSheet, Rule::ScreensFor),
    (Act::AnswerQuestion, Rule::ScreensFor),
    (Act::LeaveWord, Rule::HasSeat),
    (Act::ReadMissed, Rule::ScreensFor),
    (Act::HearWord, Rule::HoldsThePost),
    (Act::NoteMissed, Rule::HoldsThePost),
    (Act::ReadUse, Rule::ReadsUse),
    (Act::KeepGroups, Rule::ScreensFor),
    (Act::Dial, Rule::AdmitsFor),
    (Act::TryPath, Rule::Anyone),
    (Act::AskRelay, Rule::HasSession),
    (Act::ReadQueue, Rule::AdmitsFor),
    (Act::RunQueue, Rule::AdmitsFor),
    (Act::HoldDraw, Rule::ScreensFor),
    (Act::KeepGate, Rule::KeepsGate),
    (Act::ServeCounter, Rule::IsAtCounter),
    (Act::ReadOutbox, Rule::InDemo),
    (Act::PublishFromOutside, Rule::Pass(Right::Publish)),
    (Act::PlayOutside, Rule::Pass(Right::Play)),
    (Act::ReadMetrics, Rule::IsMonitor),
    (Act::OpenTerminal, Rule::Anyone),
    (Act::UseTerminal, Rule::IsTerminal),
    (Act::ManageTerminals, Rule::RunsTerminals),
];

/// May `actor` do `act` to `object`?
///
/// # Errors
/// [`Denied::SignInFirst`] when signing in could help, else [`Denied::Forbidden`].
pub fn allows(actor: &Actor, act: Act, object: &Object) -> Result<(), Denied> {
    let permitted =
        TABLE.iter().find(|(a, _)| *a == act).is_some_and(|(_, rule)| rule.permits(actor, object));
    if permitted {
        Ok(())
    } else if matches!(actor, Actor::Staff(_) | Actor::Terminal(_)) || matches!(object, Object::Demo) {
        Err(Denied::Forbidden)
    } else {
        Err(Denied::SignInFirst)
    }
}

impl Rule {
    fn permits(self, actor: &Actor, object: &Object) -> bool {
        match self {
            Self::Anyone => true,
            Self::InDemo => matches!(object, Object::Demo),
            Self::Pass(right) => *object == Object::Pass(right),
            Self::IsMonitor => matches!(object, Object::Monitor),
            Self::RightLink => matches!(object, Object::Link(_)),
            Self::SignedIn => !matches!(actor, Actor::Anyone | Actor::Terminal(_)),
            Self::HasSession => !matches!(actor, Actor::Anyone),
            Self::OwnAppointment => owns(actor, object),
            Self::PartyOfMeeting => {
                owns(actor, object) || is_asked_in(actor, object) || staff_of_door(actor, object)
            }
            Self::AdmitsFor => staff_of_door(actor, object),
            Self::ScreensFor => {
                holder(actor).zip(post_of(object)).is_some_and(|(s, post)| s.screens.contains(post))
            }
            Self::ReadsReport => reads_report(actor, object),
            Self::HoldsThePost => holder(actor).zip(post_of(object)).is_some_and(|(s, post)| s.post == *post),
            Self::KeepsGate => holder(actor).is_some_and(|s| s.role == RoleKey::Gate),
            Self::IsAtCounter => holder(actor).is_some_and(|s| s.role == RoleKey::ServiceCentre),
            Self::HasSeat => has_seat(actor),
            Self::SitsAtSeat => has_seat(actor) || is_at_own_seat(actor, object),
            Self::ReadsUse => {
                Self::ScreensFor.permits(actor, object) || Self::RunsTerminals.permits(actor, object)
            }
            Self::IsTerminal => actor.terminal().is_some(),
            Self::RunsTerminals => holder(actor).is_some_and(|s| s.role == RoleKey::ItManager),
        }
    }
}

fn holder(actor: &Actor) -> Option<&Staff> {
    actor.staff().filter(|staff| staff.is_holder)
}

fn has_seat(actor: &Actor) -> bool {
    holder(actor).is_some_and(|s| s.role.has_seat())
}

fn is_at_own_seat(actor: &Actor, object: &Object) -> bool {
    actor
        .terminal()
        .is_some_and(|t| t.role.has_seat() && t.person.is_some() && *object == Object::Post(t.post.clone()))
}

fn reads_report(actor: &Actor, object: &Object) -> bool {
    let Object::Report { to, against } = object else { return false };
    let serves =
        |s: &Staff, post: &PostId| s.post == *post || s.screens.contains(post) || s.admits.contains(post);
    holder(actor)
        .is_some_and(|s| s.screens.contains(to) && against.as_ref().is_none_or(|against| !serves(s, against)))
}

fn post_of(object: &Object) -> Option<&PostId> {
    match object {
        Object::Post(post) | Object::Meeting { post, .. } => Some(post),
        _ => None,
    }
}

fn owns(actor: &Actor, object: &Object) -> bool {
    match (actor, object) {
        (
            Actor::Citizen { appointments, .. },
            Object::Appointment(appointment) | Object::Meeting { appointment, .. },
        ) => appointments.contains(appointment),
        _ => false,
    }
}

fn is_asked_in(actor: &Actor, object: &Object) -> bool {
    match (actor, object) {
        (Actor::Citizen { invites, .. }, Object::Meeting { appointment, .. }) => {
            invites.iter().any(|invite| invite.appointment == *appointment)
        }
        _ => false,
    }
}

fn staff_of_door(actor: &Actor, object: &Object) -> bool {
    holder(actor).zip(post_of(object)).is_some_and(|(s, post)| s.post == *post || s.admits.contains(post))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]
    use super::*;
    use crate::auth::Invite;
    use domain::id::{InviteId, PersonId, SessionId, UserId};
    use domain::text::Bilingual;

    fn post(id: &str) -> PostId {
        PostId::parse(id).unwrap()
    }

    fn appointment(id: &str) -> AppointmentId {
        AppointmentId::parse(id).unwrap()
    }

    fn staff(own: &str, role: RoleKey, is_holder: bool, for_posts: &[&str]) -> Actor {
        let posts: Vec<PostId> = for_posts.iter().map(|p| post(p)).collect();
        Actor::Staff(Box::new(Staff {
            session: SessionId::parse("s").unwrap(),
            user: UserId::parse("u").unwrap(),
            person: PersonId::parse("p").unwrap(),
            post: post(own),
            title: Bilingual::new("", ""),
            role,
            is_holder,
            screens: posts.clone(),
            admits: posts,
        }))
    }

    #[test]
    fn every_act_has_exactly_one_line() {
        for act in Act::ALL {
            assert_eq!(TABLE.iter().filter(|(a, _)| a == act).count(), 1, "{act:?}");
        }
        assert_eq!(TABLE.len(), Act::ALL.len());
    }

    #[test]
    fn someone_whose_charge_has_ended_may_only_sign_out() {
        let gone = staff("sec-hlt", RoleKey::DepartmentHead, false, &["sec-hlt"]);
        let open = [
            Act::ReadPublic,
            Act::HoldTime,
            Act::SignIn,
            Act::SignOut,
            Act::SpeakForOneself,
            Act::TryPath,
            Act::AskRelay,
            Act::OpenTerminal,
        ];
        for act in Act::ALL.iter().filter(|a| !open.contains(a)) {
            assert_eq!(
                allows(&gone, *act, &Object::Post(post("sec-hlt"))),
                Err(Denied::Forbidden),
                "{act:?}"
            );
        }
    }

    #[test]
    fn a_desk_decides_for_its_principal_and_for_nobody_else() {
        let desk = staff("desk-hlt", RoleKey::Desk, true, &["sec-hlt"]);
        assert!(allows(&desk, Act::Screen, &Object::Post(post("sec-hlt"))).is_ok());
        assert_eq!(allows(&desk, Act::Screen, &Object::Post(post("sec-edu"))), Err(Denied::Forbidden));
        assert_eq!(allows(&desk, Act::EndMeeting, &Object::Post(post("sec-hlt"))), Err(Denied::Forbidden));
        assert_eq!(allows(&desk, Act::Ring, &Object::Post(post("sec-edu"))), Err(Denied::Forbidden));
        assert_eq!(allows(&desk, Act::TakeSeat, &Object::Post(post("sec-hlt"))), Err(Denied::Forbidden));
    }

    #[test]
    fn the_office_runs_a_hearing_and_its_officer_alone_decides_it() {
        let pgro = Object::Post(post("pgro"));
        let may = |actor: &Actor, act| allows(actor, act, &pgro).is_ok();
        let officer = staff("pgro", RoleKey::GrievanceOfficer, true, &["pgro"]);
        let desk = staff("desk-pgro", RoleKey::Desk, true, &["pgro"]);
        let authority = staff("dm", RoleKey::DistrictHead, true, &["dm"]);
        for act in [Act::ReadHearings, Act::ReadHearing, Act::RunHearing] {
            assert!(may(&officer, act) && may(&desk, act) && !may(&authority, act), "{act:?}");
        }
        assert!(may(&officer, Act::DecideHearing) && !may(&desk, Act::DecideHearing));
        let of_authority = Object::Post(post("dm"));
        assert!(allows(&authority, Act::ReadHearingNotice, &of_authority).is_ok());
        assert!(allows(&desk, Act::ReadHearingNotice, &of_authority).is_err());
    }

    #[test]
    fn an_office_never_reads_what_is_said_of_it() {
        let report = Object::Report { to: post("cs"), against: Some(post("sec-hlt")) };
        let read = |own: &str, serves: &[&str]| {
            allows(&staff(own, RoleKey::Desk, true, serves), Act::AnswerReport, &report).is_ok()
        };
        assert!(read("desk-cs", &["cs"]));
        assert!(!read("desk-cs", &["cs", "sec-hlt"]), "not who serves both");
        assert!(
            !read("sec-hlt", &["sec-hlt"]) && !read("desk-hlt", &["sec-hlt"]) && !read("sec-hlt", &["cs"])
        );
        let abuse = Object::Report { to: post("cs"), against: None };
        assert!(
            allows(&staff("cs", RoleKey::ChiefSecretary, true, &["cs"]), Act::AnswerReport, &abuse).is_ok()
        );
    }

    #[test]
    fn a_citizen_reaches_his_own_meeting_and_no_other() {
        let citizen = Actor::Citizen {
            session: SessionId::parse("s").unwrap(),
            appointments: vec![appointment("a1")],
            invites: vec![Invite { id: InviteId::parse("i3").unwrap(), appointment: appointment("a3") }],
        };
        let meeting = |a: &str| Object::Meeting { appointment: appointment(a), post: post("sec-hlt") };
        assert!(allows(&citizen, Act::EnterMeeting, &meeting("a1")).is_ok());
        assert_eq!(allows(&citizen, Act::EnterMeeting, &meeting("a2")), Err(Denied::SignInFirst));
        assert!(allows(&citizen, Act::EnterMeeting, &meeting("a3")).is_ok(), "was asked in");
        assert!(
            allows(&citizen, Act::FillForm, &Object::Appointment(appointment("a3"))).is_err(),
            "and no more"
        );
        assert_eq!(allows(&citizen, Act::Admit, &meeting("a1")), Err(Denied::SignInFirst));
        assert_eq!(allows(&citizen, Act::Ring, &Object::House), Err(Denied::SignInFirst));
    }

    #[test]
    fn a_pass_opens_what_it_is_for_and_no_session_replaces_it() {
        let (publish, play) = (Object::Pass(Right::Publish), Object::Pass(Right::Play));
        assert!(allows(&Actor::Anyone, Act::PublishFromOutside, &publish).is_ok());
        assert!(allows(&Actor::Anyone, Act::PlayOutside, &play).is_ok());
        assert!(allows(&Actor::Anyone, Act::PlayOutside, &publish).is_err());
        assert!(allows(&Actor::Anyone, Act::PublishFromOutside, &play).is_err());
        let head = staff("sec-hlt", RoleKey::DepartmentHead, true, &["sec-hlt"]);
        for act in [Act::PublishFromOutside, Act::PlayOutside] {
            assert_eq!(allows(&head, act, &Object::Post(post("sec-hlt"))), Err(Denied::Forbidden));
        }
    }

    #[test]
    fn a_terminal_opens_the_seat_of_its_post_and_nothing_else_of_the_house() {
        let of = |person: Option<&str>| {
            Actor::Terminal(Box::new(crate::auth::Terminal {
                session: SessionId::parse("s").unwrap(),
                id: domain::id::TerminalId::parse("t").unwrap(),
                device: domain::hotline::Device::Chamber,
                post: post("sec-hlt"),
                title: Bilingual::new("", ""),
                role: RoleKey::DepartmentHead,
                person: person.map(|id| PersonId::parse(id).unwrap()),
            }))
        };
        let public = [Act::ReadPublic, Act::HoldTime, Act::SignIn, Act::TryPath, Act::OpenTerminal];
        let own = [Act::UseTerminal, Act::SpeakForOneself, Act::AskRelay];
        let seat = [Act::TakeSeat, Act::Ring, Act::AnswerCall];
        let meeting = Object::Meeting { appointment: appointment("a1"), post: post("sec-hlt") };
        let report = Object::Report { to: post("sec-hlt"), against: None };
        let objects =
            [Object::House, Object::Post(post("sec-hlt")), Object::Post(post("sec-edu")), meeting, report];
        for (act, object) in Act::ALL.iter().flat_map(|act| objects.iter().map(move |object| (act, object))) {
            let is_own_seat = seat.contains(act) && *object == objects[1];
            let may = public.contains(act) || own.contains(act) || is_own_seat;
            assert_eq!(allows(&of(Some("p")), *act, object).is_ok(), may, "{act:?} {object:?}");
            let may_vacant = public.contains(act) || own.contains(act);
            assert_eq!(allows(&of(None), *act, object).is_ok(), may_vacant, "vacant {act:?} {object:?}");
        }
        let manager = staff("it-1", RoleKey::ItManager, true, &["it-1"]);
        assert!(allows(&manager, Act::ManageTerminals, &Object::House).is_ok());
        assert!(allows(&manager, Act::ReadUse, &Object::House).is_ok(), "numbers, of no talk");
        assert!(allows(&manager, Act::AskSeats, &Object::Post(post("cs"))).is_err());
        assert!(allows(&manager, Act::TakeSeat, &Object::Post(post("sec-hlt"))).is_err());
        let head = staff("sec-hlt", RoleKey::DepartmentHead, true, &["sec-hlt"]);
        assert!(allows(&head, Act::ManageTerminals, &Object::House).is_err());
    }

    #[test]
    fn a_desk_reads_who_rang_and_its_officer_alone_hears_what_was_left() {
        let own = Object::Post(post("sec-hlt"));
        let (head, desk) = (
            staff("sec-hlt", RoleKey::DepartmentHead, true, &["sec-hlt"]),
            staff("desk-hlt", RoleKey::Desk, true, &["sec-hlt"]),
        );
        let other = staff("sec-edu", RoleKey::DepartmentHead, true, &["sec-edu"]);
        for act in [Act::ReadMissed, Act::HearWord, Act::NoteMissed] {
            assert!(allows(&head, act, &own).is_ok() && allows(&other, act, &own).is_err(), "{act:?}");
            assert_eq!(allows(&desk, act, &own).is_ok(), act == Act::ReadMissed, "{act:?}");
        }
        assert!(allows(&other, Act::LeaveWord, &own).is_ok() && allows(&desk, Act::LeaveWord, &own).is_err());
    }

    #[test]
    fn a_link_opens_what_it_is_for_and_nothing_without_it() {
        let link = Object::Link(appointment("a1"));
        assert!(allows(&Actor::Anyone, Act::ReadSlip, &link).is_ok());
        assert_eq!(allows(&Actor::Anyone, Act::ReadSlip, &Object::House), Err(Denied::SignInFirst));
        assert_eq!(allows(&Actor::Anyone, Act::FillForm, &link), Err(Denied::SignInFirst));
        assert_eq!(allows(&Actor::Anyone, Act::ReadOutbox, &Object::House), Err(Denied::SignInFirst));
    }
}
