//! An opening storm: many citizens want few slots in one moment. Each looks, takes the time that he had set his mind on, and
//! tries once more with what he is offered instead; who holds a time books it with the code.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use sachivalaya::app::Desk;
use serde_json::{Value, json};

use crate::client::{Answer, Ask, Client};
use crate::clock::now;
use crate::figures::Spans;
use crate::server::Server;
use crate::state::{Size, open, post_id};
use crate::{Fault, Place};

/// How much.
#[derive(clap::Args)]
pub struct Settings {
    #[command(flatten)]
    place: Place,
    /// Citizens.
    #[arg(long, default_value_t = 20_000)]
    citizens: usize,
    /// Slots that they want.
    #[arg(long, default_value_t = 500)]
    slots: usize,
    /// Connections.
    #[arg(long, default_value_t = 256)]
    connections: usize,
}

/// What became of the citizens of one connection.
#[derive(Default)]
struct Tally {
    spans: Spans,
    booked: usize,
    refused: usize,
    faults: usize,
}

/// The storm.
pub async fn run(settings: Settings) -> Result<Vec<String>, Fault> {
    let desk = open(&settings.place, Size { posts: 1, days: 90, taken_percent: 0 }).await?;
    let kept = desk.diaries.of(&desk, &post_id(0)).await?.ok_or("there is a post")?;
    let slots: Vec<i64> =
        kept.open_slots(desk.now()).iter().map(|slot| slot.start().as_millisecond()).collect();
    if slots.len() < settings.slots {
        return Err(format!("only {} times are free: begin with an empty state", slots.len()).into());
    }
    let slots: Arc<[i64]> = slots[..settings.slots].into();
    let server = Server::start(&settings.place)?;
    let next = Arc::new(AtomicUsize::new(0));
    let mut clients = Vec::new();
    for _ in 0..settings.connections {
        clients.push(Client::new(&server.address.to_string()).await?);
    }
    let begun = now();
    let citizens: Vec<_> = clients
        .into_iter()
        .map(|client| {
            let crowd = Crowd {
                desk: desk.clone(),
                slots: slots.clone(),
                next: next.clone(),
                all: settings.citizens,
            };
            tokio::spawn(crowd.come(client))
        })
        .collect();
    let mut all = Tally::default();
    for one in citizens {
        let tally = one.await??;
        all.spans.join(tally.spans);
        all.booked += tally.booked;
        all.refused += tally.refused;
        all.faults += tally.faults;
    }
    let seconds = begun.elapsed().as_secs_f64();
    let (there, twice) = count(&desk, slots[settings.slots - 1]).await?;
    desk.store.close().await;
    Ok(vec![
        format!(
            "storm: {} citizens, {} slots, {} connections",
            settings.citizens, settings.slots, settings.connections
        ),
        format!(
            "all answered in {seconds:.2} s, {:.0} citizens a second",
            settings.citizens as f64 / seconds
        ),
        format!("a request: {}", all.spans.line()),
        format!(
            "booked {}, refused {}, faults {}; there {there}, twice {twice}",
            all.booked, all.refused, all.faults
        ),
    ])
}

/// Appointments that are confirmed, and slots that more than one has.
async fn count(desk: &Desk, last: i64) -> Result<(i64, i64), Fault> {
    let mut connection = desk.store.read().await?;
    let (there,): (i64,) =
        sqlx::query_as("select count(*) from appointment where state = 'confirmed' and starts_at_ms <= $1")
            .bind(last)
            .fetch_one(&mut *connection)
            .await?;
    let (twice,): (i64,) = sqlx::query_as(
        "select count(*) from (select starts_at_ms from appointment where state = 'confirmed' \
         group by post_id, starts_at_ms having count(*) > 1) as doubled",
    )
    .fetch_one(&mut *connection)
    .await?;
    Ok((there, twice))
}

struct Crowd {
    desk: Desk,
    slots: Arc<[i64]>,
    next: Arc<AtomicUsize>,
    all: usize,
}

impl Crowd {
    async fn come(self, mut client: Client) -> Result<Tally, Fault> {
        let mut tally = Tally::default();
        loop {
            let citizen = self.next.fetch_add(1, Ordering::Relaxed);
            if citizen >= self.all {
                return Ok(tally);
            }
            let wish = self.slots[citizen.wrapping_mul(7_919) % self.slots.len()];
            match self.wants(&mut client, &mut tally, wish).await? {
                Some(held) => self.books(&mut client, &mut tally, &held).await?,
                None => tally.refused += 1,
            }
        }
    }

    async fn ask(&self, client: &mut Client, tally: &mut Tally, ask: Ask<'_>) -> Result<Answer, Fault> {
        let asked = now();
        let answer = client.ask(ask).await?;
        tally.spans.add(asked.elapsed());
        tally.faults += usize::from(answer.status >= 500);
        Ok(answer)
    }

    /// Looks, and takes the wished time or the nearest that is offered instead.
    async fn wants(&self, client: &mut Client, tally: &mut Tally, wish: i64) -> Result<Option<Value>, Fault> {
        let line = format!("GET /api/v1/posts/{}/times?days=14", post_id(0));
        self.ask(client, tally, Ask { line: &line, token: "", body: "" }).await?;
        let first = self.hold(client, tally, wish).await?;
        if first.status == 201 {
            return Ok(Some(first.json()?));
        }
        let told = first.json()?;
        let nearest = told["nearest"].as_array().cloned().unwrap_or_default();
        let among = |start: &i64| self.slots.contains(start);
        let Some(other) = nearest.iter().filter_map(start_of).find(among) else { return Ok(None) };
        let second = self.hold(client, tally, other).await?;
        if second.status == 201 { Ok(Some(second.json()?)) } else { Ok(None) }
    }

    async fn hold(&self, client: &mut Client, tally: &mut Tally, start: i64) -> Result<Answer, Fault> {
        let body = json!({ "post": post_id(0).as_str(), "start": start }).to_string();
        self.ask(client, tally, Ask { line: "POST /api/v1/holds", token: "", body: &body }).await
    }

    /// Gives the details, reads the code where the message would have come, and books.
    async fn books(&self, client: &mut Client, tally: &mut Tally, held: &Value) -> Result<(), Fault> {
        let text = |key: &str| held[key].as_str().unwrap_or_default().to_owned();
        let (id, token) = (text("appointment"), text("token"));
        let details = json!({
            "name": "सुनीता देवी (डेमो)", "mobile": "00000 01234", "subject": "राशन कार्ड", "channel": "video",
        });
        let line = format!("PUT /api/v1/holds/{id}/details");
        self.ask(client, tally, Ask { line: &line, token: &token, body: &details.to_string() }).await?;
        let code = code_of(&self.desk, &id).await?;
        let line = format!("POST /api/v1/holds/{id}/confirm");
        let body = json!({ "code": code }).to_string();
        let booked = self.ask(client, tally, Ask { line: &line, token: &token, body: &body }).await?;
        tally.booked += usize::from(booked.status == 200);
        Ok(())
    }
}

/// Unix milliseconds of a time that was offered.
fn start_of(offered: &Value) -> Option<i64> {
    let at = |value: &Value| match value {
        Value::String(text) => text.parse::<jiff::Timestamp>().ok().map(|at| at.as_millisecond()),
        other => other.as_i64(),
    };
    at(offered).or_else(|| at(&offered["start"]))
}

/// The code that was laid into the outbox for this appointment.
async fn code_of(desk: &Desk, appointment: &str) -> Result<String, Fault> {
    let mut connection = desk.store.read().await?;
    let (payload,): (String,) = sqlx::query_as("select payload from notice where idempotency_key = $1")
        .bind(format!("code/{appointment}/1/sms"))
        .fetch_one(&mut *connection)
        .await?;
    let notice: Value = serde_json::from_str(&payload)?;
    let code = find(&notice, "code").ok_or("no code in the notice")?;
    Ok(code)
}

/// The first text under this key, at whatever depth.
fn find(value: &Value, key: &str) -> Option<String> {
    match value {
        Value::Object(map) => map
            .get(key)
            .and_then(Value::as_str)
            .filter(|text| text.len() == 6)
            .map(str::to_owned)
            .or_else(|| map.values().find_map(|value| find(value, key))),
        Value::Array(all) => all.iter().find_map(|value| find(value, key)),
        _ => None,
    }
}
