//! A mail server that keeps what it is given, or answers as it is told. Speaks as much SMTP as a client needs.

use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// The server; it ends with the test's runtime.
#[derive(Clone)]
pub struct MailSink {
    port: u16,
    answer: Arc<AtomicU16>,
    mails: Arc<Mutex<Vec<String>>>,
}

impl MailSink {
    /// A server that takes every mail.
    pub async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let sink = Self {
            port: listener.local_addr().unwrap().port(),
            answer: Arc::new(AtomicU16::new(250)),
            mails: Arc::default(),
        };
        let server = sink.clone();
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let server = server.clone();
                tokio::spawn(async move { server.converse(socket).await });
            }
        });
        sink
    }

    /// Where it is.
    pub fn address(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.port)
    }

    /// From now on each mail is answered with this code: 250 takes it, 451 asks to come later, 550 refuses it.
    pub fn answers(&self, code: u16) {
        self.answer.store(code, Ordering::SeqCst);
    }

    /// What was taken, in order, as it came over the line.
    pub fn mails(&self) -> Vec<String> {
        self.mails.lock().unwrap().clone()
    }

    async fn converse(&self, socket: TcpStream) -> Option<()> {
        let mut line = BufReader::new(socket);
        line.write_all(b"220 sink\r\n").await.ok()?;
        loop {
            let mut said = String::new();
            if line.read_line(&mut said).await.ok()? == 0 {
                return None;
            }
            let verb = said.get(..4).unwrap_or_default().to_ascii_uppercase();
            let reply = match verb.as_str() {
                "DATA" => {
                    line.write_all(b"354 go on\r\n").await.ok()?;
                    self.take(&mut line).await?
                }
                "QUIT" => "221 bye\r\n".to_owned(),
                _ => "250 ok\r\n".to_owned(),
            };
            line.write_all(reply.as_bytes()).await.ok()?;
        }
    }

    async fn take(&self, line: &mut BufReader<TcpStream>) -> Option<String> {
        let mut mail = String::new();
        while !mail.ends_with("\r\n.\r\n") {
            if line.read_line(&mut mail).await.ok()? == 0 {
                return None;
            }
        }
        let code = self.answer.load(Ordering::SeqCst);
        if code == 250 {
            self.mails.lock().unwrap().push(mail);
        }
        Some(format!("{code} as told\r\n"))
    }
}
