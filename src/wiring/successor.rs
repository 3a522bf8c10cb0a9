//! A server that takes over from one that runs: the new one opens everything but the ports, then asks; the old one hands
//! over the sockets on which it listens, sends its clients on, and ends when its last requests have ended. Clients
//! come again by themselves: whoever comes in between waits in the queue of a socket that was never closed.
//!
//! They meet at a socket in the data folder, which only its owner can open.

use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::net::TcpListener;
use std::os::fd::{AsFd, BorrowedFd};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage,
    SendFlags, recvmsg, sendmsg,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt, Interest};
use tokio::net::{UnixListener, UnixStream};

/// The socket in the data folder.
const SOCKET: &str = "successor.sock";
/// What the new one says, and what the old one answers beside the listening sockets.
const ASKED: &[u8; 4] = b"mine";
const GIVEN: &[u8; 5] = b"yours";
/// How long the old one may take to send its clients on.
const WAIT: Duration = Duration::from_secs(20);
/// A server listens on no more ports than this.
const PORTS_MAX: usize = 8;

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
    pub async fn give(self, listeners: &[TcpListener]) {
        let sockets: Vec<BorrowedFd<'_>> = listeners.iter().take(PORTS_MAX).map(AsFd::as_fd).collect();
        let given = self.0.async_io(Interest::WRITABLE, || {
            let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(PORTS_MAX))];
            let mut beside = SendAncillaryBuffer::new(&mut space);
            if !sockets.is_empty() {
                beside.push(SendAncillaryMessage::ScmRights(&sockets));
            }
            Ok(sendmsg(&self.0, &[IoSlice::new(GIVEN)], &mut beside, SendFlags::NOSIGNAL)?)
        });
        if let Err(error) = given.await {
            tracing::warn!(%error, "the successor has gone");
        }
    }
}

fn socket(data: &Path) -> PathBuf {
    data.join(SOCKET)
}

/// Asks the server that runs with this data folder to make room, and waits until it has.
///
/// * returns: the sockets on which it listened, with whoever waits in their queues.
///
/// # Errors
/// None runs there, or it does not make room in time.
pub async fn take_over(data: &Path) -> io::Result<Vec<TcpListener>> {
    let mut stream = UnixStream::connect(socket(data)).await?;
    stream.write_all(ASKED).await?;
    let given = stream.async_io(Interest::READABLE, || receive(&stream));
    tokio::time::timeout(WAIT, given).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
}

/// The answer of the one before, and the sockets beside it.
fn receive(stream: &UnixStream) -> io::Result<Vec<TcpListener>> {
    let mut said = [0u8; GIVEN.len()];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(PORTS_MAX))];
    let mut beside = RecvAncillaryBuffer::new(&mut space);
    let read = recvmsg(stream, &mut [IoSliceMut::new(&mut said)], &mut beside, RecvFlags::CMSG_CLOEXEC)?;
    // So few bytes come whole, or the one before has ended without a word.
    if read.bytes != GIVEN.len() || &said != GIVEN {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    let sockets = beside.drain().filter_map(|message| match message {
        RecvAncillaryMessage::ScmRights(sockets) => Some(sockets),
        _ => None,
    });
    Ok(sockets.flatten().map(TcpListener::from).collect())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]
    use std::io::Read;
    use std::io::Write;
    use std::net::TcpStream;

    use super::*;

    #[tokio::test]
    async fn a_successor_gets_the_sockets_and_whoever_waits_in_their_queues() {
        let folder = tempfile::tempdir().unwrap();
        let door = Door::open(folder.path()).unwrap();
        let listeners =
            vec![TcpListener::bind("127.0.0.1:0").unwrap(), TcpListener::bind("127.0.0.1:0").unwrap()];
        let places: Vec<_> = listeners.iter().map(|one| one.local_addr().unwrap()).collect();
        let path = folder.path().to_owned();
        let new = tokio::spawn(async move { take_over(&path).await });
        let successor = door.asked().await;
        assert!(!new.is_finished(), "it waits");
        let mut early = TcpStream::connect(places[1]).unwrap();
        early.write_all(b"is anyone there?").unwrap();
        successor.give(&listeners).await;
        drop(listeners);
        let taken = new.await.unwrap().unwrap();
        let taken_places: Vec<_> = taken.iter().map(|one| one.local_addr().unwrap()).collect();
        assert_eq!(taken_places, places);
        let mut heard = [0u8; 16];
        taken[1].accept().unwrap().0.read_exact(&mut heard).unwrap();
        assert_eq!(&heard, b"is anyone there?");
        assert!(Door::open(folder.path()).is_ok(), "and opens a door of its own in the same place");
    }

    #[tokio::test]
    async fn one_that_ends_without_a_word_gives_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let door = Door::open(folder.path()).unwrap();
        let path = folder.path().to_owned();
        let new = tokio::spawn(async move { take_over(&path).await });
        drop(door.asked().await);
        assert!(new.await.unwrap().is_err());
    }

    #[tokio::test]
    async fn where_no_server_runs_there_is_nothing_to_take_over() {
        let folder = tempfile::tempdir().unwrap();
        assert!(take_over(folder.path()).await.is_err());
        drop(Door::open(folder.path()).unwrap());
        assert!(take_over(folder.path()).await.is_err(), "nor where one has ended");
    }
}
