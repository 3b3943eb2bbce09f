//! Messages on a socket: each after its length, some with a descriptor.

use std::{
    collections::VecDeque,
    io::{self, IoSlice, IoSliceMut},
    marker::PhantomData,
    mem::MaybeUninit,
    os::{
        fd::{AsFd as _, OwnedFd},
        unix::net::UnixStream,
    },
};

use prost::Message;
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, ReturnFlags, SendAncillaryBuffer, SendAncillaryMessage,
    SendFlags, recvmsg, sendmsg,
};

/// What a length takes.
const LENGTH: usize = 4;

/// Read at once.
const CHUNK: usize = 64 << 10;

/// Descriptors that are on their way: the other end sends one with a message that needs it.
const DESCRIPTORS: usize = 64;

/// Reads messages.
#[derive(Debug)]
pub(crate) struct Reader<T> {
    socket: UnixStream,
    /// The longest message.
    longest: usize,
    /// What has arrived and was not taken is from `at` to `end`.
    bytes: Vec<u8>,
    at: usize,
    end: usize,
    descriptors: VecDeque<OwnedFd>,
    _messages: PhantomData<T>,
}

/// Writes messages.
#[derive(Debug)]
pub(crate) struct Writer {
    socket: UnixStream,
}

impl<T: Message + Default> Reader<T> {
    /// From this socket, messages of at most `longest` bytes.
    pub(crate) fn new(socket: UnixStream, longest: usize) -> Self {
        Self { socket, longest, bytes: Vec::new(), at: 0, end: 0, descriptors: VecDeque::new(), _messages: PhantomData }
    }

    /// Reads messages of at most so many bytes from now on.
    pub(crate) fn up_to(&mut self, longest: usize) {
        self.longest = longest;
    }

    /// The next message; `None` when the other end is gone.
    ///
    /// # Errors
    /// When the system refuses, and when it is no message or too long.
    pub(crate) fn next(&mut self) -> io::Result<Option<T>> {
        let Some(length) = self.taken(LENGTH)? else { return Ok(None) };
        let length = length.try_into().map(u32::from_le_bytes).map_err(io::Error::other)?;
        let length = usize::try_from(length).map_err(io::Error::other)?;
        if self.longest < length {
            return Err(io::Error::other(format!("a message of {length} bytes, and {} are the most", self.longest)));
        }
        let message = self.taken(length)?.ok_or(io::ErrorKind::UnexpectedEof)?;
        T::decode(message).map(Some).map_err(io::Error::other)
    }

    /// The descriptor that came with the message that was read last.
    pub(crate) fn descriptor(&mut self) -> Option<OwnedFd> {
        self.descriptors.pop_front()
    }

    /// So many bytes; `None` when the other end is gone.
    fn taken(&mut self, count: usize) -> io::Result<Option<&[u8]>> {
        while self.end - self.at < count {
            self.make_room(count);
            if self.receive()? == 0 {
                return match self.at == self.end {
                    true => Ok(None),
                    false => Err(io::ErrorKind::UnexpectedEof.into()),
                };
            }
        }
        let taken = self.bytes.get(self.at..self.at + count);
        self.at += count;
        Ok(taken)
    }

    /// Makes room to receive more of `count` bytes. What is only announced takes none.
    fn make_room(&mut self, count: usize) {
        self.bytes.copy_within(self.at..self.end, 0);
        self.end -= self.at;
        self.at = 0;
        if self.end == self.bytes.len() {
            self.bytes.resize(self.end.saturating_mul(2).min(count).max(self.end + CHUNK), 0);
        } else if count <= CHUNK && self.end <= CHUNK && CHUNK < self.bytes.len() {
            // What was one long message is not kept for short ones.
            self.bytes.truncate(CHUNK);
            self.bytes.shrink_to_fit();
        }
    }

    fn receive(&mut self) -> io::Result<usize> {
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(4))];
        let mut ancillary = RecvAncillaryBuffer::new(&mut space);
        let received = loop {
            let buffer = self.bytes.get_mut(self.end..).unwrap_or_default();
            let flags = RecvFlags::CMSG_CLOEXEC;
            match recvmsg(&self.socket, &mut [IoSliceMut::new(buffer)], &mut ancillary, flags) {
                Err(rustix::io::Errno::INTR) => {}
                received => break received,
            }
        };
        let received = received?;
        self.end += received.bytes;
        for message in ancillary.drain() {
            if let RecvAncillaryMessage::ScmRights(descriptors) = message {
                self.descriptors.extend(descriptors);
            }
        }
        if received.flags.contains(ReturnFlags::CTRUNC) || DESCRIPTORS < self.descriptors.len() {
            return Err(io::Error::other("more descriptors than anything needs"));
        }
        Ok(received.bytes)
    }
}

impl Writer {
    /// To this socket.
    pub(crate) fn new(socket: UnixStream) -> Self {
        Self { socket }
    }

    /// Writes a message, with a descriptor if there is one. Waits while the other end does not read.
    ///
    /// # Errors
    /// When the system refuses, or the other end is gone.
    pub(crate) fn write(&mut self, message: &[u8], descriptor: Option<&OwnedFd>) -> io::Result<()> {
        // What comes along has gone with the first bytes.
        let mut written = self.send(message, descriptor, SendFlags::NOSIGNAL)?;
        while let Some(rest) = message.get(written..).filter(|rest| !rest.is_empty()) {
            written += self.send(rest, None, SendFlags::NOSIGNAL)?;
        }
        Ok(())
    }

    /// Writes what there is room for of a message, and a descriptor with it unless that is nothing. Returns how much.
    ///
    /// # Errors
    /// When the system refuses, or the other end is gone.
    pub(crate) fn write_now(&mut self, message: &[u8], descriptor: Option<&OwnedFd>) -> io::Result<usize> {
        match self.send(message, descriptor, SendFlags::NOSIGNAL | SendFlags::DONTWAIT) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(0),
            sent => sent,
        }
    }

    fn send(&self, bytes: &[u8], descriptor: Option<&OwnedFd>, flags: SendFlags) -> io::Result<usize> {
        let descriptors: Vec<_> = descriptor.iter().map(|descriptor| descriptor.as_fd()).collect();
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut ancillary = SendAncillaryBuffer::new(&mut space);
        if !descriptors.is_empty() {
            ancillary.push(SendAncillaryMessage::ScmRights(&descriptors));
        }
        loop {
            match sendmsg(&self.socket, &[IoSlice::new(bytes)], &mut ancillary, flags) {
                Err(rustix::io::Errno::INTR) => {}
                sent => return sent.map_err(Into::into),
            }
        }
    }
}

/// A message as it is written: its length, and itself.
///
/// # Errors
/// When it is longer than any message.
pub(crate) fn framed(message: &impl Message) -> io::Result<Vec<u8>> {
    let length = message.encoded_len();
    let prefix = u32::try_from(length).map_err(io::Error::other)?;
    let mut bytes = Vec::with_capacity(LENGTH + length);
    bytes.extend(prefix.to_le_bytes());
    message.encode(&mut bytes).map_err(io::Error::other)?;
    Ok(bytes)
}
