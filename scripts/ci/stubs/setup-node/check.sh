#!/usr/bin/env bash
# Fail if node is older than the major VERSION, or if LOCKS names a file that is not there.
set -euo pipefail

found=$(node --version)
major=${found#v}
((${major%%.*} >= VERSION)) || { echo "error: node $found is older than $VERSION" >&2; exit 1; }
[[ ! $LOCKS || -f $LOCKS ]] || { echo "error: there is no lock file $LOCKS" >&2; exit 1; }
