//! Sessions of staff: a token for a password and a code, or for a one-time link.

use axum::extract::{Extension, State};
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Sent, json_headers, written};
use crate::app::sign_in::{self as entering, SignInError, Typed};
use crate::auth::Actor;
use crate::http::Edge;
use crate::http::error::{Fault, created, nothing_to_say};
use crate::http::refusal::{Nature, Refusal};

/// How somebody signs in.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(untagged, deny_unknown_fields)]
pub enum SignIn {
    /// By a one-time link that an administrator printed.
    Link {
        /// The token of the link.
        link: String,
    },
    /// By password and code.
    Password {
        /// The login.
        login: String,
        /// The password.
        password: String,
        /// Six digits of the code generator.
        code: String,
    },
}

/// A session that has begun.
#[derive(Debug, Serialize, ToSchema)]
pub struct Session {
    /// Its bearer token. It is told once: keep it.
    token: String,
    /// The post from which it acts.
    post: String,
}

/// Signs staff in; the token then goes with every request as `Authorization: Bearer`.
#[utoipa::path(post, path = "/api/v1/sessions", tag = "sessions", request_body = SignIn, responses(
    (status = 201, description = "Signed in", body = Session),
    (status = 403, description = "This person holds no post now"),
    (status = 410, description = "The link was used or is too old"),
    (status = 422, description = "`sign-in-wrong`"),
    (status = 429, description = "`too-many`"),
))]
pub async fn sign_in(State(edge): State<Edge>, Sent(sent): Sent<SignIn>) -> Result<Response, Fault> {
    let entered = match sent {
        SignIn::Link { link } => entering::by_link(&edge.desk, &link).await,
        SignIn::Password { login, password, code } => {
            entering::by_password(&edge.desk, Typed { login, password, code }).await
        }
    };
    let entered = entered.map_err(|error| match error {
        SignInError::Wrong => Refusal::new(Nature::Invalid, "sign-in-wrong").into(),
        SignInError::TooManyTries => Fault::TooMany,
        SignInError::LinkUsed => Fault::Gone,
        SignInError::HoldsNoPost => Fault::NotYours,
        SignInError::Store(error) => Fault::internal(error),
    })?;
    let session = Session { token: entered.cookie, post: entered.post.to_string() };
    Ok(created(json_headers(), written(&session)?))
}

/// Ends the session of the token.
#[utoipa::path(delete, path = "/api/v1/sessions/current", tag = "sessions", security(("session" = [])), responses(
    (status = 204, description = "It is over"),
))]
pub async fn sign_out(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
) -> Result<Response, Fault> {
    entering::sign_out(&edge.desk, &actor).await.map_err(Fault::internal)?;
    Ok(nothing_to_say())
}
