#!/bin/sh
# Compiles the audit engine to WebAssembly and makes the audit page, one file, from it.
# Usage: Browser/build.sh [OUT]; OUT/audit.html is the page.
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
out=${1:-$here/.build/wasm}
mkdir -p "$out"
flags="-target wasm32-unknown-none-wasm -enable-experimental-feature Embedded -enable-experimental-feature Extern
    -wmo -O -Xcc -msimd128 -parse-as-library -swift-version 6 -enable-upcoming-feature ExistentialAny
    -enable-upcoming-feature MemberImportVisibility -enable-upcoming-feature InternalImportsByDefault
    -enable-upcoming-feature NonisolatedNonsendingByDefault -enable-upcoming-feature InferIsolatedConformances
    -strict-memory-safety -warnings-as-errors"
for module in Vocabulary Metering AuditEngine; do
    # shellcheck disable=SC2086
    swiftc $flags -I "$out" -module-name $module -emit-module -emit-module-path "$out/$module.swiftmodule" \
        -c $(find "$here/Sources/$module" -name '*.swift' | sort) -o "$out/$module.o"
done
# shellcheck disable=SC2086
swiftc $flags -I "$out" -module-name Browser -c "$here"/Browser/*.swift -o "$out/Browser.o"
clang --target=wasm32-unknown-unknown -O2 -msimd128 -mbulk-memory -ffreestanding -fno-builtin -nostdlib -c "$here/Browser/rt.c" -o "$out/rt.o"
wasm-ld --no-entry --gc-sections --strip-all --export-memory -z stack-size=1048576 --stack-first \
    "$out/Vocabulary.o" "$out/Metering.o" "$out/AuditEngine.o" "$out/Browser.o" "$out/rt.o" -o "$out/audit.wasm"
python3 "$here/Browser/page.py" "$here" "$out"
