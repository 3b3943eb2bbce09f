//! Lines.

fn main() {}
