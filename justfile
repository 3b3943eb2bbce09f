# Every command of the project. `just` alone lists them; each is one line and works without `just` too.

# List the recipes.
default:
    @just --list --unsorted

# Install what is missing: Rust toolchain, guest target, and into .tools the Temporal CLI and just.
[group('start')]
setup:
    cargo xtask setup

# Run the example activities on a real Temporal server. `just demo --keep` leaves it running.
[group('start')]
demo *args:
    cargo xtask demo {{ args }}

# Serve the built guests on a dev server, reloading them when they change.
[group('start')]
dev *args='target/guests/rust-csv-report.wasm target/guests/rust-thumbnail.wasm':
    cargo xtask cargo run --bin isolet -- dev {{ args }}

# Everything that continuous integration runs.
[group('check')]
ci:
    cargo xtask ci

# The same, then the demo, every fuzz target for a minute, and every benchmark in short.
[group('check')]
ci-full:
    cargo xtask ci-full

# Format the sources.
[group('check')]
fmt:
    cargo xtask fmt

# rustfmt and clippy, warnings refused.
[group('check')]
lint:
    cargo xtask lint

# All tests, or those whose name contains the filter.
[group('check')]
test *filter:
    cargo xtask test {{ filter }}

# The integration tests alone, or those whose name contains the filter.
[group('check')]
it *filter:
    cargo xtask test --test it {{ filter }}

# All attacks of hostile guests, and the table of docs/hostile.md with how long each took.
[group('check')]
hostile:
    ISOLET_WRITE_HOSTILE=1 cargo xtask test --test it each_attack_is_contained

# Good and hostile tenants that come and go for half an hour: whether anything grows, into docs/benchmarks.md.
[group('check')]
soak:
    cargo xtask cargo run --release --bin isolet-benches -- j

# Every fuzz target for ten minutes; `just fuzz NAME… SECONDS` runs some of them, for as long.
[group('check')]
fuzz *args:
    cargo xtask fuzz {{ args }}

# Write the table of guest-sdk/README.md from the last run of `just test conformance::`.
[group('check')]
parity:
    cargo xtask parity

# Make the Go SDK's bindings of the contract anew.
[group('check')]
bindings:
    cargo xtask bindings

# The API documentation, warnings refused.
[group('check')]
docs:
    cargo xtask docs

# The site of the documentation, in target/book.
[group('build')]
book:
    cargo xtask book

# Static programs for x86-64 and aarch64 as archives, with digests, licences and parts, in target/dist.
[group('build')]
dist *targets:
    cargo xtask dist {{ targets }}

# Licences, bans and sources of the dependencies.
[group('check')]
deny:
    cargo xtask deny

# Build every guest component into target/guests.
[group('build')]
guests:
    cargo xtask guests

# Measure Isolet against its controls and write docs/benchmarks.md.
[group('build')]
bench *args:
    cargo xtask cargo run --release --bin isolet-benches -- {{ args }}
