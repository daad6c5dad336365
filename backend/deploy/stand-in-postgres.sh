#!/usr/bin/env bash
# Start PostgreSQL as the image `postgres` does: create the database once, then serve it. Used by
# make-stand-in-base.sh. Reads POSTGRES_USER, POSTGRES_PASSWORD and POSTGRES_DB.
set -euo pipefail

data=/var/lib/postgresql/data
as_postgres=(setpriv --reuid=postgres --regid=postgres --clear-groups --)
install --directory --owner=postgres --group=postgres --mode=700 "$data" /run/postgresql

if [[ ! -s $data/PG_VERSION ]]; then
  password=$(mktemp)
  trap 'rm -f "$password"' EXIT
  echo "$POSTGRES_PASSWORD" >"$password"
  chown postgres "$password"
  "${as_postgres[@]}" initdb --pgdata "$data" --username "$POSTGRES_USER" --pwfile "$password" \
    --encoding UTF8 --auth-local trust --auth-host scram-sha-256 >/dev/null
  echo "host all all all scram-sha-256" >>"$data/pg_hba.conf"
  echo "CREATE DATABASE \"$POSTGRES_DB\"" | "${as_postgres[@]}" postgres --single -D "$data" postgres >/dev/null
  rm -f "$password"
fi
exec "${as_postgres[@]}" postgres -D "$data" -c "listen_addresses=*"
