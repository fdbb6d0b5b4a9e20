# A web server and its clients on loopback.
set -e
mkdir -p /srv/www && cd /srv/www
for n in $(seq 1 20); do head -c 2000 /dev/zero | tr '\0' x > "page-$n.html"; done
python3 -m http.server 8000 --bind 127.0.0.1 >/dev/null 2>&1 &
server=$!
for n in $(seq 1 50); do curl -s -o /dev/null http://127.0.0.1:8000/ && break; sleep 0.1; done
for n in $(seq 1 20); do curl -s "http://127.0.0.1:8000/page-$n.html" >/dev/null; done
wget -q -O /tmp/page.html http://127.0.0.1:8000/page-1.html
curl -s -o /srv/www/copy.html http://127.0.0.1:8000/page-2.html
curl -s -X POST -d 'a=b' http://127.0.0.1:8000/ >/dev/null
kill $server
rm -f /tmp/page.html
