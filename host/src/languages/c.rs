//! C and C++ projects: compiled by clang as Zig brings it, which has all libraries with it and is a Python package for
//! every platform.
//!
//! # Layout
//! - [`sources`]: which files of a project are compiled; [`compiler`]: compiling and linking; [`sdk`]: what is linked
//!   with them.

mod compiler;

mod sdk;

mod sources;

use std::path::Path;

use self::{compiler::Compiler, sources::Sources};
use super::{Built, Checked, Language, Leavings, Task, Template, module, pip::Packages, shown, template::files};
use crate::exit::Problem;

/// The endings of files in C, and in C++.
const C_ENDINGS: [&str; 1] = ["c"];
const CPP_ENDINGS: [&str; 3] = ["cpp", "cc", "cxx"];

/// A compiler for every machine with all libraries, and the library for JSON of C++; by the digests of their wheels.
static PACKAGES: Packages = Packages {
    what: "the compiler for C and C++, of 100 MB",
    folder: "c",
    requirements: "\
ziglang==0.17.1
 --hash=sha256:09953b6af7f64168b915180a42774f520f92d86ef6331b28e33915c7e1f0bb23
 --hash=sha256:27a8da5f8eaa0e76ebbc7c2594130ed4646c1101ada2ce0aa86fe580c74154b9
 --hash=sha256:4e0b4b9c02b8d0d220e9948010f860b62ff11d96abb39762eca5fa2ef3f7bc97
 --hash=sha256:69c3dfc3aff6a297ec4017aa904782c0e450eb988982d7f675d83edce27526fb
 --hash=sha256:7ec229ead4a08f3bc537ed33fa8c0f811739b81a0d05afbea89db30afb4df1cc
 --hash=sha256:87f24e5cdca55f5d47c1e20570eebb61a53957fafe4c35c69740e13affe407ba
 --hash=sha256:ae28f1f1150b95c8b1bb5e185d18e6c542877dc480e2476ccc81dac41f191b71
 --hash=sha256:b7c5f02fccd40f89b999ee16a1f5ddced56e6182370f8affe494bcf8a28cf07e
 --hash=sha256:d0549d5db63961ad9ed83ef628a45e3309542410dbcb6010116f4f2a3274d966
 --hash=sha256:d3bf27478d4593f2df7daf5c59b616a543b8f9e2cc9235bef84d8e54862a4334
 --hash=sha256:d65ae4223b0c351cb3b4596262b8d9773acc9ca94ef8ea9b5fe3ddfa07dd204f
 --hash=sha256:ea6cc5d87b033cf0aedfbc8f9549a908cae6c50ac31f1698188fa48a74524b54
nlohmann-json==3.12.0
 --hash=sha256:5f6132720fb25d0d70bf0742f8397b49a540dcc193e7312a914f6aa49f054810
",
};

/// C and C++; a project may have both.
#[derive(Debug)]
pub(super) struct C;

impl Language for C {
    fn name(&self) -> &'static str {
        "C and C++"
    }

    fn declaring(&self) -> &'static [&'static str] {
        &["activities.c", "activities.cpp", "activities.cc", "activities.cxx", "CMakeLists.txt"]
    }

    fn endings(&self) -> &'static [&'static str] {
        &["c", "cpp", "cc", "cxx"]
    }

    fn is_declared_in(&self, folder: &Path) -> bool {
        self.declaring().iter().any(|name| folder.join(name).exists()) || sources::are_in(&folder.join("src"))
    }

    fn cure_without_activities(&self) -> &'static str {
        "declare them at the end of a file: ISOLET_ACTIVITIES(ISOLET_ACTIVITY(greet, \"name\"))"
    }

    fn templates(&self) -> &'static [Template] {
        &TEMPLATES
    }

    fn leavings(&self) -> Leavings {
        Leavings { folders: &["zig-out", "zig-cache", "CMakeFiles"], endings: &["o", "obj", "a"] }
    }

    fn build(&self, task: &Task<'_>, component: &Path) -> Result<Built, Problem> {
        let sources = Sources::find(task.project)?;
        let compiler = Compiler::ensure(task)?;
        let made = compiler.module(&sources)?;
        module::write(component, &module::made_of(&made, task.project)?)?;
        Ok(Built { modules: sources.names(), warnings: Vec::new() })
    }

    /// Its syntax and types; not that all is defined that it uses.
    fn check(&self, task: &Task<'_>) -> Result<(Checked, Vec<String>), Problem> {
        let sources = Sources::find(task.project)?;
        Compiler::ensure(task)?.check(&sources)?;
        Ok((Checked { modules: sources.names(), ..Checked::default() }, Vec::new()))
    }
}

static TEMPLATES: [Template; 2] = [
    Template {
        lang: "c",
        alias: None,
        language: "C",
        test: &["sh test.sh"],
        activities: "They are the functions that `ISOLET_ACTIVITIES` names in `activities.c`.",
        tests: "the activity in its sandbox, without a server, and looks at what it comes to",
        files: files![
            ".gitignore": "c/gitignore",
            "activities.c": "c/activities.c",
            "test.sh": "c/test.sh",
        ],
    },
    Template {
        lang: "cpp",
        alias: Some("c++"),
        language: "C++",
        test: &["sh test.sh"],
        activities: "They are the functions that `ISOLET_ACTIVITIES` names in `activities.cpp`.",
        tests: "the activity in its sandbox, without a server, and looks at what it comes to",
        files: files![
            ".gitignore": "c/gitignore",
            "activities.cpp": "cpp/activities.cpp",
            "test.sh": "c/test.sh",
        ],
    },
];
