//! What the worker tells an attempt in a cell.

use activity::{CancellationDetails, KillReason};

use super::{
    Broken,
    answer::Answer,
    values::{Crosses, numbered},
};

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Command {
    #[prost(oneof = "body::Command", tags = "1, 2, 3, 4")]
    pub(crate) command: Option<body::Command>,
}

pub(crate) mod body {
    use crate::wire::answer::Answer;

    #[derive(Clone, PartialEq, prost::Oneof)]
    pub(crate) enum Command {
        /// Why, as a set.
        #[prost(uint32, tag = "1")]
        Cancel(u32),
        #[prost(bool, tag = "2")]
        WorkerShutdown(bool),
        #[prost(message, tag = "3")]
        Answered(Answer),
        /// Why.
        #[prost(uint32, tag = "4")]
        Kill(u32),
    }
}

numbered!(
    KillReason,
    "reason",
    [KillReason::Deadline, KillReason::Cancelled, KillReason::LeaseLost, KillReason::WorkerShutdown]
);

impl Crosses for CancellationDetails {
    type Message = u32;

    fn send(self) -> u32 {
        self.bits().into()
    }

    fn receive(bits: u32) -> Result<Self, Broken> {
        u8::try_from(bits).ok().and_then(Self::from_bits).ok_or(Broken("reason"))
    }
}

impl Crosses for activity::Command {
    type Message = Command;

    fn send(self) -> Command {
        let command = match self {
            Self::Cancel(details) => body::Command::Cancel(details.send()),
            Self::WorkerShutdown => body::Command::WorkerShutdown(true),
            Self::Answered { id, answer } => body::Command::Answered(Answer::new(id, *answer)),
            Self::Kill(reason) => body::Command::Kill(reason.send()),
        };
        Command { command: Some(command) }
    }

    fn receive(message: Command) -> Result<Self, Broken> {
        Ok(match message.command.ok_or(Broken("command"))? {
            body::Command::Cancel(details) => Self::Cancel(Crosses::receive(details)?),
            body::Command::WorkerShutdown(_) => Self::WorkerShutdown,
            body::Command::Answered(answer) => {
                let (id, answer) = answer.receive()?;
                Self::Answered { id, answer: Box::new(answer) }
            }
            body::Command::Kill(reason) => Self::Kill(Crosses::receive(reason)?),
        })
    }
}
