# Saves and compares, as a nightly job does.
set -e
mkdir -p /srv/backup /srv/data
for n in $(seq 1 200); do printf 'record %s\n' "$n" > "/srv/data/file-$n.txt"; done
stamp=$(date +%Y%m%d)
tar -czf "/srv/backup/etc-$stamp.tgz" /etc 2>/dev/null
tar -cJf "/srv/backup/data-$stamp.txz" -C /srv data
rsync -a --delete /srv/data/ /srv/backup/data/
rsync -a /etc/ /srv/backup/etc/
find /srv/data -type f -newer /etc/hostname -print0 | xargs -0 sha256sum > /srv/backup/sums
sha256sum -c --quiet /srv/backup/sums
sqlite3 /srv/data/app.db 'create table if not exists t(a); insert into t values(1);'
sqlite3 /srv/data/app.db '.backup /srv/backup/app.db'
find /srv/backup -name '*.tgz' -mtime +30 -delete
tar -tzf "/srv/backup/etc-$stamp.tgz" >/dev/null
df -h /srv >/dev/null
gzip -kf /srv/backup/sums
cp -a /srv/backup/data /srv/backup/data.old && rm -rf /srv/backup/data.old
