//! Activities in TypeScript: how projects are built, and what their code can do.

mod building;
mod differential;
mod platform;
