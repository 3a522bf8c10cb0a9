//! What others do to the order of a queue: the desk moves somebody with a reason, the officer is late, a meeting by video
//! begins, breaks off and ends.
//!
//! Pure, and never strikes anybody off: who is not there when called keeps a place, and who comes again is called again.

use jiff::{SignedDuration, Timestamp};

use super::queue::{Lateness, Number, Queue, QueueError, Standing, Ticket, in_order};

/// So long after its time a day that has not begun is late, whether the officer says so or not.
pub const LATE_AFTER: SignedDuration = SignedDuration::from_mins(5);
/// By so much an officer says that he is late, in minutes.
pub const LATE_MINUTES: [i64; 3] = [10, 20, 30];
/// Two people who would stand at one place are so far apart: the finest that a row holds.
const APART: SignedDuration = SignedDuration::from_millis(1);

/// Which way somebody is moved by the desk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// One place nearer to the door.
    Up,
    /// One place further back.
    Down,
}

impl Step {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
        }
    }

    /// The step of a code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Up, Self::Down].into_iter().find(|step| step.code() == code)
    }
}

/// Why somebody is moved in the order. Those that the desk may choose from; each is written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MoveReason {
    /// Old, ill, with a disability, expecting a child or with a small one.
    Infirm,
    /// A last bus, a court, a hospital: cannot wait.
    Bound,
    /// The matter brooks no delay.
    Urgent,
    /// On the person's own wish.
    Wish,
    /// A paper or a companion is still missing.
    Unready,
    /// Puts right what was done by mistake.
    Mistake,
}

impl MoveReason {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 6] =
        [Self::Infirm, Self::Bound, Self::Urgent, Self::Wish, Self::Unready, Self::Mistake];

    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Infirm => "infirm",
            Self::Bound => "bound",
            Self::Urgent => "urgent",
            Self::Wish => "wish",
            Self::Unready => "unready",
            Self::Mistake => "mistake",
        }
    }

    /// The reason of a code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.code() == code)
    }
}

impl Queue {
    /// How late the officer is.
    #[must_use]
    pub const fn late(&self) -> Lateness {
        self.late
    }

    /// Has anybody been called today?
    #[must_use]
    pub fn has_begun(&self) -> bool {
        let begun = |t: &Ticket| {
            matches!(t.standing, Standing::Called(_) | Standing::Inside(_) | Standing::Heard) || t.calls > 0
        };
        self.tickets.iter().any(begun)
    }

    /// Since when the first of those who are here should have been called, if nobody has been and the officer has not
    /// said that he is late; `None` until [`LATE_AFTER`] is over.
    #[must_use]
    pub fn overdue_since(&self, now: Timestamp) -> Option<Timestamp> {
        if self.has_begun() || self.late.until.is_some_and(|until| now < until) {
            return None;
        }
        let since = self.waiting().first().map(|t| t.order_at())?;
        let since = self.late.until.map_or(since, |until| since.max(until));
        (now.duration_since(since) >= LATE_AFTER).then_some(since)
    }

    /// The officer is late: begins, or goes on, so much after the first who is due, or after now.
    pub fn be_late(&mut self, now: Timestamp, by: SignedDuration) {
        let due = self
            .tickets
            .iter()
            .filter(|t| matches!(t.standing, Standing::Here(_) | Standing::Expected))
            .map(Ticket::order_at);
        let from = due.min().map_or(now, |first| first.max(now));
        self.late = Lateness { by: self.late.by.max(by), until: from.checked_add(by).ok() };
    }

    /// The day should have begun and nobody has said why: it is late by what has passed, until somebody is called.
    ///
    /// * returns: whether this is news; once a day it is, and not at all when the officer has said so himself.
    pub fn notice_lateness(&mut self, now: Timestamp) -> bool {
        let since = self.overdue_since(now).filter(|_| self.late == Lateness::default());
        if let Some(since) = since {
            self.late.by = now.duration_since(since);
        }
        since.is_some()
    }

    /// The desk moves somebody who waits by one place.
    ///
    /// * returns: how many go before the person now.
    ///
    /// # Errors
    /// [`QueueError::Unknown`] for somebody who does not wait here, [`QueueError::OutOfTurn`] when there is nobody on
    /// that side.
    pub fn shift(&mut self, number: Number, step: Step) -> Result<usize, QueueError> {
        let mut order: Vec<Number> = self.waiting().iter().map(|t| t.number).collect();
        let from = order.iter().position(|one| *one == number).ok_or(QueueError::Unknown)?;
        let to = match step {
            Step::Up => from.checked_sub(1),
            Step::Down => Some(from + 1).filter(|to| *to < order.len()),
        };
        let to = to.ok_or(QueueError::OutOfTurn)?;
        order.swap(from, to);
        // The one who is moved stands next to the other; only who would stand in the same place makes room.
        match step {
            Step::Up => self.stand_before(&order[..=to], order[from])?,
            Step::Down => self.stand_behind(&order[to..], order[from])?,
        }
        Ok(to)
    }

    /// The last of `line` stands before `next`, and those before it before it.
    fn stand_before(&mut self, line: &[Number], next: Number) -> Result<(), QueueError> {
        let mut next = self.ticket(next)?.clone();
        for (place, number) in line.iter().rev().enumerate() {
            let ticket = self.ticket(*number)?;
            if place > 0 && in_order(ticket, &next).is_lt() {
                return Ok(());
            }
            let at = next.order_at();
            ticket.moved_to = Some(if ticket.number < next.number { at } else { at - APART });
            next = ticket.clone();
        }
        Ok(())
    }

    /// The first of `line` stands behind `last`, and those behind it behind it.
    fn stand_behind(&mut self, line: &[Number], last: Number) -> Result<(), QueueError> {
        let mut last = self.ticket(last)?.clone();
        for (place, number) in line.iter().enumerate() {
            let ticket = self.ticket(*number)?;
            if place > 0 && in_order(ticket, &last).is_gt() {
                return Ok(());
            }
            let at = last.order_at();
            ticket.moved_to = Some(if ticket.number > last.number { at } else { at + APART });
            last = ticket.clone();
        }
        Ok(())
    }

    /// Somebody was let in from the lobby of his meeting: is called, unless another is inside or called.
    ///
    /// # Errors
    /// [`QueueError::Unknown`]; [`QueueError::Occupied`]; [`QueueError::OutOfTurn`] for somebody who is there already or
    /// has been heard.
    pub fn summon(&mut self, number: Number, now: Timestamp) -> Result<(), QueueError> {
        let standing = self.ticket(number)?.standing;
        if !matches!(standing, Standing::Expected | Standing::Here(_)) {
            return Err(QueueError::OutOfTurn);
        }
        if self.tickets.iter().any(|t| matches!(t.standing, Standing::Called(_) | Standing::Inside(_))) {
            return Err(QueueError::Occupied);
        }
        let ticket = self.ticket(number)?;
        (ticket.standing, ticket.has_come) = (Standing::Called(now), true);
        self.late.until = None;
        Ok(())
    }

    /// Somebody and the officer are in one meeting: he is inside, whatever stood here before. Who was inside has been
    /// heard; who was called and did not get in waits again at his place.
    ///
    /// # Errors
    /// [`QueueError::Unknown`], or [`QueueError::OutOfTurn`] for somebody who is inside already.
    pub fn meet(&mut self, number: Number, now: Timestamp) -> Result<(), QueueError> {
        if matches!(self.ticket(number)?.standing, Standing::Inside(_)) {
            return Err(QueueError::OutOfTurn);
        }
        for other in &mut self.tickets {
            match other.standing {
                Standing::Inside(_) => other.standing = Standing::Heard,
                Standing::Called(_) => other.standing = Standing::Here(now),
                _ => {}
            }
        }
        let ticket = self.ticket(number)?;
        (ticket.standing, ticket.has_come) = (Standing::Inside(now), true);
        self.late.until = None;
        Ok(())
    }

    /// The line of whoever is inside is lost: he is called and not there, and comes in again when he is back.
    ///
    /// # Errors
    /// [`QueueError::Unknown`], or [`QueueError::OutOfTurn`] for somebody who is not inside.
    pub fn lose(&mut self, number: Number, now: Timestamp) -> Result<(), QueueError> {
        let ticket = self.ticket(number)?;
        if !matches!(ticket.standing, Standing::Inside(_)) {
            return Err(QueueError::OutOfTurn);
        }
        ticket.standing = Standing::Called(now);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]
    use super::*;
    use proptest::prelude::*;

    fn minute(n: i64) -> Timestamp {
        Timestamp::from_second(n * 60).unwrap()
    }

    fn minutes(n: i64) -> SignedDuration {
        SignedDuration::from_mins(n)
    }

    /// Three with times at 600, 610 and 620, all here.
    fn three() -> (Queue, [Number; 3]) {
        let mut queue = Queue::new(minutes(15));
        let numbers = [600, 610, 620].map(|at| queue.expect(minute(at)).unwrap());
        numbers.iter().for_each(|number| queue.arrive(*number, minute(590)).unwrap());
        (queue, numbers)
    }

    fn order(queue: &Queue) -> Vec<u32> {
        queue.waiting().iter().map(|t| t.number.0).collect()
    }

    fn standing(queue: &Queue, number: Number) -> Standing {
        queue.tickets()[number.0 as usize - 1].standing
    }

    #[test]
    fn the_desk_moves_one_person_and_nobody_else_changes_place_beside_the_two() {
        let (mut queue, [a, b, c]) = three();
        assert_eq!(queue.shift(c, Step::Up), Ok(1));
        assert_eq!(order(&queue), [1, 3, 2]);
        assert_eq!(queue.shift(c, Step::Up), Ok(0));
        assert_eq!(order(&queue), [3, 1, 2]);
        assert_eq!(queue.shift(c, Step::Up), Err(QueueError::OutOfTurn), "nobody is before him");
        assert_eq!(queue.shift(a, Step::Down), Ok(2));
        assert_eq!(order(&queue), [3, 2, 1]);
        assert_eq!(queue.shift(a, Step::Down), Err(QueueError::OutOfTurn));
        assert_eq!(queue.tickets()[b.0 as usize - 1].moved_to, None, "he was passed, not moved");
        assert_eq!(queue.shift(Number(9), Step::Up), Err(QueueError::Unknown));
        let fourth = queue.expect(minute(630)).unwrap();
        assert_eq!(queue.shift(fourth, Step::Up), Err(QueueError::Unknown), "he is not here");
    }

    #[test]
    fn who_is_moved_up_before_somebody_early_leaves_that_persons_time_alone() {
        let mut queue = Queue::new(minutes(15));
        let (first, far) = (queue.expect(minute(600)).unwrap(), queue.expect(minute(900)).unwrap());
        let later = queue.expect(minute(700)).unwrap();
        queue.arrive(first, minute(590)).unwrap();
        queue.arrive(far, minute(590)).unwrap();
        queue.shift(far, Step::Up).unwrap();
        queue.arrive(later, minute(595)).unwrap();
        assert_eq!(order(&queue), [far.0, first.0, later.0]);
    }

    #[test]
    fn tokens_after_somebody_who_was_moved_are_due_as_before() {
        let (mut queue, [_, _, last]) = three();
        let token = queue.take_token(minute(590)).unwrap();
        for _ in 0..3 {
            queue.shift(token, Step::Down).unwrap();
        }
        assert_eq!(order(&queue).last(), Some(&token.0));
        let next = queue.take_token(minute(591)).unwrap();
        assert_eq!(
            queue.tickets()[next.0 as usize - 1].due_at,
            minute(605),
            "fifteen minutes after the other"
        );
        assert!(
            order(&queue).iter().position(|n| *n == next.0) < order(&queue).iter().position(|n| *n == last.0)
        );
    }

    #[test]
    fn who_comes_later_because_the_officer_is_late_is_not_late() {
        let mut queue = Queue::new(minutes(15));
        let (first, second) = (queue.expect(minute(600)).unwrap(), queue.expect(minute(610)).unwrap());
        queue.be_late(minute(590), minutes(20));
        assert_eq!(queue.late(), Lateness { by: minutes(20), until: Some(minute(620)) });
        queue.arrive(second, minute(606)).unwrap();
        queue.arrive(first, minute(618)).unwrap();
        assert_eq!(order(&queue), [first.0, second.0]);
        queue.be_late(minute(619), minutes(10));
        assert_eq!(queue.late().by, minutes(20), "what was promised to those who come stands");
        queue.call_next(minute(625)).unwrap();
        assert_eq!(queue.late(), Lateness { by: minutes(20), until: None }, "he has begun");
    }

    #[test]
    fn a_day_that_has_not_begun_five_minutes_after_its_time_is_late_once() {
        let mut queue = Queue::new(minutes(15));
        let first = queue.expect(minute(600)).unwrap();
        assert!(!queue.notice_lateness(minute(610)), "nobody is here who would wait for him");
        queue.arrive(first, minute(599)).unwrap();
        assert!(!queue.notice_lateness(minute(604)));
        assert!(queue.notice_lateness(minute(605)));
        assert!(!queue.notice_lateness(minute(615)), "once");
        let mut said = Queue::new(minutes(15));
        let first = said.expect(minute(600)).unwrap();
        said.arrive(first, minute(590)).unwrap();
        said.be_late(minute(595), minutes(10));
        assert!(!said.notice_lateness(minute(612)), "he has said so himself");
        assert_eq!(said.overdue_since(minute(614)), None);
        assert_eq!(said.overdue_since(minute(616)), Some(minute(610)), "later than he said");
    }

    #[test]
    fn a_meeting_by_video_goes_in_breaks_off_comes_again_and_is_heard() {
        let (mut queue, [a, b, c]) = three();
        queue.summon(b, minute(600)).unwrap();
        assert_eq!(queue.summon(c, minute(600)), Err(QueueError::Occupied));
        queue.meet(b, minute(601)).unwrap();
        assert_eq!(queue.meet(b, minute(601)), Err(QueueError::OutOfTurn));
        queue.lose(b, minute(602)).unwrap();
        assert_eq!(standing(&queue, b), Standing::Called(minute(602)));
        queue.meet(b, minute(603)).unwrap();
        queue.lose(b, minute(604)).unwrap();
        queue.meet(a, minute(605)).unwrap();
        assert_eq!(order(&queue), [b.0, c.0], "whose line was lost waits at his place when another is taken");
        queue.meet(b, minute(610)).unwrap();
        assert_eq!(standing(&queue, a), Standing::Heard);
        queue.hear(b).unwrap();
        assert_eq!(queue.hear(b), Err(QueueError::OutOfTurn));
        assert_eq!(order(&queue), [c.0]);
    }

    #[derive(Debug, Clone, Copy)]
    enum Act {
        Expect(i64),
        Token,
        Arrive(u32),
        Next,
        Miss,
        Late(usize),
        Shift(u32, Step),
        Summon(u32),
        Meet(u32),
        Lose(u32),
        Go(u32),
        Leave(u32),
    }

    fn act() -> impl Strategy<Value = Act> {
        let one = 1u32..12;
        prop_oneof![
            (0i64..120).prop_map(Act::Expect),
            Just(Act::Token),
            one.clone().prop_map(Act::Arrive),
            Just(Act::Next),
            Just(Act::Miss),
            (0usize..3).prop_map(Act::Late),
            (one.clone(), prop_oneof![Just(Step::Up), Just(Step::Down)])
                .prop_map(|(n, step)| Act::Shift(n, step)),
            one.clone().prop_map(Act::Summon),
            one.clone().prop_map(Act::Meet),
            one.clone().prop_map(Act::Lose),
            one.clone().prop_map(Act::Go),
            one.prop_map(Act::Leave),
        ]
    }

    fn carry(queue: &mut Queue, act: Act, now: i64) {
        let at = minute(now);
        let at_door = |queue: &Queue| {
            queue.tickets().iter().find(|t| matches!(t.standing, Standing::Called(_))).map(|t| t.number)
        };
        let _ = match act {
            Act::Expect(after) => queue.expect(minute(now + after)).map(drop),
            Act::Token => queue.take_token(at).map(drop),
            Act::Arrive(n) => queue.arrive(Number(n), at),
            Act::Next => queue.call_next(at).map(drop),
            Act::Miss => at_door(queue).map_or(Ok(()), |number| queue.miss(number, at).map(drop)),
            Act::Late(n) => {
                queue.be_late(at, minutes(LATE_MINUTES[n]));
                Ok(())
            }
            Act::Shift(n, step) => queue.shift(Number(n), step).map(drop),
            Act::Summon(n) => queue.summon(Number(n), at),
            Act::Meet(n) => queue.meet(Number(n), at),
            Act::Lose(n) => queue.lose(Number(n), at),
            Act::Go(n) => queue.go(Number(n)),
            Act::Leave(n) => queue.leave(Number(n)),
        };
    }

    proptest! {
        /// Whatever desk, officer and lines do: one at the door at most, nobody struck off, and everybody who is here is
        /// heard in the end, each after as many as stood before him.
        #[test]
        fn nobody_loses_his_turn(acts in prop::collection::vec(act(), 1..160)) {
            let mut queue = Queue::new(minutes(15));
            for (now, act) in (0..).zip(acts) {
                let there: Vec<Number> = queue.waiting().iter().map(|t| t.number).collect();
                carry(&mut queue, act, now);
                let at_door = queue.tickets().iter()
                    .filter(|t| matches!(t.standing, Standing::Called(_) | Standing::Inside(_))).count();
                prop_assert!(at_door <= 1, "{at_door} at the door after {act:?}");
                for number in there {
                    prop_assert!(!matches!(standing(&queue, number), Standing::Gone | Standing::Expected));
                }
            }
            prop_assert!(queue.tickets().iter().all(|t| t.standing != Standing::Gone));
            let door = queue.tickets().iter().find(|t| matches!(t.standing, Standing::Called(_) | Standing::Inside(_)));
            if let Some(number) = door.map(|t| t.number) {
                let _ = queue.meet(number, minute(1_000));
                queue.leave(number).unwrap();
            }
            let order: Vec<Number> = queue.waiting().iter().map(|t| t.number).collect();
            for number in order {
                prop_assert_eq!(queue.call_next(minute(1_000)), Ok(number));
                queue.meet(number, minute(1_000)).unwrap();
                queue.leave(number).unwrap();
            }
            prop_assert!(queue.waiting().is_empty());
        }

        /// A step changes the order of two neighbours and of nobody else, and the step back brings the order back.
        #[test]
        fn a_step_and_the_step_back_leave_the_order_as_it_was(
            dues in prop::collection::vec(0i64..4, 2..9),
            steps in prop::collection::vec((1u32..9, any::<bool>()), 1..30),
        ) {
            let mut queue = Queue::new(minutes(15));
            for due in &dues {
                let number = queue.expect(minute(600 + due)).unwrap();
                queue.arrive(number, minute(590)).unwrap();
            }
            for (number, is_up) in steps {
                let before = order(&queue);
                let (step, back) = if is_up { (Step::Up, Step::Down) } else { (Step::Down, Step::Up) };
                let Ok(place) = queue.shift(Number(number), step) else {
                    prop_assert_eq!(order(&queue), before);
                    continue;
                };
                let mut wanted = before.clone();
                wanted.swap(place, if is_up { place + 1 } else { place - 1 });
                prop_assert_eq!(order(&queue), wanted);
                let mut undone = queue.clone();
                undone.shift(Number(number), back).unwrap();
                prop_assert_eq!(order(&undone), before);
            }
        }
    }
}
