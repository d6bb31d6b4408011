#!/bin/bash
# The contract of the official image's entry point: POSTGRES_* and their _FILE forms, /docker-entrypoint-initdb.d,
# root that gives itself up, arguments passed on. Written anew, not copied.
set -Eeuo pipefail

# VAR or VAR_FILE, never both.
from_file() {
  local v=$1 f=$1_FILE
  if [ -n "${!v:-}" ] && [ -n "${!f:-}" ]; then
    echo >&2 "error: both $v and $f are set (but are exclusive)"
    exit 1
  fi
  [ -z "${!f:-}" ] || export "$v=$(<"${!f}")"
  unset "$f"
}

[ "${1:0:1}" != - ] || set -- postgres "$@"
[ "${1:-}" = postgres ] || exec "$@"
for a in "$@"; do case $a in '-?' | --help | --describe-config | -V | --version) exec "$@" ;; esac; done

if [ "$(id -u)" = 0 ]; then
  mkdir -p "$PGDATA" /var/run/postgresql
  chmod 00700 "$PGDATA" || :
  chmod 03775 /var/run/postgresql || :
  [ -z "${POSTGRES_INITDB_WALDIR:-}" ] || {
    mkdir -p "$POSTGRES_INITDB_WALDIR"
    chown -R postgres "$POSTGRES_INITDB_WALDIR"
  }
  find "$PGDATA" \! -user postgres -exec chown postgres '{}' +
  exec setpriv --reuid=postgres --regid=postgres --init-groups --inh-caps=-all -- \
    env HOME=/var/lib/postgresql "${BASH_SOURCE[0]}" "$@"
fi

if [ -s "$PGDATA/PG_VERSION" ]; then
  echo 'PostgreSQL Database directory appears to contain a database; Skipping initialization'
  exec "$@"
fi

for v in POSTGRES_PASSWORD POSTGRES_USER POSTGRES_DB POSTGRES_INITDB_ARGS; do from_file $v; done
: "${POSTGRES_USER:=postgres}"
: "${POSTGRES_DB:=$POSTGRES_USER}"
: "${POSTGRES_HOST_AUTH_METHOD:=}"
if [ -z "${POSTGRES_PASSWORD:-}" ] && [ "$POSTGRES_HOST_AUTH_METHOD" != trust ]; then
  echo >&2 'Error: Database is uninitialized and superuser password is not specified. Set POSTGRES_PASSWORD (or POSTGRES_HOST_AUTH_METHOD=trust).'
  exit 1
fi

# POSTGRES_INITDB_ARGS is a command line of its own, hence eval.
eval 'initdb --username="$POSTGRES_USER" --pwfile=<(printf "%s\n" "${POSTGRES_PASSWORD:-}") '"${POSTGRES_INITDB_WALDIR:+--waldir=\"\$POSTGRES_INITDB_WALDIR\"} ${POSTGRES_INITDB_ARGS:-} -D \"\$PGDATA\""
printf '\nhost all all all %s\n' "${POSTGRES_HOST_AUTH_METHOD:-$(postgres -C password_encryption -D "$PGDATA")}" >>"$PGDATA/pg_hba.conf"

# While the init files run, nobody but this script gets in: the socket only.
export PGPASSWORD="${POSTGRES_PASSWORD:-}" PGHOST= PGHOSTADDR=
NOTIFY_SOCKET= pg_ctl -D "$PGDATA" -o "-c listen_addresses='' -p ${PGPORT:-5432}" -w start
sql() { psql -v ON_ERROR_STOP=1 --no-password --no-psqlrc --username "$POSTGRES_USER" --dbname "${DB-$POSTGRES_DB}" "$@"; }
[ -n "$(DB=postgres sql -Atv "db=$POSTGRES_DB" <<<"SELECT 1 FROM pg_database WHERE datname = :'db'")" ] ||
  DB=postgres sql -v "db=$POSTGRES_DB" <<<'CREATE DATABASE :"db"'
for f in /docker-entrypoint-initdb.d/*; do
  case $f in
    *.sh)
      if [ -x "$f" ]; then
        echo "running $f"
        "$f"
      else
        echo "sourcing $f"
        . "$f"
      fi
      ;;
    *.sql) echo "running $f" && sql -f "$f" ;;
    *.sql.gz) echo "running $f" && gunzip -c "$f" | sql ;;
    *.sql.xz) echo "running $f" && xzcat "$f" | sql ;;
    */\*) ;;
    *) echo "ignoring $f" ;;
  esac
done
pg_ctl -D "$PGDATA" -m fast -w stop
unset PGPASSWORD PGHOST PGHOSTADDR
echo 'PostgreSQL init process complete; ready for start up.'
exec "$@"
