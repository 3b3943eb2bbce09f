//! Where keys are written, so that a problem can be told with its file and line.

use std::{collections::BTreeMap, path::Path};

use activity::shown;
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

/// The places of keys, by what problems call them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lines {
    places: BTreeMap<String, String>,
    /// How many tenants there are in the files so far.
    tenants: usize,
}

/// What a table is, which decides how the keys in it are called.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Level {
    File,
    Tenant,
    Worker,
    Other,
}

impl Lines {
    /// Adds the keys of the configuration file at `path`, which holds this.
    pub(super) fn add_file(&mut self, path: &Path, text: &str) {
        self.add(path, text, "", Level::File);
    }

    /// Adds the keys of a file with one tenant, whose name is known.
    pub(super) fn add_tenant(&mut self, path: &Path, text: &str, name: &str) {
        self.add(path, text, &tenant(name), Level::Tenant);
        // What it does not say has a place, too.
        let file = path.display().to_string();
        self.places.entry(tenant(name)).or_insert_with(|| file.clone());
        self.tenant(file);
    }

    /// Keeps the place of the next tenant, which is its own also where another one has its name.
    fn tenant(&mut self, place: String) {
        self.places.insert(format!("tenants[{}]", self.tenants), place);
        self.tenants += 1;
    }

    fn add(&mut self, path: &Path, text: &str, key: &str, level: Level) {
        let Ok(document) = DeTable::parse(text) else { return };
        let origin = path.display().to_string();
        let place = |start: usize| {
            let line = 1 + text.bytes().take(start).filter(|byte| *byte == b'\n').count();
            format!("{origin}:{line}")
        };
        self.table(document.get_ref(), key, level, &place);
    }

    /// The place of a key, or of the table that it belongs in.
    pub(super) fn find(&self, mut key: &str) -> Option<&str> {
        loop {
            if let Some(place) = self.places.get(key) {
                return Some(place);
            }
            key = key.get(..key.rfind([',', '.', '['])?)?;
        }
    }

    fn table(&mut self, table: &DeTable<'_>, key: &str, level: Level, place: &impl Fn(usize) -> String) {
        for (name, value) in table {
            let own = match (level, key) {
                (Level::File, _) => name.get_ref().to_string(),
                _ => format!("{key}.{}", name.get_ref()),
            };
            self.places.entry(own.clone()).or_insert_with(|| place(name.span().start));
            match value.get_ref() {
                DeValue::Table(table) => self.table(table, &own, Level::Other, place),
                DeValue::Array(values) => self.array(values, (key, name.get_ref(), &own), level, place),
                _ => {}
            }
        }
    }

    fn array(
        &mut self,
        values: &[Spanned<DeValue<'_>>],
        (table, name, key): (&str, &str, &str),
        level: Level,
        place: &impl Fn(usize) -> String,
    ) {
        for (at, value) in values.iter().enumerate() {
            let DeValue::Table(each) = value.get_ref() else { continue };
            let (own, inner) = match (level, name) {
                (Level::File, "tenants") => (tenant_or(each, &format!("tenants[{at}]")), Level::Tenant),
                (Level::Tenant, "workers") => (format!("{table}, workers[{at}]"), Level::Worker),
                (Level::Worker, "components") => (format!("{table}, components[{at}]"), Level::Other),
                _ => (format!("{key}[{at}]"), Level::Other),
            };
            self.places.entry(own.clone()).or_insert_with(|| place(value.span().start));
            if inner == Level::Tenant {
                self.tenant(place(value.span().start));
            }
            self.table(each, &own, inner, place);
        }
    }
}

/// How problems call the tenant of this table.
fn tenant_or(table: &DeTable<'_>, nameless: &str) -> String {
    let name = table.iter().find(|(key, _)| key.get_ref() == "name").and_then(|(_, value)| value.get_ref().as_str());
    name.filter(|name| !name.is_empty()).map_or_else(|| nameless.to_owned(), tenant)
}

fn tenant(name: &str) -> String {
    format!("tenant {}", shown::name(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r#"[engine]
tick = "2s"

[[tenants]]
name = "acme"
[[tenants.workers]]
task-queue = "orders"
codec = { encryption = { keys = [{ id = "a" }] } }
[[tenants.workers.components]]
path = "a.wasm"
[tenants.workers.components.limits]
memory = "1"
[[tenants.workers.components]]
path = "b.wasm"

[[tenants]]
"#;

    #[test]
    fn a_key_has_the_line_where_it_is_written_or_where_it_belongs() {
        let mut lines = Lines::default();
        lines.add_file("isolet.toml".as_ref(), FILE);
        for (key, line) in [
            ("engine.tick", 2),
            ("engine.slots", 1),
            ("tenant acme.name", 5),
            ("tenant acme", 4),
            ("tenant acme, workers[0].task-queue", 7),
            ("tenant acme, workers[0].max-concurrent", 6),
            ("tenant acme, workers[0].codec.encryption.keys[0].file", 8),
            ("tenant acme, workers[0], components[0].limits.memory", 12),
            ("tenant acme, workers[0], components[0].limits.random", 11),
            ("tenant acme, workers[0], components[1].limits.random", 13),
            ("tenants[1].name", 16),
        ] {
            assert_eq!(lines.find(key), Some(format!("isolet.toml:{line}").as_str()), "{key}");
        }
        assert_eq!(lines.find("metrics.address"), None);
    }

    #[test]
    fn a_file_of_a_tenant_is_its_place() {
        let mut lines = Lines::default();
        lines.add_tenant("tenants.d/beta.toml".as_ref(), "\n[[workers]]\n", "beta");
        assert_eq!(lines.find("tenant beta, workers[0].task-queue"), Some("tenants.d/beta.toml:2"));
        assert_eq!(lines.find("tenant beta.name"), Some("tenants.d/beta.toml"));
    }
}
