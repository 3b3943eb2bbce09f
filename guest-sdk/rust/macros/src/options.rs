//! What is in the parentheses of `#[activity(…)]`.

use proc_macro2::TokenStream;
use syn::parse::Parser;
use syn::{LitBool, LitStr, Result, meta};

/// The attribute's options.
pub(crate) struct Options {
    /// The activity type, when it is not the function's name.
    pub(crate) name: Option<LitStr>,
    /// Whether it takes the tasks of every other type.
    pub(crate) dynamic: bool,
    /// Whether a safe point tells of a cancellation.
    pub(crate) interruptible: bool,
}

impl Options {
    pub(crate) fn parse(attribute: TokenStream) -> Result<Self> {
        let mut options = Self { name: None, dynamic: false, interruptible: true };
        let parser = meta::parser(|option| {
            if option.path.is_ident("name") {
                let name: LitStr = option.value()?.parse()?;
                if name.value().is_empty() {
                    return Err(syn::Error::new(name.span(), "an activity type can't be empty"));
                }
                options.name = Some(name);
            } else if option.path.is_ident("dynamic") {
                options.dynamic = true;
            } else if option.path.is_ident("interruptible") {
                options.interruptible = option.value()?.parse::<LitBool>()?.value;
            } else {
                return Err(
                    option.error("unknown option: there are `name = \"…\"`, `dynamic` and `interruptible = false`")
                );
            }
            Ok(())
        });
        parser.parse2(attribute)?;
        match &options.name {
            Some(name) if options.dynamic => Err(syn::Error::new(
                name.span(),
                "a dynamic activity has no name: it takes the tasks of every type that no other activity takes",
            )),
            _ => Ok(options),
        }
    }
}
