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
use rustix::{
    event::{PollFd, PollFlags, poll},
    net::{
        RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, ReturnFlags, SendAncillaryBuffer, SendAncillaryMessage,
        SendFlags, recvmsg, sendmsg,
    },
};

use super::Awaited;

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

/// What is there of the next message.
enum Arrived<T> {
    Message(T),
    /// A part: it takes so many bytes, as far as is known.
    Part(usize),
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

    /// The next message, which is waited for on this thread; `None` when the other end is gone.
    ///
    /// # Errors
    /// When the system refuses, and when it is no message or too long.
    pub(crate) fn next(&mut self) -> io::Result<Option<T>> {
        loop {
            match self.arrived()? {
                Arrived::Message(message) => return Ok(Some(message)),
                Arrived::Part(of) => self.make_room(of),
            }
            match self.receive() {
                Ok(0) => return self.ended(),
                Err(error) if error.kind() != io::ErrorKind::WouldBlock => return Err(error),
                Err(_) => wait(&self.socket, PollFlags::IN)?,
                Ok(_) => {}
            }
        }
    }

    /// The next message as [`Reader::next`] has it, which is waited for by a task: `socket` is what [`Reader::awaited`] gave.
    /// Cancel safe.
    ///
    /// # Errors
    /// Those of [`Reader::next`].
    pub(crate) async fn next_on(&mut self, socket: &Awaited) -> io::Result<Option<T>> {
        loop {
            match self.arrived()? {
                Arrived::Message(message) => return Ok(Some(message)),
                Arrived::Part(of) => self.make_room(of),
            }
            let mut ready = socket.readable().await?;
            match self.receive() {
                Ok(0) => return self.ended(),
                // The system stops at a descriptor, and whatever there is room for it has given.
                Ok(_) if self.end < self.bytes.len() && self.descriptors.is_empty() => ready.clear_ready(),
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => ready.clear_ready(),
                Err(error) => return Err(error),
            }
        }
    }

    /// The socket, which must be one of a [`pair`], to be waited for by tasks of the runtime that this is called in.
    ///
    /// # Errors
    /// When the system has no descriptor left.
    pub(crate) fn awaited(&self) -> io::Result<Awaited> {
        Awaited::new(self.socket.try_clone()?)
    }

    /// The descriptor that came with the message that was read last.
    pub(crate) fn descriptor(&mut self) -> Option<OwnedFd> {
        self.descriptors.pop_front()
    }

    /// The next message, if all of it has arrived.
    fn arrived(&mut self) -> io::Result<Arrived<T>> {
        let bytes = self.bytes.get(self.at..self.end).unwrap_or_default();
        let Some(length) = bytes.first_chunk::<LENGTH>() else { return Ok(Arrived::Part(LENGTH)) };
        let length = usize::try_from(u32::from_le_bytes(*length)).map_err(io::Error::other)?;
        if self.longest < length {
            return Err(io::Error::other(format!("a message of {length} bytes, and {} are the most", self.longest)));
        }
        let whole = LENGTH.saturating_add(length);
        let Some(message) = bytes.get(LENGTH..whole) else { return Ok(Arrived::Part(whole)) };
        let message = T::decode(message).map_err(io::Error::other)?;
        self.at += whole;
        Ok(Arrived::Message(message))
    }

    /// What it comes to that the other end is gone.
    fn ended(&self) -> io::Result<Option<T>> {
        if self.at == self.end { Ok(None) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
    }

    /// Makes room to receive more of `count` bytes. What is only announced takes none.
    fn make_room(&mut self, count: usize) {
        // A long message that comes in parts stays where it is.
        if self.at != 0 {
            self.bytes.copy_within(self.at..self.end, 0);
            self.end -= self.at;
            self.at = 0;
        }
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
        // What comes along goes with the first bytes.
        let mut written = self.write_now(message, descriptor)?;
        while let Some(rest) = message.get(written..).filter(|rest| !rest.is_empty()) {
            wait(&self.socket, PollFlags::OUT)?;
            written += self.write_now(rest, descriptor.filter(|_| written == 0))?;
        }
        Ok(())
    }

    /// Writes what there is room for of a message, and a descriptor with it unless that is nothing. Returns how much.
    ///
    /// # Errors
    /// When the system refuses, or the other end is gone.
    pub(crate) fn write_now(&mut self, message: &[u8], descriptor: Option<&OwnedFd>) -> io::Result<usize> {
        let flags = SendFlags::NOSIGNAL | SendFlags::DONTWAIT;
        let descriptors: Vec<_> = descriptor.iter().map(|descriptor| descriptor.as_fd()).collect();
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut ancillary = SendAncillaryBuffer::new(&mut space);
        if !descriptors.is_empty() {
            ancillary.push(SendAncillaryMessage::ScmRights(&descriptors));
        }
        loop {
            match sendmsg(&self.socket, &[IoSlice::new(message)], &mut ancillary, flags) {
                Err(rustix::io::Errno::INTR) => {}
                Err(rustix::io::Errno::AGAIN) => return Ok(0),
                sent => return sent.map_err(Into::into),
            }
        }
    }
}

/// Both ends of a socket that tasks can wait for.
///
/// # Errors
/// When the system has no descriptor left.
pub(crate) fn pair() -> io::Result<(UnixStream, UnixStream)> {
    let pair = UnixStream::pair()?;
    pair.0.set_nonblocking(true)?;
    pair.1.set_nonblocking(true)?;
    Ok(pair)
}

/// Waits on this thread until a socket is ready for what is to be done.
fn wait(socket: &UnixStream, to: PollFlags) -> io::Result<()> {
    match poll(&mut [PollFd::new(socket, to)], None) {
        Ok(_) | Err(rustix::io::Errno::INTR) => Ok(()),
        Err(error) => Err(error.into()),
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
