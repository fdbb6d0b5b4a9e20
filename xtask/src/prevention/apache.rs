//! Apache with an alias too many, a CGI shell script, WebDAV and a proxy.

use super::service::Service;
use super::web;

pub static SERVICE: Service = Service {
    profile: "apache",
    executable: &["/usr/sbin/apache2"],
    setup: r#"
mount -t tmpfs tmpfs /etc/apache2
mount -t tmpfs tmpfs /var/log/apache2
mkdir -p /usr/lib/cgi-bin
mount -t tmpfs tmpfs /usr/lib/cgi-bin
mkdir -p /run/apache2
mkdir -p -m 1777 /run/lock/apache2
printf '#!/bin/sh\necho Content-Type: text/plain\necho\necho pwned\nid\n' > /usr/lib/cgi-bin/shell
chmod 755 /usr/lib/cgi-bin/shell
cat > /etc/apache2/apache2.conf <<'END'
ServerRoot /etc/apache2
ServerName localhost
PidFile /run/apache2/apache2.pid
Listen 80
User www-data
Group www-data
ErrorLog /var/log/apache2/error.log
LoadModule mpm_prefork_module /usr/lib/apache2/modules/mod_mpm_prefork.so
LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
LoadModule alias_module /usr/lib/apache2/modules/mod_alias.so
LoadModule cgi_module /usr/lib/apache2/modules/mod_cgi.so
LoadModule dav_module /usr/lib/apache2/modules/mod_dav.so
LoadModule dav_fs_module /usr/lib/apache2/modules/mod_dav_fs.so
LoadModule proxy_module /usr/lib/apache2/modules/mod_proxy.so
LoadModule proxy_http_module /usr/lib/apache2/modules/mod_proxy_http.so
DocumentRoot /var/www/html
<Directory />
    Require all granted
</Directory>
Alias /leak/ /etc/
ScriptAlias /shell /usr/lib/cgi-bin/shell
DavLockDB /run/lock/apache2/locks
<Directory /var/www/html/put>
    Dav On
</Directory>
ProxyPass /out http://203.0.113.7:8081/
END
"#,
    server: "exec /usr/sbin/apache2 -f /etc/apache2/apache2.conf -DFOREGROUND",
    ready: web::READY,
    load: "ab -q -n 10000 -c 8 http://127.0.0.1/index.html | grep -q \"Failed requests: *0\"",
    attacks: web::ATTACKS,
};
