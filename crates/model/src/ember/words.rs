//! Names of EMBER's dimensions, and what an analyst would say of each: features that mean one thing share a key, and so become one reason.

use super::things::THINGS;
use crate::Words;
use std::borrow::Cow;

/// Unique, without the characters that LightGBM refuses in names.
pub(super) fn name(index: usize) -> Cow<'static, str> {
    match index {
        0 => "general.size".into(),
        1 => "general.entropy".into(),
        2 => "general.is-pe".into(),
        3..=6 => format!("general.start-{}", index - 3).into(),
        7..=262 => format!("bytes.{:02x}", index - 7).into(),
        263..=518 => format!("byte-entropy.{}-{:x}", (index - 263) / 16, (index - 263) % 16).into(),
        519 => "strings.count".into(),
        520 => "strings.mean-length".into(),
        521 => "strings.printable".into(),
        522..=617 => format!("strings.char-{:02x}", index - 522 + 0x20).into(),
        618 => "strings.entropy".into(),
        619..=695 => format!("strings.{}", THINGS[index - 619].0).into(),
        _ => super::pe_name(index),
    }
}

const fn say(key: &'static str, en: &'static str, ja: &'static str) -> Words {
    Words { key, en, ja }
}

pub(super) fn words(index: usize, value: f32) -> Words {
    match index {
        0 if value < 16_384.0 => say("general.size", "a very small file", "非常に小さいファイル"),
        0 if value > 4_194_304.0 => say("general.size", "a large file", "大きなファイル"),
        0 => say("general.size", "the size of the file", "ファイルの大きさ"),
        1 if value > 7.2 => say(
            "general.entropy",
            "high entropy: compressed or encrypted content",
            "エントロピーが高い（圧縮または暗号化された内容）",
        ),
        1 if value < 4.0 => say("general.entropy", "low entropy of the file", "ファイルのエントロピーが低い"),
        1 => say("general.entropy", "the entropy of the file", "ファイルのエントロピー"),
        2 if value > 0.0 => say("general.type", "a Windows program", "Windows のプログラム"),
        2 => say("general.type", "not a Windows program", "Windows のプログラムではない"),
        3..=6 => say("general.start", "how the file begins", "ファイルの先頭のバイト"),
        7..=262 => say("bytes", "an unusual mix of byte values", "バイト値の分布が特徴的"),
        263..=518 if (index - 263) / 16 >= 14 => {
            say("byte-entropy.high", "stretches of packed or encrypted data", "圧縮または暗号化されたデータの領域")
        }
        263..=518 if (index - 263) / 16 <= 3 => {
            say("byte-entropy.low", "stretches of padding or plain data", "埋め草や単調なデータの領域")
        }
        263..=518 => say("byte-entropy.middle", "how code and data alternate", "コードとデータの並び方"),
        519 if value < 20.0 => say("strings.amount", "hardly any readable strings", "読める文字列がほとんどない"),
        519..=521 => {
            say("strings.amount", "how many readable strings there are and how long", "読める文字列の数と長さ")
        }
        522..=618 => say("strings.characters", "the mix of characters in strings", "文字列に使われる文字の分布"),
        619..=695 => thing(index, value),
        _ => super::pe_words(index, value),
    }
}

/// Strings of a kind: there or not there.
fn thing(index: usize, value: f32) -> Words {
    let there = value > 0.0;
    macro_rules! either {
        ($key:literal, $en:literal, $ja:literal) => {
            if there {
                say(concat!("strings.", $key), concat!("strings with ", $en), concat!($ja, "を含む文字列"))
            } else {
                say(concat!("strings.", $key), concat!("no strings with ", $en), concat!($ja, "を含む文字列がない"))
            }
        };
    }
    match THINGS[index - 619].0 {
        "url" | "http-url" | "https-url" | "ftp" => either!("urls", "web addresses", "URL"),
        "ipv4" | "ipv6" => either!("ip", "IP addresses", "IP アドレス"),
        "mac" | "mac-2" => either!("mac", "hardware addresses", "MAC アドレス"),
        "bitcoin" | "wallet" => either!("wallet", "cryptocurrency wallets", "暗号資産ウォレット"),
        "http" | "http-get" | "http-post" | "user-agent" | "cookie" => {
            either!("http", "HTTP requests", "HTTP リクエスト")
        }
        "internet" | "download" | "connect" | "remote" | "hostname" => {
            either!("network", "network words (download, connect, remote)", "通信に関する語")
        }
        "base64" | "base64-alphabet" | "encode" | "decode" => {
            either!("encoding", "encoding and decoding", "エンコード・デコード")
        }
        "crypt" | "certificate" => either!("crypto", "cryptography", "暗号に関する語"),
        "powershell" | "invoke-command" | "invoke-expression" | "start-process" => {
            either!("powershell", "PowerShell commands", "PowerShell のコマンド")
        }
        "shell" | "command" | "exit" => either!("shell", "shells and commands", "シェルやコマンド"),
        "path-bin" | "path-dev" | "path-proc" | "path-tmp" | "path-usr" => {
            either!("unix-paths", "Unix paths", "Unix のパス")
        }
        "drive-path" | "registry" | "desktop" => {
            either!("windows-paths", "Windows paths or registry keys", "Windows のパスやレジストリ")
        }
        "pdf-embedded-file" | "pdf-flate" | "pdf-uri" => either!("pdf", "parts of PDF", "PDF の要素"),
        "html" | "javascript" | "script-tag" | "click" | "onclick" => {
            either!("html", "HTML or JavaScript", "HTML や JavaScript")
        }
        "password" | "token" | "privilege" | "security" => {
            either!("credentials", "passwords, tokens or privileges", "パスワード・トークン・権限に関する語")
        }
        "keyboard" | "clipboard" | "snapshot" | "window" => {
            either!("spying", "keyboard, clipboard or windows", "キーボード・クリップボード・ウィンドウに関する語")
        }
        "hidden" | "delete" | "install" | "disk" => {
            either!("changes", "installing, hiding or deleting", "導入・隠蔽・削除に関する語")
        }
        "process" | "thread" | "mutex" | "memory" | "module" | "service" | "system" => {
            either!("processes", "processes, memory or services", "プロセス・メモリ・サービスに関する語")
        }
        "dos-message" => either!("dos", "the DOS message of Windows programs", "DOS メッセージ"),
        _ => either!("program-words", "usual words of programs", "プログラムによくある語"),
    }
}
