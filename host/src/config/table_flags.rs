//! Flags that are keys of a table: their names, help texts and values come from its declaration.

use std::mem::take;

use clap::{Arg, ArgMatches, Args, Command, FromArgMatches, error::ErrorKind};
use serde::de::DeserializeOwned;

use super::section::{Declared, Flag, Key};

/// A table of which keys are flags.
pub(crate) trait FlagTable: Declared + Default + DeserializeOwned {
    /// Under what help texts list them.
    const HEADING: &'static str;

    /// What one of them has beside what all have.
    fn adapt(flag: Arg) -> Arg {
        flag
    }
}

/// What of a table is given as flags.
#[derive(Clone, Debug, Default)]
pub(crate) struct TableFlags<T>(pub T);

impl<T: FlagTable + Clone> TableFlags<T> {
    /// Puts the flags over `raw`.
    pub(crate) fn apply(&self, raw: &mut T) {
        *raw = self.0.clone().over(take(raw));
    }
}

impl<T: FlagTable> Args for TableFlags<T> {
    fn augment_args(command: Command) -> Command {
        command.args(flags::<T>().map(|(key, flag)| T::adapt(argument(key, flag).help_heading(T::HEADING))))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl<T: FlagTable> FromArgMatches for TableFlags<T> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let given = flags::<T>().filter_map(|(key, _)| {
            let value = matches.get_one::<toml::Value>(key.identifier)?;
            Some((key.name(), value.clone()))
        });
        // Each was read as what the key holds.
        let table = T::deserialize(toml::Table::from_iter(given));
        table.map(Self).map_err(|error| clap::Error::raw(ErrorKind::ValueValidation, error))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        self.0 = Self::from_arg_matches(matches)?.0.over(take(&mut self.0));
        Ok(())
    }
}

fn flags<T: FlagTable>() -> impl Iterator<Item = (&'static Key, Flag)> {
    T::SECTION.keys.iter().filter_map(|key| Some((key, key.flag?)))
}

fn argument(key: &'static Key, flag: Flag) -> Arg {
    Arg::new(key.identifier).long(key.name()).value_name(flag.value_name).value_parser(flag.read).help(help(key))
}

/// The key's meaning as a sentence, and what holds without it.
fn help(key: &Key) -> String {
    let mut meaning = key.meaning().chars();
    let begin = meaning.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    // In a file texts have quotes, on a command line they have not.
    let meaning = meaning.as_str().replace("`\"", "`").replace("\"`", "`");
    format!("{begin}{meaning} [default: {}]", key.default_in_words())
}

#[cfg(test)]
mod tests {
    use super::{
        super::raw::{RawEngine, component::RawStopping},
        *,
    };
    use clap::Parser;

    #[derive(Debug, Parser)]
    struct Program {
        #[command(flatten)]
        engine: TableFlags<RawEngine>,
        #[command(flatten)]
        stopping: TableFlags<RawStopping>,
    }

    #[test]
    fn a_flag_has_name_help_and_value_of_its_key() {
        let program = Program::try_parse_from(["isolet", "--tick", "20ms", "--on-cancel=kill"]).unwrap();
        assert_eq!(toml::to_string(&program.engine.0).unwrap(), "tick = \"20ms\"\n");
        assert_eq!(toml::to_string(&program.stopping.0).unwrap(), "on-cancel = \"kill\"\n");
        let help = <Program as clap::CommandFactory>::command().render_long_help().to_string();
        for part in ["--on-cancel <tell|kill>", "does: `tell` lets the guest finish", "[default: tell]", "Engine:"] {
            assert!(help.contains(part), "{part}\n{help}");
        }
    }

    #[test]
    fn a_wrong_value_names_the_flag_and_what_is_right() {
        let error = |flag: &str| Program::try_parse_from(["isolet", flag]).unwrap_err().to_string();
        assert!(error("--tick=soon").contains("'--tick <DURATION>': \"soon\" is not a duration; write it like"));
        assert!(error("--on-cancel=go").contains("\"go\" is neither \"tell\" nor \"kill\""));
    }
}
