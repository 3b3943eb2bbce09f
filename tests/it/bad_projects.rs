//! Projects and components that can't be used, in each language: what is said names the thing and the cure.

use std::{fs, path::Path, time::Duration};

use tempfile::TempDir;

use crate::{
    python::building::BUILDING,
    support::{Isolet, component, isolet, isolet::Run},
};

/// How long a build may take beside other tests, on a slow machine.
const PATIENCE: Duration = Duration::from_secs(900);

/// What is wrong with a project.
struct Case {
    language: &'static str,
    /// The project's files, by their paths.
    files: &'static [(&'static str, &'static str)],
    /// What is said of it; the first is where.
    told: &'static [&'static str],
}

const CARGO: (&str, &str) = (
    "Cargo.toml",
    "[package]\nname = \"orders\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[lib]\ncrate-type = [\"cdylib\"]\n\
     [dependencies]\nisolet-sdk = \"0.0\"\n",
);
const GO_MOD: (&str, &str) = ("go.mod", "module orders\n\ngo 1.24\n\nrequire go.temporal.io/sdk v1.48.0\n");

/// A program in Go that registers these.
macro_rules! go {
    ($registered:literal) => {
        concat!(
            "package main\n\nimport \"go.temporal.io/sdk/worker\"\n\nfunc greet(name string) (string, error) { return \
             name, nil }\n\nfunc main() {\n\tw := worker.New(nil, \"\", worker.Options{})\n",
            $registered,
            "\n\tw.Run(nil)\n}\n"
        )
    };
}

const NO_ACTIVITIES: [Case; 7] = [
    Case {
        language: "rust",
        files: &[CARGO, ("src/lib.rs", "pub fn greet() {}\n")],
        told: &["orders has no activities", "cure: name functions with #[activity]"],
    },
    Case {
        language: "python",
        files: &[("orders.py", "def greet():\n    pass\n")],
        told: &["looked in orders", "mark at least one function with @activity.defn"],
    },
    Case {
        language: "ts",
        files: &[("orders.ts", "const greet = 1;\nconsole.log(greet);\n")],
        told: &["orders.ts: there are no activities: nothing is exported", "cure: export functions"],
    },
    Case {
        language: "js",
        files: &[("orders.js", "export const greet = 1;\n")],
        told: &["orders.js: there are no activities: what is exported is no function: greet", "cure: export functions"],
    },
    Case {
        language: "c",
        files: &[("activities.c", "#include <isolet.h>\nint rows;\n")],
        told: &["orders has no activities", "cure: declare them"],
    },
    Case {
        language: "cpp",
        files: &[("activities.cpp", "#include <isolet.hpp>\nint rows;\n")],
        told: &["orders has no activities", "cure: declare them"],
    },
    Case {
        language: "go",
        files: &[GO_MOD, ("main.go", go!("\t_ = greet"))],
        told: &["orders has no activities", "cure: let main register"],
    },
];

const TWICE: [Case; 5] = [
    Case {
        language: "rust",
        files: &[
            CARGO,
            (
                "src/lib.rs",
                "use isolet_sdk::activity;\n#[activity]\nfn greet() {}\n#[activity(name = \"greet\")]\nfn other() {}\n\
                 isolet_sdk::export!(greet, other);\n",
            ),
        ],
        told: &["greet"],
    },
    Case {
        language: "python",
        files: &[(
            "orders.py",
            "from temporalio import activity\n\n@activity.defn\ndef greet() -> None: ...\n\n\
             @activity.defn(name=\"greet\")\ndef other() -> None: ...\n",
        )],
        told: &["orders.py", "greet"],
    },
    Case {
        language: "c",
        files: &[(
            "activities.c",
            "#include <isolet.h>\nstatic isolet_status greet(void) { return ISOLET_OK; }\n\
             ISOLET_ACTIVITIES(ISOLET_ACTIVITY(greet), ISOLET_NAMED(\"greet\", greet))\n",
        )],
        told: &["greet"],
    },
    Case {
        language: "cpp",
        files: &[(
            "activities.cpp",
            "#include <isolet.hpp>\nstatic int greet() { return 1; }\n\
             ISOLET_ACTIVITIES(ISOLET_ACTIVITY(greet), ISOLET_NAMED(\"greet\", greet))\n",
        )],
        told: &["greet"],
    },
    Case {
        language: "go",
        files: &[GO_MOD, ("main.go", go!("\tw.RegisterActivity(greet)\n\tw.RegisterActivity(greet)"))],
        told: &["main.go:10", "greet"],
    },
];

/// In TypeScript and JavaScript types are gone by then.
const SIGNATURES: [Case; 5] = [
    Case {
        language: "rust",
        files: &[
            CARGO,
            (
                "src/lib.rs",
                "use isolet_sdk::activity;\n#[activity]\nfn greet(it: std::thread::Thread) { drop(it); }\n\
                 isolet_sdk::export!(greet);\n",
            ),
        ],
        told: &["src/lib.rs:3"],
    },
    Case {
        language: "python",
        files: &[(
            "orders.py",
            "from temporalio import activity\n\n@activity.defn\ndef greet(*, name: str) -> None: ...\n",
        )],
        told: &["orders.py:3", "keyword-only"],
    },
    Case {
        language: "c",
        files: &[(
            "activities.c",
            "#include <isolet.h>\nstatic int greet(char *name) { return *name; }\n\
             ISOLET_ACTIVITIES(ISOLET_ACTIVITY(greet, \"name\"))\n",
        )],
        told: &["activities.c:3"],
    },
    Case {
        language: "cpp",
        files: &[(
            "activities.cpp",
            "#include <isolet.hpp>\nstatic int greet(std::ostream &name) { return name.good(); }\n\
             ISOLET_ACTIVITIES(ISOLET_ACTIVITY(greet, \"name\"))\n",
        )],
        told: &["activities.cpp:3", "is of a type that is no value"],
    },
    Case {
        language: "go",
        files: &[GO_MOD, ("main.go", go!("\tw.RegisterActivity(greet)\n\tw.RegisterActivity(main)"))],
        told: &["main.go:10", "main"],
    },
];

/// Builds a project, whose folder or file is called `orders`.
async fn built(case: &Case) -> Run {
    let folder = TempDir::new().unwrap();
    let root = folder.path().join("orders");
    for (name, text) in case.files {
        let file = root.join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }
    let file = case.files.iter().find(|(name, _)| name.starts_with("orders.")).map_or("", |(name, _)| *name);
    let (project, made) = (root.join(file), folder.path().join("made.wasm"));
    let project = if file.is_empty() { root } else { project };
    let compiled = isolet::target().join("it-home/rust-target");
    let build =
        Isolet::with(["build", &shown(&project), "-o", &shown(&made)]).env("CARGO_TARGET_DIR", compiled.display());
    let home = std::env::var("HOME").unwrap_or_default();
    let build = build.env("CARGO_HOME", format!("{home}/.cargo")).env("RUSTUP_HOME", format!("{home}/.rustup"));
    let building = BUILDING.lock().await;
    let run = build.env("GOPROXY", "off").run_within(PATIENCE).await;
    drop(building);
    run
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

async fn all_refused(cases: &[Case]) {
    let mut wrong = Vec::new();
    for case in cases {
        let run = built(case).await;
        let is_told = run.code.is_some_and(|code| code != 0)
            && run.stderr.contains("error")
            && case.told.iter().all(|told| run.stderr.contains(told));
        eprintln!("--- {}: {:?}\n{}", case.language, run.code, run.stderr);
        if !is_told {
            wrong.push(case.language);
        }
    }
    assert_eq!(wrong, <[&str; 0]>::default());
}

#[tokio::test]
#[ignore = "builds a project in each language: `cargo xtask ci-full` runs it"]
async fn projects_without_activities_are_refused() {
    all_refused(&NO_ACTIVITIES).await;
}

#[tokio::test]
#[ignore = "builds a project in each language: `cargo xtask ci-full` runs it"]
async fn names_that_occur_twice_are_refused() {
    all_refused(&TWICE).await;
}

#[tokio::test]
#[ignore = "builds a project in each language: `cargo xtask ci-full` runs it"]
async fn functions_of_wrong_types_are_refused() {
    all_refused(&SIGNATURES).await;
}

#[tokio::test]
async fn a_missing_toolchain_is_named_with_what_gets_it() {
    let folder = TempDir::new().unwrap();
    let cases = [
        ("rust", "--cargo", &[CARGO, ("src/lib.rs", "")][..], "https://rustup.rs"),
        ("python", "--python", &[("orders.py", "")], "install Python 3.9 or newer"),
        ("ts", "--node", &[("package.json", "{}"), ("src/activities.ts", "")], "install Node"),
        ("js", "--node", &[("package.json", "{}"), ("src/activities.js", "")], "install Node"),
        ("c", "--python", &[("activities.c", "")], "install Python 3.9 or newer with pip"),
        ("cpp", "--python", &[("activities.cpp", "")], "install Python 3.9 or newer with pip"),
        ("go", "--python", &[GO_MOD, ("main.go", "")], "install Python 3.9 or newer with pip"),
    ];
    for (language, option, files, cure) in cases {
        let root = folder.path().join(language);
        for (name, text) in files {
            let file = root.join(name);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        }
        let project = if language == "python" { root.join("orders.py") } else { root };
        let build = Isolet::with(["build", &shown(&project), option, "no-such-program"]);
        // With nothing fetched yet.
        let refusal = build.env("ISOLET_CACHE", folder.path().join("cache").display()).run().await.refusal();
        let is_told = refusal.contains("no-such-program") && refusal.contains(cure) && refusal.contains(option);
        assert!(is_told, "{language}:\n{refusal}");
    }
}

#[tokio::test]
async fn what_is_no_project_is_refused() {
    let folder = TempDir::new().unwrap();
    let root = folder.path();
    fs::create_dir(root.join("empty")).unwrap();
    fs::write(root.join("notes.md"), "notes").unwrap();
    fs::write(root.join("text.wasm"), "text").unwrap();
    fs::copy(component("greeter"), root.join("made.wasm")).unwrap();
    for (name, told) in [
        ("nowhere", ["there is no", "cure: name a folder or a file"]),
        ("empty", ["has no project: none of pyproject.toml", "cure: name another folder or a file"]),
        ("notes.md", ["is in no language that is built here", "cure: name the project's folder"]),
        ("text.wasm", ["it is no core module", "cure: build it for the target"]),
        ("made.wasm", ["it is a component already", "cure: use it as it is"]),
    ] {
        for command in ["build", "dev"] {
            // A component, or what is called as one, is served as it is.
            if command == "build" || !name.ends_with(".wasm") {
                let refusal = Isolet::with([command, &shown(&root.join(name))]).run().await.refusal();
                let is_told =
                    refusal.contains(name) && (command == "dev" || told.iter().all(|it| refusal.contains(it)));
                assert!(is_told, "{command} {name}:\n{refusal}");
            }
        }
    }
    assert_eq!(fs::read(root.join("made.wasm")).unwrap(), fs::read(component("greeter")).unwrap());
}

#[tokio::test]
async fn a_component_of_another_contract_is_refused() {
    let folder = TempDir::new().unwrap();
    let guests = ["dynamic", "dynamic-python", "dynamic-typescript", "dynamic-c", "dynamic-cpp", "dynamic-go"];
    for guest in guests {
        let mut bytes = fs::read(component(guest)).unwrap();
        // A version of the same length in the place of ours.
        let ours = b"isolet:activity/handler@0.1.0";
        let places: Vec<_> = (0..bytes.len() - ours.len()).filter(|at| bytes[*at..].starts_with(ours)).collect();
        assert!(!places.is_empty(), "{guest}");
        places.iter().for_each(|at| bytes[at + ours.len() - 3] = b'9');
        let file = folder.path().join(format!("{guest}.wasm"));
        fs::write(&file, bytes).unwrap();
        let refusal = Isolet::with(["inspect", &shown(&file)]).run().await.refusal();
        let is_told =
            refusal.contains(&format!("{guest}.wasm")) && refusal.contains("built for another version of Isolet");
        assert!(is_told, "{guest}:\n{refusal}");
    }
}
