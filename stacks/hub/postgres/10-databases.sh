#!/bin/bash
# Two databases, each with an owner of its own. The image runs it once, on an empty volume.
set -euo pipefail

# Read by psql itself: on the command line every process of the host would see the passwords.
psql -v ON_ERROR_STOP=1 --no-psqlrc --username "${POSTGRES_USER:-postgres}" --dbname postgres <<'SQL'
\getenv keycloak_password KEYCLOAK_DB_PASSWORD
\getenv backend_password BACKEND_DB_PASSWORD
CREATE ROLE keycloak LOGIN PASSWORD :'keycloak_password';
CREATE DATABASE keycloak OWNER keycloak;
REVOKE CONNECT ON DATABASE keycloak FROM PUBLIC;
CREATE ROLE backend LOGIN PASSWORD :'backend_password';
CREATE DATABASE documents OWNER backend;
REVOKE CONNECT ON DATABASE documents FROM PUBLIC;
SQL

# Half of Keycloak's first start is making these tables, one change after the other. It finds them made and goes on.
psql -v ON_ERROR_STOP=1 --no-psqlrc --quiet --output /dev/null --username "${POSTGRES_USER:-postgres}" --dbname keycloak \
  --command 'SET ROLE keycloak' --file /opt/hub/keycloak-schema.sql
