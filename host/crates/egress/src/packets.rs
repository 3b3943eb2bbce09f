//! Messages on a socket that keeps them apart (`SOCK_SEQPACKET`), each short, some with descriptors.
//!
//! What is longer than it may be, or brings descriptors that nobody asked for, is no message; the kernel throws away what
//! does not fit, so it costs nothing.

use std::{
    io::{self, IoSlice, IoSliceMut},
    mem::MaybeUninit,
    os::fd::{AsFd, BorrowedFd, OwnedFd},
};

use prost::Message;
use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, ReturnFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, SocketFlags, SocketType, recvmsg, sendmsg, socketpair,
};
use tokio::{io::Interest, net::UnixDatagram};

/// Descriptors of one message, at most.
pub(crate) const DESCRIPTORS: usize = 2;

/// A message that was received.
#[derive(Debug)]
pub(crate) struct Packet<T> {
    pub(crate) message: T,
    pub(crate) descriptors: Vec<OwnedFd>,
}

/// Both ends of a new connection. Neither waits by itself if it is to be used by tasks.
///
/// # Errors
/// When the system has no descriptors left.
pub(crate) fn pair(for_tasks: bool) -> io::Result<(OwnedFd, OwnedFd)> {
    let flags = if for_tasks { SocketFlags::CLOEXEC | SocketFlags::NONBLOCK } else { SocketFlags::CLOEXEC };
    Ok(socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, flags, None)?)
}

/// Sends a message with descriptors.
///
/// # Errors
/// When the other end is gone, or has no room for it and the socket does not wait.
pub(crate) fn send(socket: impl AsFd, message: &impl Message, descriptors: &[BorrowedFd<'_>]) -> io::Result<()> {
    let bytes = message.encode_to_vec();
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(DESCRIPTORS))];
    let mut ancillary = SendAncillaryBuffer::new(&mut space);
    if !descriptors.is_empty() && !ancillary.push(SendAncillaryMessage::ScmRights(descriptors)) {
        return Err(io::Error::other("more descriptors than a message may have"));
    }
    loop {
        match sendmsg(&socket, &[IoSlice::new(&bytes)], &mut ancillary, SendFlags::NOSIGNAL) {
            Err(rustix::io::Errno::INTR) => {}
            sent => return sent.map(|_| ()).map_err(Into::into),
        }
    }
}

/// The next message of at most `longest` bytes, with at most `most` descriptors; `None` when the other end is gone.
///
/// # Errors
/// When it is no such message, or there is none yet and the socket does not wait.
pub(crate) fn receive<T: Message + Default>(
    socket: impl AsFd,
    longest: usize,
    most: usize,
) -> io::Result<Option<Packet<T>>> {
    let mut bytes = vec![0; longest];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(DESCRIPTORS))];
    // Without room for descriptors the kernel makes none.
    let room = if most == 0 { &mut [] } else { space.as_mut_slice() };
    let mut ancillary = RecvAncillaryBuffer::new(room);
    let received = loop {
        match recvmsg(&socket, &mut [IoSliceMut::new(&mut bytes)], &mut ancillary, RecvFlags::CMSG_CLOEXEC) {
            Err(rustix::io::Errno::INTR) => {}
            received => break received?,
        }
    };
    let rights = ancillary.drain().filter_map(|message| match message {
        RecvAncillaryMessage::ScmRights(descriptors) => Some(descriptors),
        _ => None,
    });
    let descriptors: Vec<OwnedFd> = rights.flatten().collect();
    if received.flags.intersects(ReturnFlags::TRUNC | ReturnFlags::CTRUNC) || most < descriptors.len() {
        return Err(io::Error::other("a message that is too long, or with too many descriptors"));
    }
    match bytes.get(..received.bytes) {
        // Nobody sends an empty one.
        None | Some([]) => Ok(None),
        Some(message) => Ok(Some(Packet { message: T::decode(message).map_err(io::Error::other)?, descriptors })),
    }
}

/// An end of a connection that tasks use.
#[derive(Debug)]
pub(crate) struct Packets {
    /// Of another type than its name tells, which is all the same to the system.
    socket: UnixDatagram,
}

impl Packets {
    /// Called where tasks run.
    ///
    /// # Errors
    /// When the system refuses to tell what happens on it.
    pub(crate) fn new(socket: OwnedFd) -> io::Result<Self> {
        Ok(Self { socket: UnixDatagram::from_std(socket.into())? })
    }

    /// Sends a message, once there is room for it.
    ///
    /// # Errors
    /// When the other end is gone.
    pub(crate) async fn send(&self, message: &impl Message, descriptors: &[BorrowedFd<'_>]) -> io::Result<()> {
        self.socket.async_io(Interest::WRITABLE, || send(&self.socket, message, descriptors)).await
    }

    /// Sends a message if there is room for it.
    ///
    /// # Errors
    /// When there is none, or the other end is gone.
    pub(crate) fn send_now(&self, message: &impl Message) -> io::Result<()> {
        send(&self.socket, message, &[])
    }

    /// The next message, as [`receive`] has it.
    ///
    /// # Errors
    /// As for that.
    pub(crate) async fn receive<T: Message + Default>(
        &self,
        longest: usize,
        most: usize,
    ) -> io::Result<Option<Packet<T>>> {
        self.socket.async_io(Interest::READABLE, || receive(&self.socket, longest, most)).await
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;

    use super::*;
    use crate::wire::Answer;

    fn answer(id: u64) -> Answer {
        Answer { id, error: Some(1) }
    }

    #[test]
    fn messages_stay_apart_and_bring_what_is_theirs() {
        let (ours, theirs) = pair(false).unwrap();
        let file = File::open("/dev/null").unwrap();
        send(&ours, &answer(1), &[]).unwrap();
        send(&ours, &answer(2), &[file.as_fd()]).unwrap();
        let first: Packet<Answer> = receive(&theirs, 64, 1).unwrap().unwrap();
        let second: Packet<Answer> = receive(&theirs, 64, 1).unwrap().unwrap();
        assert_eq!((first.message, first.descriptors.len()), (answer(1), 0));
        assert_eq!((second.message, second.descriptors.len()), (answer(2), 1));
        drop(ours);
        assert!(receive::<Answer>(&theirs, 64, 1).unwrap().is_none());
    }

    #[test]
    fn what_is_too_much_is_no_message() {
        let (ours, theirs) = pair(false).unwrap();
        let file = File::open("/dev/null").unwrap();
        send(&ours, &answer(1), &[file.as_fd()]).unwrap();
        receive::<Answer>(&theirs, 64, 0).unwrap_err();
        send(&ours, &answer(1), &[file.as_fd(), file.as_fd()]).unwrap();
        receive::<Answer>(&theirs, 64, 1).unwrap_err();
        send(&ours, &answer(u64::MAX), &[]).unwrap();
        receive::<Answer>(&theirs, 8, 0).unwrap_err();
        // What comes after it is read as if nothing had been.
        send(&ours, &answer(2), &[]).unwrap();
        assert_eq!(receive::<Answer>(&theirs, 64, 0).unwrap().unwrap().message, answer(2));
    }
}
