//! A bridge from datagrams to a stream. The client knows the relay by UDP alone, and ICE over TCP only where it owns the
//! socket; what it sends is framed here as the server expects it on TCP and inside TLS, so that the network and the server
//! are tried as they are by a browser.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UdpSocket;
use tokio::task::JoinHandle;

use super::ask::Wire;

/// The longest datagram.
const DATAGRAM_BYTES_MAX: usize = 65_535;

/// How datagrams lie in the stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// Each behind its length (RFC 4571).
    Length,
    /// Each says its own length; channel data is filled up to four bytes (RFC 8656 §12.5).
    Turn,
}

/// A bridge; it falls when it is dropped.
pub struct Bridge {
    /// Where the client's datagrams are taken.
    pub address: SocketAddr,
    work: JoinHandle<io::Result<()>>,
}

impl Drop for Bridge {
    fn drop(&mut self) {
        self.work.abort();
    }
}

/// Builds a bridge to a wire.
///
/// # Errors
/// No socket can be had.
pub async fn build(wire: Box<dyn Wire>, framing: Framing) -> io::Result<Bridge> {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = socket.local_addr()?;
    Ok(Bridge { address, work: tokio::spawn(carry(socket, wire, framing)) })
}

async fn carry(socket: UdpSocket, wire: Box<dyn Wire>, framing: Framing) -> io::Result<()> {
    let (mut reader, mut writer) = tokio::io::split(wire);
    let mut datagram = vec![0; DATAGRAM_BYTES_MAX];
    let (mut length, client) = socket.recv_from(&mut datagram).await?;
    socket.connect(client).await?;
    let out = async {
        loop {
            writer.write_all(&framed(&datagram[..length], framing)).await?;
            writer.flush().await?;
            length = socket.recv(&mut datagram).await?;
        }
    };
    let back = async {
        loop {
            socket.send(&next(&mut reader, framing).await?).await?;
        }
    };
    tokio::select! {
        ended = out => ended,
        ended = back => ended,
    }
}

fn framed(datagram: &[u8], framing: Framing) -> Vec<u8> {
    match framing {
        Framing::Length => {
            let length = u16::try_from(datagram.len()).expect("a datagram has less than 64 kilobytes");
            [&length.to_be_bytes(), datagram].concat()
        }
        Framing::Turn => {
            let mut bytes = datagram.to_vec();
            bytes.resize(bytes.len().next_multiple_of(4), 0);
            bytes
        }
    }
}

/// The next datagram of a stream.
async fn next(reader: &mut (impl AsyncReadExt + Unpin), framing: Framing) -> io::Result<Vec<u8>> {
    if framing == Framing::Length {
        let length = reader.read_u16().await?;
        let mut datagram = vec![0; usize::from(length)];
        reader.read_exact(&mut datagram).await?;
        return Ok(datagram);
    }
    let mut head = [0; 4];
    reader.read_exact(&mut head).await?;
    let said = usize::from(u16::from_be_bytes([head[2], head[3]]));
    // Channel data begins with 01 and is filled up; a message has a header of 20 bytes, four of which are read.
    let (wanted, rest) =
        if head[0] >> 6 == 1 { (said, said.next_multiple_of(4)) } else { (said + 16, said + 16) };
    let mut datagram = head.to_vec();
    datagram.resize(4 + rest, 0);
    reader.read_exact(&mut datagram[4..]).await?;
    datagram.truncate(4 + wanted);
    Ok(datagram)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_framed_comes_out_as_it_was() {
        let message = [&[0, 1, 0, 4][..], &[7; 16], &[9; 4]].concat();
        let channel = [&[0x40, 0, 0, 5][..], &[9; 5]].concat();
        for framing in [Framing::Length, Framing::Turn] {
            let stream =
                [framed(&message, framing), framed(&channel, framing), framed(&message, framing)].concat();
            let mut reader = stream.as_slice();
            for wanted in [&message, &channel, &message] {
                assert_eq!(next(&mut reader, framing).await.expect("a datagram"), *wanted, "{framing:?}");
            }
        }
    }
}
