#!/usr/bin/env bash
# Generate src/clients/ws-types-<module>/ from the AsyncAPI spec of each module.
# Usage: generate-asyncapi-types.sh [--specs-dir DIR] [--output-dir DIR]
#   --specs-dir DIR   the folder of the modules, each with specs/asyncapi.json if it has streams
#   --output-dir DIR  the folder to write the types to
# Generates only what has changed, in one Node process. An error leaves the existing types unchanged.

set -euo pipefail
kind='WebSocket types' spec_name=asyncapi.json prefix=ws-types-
# shellcheck source-path=SCRIPTDIR source=clients.sh
source "$(dirname "${BASH_SOURCE[0]}")/clients.sh"
package=$frontend_dir/node_modules/json-schema-to-typescript/package.json
inputs=("$scripts_dir"/{generate-asyncapi-types.sh,asyncapi-types.mjs,schema.mjs} "$frontend_dir/package-lock.json")

main() {
  parse_options "$@"
  [[ -f $package ]] || fail "frontend/node_modules is missing; run: make -C frontend generate-clients"
  select_changed
  if ((${#changed[@]})); then generate; fi
  publish
}

generate() {
  local module arguments=()
  for module in "${changed[@]}"; do
    arguments+=("$module" "$specs_dir/$module/specs/$spec_name" "$work/new/$prefix$module/index.ts")
  done
  node "$scripts_dir/asyncapi-types.mjs" "${arguments[@]}" || fail_for_spec "no types were changed" ws.py
}

main "$@"
