//! Presence: what others are told of a seat, derived from facts and one word of the person.
//!
//! Nobody can set `available` for a seat that has no live transport: the facts come first.

/// What a person may say of the own seat.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum OwnPresence {
    /// In the chamber.
    #[default]
    Available,
    /// Out.
    Away,
}

/// What others are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Presence {
    /// May be rung.
    Available,
    /// May be rung, but said to be out.
    Away,
    /// In a meeting.
    InMeeting,
    /// In a call, ringing or being rung.
    InCall,
    /// No live page with a live transport.
    Offline,
    /// Nobody holds the post.
    Vacant,
}

/// The facts about a seat.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Standing {
    /// Somebody holds the post.
    pub held: bool,
    /// There is a live page.
    pub page: bool,
    /// Its transport is up.
    pub transport: bool,
    /// In a call, ringing or being rung.
    pub in_call: bool,
    /// The post is inside a meeting.
    pub in_meeting: bool,
    /// What the person says.
    pub said: OwnPresence,
}

impl Standing {
    /// The truth in one word.
    pub fn presence(self) -> Presence {
        match self {
            Standing { held: false, .. } => Presence::Vacant,
            // A seat in a call that was cut off keeps the call for a moment, and its line is not free.
            Standing { in_call: true, .. } => Presence::InCall,
            Standing { in_meeting: true, .. } => Presence::InMeeting,
            Standing { page: false, .. } | Standing { transport: false, .. } => Presence::Offline,
            Standing { said: OwnPresence::Away, .. } => Presence::Away,
            Standing { said: OwnPresence::Available, .. } => Presence::Available,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn presence_never_claims_more_than_the_facts(bits in 0u8..64) {
            let bit = |n: u8| bits & (1 << n) != 0;
            let said = if bit(5) { OwnPresence::Away } else { OwnPresence::Available };
            let facts = Standing {
                held: bit(0), page: bit(1), transport: bit(2), in_call: bit(3), in_meeting: bit(4), said,
            };
            let told = facts.presence();
            if matches!(told, Presence::Available | Presence::Away) {
                prop_assert!(facts.held && facts.page && facts.transport && !facts.in_call && !facts.in_meeting);
                prop_assert_eq!(told == Presence::Away, said == OwnPresence::Away);
            }
            prop_assert_eq!(told == Presence::Vacant, !facts.held);
            if facts.held && facts.in_call {
                prop_assert_eq!(told, Presence::InCall);
            }
        }
    }
}
