#!/usr/bin/env bash
# Import images with the names of the base images, where no registry is reached: Debian's own Python,
# and the Caddy of the deployment's tools. make-stand-in-base.sh TOOLS PYTHON_IMAGE CADDY_IMAGE
set -euo pipefail

tools=$1 python=$2 caddy=$3
root=$(mktemp --directory)
trap 'rm -rf "$root"' EXIT

mirror=$(apt-cache policy | grep -oE 'https?://[^ ]+/debian' | head -n 1)
debootstrap --variant=minbase --include=python3,python3-venv,ca-certificates bookworm "$root" "$mirror" >/dev/null
rm -rf "$root"/var/cache/apt/* "$root"/var/lib/apt/lists/* "$root"/usr/share/{doc,man,locale} \
  "$root"/usr/lib/python3*/EXTERNALLY-MANAGED
ln -s /usr/bin/python3 "$root/usr/local/bin/python"
# The certificates of this machine, which its package index may need.
cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/ca-certificates.crt"
import() {
  tar --directory "$root" --exclude=./dev --exclude=./proc --exclude=./sys --create . | podman import --quiet - "$1" >/dev/null
}
import "$python"
install "$tools/caddy" "$root/usr/bin/caddy"
import "$caddy"
