//! A small client of `/signal` for tools and tests: it keeps to the session machine and to nothing more.
//!
//! No media, no reconnecting, no waiting by the clock: who calls it sets the time limits.

use crate::limits::FRAME_BYTES_MAX;
use crate::session::{ServerFault, Session};
use crate::{ClientMessage, ErrorCode, SUBPROTOCOL, ServerMessage, read_server, write};
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::http::header::{
    COOKIE, HeaderName, HeaderValue, ORIGIN, SEC_WEBSOCKET_PROTOCOL,
};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

/// How a client introduces itself.
#[derive(Debug, Clone, Copy)]
pub struct Introduction<'a> {
    /// `ws://host:port/signal`.
    pub url: &'a str,
    /// The page's origin, as a browser would send it.
    pub origin: &'a str,
    /// The `Cookie` header, if there is a session.
    pub cookie: Option<&'a str>,
}

/// What can go wrong.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// An introduction that is no header value.
    #[error("the introduction is not fit for a header")]
    Introduction,
    /// The socket failed, or the server refused it.
    #[error("the socket failed")]
    Socket(#[source] Box<tungstenite::Error>),
    /// The server closed with this code.
    #[error("the server closed with {0:?}")]
    Closed(Option<u16>),
    /// The server said what is not in the protocol.
    #[error("the server is not understood: {0}")]
    NotUnderstood(ErrorCode),
    /// The server said something that has no place in the session.
    #[error(transparent)]
    OutOfTurn(#[from] ServerFault),
}

impl From<tungstenite::Error> for ClientError {
    fn from(error: tungstenite::Error) -> ClientError {
        match error {
            tungstenite::Error::ConnectionClosed | tungstenite::Error::AlreadyClosed => {
                ClientError::Closed(None)
            }
            other => ClientError::Socket(Box::new(other)),
        }
    }
}

/// One socket.
#[derive(Debug)]
pub struct Client {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    session: Session,
}

impl Client {
    /// Opens the socket; nothing is said yet.
    ///
    /// # Errors
    /// [`ClientError::Introduction`], or [`ClientError::Socket`] with the server's refusal.
    pub async fn open(introduction: Introduction<'_>) -> Result<Client, ClientError> {
        let mut request = introduction.url.into_client_request()?;
        let mut header = |name: HeaderName, value: &str| -> Result<(), ClientError> {
            let value = HeaderValue::from_str(value).map_err(|_| ClientError::Introduction)?;
            request.headers_mut().insert(name, value);
            Ok(())
        };
        header(SEC_WEBSOCKET_PROTOCOL, SUBPROTOCOL)?;
        header(ORIGIN, introduction.origin)?;
        if let Some(cookie) = introduction.cookie {
            header(COOKIE, cookie)?;
        }
        let bounds = WebSocketConfig::default()
            .max_message_size(Some(FRAME_BYTES_MAX))
            .max_frame_size(Some(FRAME_BYTES_MAX));
        let (socket, _) = tokio_tungstenite::connect_async_with_config(request, Some(bounds), true).await?;
        Ok(Client { socket, session: Session::default() })
    }

    /// Says one message, whether or not the session machine thinks it has a place: that is the server's to judge.
    ///
    /// # Errors
    /// [`ClientError::Socket`] or [`ClientError::Closed`].
    pub async fn say(&mut self, message: &ClientMessage) -> Result<(), ClientError> {
        // The machine only follows here; a tool may want to see how the server refuses.
        let _ = self.session.client_says(message);
        self.say_text(&write(message)).await
    }

    /// Sends any text as a frame.
    ///
    /// # Errors
    /// As [`Client::say`].
    pub async fn say_text(&mut self, text: &str) -> Result<(), ClientError> {
        Ok(self.socket.send(Message::text(text)).await?)
    }

    /// Sends any frame, for tests of what is no message at all.
    ///
    /// # Errors
    /// As [`Client::say`].
    pub async fn say_frame(&mut self, frame: Message) -> Result<(), ClientError> {
        Ok(self.socket.send(frame).await?)
    }

    /// The next message of the server. Pings are answered on the way.
    ///
    /// # Errors
    /// [`ClientError::Closed`] with the close code at the end; the others when the server breaks the protocol.
    pub async fn hear(&mut self) -> Result<ServerMessage, ClientError> {
        loop {
            match self.socket.next().await {
                None => return Err(ClientError::Closed(None)),
                Some(Ok(Message::Text(text))) => {
                    let message = read_server(text.as_str()).map_err(ClientError::NotUnderstood)?;
                    self.session.server_says(&message)?;
                    return Ok(message);
                }
                Some(Ok(Message::Close(frame))) => {
                    return Err(ClientError::Closed(frame.map(|f| f.code.into())));
                }
                Some(Ok(Message::Binary(_))) => return Err(ClientError::NotUnderstood(ErrorCode::NotText)),
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(error.into()),
            }
        }
    }

    /// Where the session stands.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// Closes the socket politely.
    pub async fn close(mut self) {
        let _ = self.socket.close(None).await;
    }
}
