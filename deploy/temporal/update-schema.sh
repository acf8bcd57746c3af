#!/bin/sh
# Migrates Temporal's tables to the version of this image's server. Does nothing if they are up to date.
set -eu

for schema in temporal:temporal temporal_visibility:visibility; do
  database=${schema%%:*}
  temporal-sql-tool --plugin postgres12 --db "$database" setup-schema -v 0.0
  temporal-sql-tool --plugin postgres12 --db "$database" update-schema -d "/etc/temporal/schema/postgresql/v12/${schema##*:}/versioned"
done
