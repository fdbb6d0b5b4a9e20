# An administrator at work, in a login shell with pauses.
pause() { sleep 0.2; }
cd /root || exit 1
look() {
    w; pause; uptime; pause; df -h; pause; free -m; pause; ls -la; pause
    ps aux | head; pause; ss -tlnp; pause; ip addr show; pause
    systemctl status cron; pause; journalctl -n 5; pause; tail -n 20 /var/log/dpkg.log; pause
    cat /etc/os-release; pause; uname -r; pause; hostname; pause; who; pause; last -n 3; pause
    id; pause; top -bn1 | head -3; pause; dmesg | tail -3; pause; date; pause
}
work() {
    git config --global user.email a@example.org; git config --global user.name a
    rm -rf notes && git init -q notes && cd notes && echo text > a && git add a && git commit -qm one && git log --oneline; cd ..; pause
    cp /etc/hosts hosts.bak && sed -i 's/x/x/' hosts.bak && diff /etc/hosts hosts.bak; pause
    grep -rn cron /etc/cron.d /etc/crontab | head -3; pause
    find . -name '*.txt' | head -3; pause; du -sh /etc; pause; crontab -l; pause
    curl -sI http://127.0.0.1/ ; pause; ping -c 1 127.0.0.1; pause
    ssh-keygen -q -t ed25519 -N '' -f /root/new-key && rm -f /root/new-key /root/new-key.pub; pause
    python3 -c 'print(sum(range(10)))'; pause; openssl x509 -help; pause
    systemctl restart cron; pause; systemctl reload ssh; pause; dpkg -l bash; pause; apt-cache policy bash; pause
    mkdir -p /srv/site && chown root:root /srv/site && chmod 755 /srv/site; pause
    tar -czf /root/site.tgz /srv/site; pause; vim -es -c 'q' hosts.bak; pause; rm -f hosts.bak site.tgz; pause
    lsblk; pause; lscpu | head -3; pause; mount | head -3; pause; env | head -3; pause; locale; pause
    getent passwd root; pause; sudo -n true; pause; man ls | head -3; pause; history | tail -3; pause
}
look >/dev/null 2>&1
work >/dev/null 2>&1
true
