//! The code that an activity becomes: the function as it was, and a type of the same name that knows how to call it.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Error, ItemFn, Result};

use crate::options::Options;
use crate::signature::Signature;

/// Expands the attribute. After an error the function is still there, so that its callers give no errors of their own.
pub(crate) fn activity(attribute: TokenStream, item: TokenStream) -> TokenStream {
    let function: ItemFn = match syn::parse2(item.clone()) {
        Ok(function) => function,
        Err(error) => {
            let error =
                Error::new(error.span(), format!("`#[activity]` goes on a function: {error}")).into_compile_error();
            return quote!(#error #item);
        }
    };
    let implementation = implementation(attribute, &function).unwrap_or_else(Error::into_compile_error);
    quote!(#function #implementation)
}

fn implementation(attribute: TokenStream, function: &ItemFn) -> Result<TokenStream> {
    let options = Options::parse(attribute)?;
    let signature = Signature::check(function)?;
    let Signature { name, visibility, .. } = signature;
    let activity_type = match &options.name {
        _ if options.dynamic => quote!(::std::option::Option::None),
        Some(chosen) => quote!(::std::option::Option::Some(#chosen)),
        None => quote!(::std::option::Option::Some(::std::stringify!(#name))),
    };
    let interruptible = options.interruptible;
    let body = if options.dynamic { dynamic_body(&signature)? } else { body(&signature) };
    Ok(quote! {
        #[doc(hidden)]
        #[allow(non_camel_case_types, dead_code, reason = "named for the function, and only ever a type argument")]
        #visibility struct #name {}

        impl ::isolet_sdk::Activity for #name {
            const DEFINITION: ::isolet_sdk::__private::Definition = ::isolet_sdk::__private::Definition {
                name: #activity_type,
                interruptible: #interruptible,
                module: ::std::module_path!(),
            };

            fn execute(
                __context: &::isolet_sdk::ActivityContext,
                __input: ::std::vec::Vec<::isolet_sdk::RawValue>,
            ) -> ::std::result::Result<::isolet_sdk::RawValue, ::isolet_sdk::ActivityError> {
                #[allow(unused_imports, reason = "which of them is used depends on the return type")]
                use ::isolet_sdk::__private::{ViaResult as _, ViaValue as _};
                #body
            }
        }
    })
}

/// Decodes the arguments in order and calls the function.
fn body(signature: &Signature<'_>) -> TokenStream {
    let Signature { name, takes_context, parameters, .. } = signature;
    let declared = parameters.iter().map(|parameter| {
        let (name, optional) = (&parameter.name, parameter.optional);
        quote!(::isolet_sdk::__private::Parameter { name: #name, optional: #optional })
    });
    let context = takes_context.then(|| quote!(__context,));
    let decoded = parameters.iter().map(|parameter| {
        let type_ = parameter.type_;
        quote!(__arguments.take::<#type_>()?)
    });
    let mutable = (!parameters.is_empty()).then(|| quote!(mut));
    let returned = returned(signature, quote!(#name(#context #(#decoded),*)));
    quote! {
        #[allow(unused_variables, reason = "a function without parameters only needs the check")]
        let #mutable __arguments = ::isolet_sdk::__private::Arguments::new(
            ::std::stringify!(#name),
            &[#(#declared),*],
            __input,
        )?;
        #returned
    }
}

/// What the call returns, encoded. An `async fn` runs to its end first.
fn returned(signature: &Signature<'_>, call: TokenStream) -> TokenStream {
    let value = if signature.is_async { quote!(::isolet_sdk::__private::finish(__context, #call)?) } else { call };
    quote!(::isolet_sdk::__private::Returned(#value).encode())
}

/// Hands the arguments over as they are.
fn dynamic_body(signature: &Signature<'_>) -> Result<TokenStream> {
    let Signature { name, takes_context, parameters, .. } = signature;
    if parameters.len() != 1 {
        return Err(Error::new(
            name.span(),
            "a dynamic activity takes all arguments as one: `fn name(context: &ActivityContext, arguments: Vec<RawValue>)`",
        ));
    }
    let context = takes_context.then(|| quote!(__context,));
    Ok(returned(signature, quote!(#name(#context __input))))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The message of the compile error.
    fn check(attribute: &str, function: &str, expected: &str) {
        let tokens = activity(attribute.parse().unwrap(), function.parse().unwrap()).to_string();
        let message = tokens.split("compile_error ! { \"").nth(1).and_then(|rest| rest.split("\" }").next());
        assert_eq!(message.map(|message| message.replace("\\\"", "\"")).as_deref(), Some(expected), "{tokens}");
    }

    #[test]
    fn each_mistake_names_its_cure() {
        check(
            "",
            "fn f(&self) {}",
            "an activity is a free function: each attempt runs in a fresh instance, so there is no `self` to keep; \
             move the function out of the `impl` block",
        );
        check(
            "",
            "fn f<T>(a: T) {}",
            "an activity can't be generic: its arguments need types that can be decoded: replace the parameter by a type",
        );
        check("", "fn f<'a>(a: u8) {}", "an activity can't be generic: its arguments are owned: remove the lifetime");
        check("", "fn f(a: &str) {}", "the arguments of an activity are owned: take `String`");
        check(
            "",
            "fn f(a: &[u8]) {}",
            "the arguments of an activity are owned: take `Vec<…>`, or `isolet_sdk::Bytes` for bytes",
        );
        check("", "fn f(c: ActivityContext) {}", "take the context as `&ActivityContext`");
        check("", "fn f(a: u8, c: &ActivityContext) {}", "the context comes first");
        check("", "fn f(a: impl Copy) {}", "an argument needs a type that can be decoded: replace `impl …` by a type");
    }

    #[test]
    fn each_wrong_option_is_named() {
        let unknown = "unknown option: there are `name = \"…\"`, `dynamic` and `interruptible = false`";
        check("retries = 3", "fn f() {}", unknown);
        check("name = \"\"", "fn f() {}", "an activity type can't be empty");
        check(
            "dynamic, name = \"a\"",
            "fn f(a: Vec<RawValue>) {}",
            "a dynamic activity has no name: it takes the tasks of every type that no other activity takes",
        );
        check(
            "dynamic",
            "fn f() {}",
            "a dynamic activity takes all arguments as one: `fn name(context: &ActivityContext, arguments: Vec<RawValue>)`",
        );
    }
}
