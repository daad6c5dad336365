#!/usr/bin/env bash
# Check the rendered deployment, and the files that it is built from: lint.sh TOOLS RENDERED
set -euo pipefail

tools=$1 rendered=$(realpath "$2")
here=$(dirname "$0")

# Without --strict, a misspelt probe passes. What is not a resource is left out.
find "$rendered/kubernetes" -name '*.yaml' ! -name kustomization.yaml -print0 |
  xargs -0 "$tools/kubernetes-validate" --strict --quiet
AUTH_ISSUER=x AUTH_AUDIENCE=x AUTH_FOLDER=/x DATABASE_PASSWORD=x \
  "$tools/docker-compose" --file "$rendered/compose.yaml" config --quiet
"$tools/hadolint" "$here/Containerfile" "$here/gateway.Containerfile"
"$tools/caddy" fmt --diff "$here/Caddyfile" >/dev/null || {
  echo "error: format it with: $tools/caddy fmt --overwrite $here/Caddyfile" >&2
  exit 1
}
output=$(RENDERED=$rendered "$tools/caddy" validate --config "$here/Caddyfile" --adapter caddyfile 2>&1) || {
  echo "$output" >&2
  exit 1
}
echo "deployment: valid"
