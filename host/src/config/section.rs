//! How a table of the configuration is declared: each key once, with its meaning, its default and its bounds. What is
//! read, the defaults, the bounds, `isolet config example`, `isolet config check` and the tables of docs/configuration.md
//! all come from that.

use std::{fmt::Display, str::FromStr};

use serde::Serialize;

use super::problems::{Place, Problems};

/// A table and its keys.
#[derive(Debug)]
pub(crate) struct Section {
    /// What it is about.
    pub about: &'static str,
    /// Its keys, and the tables in it.
    pub keys: &'static [Key],
}

/// A key of a table.
#[derive(Debug)]
pub(crate) struct Key {
    /// Its name as an identifier: see [`Key::name`].
    pub identifier: &'static str,
    /// What it means, in Markdown: a part of a sentence.
    pub meaning: &'static str,
    /// Its default in TOML, where it is a value.
    pub default: Option<fn() -> String>,
    /// What holds when it is not set, in words, where that is no value or depends on the machine.
    pub unset: Option<&'static str>,
    /// A value to show, in TOML, where that is not the default.
    pub example: Option<&'static str>,
    /// Its bounds.
    pub bounds: Option<fn() -> String>,
    /// How it is given on the command line, where it is a flag, too.
    pub flag: Option<Flag>,
    /// Its keys, where it is a table.
    pub table: Option<Table>,
}

/// How a key is given on the command line.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Flag {
    /// What stands for its value in help texts.
    pub value_name: &'static str,
    /// Reads its value.
    pub read: fn(&str) -> Result<toml::Value, String>,
}

/// A table within another.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Table {
    /// What it is.
    pub section: &'static Section,
    /// Whether there may be several.
    pub is_list: bool,
}

impl Key {
    /// Its name as it is written.
    pub(crate) fn name(&self) -> String {
        self.identifier.replace('_', "-")
    }

    /// What it means, without the ends of the lines on which it was declared.
    pub(crate) fn meaning(&self) -> &str {
        self.meaning.trim()
    }

    /// What holds when it is not set, in words.
    pub(crate) fn default_in_words(&self) -> String {
        let value = self.default.map(|text| text().trim_matches('"').to_owned());
        self.unset.map(str::to_owned).or(value).unwrap_or_else(|| "required".to_owned())
    }

    /// Whether there must be one.
    pub(crate) fn is_required(&self) -> bool {
        self.default.is_none() && self.unset.is_none()
    }
}

/// What can be done with every table.
pub(crate) trait Declared: Sized {
    /// The table and its keys.
    const SECTION: &'static Section;

    /// The keys that are written here, and the others as in `other`.
    fn over(self, other: Self) -> Self;

    /// Adds a problem for each value that is out of its bounds.
    fn check(&self, place: &Place, problems: &mut Problems);
}

/// A value in TOML.
pub(crate) fn toml_text(value: &impl Serialize) -> String {
    toml::Value::try_from(value).map(|value| value.to_string()).unwrap_or_default()
}

/// Reads a flag's value as one of a file.
pub(super) fn flag_value<T: FromStr<Err: Display> + Serialize>(text: &str) -> Result<toml::Value, String> {
    let value = text.parse::<T>().map_err(|error| error.to_string())?;
    toml::Value::try_from(value).map_err(|error| error.to_string())
}

/// Whether a key is not written, or a table empty.
pub(crate) fn is_unset<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// Adds a problem when the value that is written for `key` is out of its bounds.
pub(super) fn check<T: Copy + PartialOrd + Display>(
    value: Option<T>,
    least: T,
    most: T,
    key: &str,
    problems: &mut Problems,
) {
    let Some(value) = value else { return };
    let wrong = match value {
        _ if value < least => "little",
        _ if most < value => "much",
        _ => return,
    };
    problems.add(key, format_args!("{value} is too {wrong}; it must be from {least} to {most}"));
}

/// Declares a table: a struct of what can be written in it, `name: type`, each followed by
/// - `= value`: the default, which the method of the same name fills in;
/// - `, unset "words"`: what holds without it, in words;
/// - `, example "value"`: what to show in the example, in TOML;
/// - `, within least, most`: its bounds;
/// - `, flag "VALUE"`: that it is a flag, too, and what stands for its value in help texts;
/// - `, table Type` or `, tables Type`: the declaration of the table that it is, or of each of those.
macro_rules! section {
    (
        $(#[doc = $about:literal])+
        $name:ident {
            $(
                $(#[doc = $meaning:literal])+
                $key:ident: $type:ty
                $(= $default:expr)?
                $(, unset $unset:literal)?
                $(, example $example:literal)?
                $(, within $least:expr, $most:expr)?
                $(, flag $flag:literal)?
                $(, table $table:ident)?
                $(, tables $tables:ident)?
                ;
            )+
        }
    ) => {
        $(#[doc = $about])+
        #[derive(Clone, Debug, Default, PartialEq, serde::Deserialize, serde::Serialize)]
        #[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
        pub(crate) struct $name {
            $(
                $(#[doc = $meaning])+
                #[serde(skip_serializing_if = "crate::config::section::is_unset")]
                pub $key: $type,
            )+
        }

        impl $name {
            $($(
                /// What is written, or else the default.
                pub(crate) fn $key(&self) -> <$type as IntoIterator>::Item {
                    self.$key.clone().unwrap_or_else(|| $default)
                }
            )?)+
        }

        impl crate::config::section::Declared for $name {
            const SECTION: &'static crate::config::section::Section = &crate::config::section::Section {
                about: concat!($($about),+),
                keys: &[$(
                    crate::config::section::Key {
                        identifier: stringify!($key),
                        meaning: concat!($($meaning),+),
                        default: section!(@option $(|| crate::config::section::toml_text(&$default))?),
                        unset: section!(@option $($unset)?),
                        example: section!(@option $($example)?),
                        bounds: section!(@option $(|| format!("{} to {}", $least, $most))?),
                        flag: section!(@option $(crate::config::section::Flag {
                            value_name: $flag,
                            read: crate::config::section::flag_value::<<$type as IntoIterator>::Item>,
                        })?),
                        table: section!(@option
                            $(crate::config::section::Table { section: <$table as crate::config::section::Declared>::SECTION, is_list: false })?
                            $(crate::config::section::Table { section: <$tables as crate::config::section::Declared>::SECTION, is_list: true })?
                        ),
                    },
                )+],
            };

            fn over(self, other: Self) -> Self {
                Self {
                    $($key: if crate::config::section::is_unset(&self.$key) { other.$key } else { self.$key },)+
                }
            }

            fn check(&self, place: &crate::config::problems::Place, problems: &mut crate::config::problems::Problems) {
                $($(
                    let key = place.key(&stringify!($key).replace('_', "-"));
                    crate::config::section::check(self.$key, $least, $most, &key, problems);
                )?)+
                let _ = (place, problems);
            }
        }
    };
    (@option) => { None };
    (@option $($value:tt)+) => { Some($($value)+) };
}

pub(crate) use section;
