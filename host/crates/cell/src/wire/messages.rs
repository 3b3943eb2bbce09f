//! The messages that others are in.

use activity::{ActivityName, ComponentId};

use super::{
    Broken,
    command::Command,
    event::Event,
    policy::Policy,
    task::Task,
    values::{Crosses, Span},
};

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct ToCell {
    #[prost(oneof = "to_cell::Say", tags = "1, 2, 3, 4, 5, 6, 7")]
    pub(crate) say: Option<to_cell::Say>,
}

pub(crate) mod to_cell {
    use super::{Begin, Load, Start, Tell};

    #[derive(Clone, PartialEq, prost::Oneof)]
    pub(crate) enum Say {
        /// The first.
        #[prost(message, tag = "1")]
        Begin(Begin),
        /// With the component's code as a descriptor.
        #[prost(message, boxed, tag = "2")]
        Load(Box<Load>),
        /// The number of what nobody needs any more.
        #[prost(uint64, tag = "3")]
        Forget(u64),
        #[prost(message, boxed, tag = "4")]
        Start(Box<Start>),
        #[prost(message, tag = "5")]
        Tell(Tell),
        /// An attempt may tell measurements again.
        #[prost(uint64, tag = "6")]
        Taken(u64),
        /// With a line to what connects for it, in place of the former.
        #[prost(bool, tag = "7")]
        Line(bool),
    }
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct FromCell {
    #[prost(oneof = "from_cell::Say", tags = "1, 2, 3, 4")]
    pub(crate) say: Option<from_cell::Say>,
}

pub(crate) mod from_cell {
    use super::{Begun, Loaded, Told};

    #[derive(Clone, PartialEq, prost::Oneof)]
    pub(crate) enum Say {
        /// The first.
        #[prost(message, tag = "1")]
        Begun(Begun),
        #[prost(message, tag = "2")]
        Loaded(Loaded),
        #[prost(message, tag = "3")]
        Told(Told),
        /// Linear memory of all guests, in bytes.
        #[prost(uint64, tag = "4")]
        Memory(u64),
    }
}

/// With what a cell runs.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Begin {
    #[prost(uint32, tag = "1")]
    pub(crate) version: u32,
    /// The process that started it.
    #[prost(uint32, tag = "2")]
    pub(crate) parent: u32,
    #[prost(uint32, tag = "3")]
    pub(crate) guest_threads: u32,
    #[prost(message, optional, tag = "4")]
    pub(crate) tick: Option<Span>,
    #[prost(uint32, tag = "5")]
    pub(crate) slots: u32,
    #[prost(uint32, tag = "6")]
    pub(crate) log_level: u32,
    #[prost(message, optional, tag = "7")]
    pub(crate) lines: Option<Lines>,
    #[prost(bool, tag = "8")]
    pub(crate) landlock: bool,
    #[prost(bool, tag = "9")]
    pub(crate) seccomp: bool,
    /// Directories of any of its components: where, and whether it may write there.
    #[prost(message, repeated, tag = "10")]
    pub(crate) directories: Vec<Place>,
    /// How many components follow, each with its code. There are no others later.
    #[prost(uint32, tag = "11")]
    pub(crate) loads: u32,
    /// What it needs for HTTP requests, if any of its components may send some.
    #[prost(message, optional, tag = "12")]
    pub(crate) outside: Option<Outside>,
    #[prost(sint32, tag = "13")]
    pub(crate) busy_niceness: i32,
}

/// What a cell needs for HTTP requests, beside lines.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Outside {
    /// Root certificates that servers are trusted by, in DER.
    #[prost(bytes = "vec", repeated, tag = "1")]
    pub(crate) roots: Vec<Vec<u8>>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Place {
    /// As the system writes it, which may be no text.
    #[prost(bytes = "vec", tag = "1")]
    pub(crate) path: Vec<u8>,
    #[prost(bool, tag = "2")]
    pub(crate) writable: bool,
}

/// How lines of guests are written down, in words of the program.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Lines {
    #[prost(string, tag = "1")]
    pub(crate) format: String,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Begun {
    #[prost(uint32, tag = "1")]
    pub(crate) version: u32,
    /// Why it can't run, if it can't.
    #[prost(string, optional, tag = "2")]
    pub(crate) refused: Option<String>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Load {
    #[prost(uint64, tag = "1")]
    pub(crate) number: u64,
    #[prost(message, optional, tag = "2")]
    pub(crate) id: Option<Id>,
    #[prost(message, optional, tag = "3")]
    pub(crate) policy: Option<Policy>,
    /// What it is known to tell when it is asked for its activities.
    #[prost(message, optional, tag = "4")]
    pub(crate) listing: Option<Listing>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Id {
    #[prost(string, tag = "1")]
    tenant: String,
    #[prost(string, optional, tag = "2")]
    namespace: Option<String>,
    #[prost(string, tag = "3")]
    task_queue: String,
    #[prost(string, tag = "4")]
    name: String,
    #[prost(string, tag = "5")]
    digest: String,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Listing {
    #[prost(message, repeated, tag = "1")]
    activities: Vec<Listed>,
    #[prost(uint64, tag = "2")]
    image: u64,
    #[prost(uint64, tag = "3")]
    values: u64,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Listed {
    /// None for the dynamic one.
    #[prost(string, optional, tag = "1")]
    name: Option<String>,
    #[prost(bool, tag = "2")]
    interruptible: bool,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Loaded {
    #[prost(uint64, tag = "1")]
    pub(crate) number: u64,
    #[prost(message, optional, tag = "2")]
    pub(crate) listing: Option<Listing>,
    /// Why not, and what to do about it.
    #[prost(string, optional, tag = "3")]
    pub(crate) refused: Option<String>,
    #[prost(string, optional, tag = "4")]
    pub(crate) cure: Option<String>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Start {
    #[prost(uint64, tag = "1")]
    pub(crate) attempt: u64,
    #[prost(message, optional, tag = "2")]
    pub(crate) task: Option<Task>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Tell {
    #[prost(uint64, tag = "1")]
    pub(crate) attempt: u64,
    #[prost(message, optional, tag = "2")]
    pub(crate) command: Option<Command>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Told {
    #[prost(uint64, tag = "1")]
    pub(crate) attempt: u64,
    #[prost(message, optional, tag = "2")]
    pub(crate) event: Option<Event>,
}

impl Crosses for ComponentId {
    type Message = Id;

    fn send(self) -> Id {
        let Self { tenant, namespace, task_queue, name, digest } = self;
        Id { tenant, namespace, task_queue, name, digest }
    }

    fn receive(message: Id) -> Result<Self, Broken> {
        let Id { tenant, namespace, task_queue, name, digest } = message;
        Ok(Self { tenant, namespace, task_queue, name, digest })
    }
}

impl Crosses for engine::Listing {
    type Message = Listing;

    fn send(self) -> Listing {
        let listed = |(name, interruptible)| match name {
            ActivityName::Named(name) => Listed { name: Some(name), interruptible },
            ActivityName::Dynamic => Listed { name: None, interruptible },
        };
        let Self { activities, image, values } = self;
        Listing { activities: activities.into_iter().map(listed).collect(), image, values }
    }

    fn receive(message: Listing) -> Result<Self, Broken> {
        let name = |name: Option<String>| name.map_or(ActivityName::Dynamic, ActivityName::Named);
        let listed = |Listed { name: of, interruptible }| (name(of), interruptible);
        let Listing { activities, image, values } = message;
        Ok(Self { activities: activities.into_iter().map(listed).collect(), image, values })
    }
}
