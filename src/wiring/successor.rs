//! A server that takes over from one that runs: the new one opens everything but the ports, then asks; the old one sends
//! its clients on, writes down what they did, and closes the ports when its last requests have ended. Clients come
//! again by themselves.
//!
//! They meet at a socket in the data folder, which only its owner can open.

use std::io;
use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};

/// The socket in the data folder.
const SOCKET: &str = "successor.sock";
/// What the new one says, and what the old one answers.
const ASKED: &[u8; 4] = b"mine";
const GIVEN: &[u8; 5] = b"yours";
/// How long the old one may take to send its clients on.
const WAIT: Duration = Duration::from_secs(20);
/// Between two looks whether a port is free.
const LOOK: Duration = Duration::from_millis(5);

/// Where a successor may ask.
pub struct Door(UnixListener);

/// A successor that waits.
pub struct Successor(UnixStream);

impl Door {
    /// Opens it; what an earlier server left there goes.
    ///
    /// # Errors
    /// The folder can't be written.
    pub fn open(data: &Path) -> io::Result<Door> {
        let path = socket(data);
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let listener = UnixListener::bind(&path)?;
        std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
        Ok(Door(listener))
    }

    /// Waits for a successor. Whoever says nothing in time is none.
    pub async fn asked(&self) -> Successor {
        loop {
            let Ok((mut stream, _)) = self.0.accept().await else { continue };
            let mut said = [0u8; ASKED.len()];
            let read = tokio::time::timeout(WAIT, stream.read_exact(&mut said)).await;
            if matches!(read, Ok(Ok(_))) && &said == ASKED {
                return Successor(stream);
            }
        }
    }
}

impl Successor {
    /// The ports are its own now. A successor that has gone meanwhile misses nothing.
    pub async fn give(mut self) {
        let _ = self.0.write_all(GIVEN).await;
    }
}

fn socket(data: &Path) -> PathBuf {
    data.join(SOCKET)
}

/// Asks the server that runs with this data folder to make room, and waits until the ports are free.
///
/// # Errors
/// None runs there, or it does not make room in time.
pub async fn take_over(data: &Path, tcp: &[SocketAddr], udp: SocketAddr) -> io::Result<()> {
    let mut stream = UnixStream::connect(socket(data)).await?;
    stream.write_all(ASKED).await?;
    let mut said = [0u8; GIVEN.len()];
    let given = async {
        stream.read_exact(&mut said).await?;
        while !is_free(tcp, udp) {
            tokio::time::sleep(LOOK).await;
        }
        Ok(())
    };
    tokio::time::timeout(WAIT, given).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
}

/// Whether all these ports can be bound.
fn is_free(tcp: &[SocketAddr], udp: SocketAddr) -> bool {
    tcp.iter().all(|at| TcpListener::bind(at).is_ok()) && UdpSocket::bind(udp).is_ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]
    use super::*;

    #[tokio::test]
    async fn a_successor_gets_the_ports_when_the_one_before_has_left_them() {
        let folder = tempfile::tempdir().unwrap();
        let door = Door::open(folder.path()).unwrap();
        let (tcp, udp) = (TcpListener::bind("127.0.0.1:0").unwrap(), UdpSocket::bind("127.0.0.1:0").unwrap());
        let (at_tcp, at_udp) = (tcp.local_addr().unwrap(), udp.local_addr().unwrap());
        let path = folder.path().to_owned();
        let new = tokio::spawn(async move { take_over(&path, &[at_tcp], at_udp).await });
        let successor = door.asked().await;
        assert!(!new.is_finished(), "it waits");
        successor.give().await;
        drop((tcp, udp));
        new.await.unwrap().unwrap();
        assert!(Door::open(folder.path()).is_ok(), "and opens a door of its own in the same place");
    }

    #[tokio::test]
    async fn where_no_server_runs_there_is_nothing_to_take_over() {
        let folder = tempfile::tempdir().unwrap();
        let at = "127.0.0.1:0".parse().unwrap();
        assert!(take_over(folder.path(), &[], at).await.is_err());
        drop(Door::open(folder.path()).unwrap());
        assert!(take_over(folder.path(), &[], at).await.is_err(), "nor where one has ended");
    }
}
