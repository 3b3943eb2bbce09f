//! Compilers of one's own: the commands of the documentation, as they stand there, with each compiler that is named.

use std::{env, fs, path::Path, process::Command};

use tempfile::TempDir;

use crate::support::{isolet, repository};

/// What stands in the documentation for Zig's compiler, and what for another one.
const ZIG: [&str; 2] = ["python3 -m ziglang cc -target wasm32-wasi", "python3 -m ziglang c++ -target wasm32-wasi"];
const DEBIAN: [&str; 2] = ["clang-19 --target=wasm32-wasi", "clang++-19 --target=wasm32-wasi"];

/// The blocks of this kind in the part on other compilers, in order.
fn blocks(kind: &str) -> Vec<String> {
    let page = fs::read_to_string(repository("docs/writing-activities-c.md")).unwrap();
    let part = page.split("## Other compilers").nth(1).unwrap();
    let fence = format!("```{kind}\n");
    part.split(&fence).skip(1).map(|block| block.split("```").next().unwrap().to_owned()).collect()
}

/// A folder with the activities of new projects, in C and in C++.
fn folder() -> TempDir {
    let folder = TempDir::new().unwrap();
    for (from, name) in [("c/activities.c", "activities.c"), ("cpp/activities.cpp", "activities.cpp")] {
        fs::copy(repository("host/templates").join(from), folder.path().join(name)).unwrap();
    }
    folder
}

/// Runs commands of the documentation, and the component that they make.
fn run(folder: &Path, commands: &str, component: &str) {
    let tools = isolet::target().join("../.tools/pip/ziglang-0.17.1");
    let libraries = isolet::target().join("it-home/cache/c/ziglang-0.17.1+nlohmann-json-3.12.0/nlohmann_json/include");
    let sdk = repository("guest-sdk/c").display().to_string();
    let commands = commands.replace("path/to/guest-sdk/c", &sdk);
    let commands = commands.replace("path/to/nlohmann_json/include", &libraries.display().to_string());
    let order = r#"{"id": "7", "parcels": ["tea", "cup"]}"#;
    let path = env::var_os("PATH").unwrap_or_default();
    let here = isolet::program().parent().unwrap().to_path_buf();
    let done = Command::new("sh")
        .args(["-e", "-c", &format!("{commands}\nisolet run {component} ship '{order}'")])
        .current_dir(folder)
        .env("PATH", env::join_paths([here].into_iter().chain(env::split_paths(&path))).unwrap())
        .env("PYTHONPATH", tools)
        .env("ISOLET_CACHE", isolet::target().join("it-home/cache"))
        .env("ZIG_GLOBAL_CACHE_DIR", isolet::target().join("it-home/cache/zig"))
        .output()
        .unwrap();
    let [result, said] = [done.stdout, done.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
    assert_eq!(result.lines().last(), Some(r#"{"order":"7","sent":["tea","cup"]}"#), "{commands}\n{said}");
}

/// Whether this program can be started; where not, what is done without is told.
fn has(program: &str, what: &str) -> bool {
    let has = Command::new(program).arg("--version").output().is_ok();
    if !has {
        assert!(env::var_os("ISOLET_REQUIRE_CLANG").is_none(), "there is no {program}");
        eprintln!("skipped {what}: there is no {program}");
    }
    has
}

#[test]
#[ignore = "compiles the SDK with other compilers: `cargo xtask ci-full` runs it"]
fn the_compiler_is_called_by_hand() {
    let blocks = blocks("sh");
    for compiler in [ZIG, DEBIAN] {
        if compiler == DEBIAN && !has("clang-19", "Debian's clang") {
            continue;
        }
        for commands in &blocks[..2] {
            let commands = commands.replace(ZIG[0], compiler[0]).replace(ZIG[1], compiler[1]);
            run(folder().path(), &commands, "activities.wasm");
        }
    }
}

#[test]
#[ignore = "compiles the SDK with CMake: `cargo xtask ci-full` runs it"]
fn cmake_builds_a_project() {
    if !has("cmake", "projects of CMake") {
        return;
    }
    let (project, commands) = (blocks("cmake").remove(0), blocks("sh").remove(2));
    let project = project.replace("path/to/guest-sdk/c", &repository("guest-sdk/c").display().to_string());
    let mut compilers = vec![""];
    if has("clang-19", "Debian's clang") {
        compilers.push("-DCMAKE_C_COMPILER=clang-19");
    }
    for compiler in compilers {
        let folder = folder();
        fs::write(folder.path().join("CMakeLists.txt"), &project).unwrap();
        let commands = commands.replace("cmake -B build", &format!("cmake -B build {compiler}"));
        run(folder.path(), &commands, "orders.wasm");
    }
}

#[test]
#[ignore = "compiles the SDK with CMake: `cargo xtask ci-full` runs it"]
fn cmake_finds_the_sdk_that_is_installed() {
    if !has("cmake", "projects of CMake") {
        return;
    }
    let folder = folder();
    let project = "cmake_minimum_required(VERSION 3.24)\nproject(orders LANGUAGES C CXX)\nfind_package(isolet REQUIRED)\n\
                   add_executable(orders activities.cpp)\ntarget_compile_features(orders PRIVATE cxx_std_23)\n\
                   target_include_directories(orders SYSTEM PRIVATE path/to/nlohmann_json/include)\n\
                   target_link_libraries(orders PRIVATE isolet::isolet)\n";
    let tools = "--toolchain path/to/guest-sdk/c/cmake/isolet-toolchain.cmake";
    let commands = format!(
        "cat > CMakeLists.txt <<'END'\n{project}END\n\
         cmake -S path/to/guest-sdk/c -B sdk {tools} --install-prefix $PWD/installed\n\
         cmake --install sdk\n\
         cmake -B build -DCMAKE_BUILD_TYPE=Release -Disolet_DIR=$PWD/installed/share/isolet {tools}\n\
         cmake --build build\n\
         isolet build build/orders.wasm -o orders.wasm\n"
    );
    run(folder.path(), &commands, "orders.wasm");
}
