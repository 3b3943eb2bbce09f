//! Payloads, times, and how values cross.

use std::time::{Duration, SystemTime};

use bytes::Bytes;

use super::Broken;

/// A value that crosses as a message.
pub(crate) trait Crosses: Sized {
    /// The message.
    type Message;

    /// As it is sent.
    fn send(self) -> Self::Message;

    /// As it arrives.
    ///
    /// # Errors
    /// When it makes no sense.
    fn receive(message: Self::Message) -> Result<Self, Broken>;

    /// All of them, as they are sent.
    fn send_all(all: Vec<Self>) -> Vec<Self::Message> {
        all.into_iter().map(Self::send).collect()
    }

    /// All of them, as they arrive.
    ///
    /// # Errors
    /// When one makes no sense.
    fn receive_all(messages: Vec<Self::Message>) -> Result<Vec<Self>, Broken> {
        messages.into_iter().map(Self::receive).collect()
    }

    /// One that must be there.
    ///
    /// # Errors
    /// When it is not, or makes no sense.
    fn required(message: Option<Self::Message>, what: &'static str) -> Result<Self, Broken> {
        Self::receive(message.ok_or(Broken(what))?)
    }

    /// One that may be there.
    ///
    /// # Errors
    /// When it is there and makes no sense.
    fn optional(message: Option<Self::Message>) -> Result<Option<Self>, Broken> {
        message.map(Self::receive).transpose()
    }
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Payload {
    #[prost(message, repeated, tag = "1")]
    pub(crate) metadata: Vec<Entry>,
    #[prost(bytes = "bytes", tag = "2")]
    pub(crate) data: Bytes,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Entry {
    #[prost(string, tag = "1")]
    pub(crate) key: String,
    #[prost(bytes = "bytes", tag = "2")]
    pub(crate) value: Bytes,
}

/// One or more payloads where there may be none at all.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Payloads {
    #[prost(message, repeated, tag = "1")]
    pub(crate) payloads: Vec<Payload>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Named {
    #[prost(string, tag = "1")]
    pub(crate) name: String,
    #[prost(message, optional, tag = "2")]
    pub(crate) payload: Option<Payload>,
}

#[derive(Clone, Copy, PartialEq, prost::Message)]
pub(crate) struct Span {
    #[prost(uint64, tag = "1")]
    pub(crate) seconds: u64,
    #[prost(uint32, tag = "2")]
    pub(crate) nanoseconds: u32,
}

/// Before or after the beginning of 1970.
#[derive(Clone, Copy, PartialEq, prost::Message)]
pub(crate) struct Time {
    #[prost(bool, tag = "1")]
    pub(crate) is_before: bool,
    #[prost(message, optional, tag = "2")]
    pub(crate) distance: Option<Span>,
}

impl Crosses for activity::Payload {
    type Message = Payload;

    fn send(self) -> Payload {
        let metadata = self.metadata.into_iter().map(|(key, value)| Entry { key, value }).collect();
        Payload { metadata, data: self.data }
    }

    fn receive(Payload { metadata, data }: Payload) -> Result<Self, Broken> {
        Ok(Self { metadata: metadata.into_iter().map(|Entry { key, value }| (key, value)).collect(), data })
    }
}

impl Crosses for Vec<activity::Payload> {
    type Message = Payloads;

    fn send(self) -> Payloads {
        Payloads { payloads: activity::Payload::send_all(self) }
    }

    fn receive(message: Payloads) -> Result<Self, Broken> {
        activity::Payload::receive_all(message.payloads)
    }
}

impl Crosses for (String, activity::Payload) {
    type Message = Named;

    fn send(self) -> Named {
        Named { name: self.0, payload: Some(self.1.send()) }
    }

    fn receive(Named { name, payload }: Named) -> Result<Self, Broken> {
        Ok((name, activity::Payload::required(payload, "payload")?))
    }
}

impl Crosses for Duration {
    type Message = Span;

    fn send(self) -> Span {
        Span { seconds: self.as_secs(), nanoseconds: self.subsec_nanos() }
    }

    fn receive(Span { seconds, nanoseconds }: Span) -> Result<Self, Broken> {
        Duration::from_secs(seconds).checked_add(Duration::from_nanos(nanoseconds.into())).ok_or(Broken("duration"))
    }
}

impl Crosses for SystemTime {
    type Message = Time;

    fn send(self) -> Time {
        let (is_before, distance) = match self.duration_since(Self::UNIX_EPOCH) {
            Ok(distance) => (false, distance),
            Err(before) => (true, before.duration()),
        };
        Time { is_before, distance: Some(distance.send()) }
    }

    fn receive(Time { is_before, distance }: Time) -> Result<Self, Broken> {
        let distance = Duration::required(distance, "time")?;
        let time = match is_before {
            true => Self::UNIX_EPOCH.checked_sub(distance),
            false => Self::UNIX_EPOCH.checked_add(distance),
        };
        time.ok_or(Broken("time"))
    }
}

/// Numbers for the values of an enumeration: their places in a list of all of them.
macro_rules! numbered {
    ($type:ty, $what:literal, [$($value:expr),+ $(,)?]) => {
        impl Crosses for $type {
            type Message = u32;

            fn send(self) -> u32 {
                let all = [$($value),+];
                // Each value is in the list, which a test tells.
                all.iter().position(|each| *each == self).and_then(|at| u32::try_from(at).ok()).unwrap_or(u32::MAX)
            }

            fn receive(number: u32) -> Result<Self, Broken> {
                let all = [$($value),+];
                usize::try_from(number).ok().and_then(|at| all.get(at).copied()).ok_or(Broken($what))
            }
        }
    };
}

pub(crate) use numbered;

numbered!(
    activity::Level,
    "level",
    [
        activity::Level::Trace,
        activity::Level::Debug,
        activity::Level::Info,
        activity::Level::Warn,
        activity::Level::Error,
    ]
);
