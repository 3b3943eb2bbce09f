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
    /// What has arrived, from `at` on.
    bytes: Vec<u8>,
    at: usize,
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
        Self { socket, longest, bytes: Vec::new(), at: 0, descriptors: VecDeque::new(), _messages: PhantomData }
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
        if self.bytes.len() - self.at < count {
            self.bytes.drain(..self.at);
            self.at = 0;
            // What was one long message is not kept for short ones.
            self.bytes.shrink_to(count.max(CHUNK));
        }
        while self.bytes.len() < count {
            if self.receive()? == 0 {
                return match self.bytes.is_empty() {
                    true => Ok(None),
                    false => Err(io::ErrorKind::UnexpectedEof.into()),
                };
            }
        }
        let taken = self.bytes.get(self.at..self.at + count);
        self.at += count;
        Ok(taken)
    }

    fn receive(&mut self) -> io::Result<usize> {
        let before = self.bytes.len();
        self.bytes.resize(before + CHUNK, 0);
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(4))];
        let mut ancillary = RecvAncillaryBuffer::new(&mut space);
        let received = loop {
            let buffer = self.bytes.get_mut(before..).unwrap_or_default();
            let flags = RecvFlags::CMSG_CLOEXEC;
            match recvmsg(&self.socket, &mut [IoSliceMut::new(buffer)], &mut ancillary, flags) {
                Err(rustix::io::Errno::INTR) => {}
                received => break received,
            }
        };
        let count = received.as_ref().map_or(0, |received| received.bytes);
        self.bytes.truncate(before + count);
        let received = received?;
        for message in ancillary.drain() {
            if let RecvAncillaryMessage::ScmRights(descriptors) = message {
                self.descriptors.extend(descriptors);
            }
        }
        if received.flags.contains(ReturnFlags::CTRUNC) || DESCRIPTORS < self.descriptors.len() {
            return Err(io::Error::other("more descriptors than anything needs"));
        }
        Ok(count)
    }
}

impl Writer {
    /// To this socket.
    pub(crate) fn new(socket: UnixStream) -> Self {
        Self { socket }
    }

    /// Writes a message, with a descriptor if there is one.
    ///
    /// # Errors
    /// When the system refuses, or the other end is gone.
    pub(crate) fn write(&mut self, message: &[u8], descriptor: Option<&OwnedFd>) -> io::Result<()> {
        let mut rest = message;
        let descriptors: Vec<_> = descriptor.iter().map(|descriptor| descriptor.as_fd()).collect();
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut ancillary = SendAncillaryBuffer::new(&mut space);
        if !descriptors.is_empty() {
            ancillary.push(SendAncillaryMessage::ScmRights(&descriptors));
        }
        while !rest.is_empty() {
            match sendmsg(&self.socket, &[IoSlice::new(rest)], &mut ancillary, SendFlags::NOSIGNAL) {
                Err(rustix::io::Errno::INTR) => continue,
                Err(error) => return Err(error.into()),
                Ok(count) => rest = rest.get(count..).unwrap_or_default(),
            }
            // It has gone with the first bytes.
            ancillary.clear();
        }
        Ok(())
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
