//! The queue at a door: people with a time, people with a token and callers in one published order.
//!
//! Everybody is due at a time of his own, and whoever is here and due first is called first. Who has a time is due then;
//! who comes without one is due at once, but each such person a set span after the one before, so that people with a time
//! are not pushed aside and people without are not passed over: nobody who becomes due later goes first. Who is called
//! twice and is not there is moved back, and never struck off. What the desk, the officer's delay and a meeting by video
//! change in it is in `turn.rs`.

use std::cmp::Ordering;

use jiff::{SignedDuration, Timestamp};

/// Calls in vain before somebody is moved back.
pub const CALLS_MAX: u8 = 2;
/// Moved back by this much.
pub const MOVED_BACK: SignedDuration = SignedDuration::from_mins(10);
/// Most tickets of one queue and day.
pub const TICKETS_MAX: usize = 2_000;

/// The number that stands on a slip and on the board, from 1 on, of one queue and day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Number(pub u32);

/// Where somebody stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Has a time and is not here yet.
    Expected,
    /// Is here, or on the line, since then.
    Here(Timestamp),
    /// Has been called and has not come in yet.
    Called(Timestamp),
    /// Is inside since then.
    Inside(Timestamp),
    /// Has been heard.
    Heard,
    /// Has no time here any more: it was taken back, or is on another day.
    Gone,
    /// Went home without having been heard; has a place again whoever comes back.
    Left,
}

/// One person in the queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticket {
    /// Its number.
    pub number: Number,
    /// When its turn is due.
    pub due_at: Timestamp,
    /// Where the person stands.
    pub standing: Standing,
    /// Calls in vain since the person was last moved back.
    pub calls: u8,
    /// Came without a time.
    pub is_walk_in: bool,
    /// Was here, or on the line, today.
    pub has_come: bool,
    /// Where the desk has put the person in the order; nobody else has a place other than that of his time.
    pub moved_to: Option<Timestamp>,
}

impl Ticket {
    /// What the order goes by.
    #[must_use]
    pub fn order_at(&self) -> Timestamp {
        self.moved_to.unwrap_or(self.due_at)
    }
}

/// How late the officer is today.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Lateness {
    /// By how much everybody was told that it is later: whoever comes so much after the time is not late.
    pub by: SignedDuration,
    /// When the officer begins or goes on; nothing once somebody has been called since.
    pub until: Option<Timestamp>,
}

/// A move that the queue's state does not allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum QueueError {
    /// There is no such number today.
    #[error("there is no such number in this queue")]
    Unknown,
    /// The person does not stand where this move begins.
    #[error("this is not possible where the person stands now")]
    OutOfTurn,
    /// Somebody is inside or called already.
    #[error("somebody is inside or called already")]
    Occupied,
    /// [`TICKETS_MAX`] tickets have been given.
    #[error("the queue of this day is full")]
    Full,
}

/// The queue of one officer and day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queue {
    pub(super) tickets: Vec<Ticket>,
    /// Between two people who come without a time.
    walk_in_every: SignedDuration,
    pub(super) late: Lateness,
}

impl Queue {
    /// An empty queue.
    ///
    /// * `walk_in_every`: so far apart people without a time are due.
    #[must_use]
    pub const fn new(walk_in_every: SignedDuration) -> Self {
        Self { tickets: Vec::new(), walk_in_every, late: Lateness { by: SignedDuration::ZERO, until: None } }
    }

    /// The queue as its tickets stand; `None` unless they are numbered from one on, without a gap.
    #[must_use]
    pub fn restored(walk_in_every: SignedDuration, tickets: Vec<Ticket>) -> Option<Self> {
        let is_whole = tickets.iter().zip(1..).all(|(ticket, number)| ticket.number == Number(number));
        let late = Lateness::default();
        (is_whole && tickets.len() <= TICKETS_MAX).then_some(Self { tickets, walk_in_every, late })
    }

    /// The same queue on a day on which the officer is so late.
    #[must_use]
    pub const fn with_lateness(mut self, late: Lateness) -> Self {
        self.late = late;
        self
    }

    /// So far apart people without a time are due.
    #[must_use]
    pub const fn walk_in_every(&self) -> SignedDuration {
        self.walk_in_every
    }

    /// All tickets, by number.
    #[must_use]
    pub fn tickets(&self) -> &[Ticket] {
        &self.tickets
    }

    /// Somebody has a time today.
    ///
    /// # Errors
    /// [`QueueError::Full`].
    pub fn expect(&mut self, at: Timestamp) -> Result<Number, QueueError> {
        self.add(at, Standing::Expected)
    }

    /// Somebody comes, or calls, without a time.
    ///
    /// # Errors
    /// [`QueueError::Full`].
    pub fn take_token(&mut self, now: Timestamp) -> Result<Number, QueueError> {
        let last = self.tickets.iter().filter(|t| t.is_walk_in).map(|t| t.due_at).max();
        let due_at =
            last.and_then(|at| at.checked_add(self.walk_in_every).ok()).map_or(now, |at| at.max(now));
        let number = self.add(due_at, Standing::Here(now))?;
        self.tickets[number.0 as usize - 1].is_walk_in = true;
        Ok(number)
    }

    fn add(&mut self, due_at: Timestamp, standing: Standing) -> Result<Number, QueueError> {
        if self.tickets.len() >= TICKETS_MAX {
            return Err(QueueError::Full);
        }
        let number = Number(self.tickets.len() as u32 + 1);
        let (has_come, is_walk_in, moved_to) = (matches!(standing, Standing::Here(_)), false, None);
        self.tickets.push(Ticket { number, due_at, standing, calls: 0, is_walk_in, has_come, moved_to });
        Ok(number)
    }

    /// Somebody with a time is here. Who comes after it is due on coming, unless the officer is later still.
    ///
    /// # Errors
    /// [`QueueError::Unknown`], or [`QueueError::OutOfTurn`] for somebody who is here already.
    pub fn arrive(&mut self, number: Number, now: Timestamp) -> Result<(), QueueError> {
        let late_by = self.late.by;
        let ticket = self.ticket(number)?;
        if !matches!(ticket.standing, Standing::Expected | Standing::Left) {
            return Err(QueueError::OutOfTurn);
        }
        let is_in_time = now <= ticket.due_at.checked_add(late_by).unwrap_or(ticket.due_at);
        ticket.due_at = if is_in_time { ticket.due_at } else { now };
        (ticket.standing, ticket.has_come) = (Standing::Here(now), true);
        Ok(())
    }

    /// Somebody with a time, who is not here yet, was gone or went home, has another time on the same day.
    ///
    /// # Errors
    /// [`QueueError::Unknown`], or [`QueueError::OutOfTurn`] for somebody who is here already.
    pub fn put_off(&mut self, number: Number, at: Timestamp) -> Result<(), QueueError> {
        let ticket = self.ticket(number)?;
        if !matches!(ticket.standing, Standing::Expected | Standing::Gone | Standing::Left) {
            return Err(QueueError::OutOfTurn);
        }
        (ticket.standing, ticket.due_at, ticket.moved_to) = (Standing::Expected, at, None);
        Ok(())
    }

    /// Somebody has no time here any more.
    ///
    /// # Errors
    /// [`QueueError::Unknown`], or [`QueueError::OutOfTurn`] for somebody who is inside, has been heard, went or is gone.
    pub fn withdraw(&mut self, number: Number) -> Result<(), QueueError> {
        self.part(number, Standing::Gone)
    }

    /// Somebody goes home without having been heard. The time stays his: whoever comes back today has a place again.
    ///
    /// # Errors
    /// [`QueueError::Unknown`], or [`QueueError::OutOfTurn`] for somebody who is inside, has been heard, went or is gone.
    pub fn go(&mut self, number: Number) -> Result<(), QueueError> {
        self.part(number, Standing::Left)
    }

    fn part(&mut self, number: Number, standing: Standing) -> Result<(), QueueError> {
        let ticket = self.ticket(number)?;
        if !matches!(ticket.standing, Standing::Expected | Standing::Here(_) | Standing::Called(_)) {
            return Err(QueueError::OutOfTurn);
        }
        ticket.standing = standing;
        Ok(())
    }

    /// How many who are here, or have a time, go before this one; `None` for whoever does not wait or is not expected.
    #[must_use]
    pub fn before(&self, number: Number) -> Option<usize> {
        let waits = |t: &&Ticket| matches!(t.standing, Standing::Here(_) | Standing::Expected);
        let own = self.tickets.iter().filter(waits).find(|t| t.number == number)?;
        Some(self.tickets.iter().filter(waits).filter(|t| in_order(t, own) == Ordering::Less).count())
    }

    /// Those who wait, in the order in which they will be called.
    #[must_use]
    pub fn waiting(&self) -> Vec<&Ticket> {
        let mut waiting: Vec<&Ticket> =
            self.tickets.iter().filter(|t| matches!(t.standing, Standing::Here(_))).collect();
        waiting.sort_by(|a, b| in_order(a, b));
        waiting
    }

    /// Calls whoever is due first among those who are here.
    ///
    /// # Errors
    /// [`QueueError::Occupied`] while somebody is inside or called, [`QueueError::Unknown`] when nobody waits.
    pub fn call_next(&mut self, now: Timestamp) -> Result<Number, QueueError> {
        if self.tickets.iter().any(|t| matches!(t.standing, Standing::Called(_) | Standing::Inside(_))) {
            return Err(QueueError::Occupied);
        }
        let next = self.waiting().first().map(|t| t.number).ok_or(QueueError::Unknown)?;
        self.ticket(next)?.standing = Standing::Called(now);
        self.late.until = None;
        Ok(next)
    }

    /// Calls this one, whoever is due first: a case of the cause list is called by its number. Who was called and has not
    /// come in waits again, or is expected again if nobody has seen him yet.
    ///
    /// # Errors
    /// [`QueueError::Unknown`], [`QueueError::Occupied`] while somebody else is inside, or [`QueueError::OutOfTurn`] for
    /// somebody who has been heard or is gone.
    pub fn call(&mut self, number: Number, now: Timestamp) -> Result<(), QueueError> {
        match self.ticket(number)?.standing {
            Standing::Heard | Standing::Gone | Standing::Left => return Err(QueueError::OutOfTurn),
            Standing::Inside(_) => return Ok(()),
            Standing::Expected | Standing::Here(_) | Standing::Called(_) => {}
        }
        if self.tickets.iter().any(|t| matches!(t.standing, Standing::Inside(_))) {
            return Err(QueueError::Occupied);
        }
        for ticket in &mut self.tickets {
            if let Standing::Called(_) = ticket.standing {
                ticket.standing = if ticket.has_come { Standing::Here(now) } else { Standing::Expected };
            }
        }
        self.ticket(number)?.standing = Standing::Called(now);
        self.late.until = None;
        Ok(())
    }

    /// Whoever was called comes in.
    ///
    /// # Errors
    /// [`QueueError::Unknown`], or [`QueueError::OutOfTurn`] for somebody who was not called.
    pub fn enter(&mut self, number: Number, now: Timestamp) -> Result<(), QueueError> {
        let ticket = self.ticket(number)?;
        if !matches!(ticket.standing, Standing::Called(_)) {
            return Err(QueueError::OutOfTurn);
        }
        (ticket.standing, ticket.has_come) = (Standing::Inside(now), true);
        Ok(())
    }

    /// Whoever was called did not come: is called once more, then moved back.
    ///
    /// * returns: whether the person has been moved back.
    ///
    /// # Errors
    /// [`QueueError::Unknown`], or [`QueueError::OutOfTurn`] for somebody who was not called.
    pub fn miss(&mut self, number: Number, now: Timestamp) -> Result<bool, QueueError> {
        let ticket = self.ticket(number)?;
        if !matches!(ticket.standing, Standing::Called(_)) {
            return Err(QueueError::OutOfTurn);
        }
        ticket.calls += 1;
        if ticket.calls < CALLS_MAX {
            ticket.standing = Standing::Called(now);
            return Ok(false);
        }
        let due_at = now.checked_add(MOVED_BACK).unwrap_or(now);
        (ticket.standing, ticket.calls) = (Standing::Here(now), 0);
        (ticket.due_at, ticket.moved_to) = (due_at, None);
        Ok(true)
    }

    /// Whoever is inside has been heard.
    ///
    /// # Errors
    /// [`QueueError::Unknown`], or [`QueueError::OutOfTurn`] for somebody who is not inside.
    pub fn leave(&mut self, number: Number) -> Result<(), QueueError> {
        let ticket = self.ticket(number)?;
        if !matches!(ticket.standing, Standing::Inside(_)) {
            return Err(QueueError::OutOfTurn);
        }
        ticket.standing = Standing::Heard;
        Ok(())
    }

    /// The outcome of somebody's meeting was written down: he has been heard, wherever he stood.
    ///
    /// # Errors
    /// [`QueueError::Unknown`], or [`QueueError::OutOfTurn`] for somebody who has been heard or is gone.
    pub fn hear(&mut self, number: Number) -> Result<(), QueueError> {
        let ticket = self.ticket(number)?;
        if matches!(ticket.standing, Standing::Heard | Standing::Gone) {
            return Err(QueueError::OutOfTurn);
        }
        ticket.standing = Standing::Heard;
        Ok(())
    }

    pub(super) fn ticket(&mut self, number: Number) -> Result<&mut Ticket, QueueError> {
        let place = (number.0 as usize).checked_sub(1).ok_or(QueueError::Unknown)?;
        self.tickets.get_mut(place).ok_or(QueueError::Unknown)
    }
}

/// Who goes first.
pub(super) fn in_order(a: &Ticket, b: &Ticket) -> Ordering {
    (a.order_at(), a.number).cmp(&(b.order_at(), b.number))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]
    use super::*;
    use proptest::prelude::*;

    fn minute(n: i64) -> Timestamp {
        Timestamp::from_second(n * 60).unwrap()
    }

    fn queue() -> Queue {
        Queue::new(SignedDuration::from_mins(15))
    }

    fn serve(queue: &mut Queue, now: i64) -> u32 {
        let number = queue.call_next(minute(now)).unwrap();
        queue.enter(number, minute(now)).unwrap();
        queue.leave(number).unwrap();
        number.0
    }

    #[test]
    fn a_crowd_without_a_time_does_not_push_aside_who_has_one_and_is_not_passed_over() {
        let mut queue = queue();
        let timed = [600, 610, 620].map(|at| queue.expect(minute(at)).unwrap());
        for _ in 0..4 {
            queue.take_token(minute(590)).unwrap(); // due at 590, 605, 620, 635
        }
        timed.iter().for_each(|number| queue.arrive(*number, minute(595)).unwrap());
        let order: Vec<u32> = (0..7).map(|turn| serve(&mut queue, 600 + 10 * turn)).collect();
        assert_eq!(order, [4, 1, 5, 2, 3, 6, 7]);
    }

    #[test]
    fn who_comes_late_is_due_on_coming_and_keeps_a_place() {
        let mut queue = queue();
        let (late, token) = (queue.expect(minute(600)).unwrap(), queue.take_token(minute(604)).unwrap());
        queue.arrive(late, minute(606)).unwrap();
        assert_eq!(queue.waiting().iter().map(|t| t.number).collect::<Vec<_>>(), [token, late]);
    }

    #[test]
    fn who_is_called_twice_in_vain_is_moved_back_and_never_struck_off() {
        let mut queue = queue();
        let (first, second) = (queue.expect(minute(600)).unwrap(), queue.expect(minute(605)).unwrap());
        queue.arrive(first, minute(590)).unwrap();
        queue.arrive(second, minute(590)).unwrap();
        assert_eq!(queue.call_next(minute(600)), Ok(first));
        assert_eq!(queue.call_next(minute(600)), Err(QueueError::Occupied));
        assert_eq!(queue.miss(first, minute(601)), Ok(false));
        assert_eq!(queue.miss(first, minute(602)), Ok(true));
        assert_eq!(serve(&mut queue, 602), second.0);
        assert_eq!(serve(&mut queue, 603), first.0);
    }

    #[test]
    fn who_withdraws_is_not_called_and_leaves_no_gap_in_the_numbers() {
        let mut queue = queue();
        let (gone, next) = (queue.expect(minute(600)).unwrap(), queue.expect(minute(605)).unwrap());
        queue.arrive(next, minute(600)).unwrap();
        assert_eq!(queue.before(next), Some(1));
        queue.withdraw(gone).unwrap();
        assert_eq!((queue.before(next), queue.before(gone)), (Some(0), None));
        assert_eq!(queue.arrive(gone, minute(601)), Err(QueueError::OutOfTurn));
        assert_eq!(serve(&mut queue, 605), next.0);
        assert_eq!(queue.withdraw(next), Err(QueueError::OutOfTurn), "he has been heard");
        assert_eq!(queue.go(gone), Err(QueueError::OutOfTurn), "he had no time any more");
        let again = Queue::restored(SignedDuration::from_mins(15), queue.tickets().to_vec());
        assert_eq!(again, Some(queue.clone()));
        assert_eq!(Queue::restored(SignedDuration::from_mins(15), queue.tickets()[1..].to_vec()), None);
    }

    #[test]
    fn who_went_home_is_not_called_and_has_a_place_again_on_coming_back() {
        let mut queue = queue();
        let (went, token) = (queue.expect(minute(600)).unwrap(), queue.take_token(minute(604)).unwrap());
        queue.arrive(went, minute(595)).unwrap();
        queue.go(went).unwrap();
        assert_eq!(queue.before(token), Some(0));
        queue.arrive(went, minute(606)).unwrap();
        assert_eq!(queue.waiting().iter().map(|t| t.number).collect::<Vec<_>>(), [token, went]);
        queue.go(token).unwrap();
        assert_eq!(serve(&mut queue, 607), went.0);
        queue.arrive(token, minute(608)).unwrap();
        assert_eq!(serve(&mut queue, 608), token.0, "also without a time");
    }

    #[test]
    fn a_case_is_called_by_its_number_and_who_was_called_before_waits_again() {
        let mut queue = queue();
        let (first, second) = (queue.expect(minute(600)).unwrap(), queue.expect(minute(605)).unwrap());
        queue.call(first, minute(600)).unwrap();
        queue.call(second, minute(601)).unwrap();
        assert_eq!(queue.tickets()[0].standing, Standing::Expected, "nobody has seen him");
        queue.arrive(first, minute(601)).unwrap();
        queue.call(first, minute(601)).unwrap();
        queue.call(second, minute(601)).unwrap();
        assert_eq!(queue.tickets()[0].standing, Standing::Here(minute(601)));
        assert_eq!(queue.tickets()[1].standing, Standing::Called(minute(601)));
        queue.enter(second, minute(602)).unwrap();
        assert_eq!(queue.call(first, minute(603)), Err(QueueError::Occupied));
        assert_eq!(queue.call(second, minute(603)), Ok(()), "who is inside stays there");
        queue.leave(second).unwrap();
        assert_eq!(queue.call(second, minute(604)), Err(QueueError::OutOfTurn));
        assert_eq!(queue.call(first, minute(605)), Ok(()));
    }

    #[derive(Debug, Clone, Copy)]
    enum Step {
        Expect(i64),
        Token,
        Arrive(u32),
        Call { comes: bool },
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            (0i64..300).prop_map(Step::Expect),
            Just(Step::Token),
            (1u32..40).prop_map(Step::Arrive),
            any::<bool>().prop_map(|comes| Step::Call { comes }),
            Just(Step::Call { comes: true }),
        ]
    }

    proptest! {
        /// Whatever comes after, nobody who is here is passed by somebody who is due later; so each one waits only for
        /// those who were due before him, and they are as many as they are.
        #[test]
        fn the_queue_starves_nobody(steps in prop::collection::vec(step(), 1..120)) {
            let mut queue = queue();
            for (at, step) in steps.into_iter().enumerate() {
                let now = minute(at as i64 * 3);
                match step {
                    Step::Expect(after) => drop(queue.expect(minute(at as i64 * 3 + after)).unwrap()),
                    Step::Token => drop(queue.take_token(now).unwrap()),
                    Step::Arrive(number) => drop(queue.arrive(Number(number), now)),
                    Step::Call { comes } => {
                        let before: Vec<Ticket> = queue.waiting().into_iter().cloned().collect();
                        let Ok(number) = queue.call_next(now) else { continue };
                        let called = before.iter().find(|t| t.number == number).unwrap();
                        prop_assert!(before.iter().all(|t| in_order(called, t) != Ordering::Greater));
                        if comes {
                            queue.enter(number, now).unwrap();
                            queue.leave(number).unwrap();
                        } else {
                            while !queue.miss(number, now).unwrap() {}
                        }
                    }
                }
            }
            let all = queue.tickets().len();
            let mut turns = 0;
            while !queue.waiting().is_empty() {
                let number = queue.call_next(minute(10_000)).unwrap();
                queue.enter(number, minute(10_000)).unwrap();
                queue.leave(number).unwrap();
                turns += 1;
                prop_assert!(turns <= all, "everybody who is here is heard");
            }
            prop_assert!(queue.tickets().iter().all(|t| matches!(t.standing, Standing::Expected | Standing::Heard)));
        }
    }
}
