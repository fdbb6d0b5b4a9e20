# Installs, upgrades, asks and removes packages.
set -e
export DEBIAN_FRONTEND=noninteractive
cd /var/cache/packages
dpkg -i --force-confold *.deb >/dev/null
dpkg -l >/dev/null
dpkg -L bash >/dev/null
dpkg -S /bin/ls /usr/bin/gcc >/dev/null || true
dpkg --verify bash || true
dpkg -P xclip >/dev/null 2>&1 || true
dpkg -i xclip*.deb >/dev/null
apt-cache policy bash >/dev/null
apt list --installed >/dev/null 2>&1
dpkg-reconfigure -f noninteractive tzdata >/dev/null 2>&1 || true
ldconfig
update-alternatives --display editor >/dev/null 2>&1 || true
deb-systemd-helper update-state ssh.service 2>/dev/null || true
