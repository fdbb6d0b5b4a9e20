# Rotates logs.
set -e
mkdir -p /var/log/app
for n in $(seq 1 2000); do echo "$(date +%s) line $n"; done > /var/log/app/app.log
cat > /etc/logrotate.d/app <<'X'
/var/log/app/*.log {
    rotate 3
    size 1k
    compress
    missingok
    create 0640 root adm
    postrotate
        /bin/true
    endscript
}
X
for n in 1 2 3; do
    echo again >> /var/log/app/app.log
    logrotate -f /etc/logrotate.d/app
done
logrotate /etc/logrotate.conf || true
tail -n 5 /var/log/app/app.log >/dev/null
zcat /var/log/app/app.log.*.gz | wc -l >/dev/null
logger -t app "rotated"
