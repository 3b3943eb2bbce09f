//! The program `isolet`. All of it is in the library of this package, where fuzz targets can reach it.

use std::process::ExitCode;

fn main() -> ExitCode {
    isolet::main()
}
