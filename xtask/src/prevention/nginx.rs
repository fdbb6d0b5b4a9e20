//! nginx with what people switch on by mistake: a folder too many, uploads, a proxy, a script.

use super::service::Service;
use super::web;

pub static SERVICE: Service = Service {
    profile: "nginx",
    executable: &["/usr/sbin/nginx"],
    setup: r#"
cp /etc/nginx/mime.types /tmp/
mount -t tmpfs tmpfs /etc/nginx
mount -t tmpfs tmpfs /var/lib/nginx
mount -t tmpfs tmpfs /var/log/nginx
cp /tmp/mime.types /etc/nginx/
cat > /etc/nginx/nginx.conf <<'END'
load_module /usr/lib/nginx/modules/ngx_http_perl_module.so;
user www-data;
worker_processes 2;
pid /run/nginx.pid;
error_log /var/log/nginx/error.log;
events { worker_connections 512; }
http {
    include mime.types;
    access_log /var/log/nginx/access.log;
    server {
        listen 80;
        root /var/www/html;
        location /leak/ { alias /etc/; }
        location /put/ { dav_methods PUT; }
        location /out { proxy_pass http://203.0.113.7:8081/; proxy_connect_timeout 3s; }
        location /shell {
            perl 'sub {
                my $r = shift;
                my $out = `/bin/sh -c "echo pwned; id"`;
                $r->send_http_header("text/plain");
                $r->print($out);
                return OK;
            }';
        }
    }
}
END
"#,
    server: "exec /usr/sbin/nginx -g \"daemon off;\"",
    ready: web::READY,
    load: "ab -q -n 20000 -c 8 http://127.0.0.1/index.html | grep -q \"Failed requests: *0\"",
    attacks: web::ATTACKS,
};
