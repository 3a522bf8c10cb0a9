//! The form by which a post asks seats of the hotline something.

use std::collections::BTreeSet;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::{Extension, Form};
use domain::id::{PostId, QuestionId};
use domain::office::RoleKey;
use domain::question_sheet::{MINUTES, Until};
use domain::text::{FILE_NUMBER_CHARS_MAX, FileNumber, NOTING_CHARS_MAX, Noting};

use super::book::Fields;
use super::view::{FieldError, key_of};
use super::{Page, html};
use crate::app::question_ask::{self, AskError, Wish};
use crate::app::question_sheet::{self, Askable, SheetError};
use crate::auth::Actor;
use crate::http::Edge;
use crate::http::error::{Fault, refused};
use crate::limits;

struct SeatChoice {
    post: String,
    number: i64,
    title: String,
    is_vacant: bool,
    is_chosen: bool,
}

struct GroupChoice {
    code: &'static str,
    title: String,
    is_chosen: bool,
    seats: Vec<SeatChoice>,
}

/// The form as it was typed.
#[derive(Default)]
pub(super) struct Typed {
    pub(super) id: String,
    pub(super) text: String,
    pub(super) file: String,
    pub(super) until: String,
    pub(super) at: String,
    to: BTreeSet<String>,
    groups: BTreeSet<String>,
}

#[derive(Template)]
#[template(path = "question_ask.html")]
struct AskPage {
    page: Page,
    errors: Vec<FieldError>,
    action: String,
    back_href: String,
    typed: Typed,
    minutes: [i64; 3],
    groups: Vec<GroupChoice>,
    text_max: usize,
    file_max: usize,
}

/// GET `/mesh/ask/{post}`: `to` may name seats that are chosen already, with commas between.
pub async fn form(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Extension(post): Extension<PostId>,
    Query(query): Query<Fields>,
    page: Page,
) -> Result<Response, Fault> {
    let chosen = query.get("to").map(String::as_str).unwrap_or_default();
    let to = chosen.split(',').filter(|id| !id.is_empty()).map(str::to_owned).collect();
    let typed = Typed { to, ..Typed::fresh(&edge) };
    let seats = seats(&edge, &actor, &post).await?;
    Ok(html(&shown(&post, (page, typed, Vec::new()), &seats))?.into_response())
}

/// POST `/mesh/ask/{post}`.
pub async fn ask(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Extension(post): Extension<PostId>,
    page: Page,
    Form(fields): Form<Fields>,
) -> Result<Response, Fault> {
    let typed = Typed::of(&fields);
    let seats = seats(&edge, &actor, &post).await?;
    let words = page.words;
    let said = |field: &'static str, key: &str| FieldError { field, text: words.t(key).into_owned() };
    let wish = match typed.wish(&post, &seats) {
        Ok(wish) => wish,
        Err(fields) => {
            let errors = fields.iter().map(|field| said(field, &key_of("asking-error-", field))).collect();
            return Ok(refused(html(&shown(&post, (page, typed, errors), &seats))?));
        }
    };
    match question_ask::ask(&edge.desk, &actor, &wish).await {
        Ok(until) => {
            if let Some(live) = &edge.live {
                live.asked(post.clone(), wish.to.clone(), until).await;
            }
            Ok(Redirect::to(&format!("/mesh/question/{}", wish.id)).into_response())
        }
        Err(AskError::Store(error)) => Err(Fault::internal(error)),
        Err(AskError::Denied(_)) => Err(Fault::NotYours),
        Err(error) => {
            let (field, key) = match error {
                AskError::Minute => ("until", "asking-error-minute"),
                AskError::TooMany => ("to", "asking-error-too-many"),
                AskError::TooManyOpen => ("text", "asking-error-open"),
                AskError::Used => ("text", "asking-error-used"),
                _ => ("to", "asking-error-to"),
            };
            Ok(refused(html(&shown(&post, (page, typed, vec![said(field, key)]), &seats))?))
        }
    }
}

impl Typed {
    /// An empty form with an id of its own.
    pub(super) fn fresh(edge: &Edge) -> Typed {
        let id = QuestionId::fresh(edge.desk.now(), edge.desk.random.bytes());
        Typed { id: id.to_string(), until: MINUTES[1].to_string(), ..Typed::default() }
    }

    fn of(fields: &Fields) -> Typed {
        let field = |name: &str| fields.get(name).cloned().unwrap_or_default();
        let named = |prefix: &str| {
            let names = fields.keys().filter_map(|name| name.strip_prefix(prefix));
            names.map(str::to_owned).collect()
        };
        Typed {
            id: field("id"),
            text: field("text"),
            file: field("file"),
            until: field("until"),
            at: field("at"),
            to: named("to-"),
            groups: named("group-"),
        }
    }

    /// What is asked; or the fields that must be mended.
    fn wish(&self, post: &PostId, seats: &[Askable]) -> Result<Wish, Vec<&'static str>> {
        let id = QuestionId::parse(&self.id);
        let text = Noting::parse(&self.text);
        let file = match self.file.trim() {
            "" => Ok(None),
            number => FileNumber::parse(number).map(Some),
        };
        let until = match self.until.as_str() {
            "at" => self.at.parse().map(Until::At).map_err(|_| ()),
            minutes => minutes.parse().map(Until::In).map_err(|_| ()),
        };
        let to: Result<Vec<PostId>, _> = self.to.iter().map(|id| PostId::parse(id)).collect();
        let of_group = seats.iter().filter(|seat| self.groups.contains(group_of(seat.post.role)));
        let of_group: Vec<PostId> = of_group.map(|seat| seat.post.id.clone()).collect();
        let is_empty = self.to.is_empty() && of_group.is_empty();
        let faults = [
            ("text", text.is_err() || id.is_err()),
            ("file", file.is_err()),
            ("until", until.is_err()),
            ("to", to.is_err() || is_empty),
        ];
        match (id, text, file, until, to) {
            (Ok(id), Ok(text), Ok(file), Ok(until), Ok(mut to)) if !is_empty => {
                to.extend(of_group);
                Ok(Wish { id, post: post.clone(), text, file, until, to })
            }
            _ => Err(faults.iter().filter(|(_, is_bad)| *is_bad).map(|(field, _)| *field).collect()),
        }
    }
}

async fn seats(edge: &Edge, actor: &Actor, post: &PostId) -> Result<Vec<Askable>, Fault> {
    question_sheet::askable(&edge.desk, actor, post).await.map_err(|error| match error {
        SheetError::Store(error) => Fault::internal(error),
        SheetError::Unknown => Fault::NotFound,
        _ => Fault::NotYours,
    })
}

fn shown(post: &PostId, (page, typed, errors): (Page, Typed, Vec<FieldError>), seats: &[Askable]) -> AskPage {
    let words = page.words;
    let group = |code: &'static str| {
        let of_group = seats.iter().filter(|seat| group_of(seat.post.role) == code);
        let choice = |seat: &Askable| SeatChoice {
            post: seat.post.id.to_string(),
            number: seat.post.seat_number.unwrap_or_default(),
            title: words.pick(&seat.post.title).to_owned(),
            is_vacant: !seat.is_held,
            is_chosen: typed.to.contains(seat.post.id.as_str()),
        };
        GroupChoice {
            code,
            title: words.t(&key_of("asking-group-", code)).into_owned(),
            is_chosen: typed.groups.contains(code),
            seats: of_group.map(choice).collect(),
        }
    };
    let groups: Vec<GroupChoice> = GROUPS.into_iter().map(group).collect();
    AskPage {
        errors,
        action: format!("/mesh/ask/{post}"),
        back_href: format!("/mesh/questions?post={post}"),
        minutes: MINUTES,
        groups: groups.into_iter().filter(|group| !group.seats.is_empty()).collect(),
        text_max: NOTING_CHARS_MAX,
        file_max: FILE_NUMBER_CHARS_MAX,
        typed,
        page,
    }
}

/// The groups in the order in which the board has them.
const GROUPS: [&str; 4] = ["centre", "department", "division", "district"];
const _: () = assert!(limits::QUESTION_SEATS_MAX > 1, "a group can be asked");

const fn group_of(role: RoleKey) -> &'static str {
    match role {
        RoleKey::DivisionHead => "division",
        RoleKey::DistrictHead => "district",
        RoleKey::DepartmentHead => "department",
        _ => "centre",
    }
}
