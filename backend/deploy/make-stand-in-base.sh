#!/usr/bin/env bash
# Import images with the names of the base images, where no registry is reached: Debian's own Python
# and PostgreSQL, and the Caddy of the deployment's tools.
# make-stand-in-base.sh TOOLS PYTHON_IMAGE CADDY_IMAGE POSTGRES_IMAGE
set -euo pipefail

tools=$1 python=$2 caddy=$3 postgres=$4
here=$(dirname "$0")
roots=$(mktemp --directory)
trap 'rm -rf "$roots"' EXIT

mirror=$(apt-cache policy | grep -oE 'https?://[^ ]+/debian' | head -n 1)

# bootstrap NAME PACKAGES: a file system of Debian with the packages.
bootstrap() {
  local root=$roots/$1
  debootstrap --variant=minbase --include="$2" bookworm "$root" "$mirror" >"$roots/log" || {
    tail -n 20 "$roots/log" >&2
    return 1
  }
  rm -rf "$root"/var/cache/apt/* "$root"/var/lib/apt/lists/* "$root"/usr/share/{doc,man,locale} \
    "$root"/usr/lib/python3*/EXTERNALLY-MANAGED
}

# import NAME IMAGE CHANGE...: import the file system as an image.
import() {
  local name=$1 image=$2
  shift 2
  tar --directory "$roots/$name" --exclude=./dev --exclude=./proc --exclude=./sys --create . |
    podman import --quiet "$@" - "$image" >/dev/null
}

bootstrap python python3,python3-venv,ca-certificates
ln -s /usr/bin/python3 "$roots/python/usr/local/bin/python"
# The certificates of this machine, which its package index may need.
cp /etc/ssl/certs/ca-certificates.crt "$roots/python/etc/ssl/certs/ca-certificates.crt"
import python "$python"
install "$tools/caddy" "$roots/python/usr/bin/caddy"
import python "$caddy"

bootstrap postgres postgresql
rm -rf "$roots"/postgres/var/lib/postgresql/* "$roots"/postgres/usr/lib/postgresql/*/lib/bitcode
bin=$(cd "$roots/postgres" && echo usr/lib/postgresql/*/bin)
install "$here/stand-in-postgres.sh" "$roots/postgres/usr/local/bin/"
import postgres "$postgres" --change 'ENTRYPOINT ["stand-in-postgres.sh"]' \
  --change 'STOPSIGNAL SIGINT' --change 'ENV LANG=C.UTF-8' \
  --change "ENV PATH=/$bin:/usr/local/bin:/usr/sbin:/usr/bin:/bin"
