//! What is looked at before a component is compiled: how much it consists of. Wasmtime bounds what is side by side at
//! one place; what lies in one another, and many small things at many places, cost it a thousand times their size.

use wasmparser::{Instance, Parser, Payload};

use crate::error::LoadError;

/// Modules and components within a component, itself among them: a Python component has about 40.
const PARTS: u64 = 1_000;

/// Instances of core modules that a component and those within it make: what is compiled has a list of imports for each.
const INSTANCES: u64 = 1_000;

/// Components within components.
const DEPTH: u64 = 16;

/// Refuses a component that consists of too many parts. What is not valid otherwise is for the compiler to say.
pub(super) fn check(component: &[u8]) -> Result<(), LoadError> {
    let (mut parts, mut depth, mut instances) = (0_u64, 0_u64, 0_u64);
    for payload in Parser::new(0).parse_all(component) {
        match payload {
            Ok(Payload::Version { .. }) => {
                parts = parts.saturating_add(1);
                depth = depth.saturating_add(1);
            }
            Ok(Payload::End(_)) => depth = depth.saturating_sub(1),
            Ok(Payload::InstanceSection(section)) => {
                let made = section.into_iter().filter(|made| matches!(made, Ok(Instance::Instantiate { .. })));
                instances = instances.saturating_add(made.count() as u64);
            }
            Ok(_) => {}
            Err(_) => return Ok(()),
        }
        within("instances of core modules", instances, INSTANCES)?;
        within("modules and components", parts, PARTS)?;
        within("components in one another", depth, DEPTH)?;
    }
    Ok(())
}

fn within(of: &'static str, count: u64, most: u64) -> Result<(), LoadError> {
    if count <= most { Ok(()) } else { Err(LoadError::TooManyParts { of, most }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A component of these components.
    fn component(parts: impl IntoIterator<Item = Vec<u8>>) -> Vec<u8> {
        with_sections(parts.into_iter().map(|part| (4, part)))
    }

    /// A component that makes so many instances of a core module.
    fn instances(count: usize) -> Vec<u8> {
        // Each is to instantiate the first module, with no arguments.
        with_sections([(2, leb(count).chain([0; 3].repeat(count)).collect())])
    }

    fn with_sections(sections: impl IntoIterator<Item = (u8, Vec<u8>)>) -> Vec<u8> {
        let mut bytes = b"\0asm\x0d\0\x01\0".to_vec();
        for (id, section) in sections {
            bytes.push(id);
            bytes.extend(leb(section.len()));
            bytes.extend(section);
        }
        bytes
    }

    /// A number as WebAssembly has it.
    fn leb(number: usize) -> impl Iterator<Item = u8> {
        let groups = std::iter::successors(Some(number), |rest| (128 <= *rest).then_some(rest / 128));
        groups.map(|rest| u8::try_from(rest % 128).unwrap() | if rest < 128 { 0 } else { 128 })
    }

    fn refusal(component: &[u8]) -> String {
        check(component).map_or_else(|error| error.to_string(), |()| "none".to_owned())
    }

    #[test]
    fn what_consists_of_a_hundred_thousand_components_is_refused() {
        let few = component((0..100).map(|_| component([])));
        assert_eq!(refusal(&few), "none");
        let wide = component((0..1_000).map(|_| component((0..100).map(|_| component([])))));
        assert_eq!(refusal(&wide), "it has more than 1000 modules and components, which is too much to compile");
        assert_eq!(refusal(&instances(1_000)), "none");
        let spread = component((0..11).map(|_| instances(100)));
        assert_eq!(refusal(&spread), "it has more than 1000 instances of core modules, which is too much to compile");
        let deep = (0..2_000).fold(component([]), |inner, _| component([inner]));
        assert_eq!(refusal(&deep), "it has more than 16 components in one another, which is too much to compile");
    }

    #[test]
    fn what_is_broken_is_left_to_the_compiler() {
        assert_eq!(refusal(b"\0asm\x0d\0\x01\0\x04\x7f"), "none");
    }
}
