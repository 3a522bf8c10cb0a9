//! A stream whose first bytes were looked at, and are read again by whoever gets it.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};

use super::look::{LOOK_BYTES_MAX, Look, look};

/// A stream and what was read of it ahead of its reader.
pub struct Replayed<Io> {
    inner: Io,
    seen: Vec<u8>,
}

impl<Io> Replayed<Io> {
    pub fn new(inner: Io) -> Self {
        Replayed { inner, seen: Vec::new() }
    }

    /// The stream, and what nobody has read again.
    pub fn into_parts(self) -> (Io, Vec<u8>) {
        (self.inner, self.seen)
    }

    /// What was seen so far.
    pub fn seen(&self) -> &[u8] {
        &self.seen
    }

    /// Leaves out the first bytes that were seen: they were not for the reader.
    pub fn forget(&mut self, bytes: usize) {
        self.seen.drain(..bytes.min(self.seen.len()));
    }
}

impl<Io: AsyncRead + Unpin> Replayed<Io> {
    /// Reads ahead what comes next, at most `most` bytes of it.
    pub async fn see_more(&mut self, most: usize) -> io::Result<()> {
        let read = (&mut self.inner).take(most as u64).read_buf(&mut self.seen).await?;
        if read == 0 { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(()) }
    }

    /// Reads ahead until it can be told what is spoken.
    pub async fn look(&mut self) -> io::Result<Look> {
        loop {
            match look(&self.seen) {
                Look::More => self.see_more(LOOK_BYTES_MAX - self.seen.len()).await?,
                found => return Ok(found),
            }
        }
    }
}

impl<Io: AsyncRead + Unpin> AsyncRead for Replayed<Io> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.seen.is_empty() {
            return Pin::new(&mut this.inner).poll_read(context, into);
        }
        let count = this.seen.len().min(into.remaining());
        into.put_slice(&this.seen[..count]);
        this.seen.drain(..count);
        Poll::Ready(Ok(()))
    }
}

impl<Io: AsyncWrite + Unpin> AsyncWrite for Replayed<Io> {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().inner).poll_write(context, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_shutdown(context)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().inner).poll_write_vectored(context, parts)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }
}
