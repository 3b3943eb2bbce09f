//! `[web]`, once it is checked: what the worker answers by HTTP, where, and to whom.

use std::path::PathBuf;

use url::Url;

use super::{
    listening,
    problems::{Place, Problems},
    raw::RawWeb,
};

/// What the worker answers by HTTP, where, and to whom.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct WebSettings {
    /// Host and port of it all, if it is answered anywhere.
    pub address: Option<String>,
    /// The file with the token for status and page, if anybody may see them.
    pub token_file: Option<PathBuf>,
    /// Where Temporal's web user interface is, without a slash at its end.
    pub temporal_ui: Option<String>,
}

/// Checks what was written.
pub(super) fn validate(raw: RawWeb, place: &Place, problems: &mut Problems) -> WebSettings {
    let RawWeb { address, token_file, temporal_ui } = raw;
    if let Some(problem) = address.as_deref().and_then(listening::problem) {
        problems.add(&place.key("address"), problem);
    }
    let is_empty = token_file.as_ref().is_some_and(|path| path.as_os_str().is_empty());
    problems.refuse_if(is_empty, &place.key("token-file"), "it is empty");
    let is_idle = token_file.is_some() && address.is_none();
    problems.refuse_if(is_idle, &place.key("token-file"), "nobody could give it: there is no address to give it at");
    let temporal_ui = temporal_ui.map(|text| {
        let is_page = |url: &Url| ["http", "https"].contains(&url.scheme()) && url.has_host();
        let is_bare = |url: &Url| url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
        let is_usable = Url::parse(&text).is_ok_and(|url| is_page(&url) && is_bare(&url));
        let problem = format_args!("{text:?} is not a URL that begins with http:// or https://");
        problems.refuse_if(!is_usable, &place.key("temporal-ui"), problem);
        text.trim_end_matches('/').to_owned()
    });
    WebSettings { address, token_file, temporal_ui }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::parse::parse;

    fn checked(text: &str) -> (WebSettings, String) {
        let (mut problems, place) = (Problems::default(), Place::Table("web".to_owned()));
        let raw = parse(&format!("[web]\n{text}\n"), "isolet.toml").unwrap();
        let settings = validate(raw.web, &place, &mut problems);
        (settings, problems.to_string())
    }

    #[test]
    fn what_could_not_be_served_is_told_with_its_key() {
        let cases = [
            ("address = \"9464\"", "web.address: \"9464\" is not written HOST:PORT"),
            (
                "address = \"a:\"",
                "web.address: \"a:\" is not written HOST:PORT: there is no port; 0 is for any free one",
            ),
            ("address = \"a:1\"\ntoken-file = \"\"", "web.token-file: it is empty"),
            ("token-file = \"token\"", "web.token-file: nobody could give it: there is no address to give it at"),
            (
                "temporal-ui = \"javascript:alert(1)\"",
                "web.temporal-ui: \"javascript:alert(1)\" is not a URL that begins with http:// or https://",
            ),
        ];
        for (text, problem) in cases {
            assert_eq!(checked(text).1, problem);
        }
    }

    #[test]
    fn links_begin_at_a_url_without_a_slash() {
        let (settings, problems) = checked("address = \"[::]:0\"\ntemporal-ui = \"https://temporal.example/ui/\"");
        assert_eq!((settings.temporal_ui.as_deref(), problems.as_str()), (Some("https://temporal.example/ui"), ""));
    }
}
