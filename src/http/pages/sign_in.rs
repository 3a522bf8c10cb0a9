//! Staff come in: by password and code, or by a one-time link whose GET only shows a button.
//!
//! Nothing here says which part of a sign-in was wrong.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::{Extension, Form};

use super::book::{Fields, digits};
use super::{Page, html};
use crate::app::sign_in::{self as entering, SignInError, Typed};
use crate::auth::Actor;
use crate::http::Edge;
use crate::http::error::{Fault, refused};
use crate::http::headers::{with_session, without_session};

/// Where staff land who did not say where they were going.
const HOME: &str = "/desk";

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage {
    page: Page,
    problem: Option<String>,
    next: String,
    login: String,
}

#[derive(Template)]
#[template(path = "sign_in_link.html")]
struct LinkPage {
    page: Page,
    action: String,
}

#[derive(Template)]
#[template(path = "signed_out.html")]
struct SignedOutPage {
    page: Page,
}

/// GET `/sign-in`: the form, or the farewell after `?out`.
pub async fn form(Query(query): Query<Fields>, page: Page) -> Result<Html<String>, Fault> {
    if query.contains_key("out") {
        return html(&SignedOutPage { page });
    }
    html(&SignInPage { page, problem: None, next: next_of(&query), login: String::new() })
}

/// POST `/sign-in`: password and code.
pub async fn by_password(
    State(edge): State<Edge>,
    page: Page,
    Form(mut fields): Form<Fields>,
) -> Result<Response, Fault> {
    let next = next_of(&fields);
    let mut take = |name: &str| fields.remove(name).unwrap_or_default();
    let typed = Typed { login: take("login"), password: take("password"), code: take("code") };
    let typed = Typed { code: digits(&typed.code).unwrap_or_default(), ..typed };
    let login = typed.login.clone();
    let key = match entering::by_password(&edge.desk, typed).await {
        Ok(signed_in) => {
            let answer = Redirect::to(&next).into_response();
            return Ok(with_session(answer, &signed_in.cookie, &edge));
        }
        Err(SignInError::Store(error)) => return Err(Fault::internal(error)),
        Err(SignInError::TooManyTries) => "desk-sign-in-too-many",
        Err(SignInError::HoldsNoPost) => "desk-sign-in-no-post",
        Err(SignInError::Wrong | SignInError::LinkUsed) => "desk-sign-in-wrong",
    };
    let problem = Some(page.words.t(key).into_owned());
    Ok(refused(html(&SignInPage { page, problem, next, login })?))
}

/// GET `/sign-in/{token}`: a button and nothing else, so that a link's preview does not use it up.
pub async fn link(
    Path(token): Path<String>,
    Query(query): Query<Fields>,
    page: Page,
) -> Result<Html<String>, Fault> {
    html(&LinkPage { page, action: format!("/sign-in/{token}?next={}", next_of(&query)) })
}

/// POST `/sign-in/{token}`: uses the link.
pub async fn by_link(
    State(edge): State<Edge>,
    Path(token): Path<String>,
    Query(query): Query<Fields>,
) -> Result<Response, Fault> {
    match entering::by_link(&edge.desk, &token).await {
        Ok(signed_in) => {
            let answer = Redirect::to(&next_of(&query)).into_response();
            Ok(with_session(answer, &signed_in.cookie, &edge))
        }
        Err(SignInError::Store(error)) => Err(Fault::internal(error)),
        Err(SignInError::HoldsNoPost) => Err(Fault::NotYours),
        Err(_) => Err(Fault::Gone),
    }
}

/// POST `/sign-out`: ends the session.
pub async fn sign_out(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
) -> Result<Response, Fault> {
    entering::sign_out(&edge.desk, &actor).await.map_err(Fault::internal)?;
    Ok(without_session(Redirect::to("/sign-in?out=1").into_response()))
}

/// Where to go afterwards: a plain path of this house, never another address.
fn next_of(fields: &Fields) -> String {
    let next = fields.get("next").map_or(HOME, String::as_str);
    let is_plain = next.bytes().all(|b| b.is_ascii_alphanumeric() || b"/-_".contains(&b));
    if is_plain && next.starts_with('/') && !next.starts_with("//") {
        next.to_owned()
    } else {
        HOME.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_signing_in_nobody_is_sent_to_another_house() {
        let next = |to: &str| next_of(&Fields::from([("next".to_owned(), to.to_owned())]));
        assert_eq!(next("/board"), "/board");
        for elsewhere in ["//evil.example", "https://evil.example", "/\\evil.example", "evil", "", "/a\r\nb"]
        {
            assert_eq!(next(elsewhere), HOME, "{elsewhere}");
        }
    }
}
