//! What waits while the ledger is behind: an act that cannot be written down is not begun; what already runs goes on.

use signaling::ClientMessage;

use super::turn::{Act, Input, Output, SocketId};

/// Whoever has to wait, and for what he asked.
pub(super) fn must_wait(input: &Input) -> Option<(SocketId, &'static str)> {
    match input {
        Input::Said(socket, message) if begins(message) => Some((*socket, message.kind())),
        Input::Enter(socket, _) => Some((*socket, "hello")),
        _ => None,
    }
}

/// Does this begin something of which the chain must tell? What ends something, or gives a right away, always goes on:
/// nobody is kept in a call because a disk is full.
fn begins(message: &ClientMessage) -> bool {
    match message {
        ClientMessage::Ring { .. }
        | ClientMessage::RingSealed { .. }
        | ClientMessage::SealCall { .. }
        | ClientMessage::AddToCall { .. }
        | ClientMessage::HandOver { .. }
        | ClientMessage::AcceptRing { .. }
        | ClientMessage::Frosted { .. }
        | ClientMessage::ResumeCall { .. }
        | ClientMessage::TakeCall { .. }
        | ClientMessage::OpenReview { .. }
        | ClientMessage::JoinReview { .. }
        | ClientMessage::ReviewStep { .. }
        | ClientMessage::Admit { .. }
        | ClientMessage::CallBack { .. }
        | ClientMessage::Write { .. }
        | ClientMessage::Record { on: true, .. }
        | ClientMessage::RecordConsent { .. }
        | ClientMessage::SealMeeting {} => true,
        ClientMessage::Hello { .. }
        | ClientMessage::Connect { .. }
        | ClientMessage::RestartIce { .. }
        | ClientMessage::Deny { .. }
        | ClientMessage::EndMeeting {}
        | ClientMessage::RaiseHand { .. }
        | ClientMessage::LowerHand { .. }
        | ClientMessage::Silence { .. }
        | ClientMessage::AllowScreen { .. }
        | ClientMessage::ShareScreen { .. }
        | ClientMessage::LockDoor { .. }
        | ClientMessage::Seal { .. }
        | ClientMessage::CanSeal {}
        | ClientMessage::Leave {}
        | ClientMessage::SetTracks { .. }
        | ClientMessage::SetViews { .. }
        | ClientMessage::Quality(_)
        | ClientMessage::Record { on: false, .. }
        | ClientMessage::SetPresence { .. }
        | ClientMessage::DeclineRing { .. }
        | ClientMessage::CancelRing { .. }
        | ClientMessage::ComeBack {}
        | ClientMessage::HangUp { .. }
        | ClientMessage::Ping { .. } => false,
    }
}

/// Nothing has changed by it: a refusal, of which anybody can make any number.
pub(super) fn is_spared(output: &Output) -> bool {
    matches!(output, Output::Record(line) if matches!(line.act, Act::CallRefused { .. }))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn is_held_back(message: serde_json::Value) -> bool {
        begins(&serde_json::from_value(message).expect("a message"))
    }

    #[test]
    fn whatever_opens_a_way_waits_and_whatever_shuts_one_goes_on() {
        for kind in ["accept_ring", "resume_call", "take_call"] {
            assert!(is_held_back(json!({ "type": kind, "call": "c1" })), "{kind}");
        }
        assert!(is_held_back(json!({ "type": "ring", "posts": ["sec-hlt"] })));
        assert!(is_held_back(json!({ "type": "ring_sealed", "post": "sec-hlt" })));
        assert!(is_held_back(json!({ "type": "seal_call", "call": "c1" })));
        assert!(is_held_back(json!({ "type": "add_to_call", "call": "c1", "posts": ["sec-hlt"] })));
        assert!(is_held_back(json!({ "type": "hand_over", "call": "c1", "post": "sec-hlt" })));
        assert!(!is_held_back(json!({ "type": "hang_up", "call": "c1" })));
        assert!(!is_held_back(json!({ "type": "cancel_ring", "call": "c1", "post": "sec-hlt" })));
        assert!(!is_held_back(json!({ "type": "decline_ring", "call": "c1", "reason": "busy" })));
        assert!(!is_held_back(json!({ "type": "record", "on": false, "reason": "minutes" })));
    }
}
