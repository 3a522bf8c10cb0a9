//! Own groups: a page where they stand with their names, and the chips of the board.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::{Extension, Form};
use domain::id::{OwnGroupId, PostId};
use domain::text::GroupName;

use super::book::Fields;
use super::view::FieldError;
use super::{Page, html};
use crate::app::own_group::{self, GroupError, Move, OwnGroupRow};
use crate::auth::Actor;
use crate::http::Edge;
use crate::http::error::{Fault, refused};

/// A group as the board and the page show it.
pub(super) struct GroupView {
    pub(super) id: String,
    pub(super) name: String,
    /// Its seats, with spaces between.
    pub(super) seats: String,
    pub(super) count: usize,
}

#[derive(Template)]
#[template(path = "own_groups.html")]
struct GroupsPage {
    page: Page,
    post: String,
    note: Option<String>,
    errors: Vec<FieldError>,
    groups: Vec<GroupView>,
}

#[derive(Template)]
#[template(path = "part_own_groups.html")]
struct Chips {
    groups: Vec<GroupView>,
}

/// GET `/mesh/groups/{post}`.
pub async fn list(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Extension(post): Extension<PostId>,
    Query(query): Query<Fields>,
    page: Page,
) -> Result<Html<String>, Fault> {
    let mut shown = shown(&edge, &actor, &post, page).await?;
    shown.note = query.contains_key("done").then(|| shown.page.words.t("asking-groups-done").into_owned());
    html(&shown)
}

/// GET `/mesh/groups/{post}/chips`.
pub async fn chips(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Extension(post): Extension<PostId>,
) -> Result<Html<String>, Fault> {
    html(&Chips { groups: groups(&edge, &actor, &post).await? })
}

/// POST `/mesh/groups/{post}`: `do` is `make`, `rename` or `delete`.
pub async fn change(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Extension(post): Extension<PostId>,
    page: Page,
    Form(fields): Form<Fields>,
) -> Result<Response, Fault> {
    let field = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
    let id = OwnGroupId::parse(field("id")).map_err(|_| Fault::Malformed)?;
    let name = GroupName::parse(field("name")).map_err(|_| "asking-error-group-name");
    let named = fields.keys().filter_map(|name| name.strip_prefix("to-")).map(PostId::parse);
    let seats = named.collect::<Result<Vec<PostId>, _>>().map_err(|_| Fault::Malformed)?;
    let wished = match field("do") {
        "delete" => Ok(Move::Delete),
        "rename" => name.map(Move::Rename),
        "make" => name.map(|name| Move::Make(name, seats)),
        _ => return Err(Fault::Malformed),
    };
    let key = match wished {
        Err(key) => key,
        Ok(wished) => match own_group::carry(&edge.desk, &actor, (&post, &id, &wished)).await {
            Ok(()) => return Ok(Redirect::to(&format!("/mesh/groups/{post}?done=1")).into_response()),
            Err(GroupError::Store(error)) => return Err(Fault::internal(error)),
            Err(GroupError::Denied(_)) => return Err(Fault::NotYours),
            Err(GroupError::Unknown) => return Err(Fault::NotFound),
            Err(GroupError::Seats) => "asking-error-to",
            Err(GroupError::Named) => "asking-error-group-named",
            Err(GroupError::TooMany) => "asking-error-groups",
        },
    };
    let mut shown = shown(&edge, &actor, &post, page).await?;
    shown.errors = vec![FieldError { field: "main", text: shown.page.words.t(key).into_owned() }];
    Ok(refused(html(&shown)?))
}

async fn shown(edge: &Edge, actor: &Actor, post: &PostId, page: Page) -> Result<GroupsPage, Fault> {
    let groups = groups(edge, actor, post).await?;
    Ok(GroupsPage { post: post.to_string(), note: None, errors: Vec::new(), groups, page })
}

/// The groups of a post as the board has them.
pub(super) async fn groups(edge: &Edge, actor: &Actor, post: &PostId) -> Result<Vec<GroupView>, Fault> {
    let rows = own_group::list(&edge.desk, actor, post).await.map_err(|error| match error {
        GroupError::Store(error) => Fault::internal(error),
        _ => Fault::NotYours,
    })?;
    let view = |row: OwnGroupRow| GroupView {
        id: row.id.to_string(),
        name: row.name,
        count: row.seats.len(),
        seats: row.seats.iter().map(PostId::as_str).collect::<Vec<_>>().join(" "),
    };
    Ok(rows.into_iter().map(view).collect())
}
