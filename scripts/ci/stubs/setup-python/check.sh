#!/usr/bin/env bash
# Fail if python3 is older than VERSION, or if a pattern of LOCKS matches no file.
set -euo pipefail
shopt -s nullglob globstar

python3 -c '
import sys
wanted = tuple(map(int, sys.argv[1].split(".")))
sys.exit(None if sys.version_info >= wanted else f"error: python3 is older than {sys.argv[1]}")' "$VERSION"
while read -r pattern; do
  [[ $pattern ]] || continue
  # The pattern is meant to be expanded.
  # shellcheck disable=SC2206
  files=($pattern)
  ((${#files[@]})) || { echo "error: no lock file matches $pattern" >&2; exit 1; }
done <<<"$LOCKS"
