//! The protocol between a page (or a tool) and the server over the WebSocket `/signal`.
//!
//! In reading order: `PROTOCOL.md` says what is meant, [`value`] holds the parts that messages are made of,
//! [`client_message`] and [`server_message`] the messages, [`code`] the stable error codes, [`limits`] every bound,
//! [`session`] what may be said when. With the feature `client` there is also a small client for tools and tests.
//! Nothing here opens a socket (save that client), reads a clock or knows our other crates.

#[cfg(feature = "client")]
pub mod client;
pub mod client_message;
pub mod code;
pub mod limits;
mod picture;
pub mod recording;
mod review;
mod seal;
mod seat;
pub mod server_message;
pub mod session;
mod talk;
#[cfg(test)]
mod tests;
pub mod value;

pub use client_message::ClientMessage;
pub use code::ErrorCode;
pub use server_message::ServerMessage;
pub use session::Session;

/// The WebSocket subprotocol that both ends must name.
pub const SUBPROTOCOL: &str = "sachivalaya.v1";

/// The version that `hello` names. A server that does not speak it answers `version_unsupported`.
pub const VERSION: u32 = 1;

/// Reads one text frame of a client.
///
/// # Errors
/// `too_large` above [`limits::FRAME_BYTES_MAX`], `malformed` for whatever is not exactly one known message.
pub fn read_client(frame: &str) -> Result<ClientMessage, ErrorCode> {
    read(frame)
}

/// Reads one text frame of a server.
///
/// # Errors
/// As [`read_client`].
pub fn read_server(frame: &str) -> Result<ServerMessage, ErrorCode> {
    read(frame)
}

fn read<M: serde::de::DeserializeOwned>(frame: &str) -> Result<M, ErrorCode> {
    if frame.len() > limits::FRAME_BYTES_MAX {
        return Err(ErrorCode::TooLarge);
    }
    serde_json::from_str(frame).map_err(|_| ErrorCode::Malformed)
}

/// Writes a message as the text of one frame.
pub fn write<M: serde::Serialize>(message: &M) -> String {
    serde_json::to_string(message).expect("messages hold only strings, numbers, lists and options")
}
