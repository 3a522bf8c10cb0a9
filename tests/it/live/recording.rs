//! A recorded meeting over real sockets and real media: who is on the disk, what stands in the audit chain, and what a
//! crash leaves to be settled.
//!
//! Real keys, real packets over loopback, real files.

use std::path::{Path, PathBuf};

use super::house::LiveHouse;
use super::visitor::Visitor;
use domain::text::Bilingual;
use recording::{Verdict, verify};
use sachivalaya::app::settle_recordings::settle;
use sachivalaya::store::audit;
use signaling::value::RecordAnswer;
use signaling::{ClientMessage, ServerMessage};

const ENOUGH: u64 = 50;

impl LiveHouse {
    fn recordings(&self) -> Vec<PathBuf> {
        let folder = self.house.desk.settings.recordings.clone().unwrap();
        let found = std::fs::read_dir(folder).into_iter().flatten();
        found.map(|found| found.unwrap().path()).collect()
    }

    /// Lines of the audit chain about recordings: the act and its particulars.
    async fn recorded_acts(&self) -> Vec<(String, String)> {
        self.live.flush().await;
        sachivalaya::audit::seal(&self.house.desk.store).await.unwrap();
        let mut rows = self.house.desk.store.read().await.unwrap();
        let lines = audit::after(&mut rows, 0, 10_000).await.unwrap();
        let own = lines.into_iter().filter(|line| line.act.starts_with("recording."));
        own.map(|line| (line.act, line.detail)).collect()
    }
}

fn on(message: &ServerMessage, you: RecordAnswer) -> Option<()> {
    matches!(message, ServerMessage::Recording(state) if state.on && state.you == Some(you)).then_some(())
}

fn record() -> ClientMessage {
    let reason = Some("सुनवाई का अभिलेख".to_owned().try_into().unwrap());
    ClientMessage::Record { on: true, reason }
}

fn closed(folder: &Path) -> Option<Verdict> {
    verify(folder).ok().filter(|verdict| verdict.end.is_some())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_who_agreed_is_on_the_disk_and_the_chain_of_acts_holds_its_hashes() {
    let house = LiveHouse::open().await;
    let booked = house.books("sec-hlt").await;
    let mut citizen = Visitor::on(&house, &booked.cookie, booked.page()).await;
    let (citizen_phone, citizen_peer) = citizen.connects(&house).await;
    let cookie = house.staff("sec-hlt").await;
    let mut officer = Visitor::on(&house, &cookie, booked.page()).await;
    let participant = officer.first_in_lobby().await;
    let (officer_phone, officer_peer) = officer.connects(&house).await;
    officer.says(ClientMessage::Admit { participant }).await;
    citizen.hears_of("admitted").await;
    citizen_phone.speaks();
    officer_phone.speaks();

    officer.says(record()).await;
    officer.hears(|message| on(message, RecordAnswer::Agreed)).await;
    citizen.hears(|message| on(message, RecordAnswer::Asked)).await;
    citizen.says(ClientMessage::RecordConsent { agrees: false }).await;
    citizen.hears(|message| on(message, RecordAnswer::Refused)).await;
    house
        .eventually("both are heard", || async {
            house.forwarded_from(officer_peer).await > ENOUGH
                && house.forwarded_from(citizen_peer).await > ENOUGH
        })
        .await;
    officer.says(ClientMessage::Record { on: false, reason: None }).await;
    house
        .eventually("the recording is closed", || async {
            house.recordings().first().and_then(|folder| closed(folder)).is_some()
        })
        .await;

    let verdict = closed(&house.recordings()[0]).unwrap();
    assert!(verdict.is_unchanged() && verdict.torn() == 0, "{:?}", verdict.faults);
    let files: Vec<&str> = verdict.tracks.iter().map(|track| track.codec.as_str()).collect();
    assert_eq!(files, ["opus"], "the officer's sound and nothing of the citizen");
    assert!(verdict.tracks[0].until_us > 500_000);
    let post = Bilingual::new(&verdict.begin.title.hi, &verdict.begin.title.en);
    assert!(verdict.people.values().all(|title| title.en == post.en), "by the post, not by a name");
    let words = |acts: &[(String, String)]| acts.iter().map(|(act, _)| act.clone()).collect::<Vec<_>>();
    house.eventually("all is written down", || async { house.recorded_acts().await.len() == 4 }).await;
    let acts = house.recorded_acts().await;
    let mut sorted = words(&acts);
    sorted.sort();
    assert_eq!(sorted, ["recording.begin", "recording.consent", "recording.end", "recording.refuse"]);
    let end = acts.iter().find(|(act, _)| act == "recording.end").unwrap();
    assert!(end.1.ends_with(&verdict.head), "{} holds {}", end.1, verdict.head);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recording_that_a_crash_ended_is_written_down_once_when_the_server_begins_again() {
    let house = LiveHouse::open().await;
    let booked = house.books("sec-hlt").await;
    let cookie = house.staff("sec-hlt").await;
    let mut officer = Visitor::on(&house, &cookie, booked.page()).await;
    officer.hears_of("welcome").await;
    officer.says(record()).await;
    officer.hears(|message| on(message, RecordAnswer::Agreed)).await;
    house.eventually("it has begun", || async { house.recorded_acts().await.len() == 2 }).await;
    settle(&house.house.desk).await;
    assert_eq!(house.recorded_acts().await.len(), 2, "one that runs is left alone");
    officer.says(ClientMessage::EndMeeting {}).await;
    house.eventually("it is closed", || async { closed(&house.recordings()[0]).is_some() }).await;
    house.eventually("that is written down", || async { house.recorded_acts().await.len() == 3 }).await;

    // As a crash leaves it: no last line, and no end in the rows.
    let whole = house.recordings()[0].clone();
    let crashed = whole.with_file_name("crashed");
    std::fs::create_dir(&crashed).unwrap();
    let text = std::fs::read_to_string(whole.join("manifest.jsonl")).unwrap();
    let first = text.lines().next().unwrap();
    let id = verify(&whole).unwrap().begin.recording;
    std::fs::write(crashed.join("manifest.jsonl"), format!("{first}\n{{\"n\":1,")).unwrap();
    let mut tx = house.house.desk.store.write().await.unwrap();
    sqlx::query("update recording set ended_ms = null where id = $1")
        .bind(&id)
        .execute(&mut *tx)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    for _ in 0..2 {
        settle(&house.house.desk).await;
        let acts = house.recorded_acts().await;
        let lost: Vec<_> = acts.iter().filter(|(act, _)| act == "recording.loss").collect();
        assert_eq!(lost.len(), 1);
        assert!(lost[0].1.starts_with(&format!("{id} crash ")));
    }
}
