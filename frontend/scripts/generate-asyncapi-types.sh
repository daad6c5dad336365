#!/usr/bin/env bash
# Generate src/clients/ws-types-<module>/ from the AsyncAPI spec of each module.
# Usage: generate-asyncapi-types.sh [--specs-dir DIR] [--output-dir DIR] [SPEC...]
#   --specs-dir DIR   the folder of the modules, each with specs/asyncapi.json if it has streams
#   --output-dir DIR  the folder to write the types to
#   SPEC              DIR/<module>/specs/asyncapi.json, to generate only that module; by default all modules
# Replaces only what has changed and compiles. A module with an error keeps its types, and the exit code is 1.

set -euo pipefail
kind='WebSocket types' spec_name=asyncapi.json prefix=ws-types-
# shellcheck source-path=SCRIPTDIR source=modules.sh
source "$(dirname "${BASH_SOURCE[0]}")/modules.sh"

main() {
  local jobs=() module
  begin "$@"
  for module in "${modules[@]}"; do jobs+=("$module" "$specs_dir/$module/specs/$spec_name" "$work/$prefix$module"); done
  node "$scripts_dir/asyncapi-types.mjs" "${jobs[@]}" || status=1
  publish ws.py
}

main "$@"
