# Databases under load.
set -e
sqlite3 /srv/load.db 'create table if not exists t(a integer primary key, b text);'
for n in $(seq 1 20); do
    sqlite3 /srv/load.db "insert into t(b) select hex(randomblob(64)) from (select 1 from sqlite_master, sqlite_master);"
done
sqlite3 /srv/load.db 'vacuum;'
bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | tail -1)
[ -n "$bin" ] || exit 0
data=/var/lib/pg-noise
rm -rf $data && mkdir -p $data /run/postgresql && chown -R postgres: $data /run/postgresql
as() { setpriv --reuid=postgres --regid=postgres --clear-groups env HOME=/var/lib/postgresql "$@"; }
as "$bin/initdb" -D $data >/dev/null
as "$bin/pg_ctl" -D $data -w -o '-c listen_addresses=127.0.0.1' -l $data/log start >/dev/null
as psql -h 127.0.0.1 -qc 'create table t(a int, b text); insert into t select g, md5(g::text) from generate_series(1, 20000) g;'
for n in $(seq 1 10); do as psql -h 127.0.0.1 -qtc 'select count(*), max(b) from t;' >/dev/null; done
as pg_dump -h 127.0.0.1 postgres | gzip > /srv/pg.sql.gz
as psql -h 127.0.0.1 -qc 'vacuum analyze t;'
as psql -h 127.0.0.1 -qc 'drop table t;'
as "$bin/pg_ctl" -D $data -w -m fast stop >/dev/null
