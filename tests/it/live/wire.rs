//! A wire to PostgreSQL of our own: it can be cut, and it can keep the answer to a commit to itself.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::house::fresh_database;

/// What happens to the server's answer to a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Commits {
    /// It arrives.
    Answered,
    /// It is lost, and the connection breaks.
    Lost,
    /// It is lost once, and the connection stays and says nothing more.
    Silent,
}

/// A wire.
#[derive(Clone)]
pub struct Wire {
    port: u16,
    is_cut: Arc<AtomicBool>,
    cut: watch::Sender<bool>,
    commits: Arc<Mutex<Commits>>,
    unheard: Arc<AtomicUsize>,
}

impl Wire {
    /// A wire to a fresh database of the test server, and the database's address at its near end.
    pub async fn to_postgres() -> Option<(String, Wire)> {
        let server = std::env::var("SACHIVALAYA_TEST_POSTGRES").ok()?;
        let address = fresh_database(&server).await;
        let (scheme, rest) = address.split_once("://").unwrap();
        let (user, rest) = rest.split_once('@').unwrap();
        let (server, database) = rest.split_once('/').unwrap();
        let wire = Wire::to(server.to_owned()).await;
        Some((format!("{scheme}://{user}@127.0.0.1:{}/{database}", wire.port), wire))
    }

    async fn to(server: String) -> Wire {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let wire = Wire {
            port: listener.local_addr().unwrap().port(),
            is_cut: Arc::default(),
            cut: watch::Sender::new(false),
            commits: Arc::new(Mutex::new(Commits::Answered)),
            unheard: Arc::default(),
        };
        let each = wire.clone();
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                if each.is_cut.load(Ordering::SeqCst) {
                    continue;
                }
                let (server, wire, mut cut) = (server.clone(), each.clone(), each.cut.subscribe());
                tokio::spawn(async move {
                    let Ok(far) = TcpStream::connect(server).await else { return };
                    tokio::select! {
                        () = wire.carry(near, far) => {}
                        _ = cut.wait_for(|is_cut| *is_cut) => {}
                    }
                });
            }
        });
        wire
    }

    /// What is on it ends, and nothing new gets through.
    pub fn set_cut(&self, is_cut: bool) {
        self.is_cut.store(is_cut, Ordering::SeqCst);
        self.cut.send_replace(is_cut);
    }

    pub fn set_commits(&self, commits: Commits) {
        *self.commits.lock().unwrap() = commits;
    }

    /// Commits that the server has done and of which nobody heard.
    pub fn unheard(&self) -> usize {
        self.unheard.load(Ordering::SeqCst)
    }

    async fn carry(&self, mut near: TcpStream, mut far: TcpStream) {
        let (mut asked, mut answered) = (vec![0; 65_536], vec![0; 65_536]);
        let mut lost = Commits::Answered;
        loop {
            tokio::select! {
                read = near.read(&mut asked) => {
                    let Ok(count @ 1..) = read else { return };
                    if asked[..count].windows(7).any(|bytes| bytes == b"COMMIT\0") {
                        lost = *self.commits.lock().unwrap();
                    }
                    if far.write_all(&asked[..count]).await.is_err() {
                        return;
                    }
                }
                read = far.read(&mut answered) => {
                    let Ok(count @ 1..) = read else { return };
                    if lost == Commits::Answered {
                        if near.write_all(&answered[..count]).await.is_err() {
                            return;
                        }
                        continue;
                    }
                    self.unheard.fetch_add(1, Ordering::SeqCst);
                    if lost == Commits::Silent {
                        self.set_commits(Commits::Answered);
                        std::future::pending::<()>().await;
                    }
                    return;
                }
            }
        }
    }
}
