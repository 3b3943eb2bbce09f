//! What a configuration means, defaults included, as a configuration file.

use super::{
    raw::RawConfig,
    section::{Declared as _, Key, Section, Table},
};

/// The effective configuration as TOML; reading it back gives the same settings. Values of guests' variables, which may be
/// secrets, are not shown.
pub(crate) fn effective(raw: &RawConfig) -> String {
    // It was read from TOML, so it can be written as that.
    let written = toml::Table::try_from(raw).unwrap_or_default();
    let mut page = String::new();
    tables(&mut page, RawConfig::SECTION, "", &written);
    page.trim_start().to_owned()
}

/// The tables in the one at `path`.
fn tables(page: &mut String, section: &Section, path: &str, written: &toml::Table) {
    for key in section.keys {
        let Some(Table { section, is_list }) = key.table else { continue };
        let path = if path.is_empty() { key.name() } else { format!("{path}.{}", key.name()) };
        match written.get(&key.name()) {
            Some(toml::Value::Array(each)) if is_list => {
                for table in each.iter().filter_map(toml::Value::as_table) {
                    self::table(page, section, &path, &format!("[[{path}]]"), table);
                }
            }
            Some(toml::Value::Table(written)) => table(page, section, &path, &format!("[{path}]"), written),
            _ if is_list => {}
            _ => table(page, section, &path, &format!("[{path}]"), &toml::Table::new()),
        }
    }
}

fn table(page: &mut String, section: &Section, path: &str, header: &str, written: &toml::Table) {
    page.push_str(&format!("\n{header}\n"));
    for key in section.keys.iter().filter(|key| key.table.is_none()) {
        page.push_str(&line(key, written.get(&key.name())));
    }
    tables(page, section, path, written);
}

fn line(key: &Key, written: Option<&toml::Value>) -> String {
    let (name, default) = (key.name(), key.default.map(|text| text()));
    match (written.map(toml::Value::to_string), default) {
        (Some(value), Some(default)) if value == default => format!("{name} = {value}  # default\n"),
        (Some(value), _) => format!("{name} = {value}\n"),
        (None, Some(default)) => format!("{name} = {default}  # default\n"),
        (None, None) => format!("# {name}: {}\n", key.unset.unwrap_or("not set")),
    }
}
