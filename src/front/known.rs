//! A service that tells each request from where its connection really comes, whatever stands in front.

use std::net::SocketAddr;
use std::task::{Context, Poll};

use axum::extract::ConnectInfo;
use axum::http::Request;
use tower::Service;

/// The service of one connection.
#[derive(Debug, Clone)]
pub struct Known<S> {
    pub(super) service: S,
    pub(super) from: SocketAddr,
}

impl<S: Service<Request<B>>, B> Service<Request<B>> for Known<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.service.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<B>) -> S::Future {
        request.extensions_mut().insert(ConnectInfo(self.from));
        self.service.call(request)
    }
}
