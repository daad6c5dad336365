#!/usr/bin/env bash
# Copy what PATTERN matches into the artifact NAME. As with the real action, the paths in it start
# behind the last folder without a wildcard, and an artifact is uploaded once.
set -euo pipefail
shopt -s nullglob globstar

root=${PATTERN%%[\*\?]*}
root=${root%/*}
cd "$root"
# The pattern is meant to be expanded.
# shellcheck disable=SC2206
files=(${PATTERN#"$root"/})
((${#files[@]})) || { echo "error: no files match $PATTERN" >&2; exit 1; }
mkdir "$STUB_ARTIFACTS/$NAME"
cp --parents -- "${files[@]}" "$STUB_ARTIFACTS/$NAME"
echo "$NAME: ${#files[@]} files"
