#!/usr/bin/env bash
# Makes python.profdata.zst anew: a copy of this checkout is built with counters in CPython, runs
# the program in train/ in its sandbox, and what it counted is merged and compressed. Needed after a new version
# of CPython or of the compiler; a profile that is a little old costs a little speed, nothing else.
#
# It takes ten minutes and needs, beside what the build needs, zstd and llvm-profdata of the
# compiler's own major version (LLVM_PROFDATA names it; on Debian it is in llvm-22).
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
profdata=${LLVM_PROFDATA:-llvm-profdata-22}
command -v "$profdata" >/dev/null || { echo "$profdata is not there: set LLVM_PROFDATA" >&2; exit 1; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# A copy of the recipe in which CPython counts.
mkdir "$work/tree" "$work/counted"
(cd "$root" && git ls-files -z --cached --others --exclude-standard | tar -c --null -T - | tar -x -C "$work/tree")
cpython=$work/tree/cpython
# The recipe refuses a profile of another CPython or compiler: this one will be of these.
sed -n 's/^ *title: "\(source of .*\|compiler for WASI .*\)",/\1/p' "$cpython/src/stages/mod.rs" \
    >"$cpython/profile/trained-on.txt"
grep -q '^const PROFILE: &str =' "$cpython/src/stages/cross.rs"
sed -i -z 's/const PROFILE: &str =[^;]*;/const PROFILE: \&str = "-Xclang -fprofile-instrument=llvm";/' \
    "$cpython/src/stages/cross.rs"

# The runtime of compiler-rt for programs without an operating system, from the crate minicov:
# 0.3.8 writes the format of clang 19 to 22. It is linked in as the shim is.
mkdir -p "$work/vendor/src"
touch "$work/vendor/src/lib.rs"
cat >"$work/vendor/Cargo.toml" <<END
[package]
name = "vendor"
version = "0.0.0"
edition = "2024"
[dependencies]
minicov = "=0.3.8"
[workspace]
END
(cd "$work/vendor" && cargo vendor -q >/dev/null 2>&1)
runtime=$work/vendor/vendor/minicov/c
cp -r "$runtime/profile" "$runtime"/*.h "$cpython/shim/"
for name in "" Buffer Internal PlatformLinux Value VersionVar Writer; do
    { printf '#define COMPILER_RT_HAS_ATOMICS 1\n#define COMPILER_RT_PROFILE_BAREMETAL 1\n'
      cat "$runtime/InstrProfiling$name.c"; } >"$cpython/shim/InstrProfiling$name.c"
done
cp "$here/dump.c" "$cpython/shim/"

cd "$work/tree"
cargo run --locked --release -p python-wasm --bin python-wasm -- \
    --seed 1 --dir "$work/counted::/profile" cpython/profile/train/__main__.py
"$profdata" merge -o "$work/python.profdata" "$work/counted/raw"
zstd -q --ultra -22 -f "$work/python.profdata" -o "$here/python.profdata.zst"
cp "$cpython/profile/trained-on.txt" "$here/"
"$profdata" show "$work/python.profdata" | tail -6
