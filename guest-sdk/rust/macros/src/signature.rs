//! What a function takes, and whether it can be an activity.

use syn::spanned::Spanned;
use syn::{Error, FnArg, GenericParam, Ident, ItemFn, Pat, PatType, Result, Type, Visibility};

/// The checked signature of an activity's function.
pub(crate) struct Signature<'a> {
    /// The function's name.
    pub(crate) name: &'a Ident,
    /// The function's visibility, which the activity shares.
    pub(crate) visibility: &'a Visibility,
    /// Whether it is an `async fn`.
    pub(crate) is_async: bool,
    /// Whether the context is its first parameter.
    pub(crate) takes_context: bool,
    /// The parameters after the context.
    pub(crate) parameters: Vec<Parameter<'a>>,
}

/// A parameter that the caller gives.
pub(crate) struct Parameter<'a> {
    /// Its name, for error messages.
    pub(crate) name: String,
    /// Its type.
    pub(crate) type_: &'a Type,
    /// Whether the type is an `Option`.
    pub(crate) optional: bool,
}

impl<'a> Signature<'a> {
    pub(crate) fn check(function: &'a ItemFn) -> Result<Self> {
        check_qualifiers(function)?;
        let typed: Vec<&PatType> = function.sig.inputs.iter().map(typed).collect::<Result<_>>()?;
        let takes_context = match typed.first() {
            Some(first) => is_context(&first.ty)?,
            None => false,
        };
        let arguments = typed.into_iter().skip(usize::from(takes_context));
        let parameters = arguments.enumerate().map(|(index, argument)| parameter(index, argument));
        Ok(Self {
            name: &function.sig.ident,
            visibility: &function.vis,
            is_async: function.sig.asyncness.is_some(),
            takes_context,
            parameters: parameters.collect::<Result<_>>()?,
        })
    }
}

fn check_qualifiers(function: &ItemFn) -> Result<()> {
    let signature = &function.sig;
    if let Some(unsafety) = &signature.unsafety {
        return Err(Error::new(unsafety.span, "an activity can't be `unsafe`: anyone may start it"));
    }
    if let Some(parameter) = signature.generics.params.first() {
        let cure = match parameter {
            GenericParam::Lifetime(_) => "its arguments are owned: remove the lifetime",
            _ => "its arguments need types that can be decoded: replace the parameter by a type",
        };
        return Err(Error::new(parameter.span(), format!("an activity can't be generic: {cure}")));
    }
    match &signature.variadic {
        Some(variadic) => Err(Error::new(variadic.span(), "an activity can't be variadic")),
        None => Ok(()),
    }
}

fn typed(argument: &FnArg) -> Result<&PatType> {
    match argument {
        FnArg::Typed(typed) => Ok(typed),
        FnArg::Receiver(receiver) => Err(Error::new(
            receiver.span(),
            "an activity is a free function: each attempt runs in a fresh instance, so there is no `self` to keep; \
             move the function out of the `impl` block",
        )),
    }
}

/// Whether it is `&ActivityContext`; the other ways to take one are errors.
fn is_context(type_: &Type) -> Result<bool> {
    let wrong = |type_: &Type| Err(Error::new(type_.span(), "take the context as `&ActivityContext`"));
    match type_ {
        Type::Reference(reference) if ends_with(&reference.elem, "ActivityContext") => {
            if reference.mutability.is_some() { wrong(type_) } else { Ok(true) }
        }
        type_ if ends_with(type_, "ActivityContext") => wrong(type_),
        _ => Ok(false),
    }
}

fn parameter(index: usize, argument: &PatType) -> Result<Parameter<'_>> {
    if is_context(&argument.ty)? {
        return Err(Error::new(argument.span(), "the context comes first"));
    }
    let name = match &*argument.pat {
        Pat::Ident(pattern) => pattern.ident.to_string(),
        _ => format!("argument {}", index + 1),
    };
    match &*argument.ty {
        Type::Reference(reference) => Err(Error::new(argument.ty.span(), owned(&reference.elem))),
        Type::ImplTrait(_) => Err(Error::new(
            argument.ty.span(),
            "an argument needs a type that can be decoded: replace `impl …` by a type",
        )),
        type_ => Ok(Parameter { name, type_, optional: ends_with(type_, "Option") }),
    }
}

/// What to take instead of a reference.
fn owned(referent: &Type) -> String {
    let instead = if ends_with(referent, "str") {
        "`String`"
    } else if matches!(referent, Type::Slice(_)) {
        "`Vec<…>`, or `isolet_sdk::Bytes` for bytes"
    } else {
        "the type itself"
    };
    format!("the arguments of an activity are owned: take {instead}")
}

fn ends_with(type_: &Type, name: &str) -> bool {
    let Type::Path(path) = type_ else { return false };
    path.path.segments.last().is_some_and(|segment| segment.ident == name)
}
