//! Activities in TypeScript: how projects are built, and what their code can do.

mod building;
mod client;
mod differential;
mod files;
mod guest_examples;
mod keys;
mod packages;
mod pages;
mod platform;
mod urls;
mod web_platform;
