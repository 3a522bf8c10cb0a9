//! A client that costs little beside the server that it measures: HTTP/1.1 on one connection, answers by length.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::Fault;

/// One connection.
pub struct Client {
    stream: TcpStream,
    host: String,
    read: Vec<u8>,
}

/// One answer.
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
}

impl Answer {
    /// The body as JSON.
    pub fn json(&self) -> Result<serde_json::Value, Fault> {
        Ok(serde_json::from_slice(&self.body)?)
    }
}

/// A request without its host and length.
pub struct Ask<'a> {
    /// `GET /path`.
    pub line: &'a str,
    /// A session's bearer token; empty for nobody's.
    pub token: &'a str,
    /// JSON; empty for none.
    pub body: &'a str,
}

impl Client {
    /// Connects.
    pub async fn new(host: &str) -> Result<Self, Fault> {
        let stream = TcpStream::connect(host).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, host: host.to_owned(), read: Vec::with_capacity(64 * 1024) })
    }

    /// Asks, and waits for the answer.
    pub async fn ask(&mut self, ask: Ask<'_>) -> Result<Answer, Fault> {
        let mut text =
            format!("{} HTTP/1.1\r\nHost: {}\r\nAccept: application/json\r\n", ask.line, self.host);
        if !ask.token.is_empty() {
            text.push_str(&format!("Authorization: Bearer {}\r\n", ask.token));
        }
        if !ask.body.is_empty() {
            text.push_str("Content-Type: application/json\r\n");
        }
        text.push_str(&format!("Content-Length: {}\r\n\r\n{}", ask.body.len(), ask.body));
        self.stream.write_all(text.as_bytes()).await?;
        self.answer().await
    }

    async fn answer(&mut self) -> Result<Answer, Fault> {
        self.read.clear();
        let head = loop {
            if let Some(end) = self.read.windows(4).position(|four| four == b"\r\n\r\n") {
                break end + 4;
            }
            self.fill().await?;
        };
        let text = std::str::from_utf8(&self.read[..head])?.to_ascii_lowercase();
        let status = text.split(' ').nth(1).ok_or("no status")?.parse()?;
        let length = text.lines().find_map(|line| line.strip_prefix("content-length: "));
        let length: usize = length.map_or(Ok(0), str::parse)?;
        while self.read.len() < head + length {
            self.fill().await?;
        }
        Ok(Answer { status, body: self.read[head..head + length].to_vec() })
    }

    async fn fill(&mut self) -> Result<(), Fault> {
        match self.stream.read_buf(&mut self.read).await? {
            0 => Err("the server closed the connection".into()),
            _ => Ok(()),
        }
    }
}
