//! Names of WIT as identifiers of other languages.

/// `unit-price` as `UnitPrice`.
pub(super) fn pascal(name: &str) -> String {
    name.split(['-', '_', '.']).map(capitalised).collect()
}

/// `unit-price` as `unitPrice`, with an underscore behind it if that is one of `reserved`.
pub(super) fn camel(name: &str, reserved: &[&str]) -> String {
    let mut words = name.split(['-', '_', '.']);
    let first = words.next().unwrap_or_default().to_lowercase();
    free(words.fold(first, |camel, word| camel + &capitalised(word)), reserved)
}

/// `unit-price` as `unit_price`, likewise.
pub(super) fn snake(name: &str, reserved: &[&str]) -> String {
    free(name.to_lowercase().replace(['-', '.'], "_"), reserved)
}

/// A text that only stands for itself in the double quotes of every language here.
pub(super) fn quoted(text: &str) -> String {
    let escaped = text.chars().map(|each| match each {
        '"' | '\\' => format!("\\{each}"),
        each if activity::shown::is_harmful(each) => "?".to_owned(),
        each => each.to_string(),
    });
    format!("\"{}\"", escaped.collect::<String>())
}

fn free(name: String, reserved: &[&str]) -> String {
    if reserved.contains(&name.as_str()) { name + "_" } else { name }
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(letters.map(|letter| letter.to_ascii_lowercase())).collect()
}
