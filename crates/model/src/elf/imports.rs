//! What a program can ask of the C library and the kernel, by capability; and how rare its imports are in a distribution.
//!
//! Names come from the dynamic table, and for static programs from the full symbol table, where a function of the library is
//! there only because something called for it. (Hence the two counts: a static program has many names that nobody meant.)

use crate::recorder::Phrase;
use std::collections::HashMap;
use std::sync::LazyLock;

pub struct Capability {
    pub name: &'static str,
    pub phrase: Phrase,
    pub functions: &'static [&'static str],
}

macro_rules! capabilities {
    ($($name:literal, $en:literal, $ja:literal: [$($function:literal),* $(,)?];)*) => {
        &[$(Capability {
            name: $name,
            phrase: Phrase {
                key: concat!("imports.", $name),
                en: concat!("calls functions for ", $en),
                ja: concat!($ja, "の関数を呼び出す"),
                none_en: concat!("calls no functions for ", $en),
                none_ja: concat!($ja, "の関数を呼び出さない"),
            },
            functions: &[$($function),*],
        }),*]
    };
}

pub static CAPABILITIES: &[Capability] = capabilities! {
    "connect", "outgoing connections", "外部接続": ["socket", "connect", "gethostbyname", "getaddrinfo", "inet_addr", "inet_pton", "inet_aton", "res_query"];
    "listen", "waiting for connections", "接続待ち受け": ["bind", "listen", "accept", "accept4"];
    "send", "sending and receiving", "送受信": ["send", "sendto", "sendmsg", "sendmmsg", "recv", "recvfrom", "recvmsg"];
    "raw-network", "raw packets and interfaces", "生パケットとインターフェース": ["if_nametoindex", "getifaddrs", "pcap_open_live", "pcap_compile", "setsockopt", "ether_aton"];
    "tls", "TLS", "TLS": ["SSL_connect", "SSL_CTX_new", "SSL_write", "gnutls_handshake", "mbedtls_ssl_handshake", "curl_easy_perform"];
    "exec", "starting programs", "プログラム起動": ["execve", "execl", "execlp", "execle", "execv", "execvp", "execvpe", "fexecve", "posix_spawn", "posix_spawnp"];
    "shell", "running shell commands", "シェルコマンド実行": ["system", "popen", "wordexp"];
    "fork", "copying itself", "自己複製プロセス": ["fork", "vfork", "clone", "daemon", "setsid"];
    "threads", "threads", "スレッド": ["pthread_create", "thrd_create"];
    "trace", "tracing other processes", "他プロセスの追跡": ["ptrace", "process_vm_readv", "process_vm_writev"];
    "memory", "executable memory", "実行可能メモリ": ["mprotect", "memfd_create", "mremap", "pkey_mprotect", "shm_open"];
    "load", "loading code at run time", "実行時のコード読込": ["dlopen", "dlsym", "dlmopen", "dlvsym", "dl_iterate_phdr"];
    "module", "kernel modules", "カーネルモジュール": ["init_module", "finit_module", "delete_module", "kmod_module_insert_module", "printk", "_printk", "register_kprobe", "kallsyms_lookup_name"];
    "privilege", "changing privileges", "権限変更": ["setuid", "setgid", "seteuid", "setreuid", "setresuid", "setgroups", "capset", "cap_set_proc", "prctl", "chroot"];
    "accounts", "user accounts and passwords", "アカウントとパスワード": ["getpwnam", "getspnam", "crypt", "pam_authenticate", "putspent", "getpwuid", "getgrnam"];
    "log-in-records", "log-in records", "ログイン記録": ["utmpname", "pututline", "pututxline", "updwtmp", "getutent", "getutxent"];
    "signals", "ending processes", "プロセス終了": ["kill", "killpg", "tgkill", "sigqueue"];
    "processes", "looking at processes", "プロセス閲覧": ["readdir", "opendir", "readlink", "scandir", "openproc", "readproc"];
    "files", "removing and renaming files", "ファイル削除と改名": ["unlink", "unlinkat", "rename", "remove", "truncate", "ftruncate", "nftw", "ftw"];
    "attributes", "file owners, times and attributes", "所有者・時刻・属性": ["chmod", "fchmod", "chown", "utime", "utimes", "utimensat", "setxattr", "ioctl"];
    "mount", "mounts and namespaces", "マウントと名前空間": ["mount", "umount", "umount2", "unshare", "setns", "pivot_root"];
    "reboot", "stopping the machine", "マシン停止": ["reboot", "sethostname", "swapoff", "swapon"];
    "encryption", "encryption", "暗号化": ["EVP_EncryptInit_ex", "EVP_EncryptUpdate", "AES_encrypt", "AES_set_encrypt_key", "RSA_public_encrypt", "gcry_cipher_encrypt", "crypto_secretbox", "EVP_CipherInit_ex"];
    "hashing", "hashing", "ハッシュ": ["SHA256_Update", "EVP_DigestUpdate", "MD5_Update", "SHA1_Update", "gcry_md_write", "randomx_calculate_hash"];
    "compression", "compression", "圧縮": ["inflate", "deflate", "uncompress", "lzma_code", "ZSTD_decompress", "BZ2_bzDecompress"];
    "time", "waiting", "待機": ["sleep", "usleep", "nanosleep", "alarm", "timer_create", "timerfd_create"];
    "terminal", "terminals", "端末": ["tcsetattr", "tcgetattr", "openpty", "forkpty", "ttyname", "isatty", "grantpt"];
    "watch", "watching files", "ファイル監視": ["inotify_init", "inotify_add_watch", "fanotify_init", "fanotify_mark"];
    "environment", "the environment", "環境変数": ["getenv", "setenv", "putenv", "unsetenv", "clearenv"];
    "output", "text output", "文字出力": ["printf", "puts", "fprintf", "__printf_chk", "__fprintf_chk", "fwrite", "perror"];
    "options", "command-line options", "コマンドラインオプション": ["getopt", "getopt_long", "argp_parse", "poptGetContext", "g_option_context_parse"];
    "locale", "languages", "言語": ["setlocale", "bindtextdomain", "gettext", "dcgettext", "nl_langinfo", "textdomain"];
    "hardened", "checked variants that hardened builds use", "強化ビルドの検査付き関数": ["__stack_chk_fail", "__memcpy_chk", "__sprintf_chk", "__snprintf_chk", "__strcpy_chk", "__fdelt_chk", "__vsnprintf_chk", "__read_chk"];
    "unchecked", "copies without a check of length", "長さ検査のないコピー": ["strcpy", "strcat", "sprintf", "gets", "vsprintf", "scanf"];
};

/// Of each function, its capability.
static OWNER: LazyLock<HashMap<&'static [u8], usize>> = LazyLock::new(|| {
    let all = CAPABILITIES.iter().enumerate();
    all.flat_map(|(index, capability)| capability.functions.iter().map(move |name| (name.as_bytes(), index))).collect()
});

pub fn capability(function: &[u8]) -> Option<usize> {
    OWNER.get(plain(function)).copied()
}

pub fn index(name: &str) -> usize {
    CAPABILITIES.iter().position(|capability| capability.name == name).unwrap_or(usize::MAX)
}

/// `name@@VERSION` and `__libc_name` as `name`.
fn plain(function: &[u8]) -> &[u8] {
    let end = function.iter().position(|byte| *byte == b'@').unwrap_or(function.len());
    let name = &function[..end];
    let name = name.strip_prefix(b"__libc_").unwrap_or(name);
    // What large-file builds and the 64-bit time of 32-bit ports append.
    name.strip_suffix(b"64").filter(|short| OWNER.contains_key(short)).unwrap_or(name)
}

/// The commonest imports of Debian's programs and the share of files that have each, in thousandths; made by `cargo xtask train`.
static COMMON: LazyLock<HashMap<&'static [u8], f32>> = LazyLock::new(|| {
    let lines = include_str!("common_imports.tsv").lines().filter(|line| !line.starts_with('#'));
    let read = |line: &'static str| {
        let (name, thousandths) = line.split_once('\t')?;
        Some((name.as_bytes(), thousandths.parse::<f32>().ok()? / 1000.0))
    };
    lines.filter_map(read).collect()
});

/// Information content of an import in bits: 0 for what every program has, 10 for what is not in the table.
pub fn rarity(function: &[u8]) -> f32 {
    let end = function.iter().position(|byte| *byte == b'@').unwrap_or(function.len());
    COMMON.get(&function[..end]).map_or(10.0, |share| -share.clamp(0.001, 1.0).log2())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_have_their_capability() {
        assert_eq!(capability(b"ptrace"), Some(index("trace")));
        assert_eq!(capability(b"__libc_fork"), Some(index("fork")));
        assert_eq!(capability(b"truncate64@@GLIBC_2.1"), Some(index("files")));
        assert_eq!(capability(b"a_function_of_its_own"), None);
        assert_eq!(
            OWNER.len(),
            CAPABILITIES.iter().map(|c| c.functions.len()).sum::<usize>(),
            "a function stands twice"
        );
    }

    #[test]
    fn what_nobody_imports_is_rare() {
        assert_eq!(rarity(b"a_function_of_its_own"), 10.0);
        assert!(rarity(b"__libc_start_main") < 3.0);
    }
}
