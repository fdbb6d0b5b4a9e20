//! Strings by kind: what a program says about itself without wanting to.
//!
//! One automaton over all kinds runs once over the bytes. A kind is counted, not judged: `/bin/sh` stands in every mail server.
//! The trees weigh the kinds together.

use crate::lanes::Lanes;
use crate::recorder::Phrase;
use std::sync::LazyLock;

pub struct Kind {
    pub name: &'static str,
    pub phrase: Phrase,
    pub needles: &'static [&'static str],
}

const fn kind(
    name: &'static str,
    en: &'static str,
    ja: &'static str,
    none_en: &'static str,
    none_ja: &'static str,
    needles: &'static [&'static str],
) -> Kind {
    Kind { name, phrase: Phrase { key: name, en, ja, none_en, none_ja }, needles }
}

macro_rules! kinds {
    ($($name:literal, $en:literal, $ja:literal: [$($needle:literal),* $(,)?];)*) => {
        &[$(kind($name, concat!("mentions ", $en), concat!($ja, "への言及がある"), concat!("no mention of ", $en), concat!($ja, "への言及がない"), &[$($needle),*])),*]
    };
}

/// Matched without regard to case.
pub static KINDS: &[Kind] = kinds! {
    "url", "web addresses", "ウェブアドレス": ["http://", "https://", "ftp://"];
    "onion", "addresses in the Tor network", "Torネットワークのアドレス": [".onion"];
    "http-verb", "raw HTTP requests", "生のHTTP要求": ["GET /", "POST /", "HTTP/1.", "User-Agent:"];
    "irc", "IRC commands", "IRCコマンド": ["PRIVMSG", "NICK %s", "JOIN %s", "USER %s localhost"];
    "shell", "a shell", "シェル": ["/bin/sh", "/bin/bash", "/bin/dash", "sh -c"];
    "busybox", "busybox commands", "busyboxコマンド": ["busybox wget", "busybox tftp", "/bin/busybox", "tftp -g", "tftp -r"];
    "download", "download commands", "ダウンロードコマンド": ["wget http", "wget -", "curl http", "curl -", "ftpget", "lwp-download"];
    "executable-bit", "making files executable", "実行権の付与": ["chmod +x", "chmod 777", "chmod 755"];
    "reverse-shell", "reverse shell commands", "リバースシェル": ["/dev/tcp/", "/dev/udp/", "nc -e", "bash -i", "0>&1", "mkfifo /tmp"];
    "tmp", "world-writable folders", "誰でも書けるフォルダ": ["/tmp/", "/var/tmp", "/dev/shm"];
    "hidden-file", "hidden files in writable folders", "書込可能フォルダの隠しファイル": ["/tmp/.", "/var/tmp/.", "/dev/shm/.", "/usr/bin/.", "/usr/lib/."];
    "proc", "the process table", "プロセス表": ["/proc/self", "/proc/net", "/proc/%d", "/proc/%s", "/proc/stat"];
    "proc-exe", "its own or others' program files", "自分や他のプログラム本体": ["/proc/self/exe", "/proc/%d/exe", "/proc/%s/exe", "/exe (deleted)"];
    "proc-mem", "memory of other processes", "他プロセスのメモリ": ["/proc/%d/mem", "/proc/%d/maps", "/proc/self/mem", "/proc/kcore", "/dev/mem", "/dev/kmem"];
    "credentials", "stored passwords", "保存されたパスワード": ["/etc/shadow", "/etc/gshadow", ".pgpass", ".netrc", "login.keyring", "logins.json"];
    "accounts", "user accounts", "ユーザーアカウント": ["/etc/passwd", "useradd", "usermod", "/etc/sudoers"];
    "ssh-keys", "SSH keys", "SSH鍵": ["authorized_keys", "id_rsa", "id_ed25519", "known_hosts", ".ssh/"];
    "history", "shell history", "シェル履歴": [".bash_history", "HISTFILE", "HISTSIZE", "history -c"];
    "logs", "login records and logs", "ログイン記録とログ": ["/var/log/", "/var/run/utmp", "/var/log/wtmp", "lastlog"];
    "cron", "scheduled jobs", "定期実行ジョブ": ["/etc/cron", "crontab", "/var/spool/cron", "@reboot"];
    "service", "system services", "システムサービス": ["/etc/init.d", "/etc/rc.local", "/etc/rc.d", "/etc/systemd", "systemctl", "update-rc.d", "chkconfig"];
    "profile", "login scripts", "ログインスクリプト": [".bashrc", ".bash_profile", "/etc/profile", ".zshrc"];
    "preload", "library preloading", "ライブラリの先読み": ["LD_PRELOAD", "ld.so.preload", "LD_LIBRARY_PATH", "LD_AUDIT"];
    "module", "kernel modules", "カーネルモジュール": ["insmod", "modprobe", "/lib/modules", "/proc/modules", "init_module", "/sys/module"];
    "kernel-symbols", "kernel internals", "カーネル内部": ["kallsyms", "sys_call_table", "commit_creds", "prepare_kernel_cred", "kprobe", "/boot/System.map"];
    "firewall", "firewall rules", "ファイアウォール規則": ["iptables", "nft ", "ufw ", "SuSEfirewall", "firewall-cmd"];
    "security-off", "switching off protection", "保護の無効化": ["setenforce", "/etc/selinux", "apparmor", "auditctl", "auditd", "aliyun", "clamav", "falcon-sensor"];
    "kill-others", "ending other programs", "他プログラムの終了": ["killall", "pkill", "kill -9", "fuser -k"];
    "wipe", "deleting or overwriting disks", "ディスクの消去や上書き": ["rm -rf", "/dev/sda", "/dev/mmcblk", "/dev/mtd", "shred", "dd if="];
    "watchdog", "hardware watchdogs", "ハードウェアウォッチドッグ": ["/dev/watchdog", "/dev/misc/watchdog", "/dev/FTWDT101"];
    "default-password", "default passwords of devices", "機器の初期パスワード": ["xc3511", "vizxv", "7ujMko0", "juantech", "anko", "Zte521", "hi3518", "klv123", "xmhdipc", "jvbzd"];
    "telnet", "Telnet log-in prompts", "Telnetログインプロンプト": ["enable\r\n", "ogin:", "assword:", "telnetd", "invalid password"];
    "router-exploit", "known holes of routers and cameras", "ルーターやカメラの既知の欠陥": ["/ctrlt/DeviceUpgrade", "/HNAP1/", "/GponForm", "/cgi-bin/luci", "/shell?", "/setup.cgi", "/UD/act", "/picsdesc.xml", "soap.cgi"];
    "flood", "flooding", "フラッド攻撃": ["udpflood", "synflood", "tcpflood", "httpflood", "UDPRAW", "ackflood", "stdhex", " flood", "flooding", "DDoS", "slowloris", "amplification"];
    "scanner", "scanning others", "他ホストの探索": ["masscan", "zmap", "port scan", "bruteforce", "brute force", "scanner"];
    "bot", "bots", "ボット": ["botnet", "botkill", " bot ", "[bot]", "zombie", "c2 server", "command and control", "killer_"];
    "backdoor", "backdoors", "バックドア": ["backdoor", "rootkit", "rootshell", "shellcode", "bindshell", "bind shell", "reverse shell", "implant", "payload"];
    "exploit", "exploits", "エクスプロイト": ["exploit", "CVE-20", "privilege escalation", "dirtycow", "pwnkit", "got root"];
    "keylog", "recording of keys", "キー入力の記録": ["keylog", "/dev/input/event", "XQueryKeymap", "XGrabKeyboard"];
    "stratum", "the mining protocol", "採掘プロトコル": ["stratum+tcp", "stratum+ssl", "stratum+tls", "stratum+udp", "mining.subscribe", "mining.authorize", "mining.submit", "eth_submitLogin"];
    "pool", "mining pools", "採掘プール": ["minexmr", "supportxmr", "nanopool", "moneroocean", "hashvault", "f2pool", "c3pool", "2miners", "nicehash", "herominers", "unmineable"];
    "miner", "miners and their settings", "採掘ソフトとその設定": ["xmrig", "cpuminer", "minerd", "donate-level", "randomx", "cryptonight", "kawpow", "rx/0", "argon2/chukwa", "hashrate", "nr_hugepages", "\"algo\""];
    "currency", "cryptocurrency", "暗号通貨": ["monero", "bitcoin", "wallet.dat", "ethereum", "walletaddress"];
    "ransom", "ransom notes", "身代金要求": ["your files have been encrypted", "files are encrypted", "decrypt your files", "recover your files", "restore your files", "ransom", "pay the", "decryptor", "README_TO_", "HOW_TO_DECRYPT", "HOW TO RECOVER"];
    "encrypted-suffix", "names of encrypted files", "暗号化ファイルの拡張子": [".locked", ".encrypted", ".crypted", ".encrypt", ".crypt"];
    "virtual-machines", "virtual machines being ended", "仮想マシンの停止": ["esxcli", "vim-cmd", "/vmfs/volumes", ".vmdk", "virsh destroy", "vmx -"];
    "crypto", "cryptography", "暗号": ["AES", "RSA", "chacha", "expand 32-byte k", "salsa20", "sha256", "BEGIN PUBLIC KEY", "BEGIN RSA"];
    "container", "container sockets and escapes", "コンテナのソケットと脱出": ["docker.sock", "containerd.sock", "release_agent", "core_pattern", "kubelet", "/var/run/secrets/kubernetes", "nsenter"];
    "cloud", "cloud credentials", "クラウドの認証情報": ["169.254.169.254", ".aws/credentials", "AWS_SECRET", "metadata.google", ".kube/config", "gcloud"];
    "debugger-check", "looking for debuggers and sandboxes", "デバッガやサンドボックスの検出": ["TracerPid", "VBoxGuest", "VMware", "QEMU Virtual", "Xen HVM", "hypervisor", "/proc/scsi/scsi"];
    "packer", "packers", "パッカー": ["UPX!", "$Info: This file is packed", "PyInstaller", "_MEIPASS", "shc ", "makeself"];
    "tunnel", "tunnels and proxies", "トンネルとプロキシ": ["socks5", "socks4", "ngrok", "frpc", "chisel", "tor2web", "CONNECT %s"];
    "messenger", "messengers used as a channel", "通信路に使うメッセンジャー": ["api.telegram.org", "discord.com/api", "discordapp.com/api", "hooks.slack", "pastebin.com", "transfer.sh"];
    "usage", "help texts", "ヘルプ": ["--help", "usage:", "--version", "Report bugs", "man page"];
    "licence", "licences and authors", "ライセンスと著者": ["copyright", "license", "GNU General Public", "Free Software Foundation", "bug-"];
    "messages", "translations", "翻訳": ["gettext", "/usr/share/locale", "LC_MESSAGES", "textdomain"];
    "build-path", "paths of a build", "ビルドのパス": ["/build/", "/usr/src/", "debian/", "../sysdeps", "/home/", "/root/"];
};

/// Kind and length of each needle, in the automaton's order.
static NEEDLES: LazyLock<Vec<(usize, usize)>> = LazyLock::new(|| {
    let of_kind = |(index, kind): (usize, &'static Kind)| kind.needles.iter().map(move |needle| (index, needle.len()));
    KINDS.iter().enumerate().flat_map(of_kind).collect()
});

static LANES: LazyLock<Lanes> = LazyLock::new(|| {
    let needles: Vec<&str> = KINDS.iter().flat_map(|kind| kind.needles.iter().copied()).collect();
    Lanes::new(&needles, true)
});

/// A place where a kind was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit {
    pub kind: usize,
    pub offset: usize,
    pub length: usize,
}

/// Calls `seen` for each match in order of its end.
pub fn each(bytes: &[u8], mut seen: impl FnMut(Hit)) {
    LANES.each(bytes, |needle, end| {
        let (kind, length) = NEEDLES[needle];
        seen(Hit { kind, offset: end - length, length });
    });
}

/// Index of a kind by name.
pub fn index(name: &str) -> usize {
    KINDS.iter().position(|kind| kind.name == name).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let mut seen = Vec::new();
        each(text.as_bytes(), |hit| seen.push(KINDS[hit.kind].name));
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen, expected, "{text}");
    }

    #[test]
    fn kinds_are_told_by_their_words() {
        check("nothing of note here", &[]);
        check("STRATUM+TCP://pool", &["stratum"]);
        check("cd /dev/shm/.x; chmod 777 a", &["executable-bit", "hidden-file", "tmp"]);
        check("/bin/busybox wget http://", &["busybox", "download", "url"]);
        check("/dev/tcp/", &["reverse-shell"]);
    }

    #[test]
    fn names_are_unique() {
        let mut names: Vec<_> = KINDS.iter().map(|kind| kind.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), KINDS.len());
    }
}
