#!/bin/bash
# Runs once, on a new PostgreSQL volume. Makes one role with its databases for each program.
set -euo pipefail

create() { # role, password, databases…
  local role=$1 password=$2
  shift 2
  psql --username "$POSTGRES_USER" --dbname postgres --set ON_ERROR_STOP=1 --set "role=$role" --set "password=$password" <<'SQL'
create role :"role" login password :'password';
SQL
  for database in "$@"; do
    psql --username "$POSTGRES_USER" --dbname postgres --set ON_ERROR_STOP=1 --set "role=$role" --set "database=$database" <<'SQL'
create database :"database" owner :"role";
revoke connect on database :"database" from public;
SQL
  done
}

create temporal "$TEMPORAL_DATABASE_PASSWORD" temporal temporal_visibility
create holdpoint "$WORKER_DATABASE_PASSWORD" holdpoint
create review "$REVIEW_DATABASE_PASSWORD" review
