#!/bin/sh
# Resolves the dependencies into hashed files that name no host. Run by `make lock`; needs uv on the path.
set -eu
cd "$(dirname "$0")/.."
# A release must be a week old before it is taken: a malicious one is usually found by then.
newest=$(date -u -d '7 days ago' +%Y-%m-%dT00:00:00Z 2>/dev/null || date -u -v-7d +%Y-%m-%dT00:00:00Z)
compile() {
    out=$1
    shift
    uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
        --no-emit-find-links --no-header --no-annotate --exclude-newer "$newest" "$@" --output-file "$out"
}
compile requirements/dev.txt --all-extras --group dev --constraints requirements/pins.txt pyproject.toml requirements/build.in
compile requirements/demo.txt --extra hub --extra demo --constraints requirements/dev.txt pyproject.toml requirements/build.in
compile requirements/duckdb-1.5.txt requirements/duckdb-1.5.in
# What the callback benchmark compares against.
compile requirements/bench.txt --constraints requirements/dev.txt requirements/bench.in
compile requirements/uv.txt requirements/uv.in
