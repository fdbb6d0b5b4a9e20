//! Names of EMBER's dimensions, and what an analyst would say of each: features that mean one thing share a key, and so become one reason.

use super::structure::names::{CHARACTERISTICS, DIRECTORY_NAMES, DLL_CHARACTERISTICS, DOS};
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
        _ => structure_name(index).into(),
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
        _ => structure_words(index, value),
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

// Where the groups of PE begin.
const HEADER: usize = 696;
const SECTIONS: usize = 770;
const IMPORTS: usize = 994;
const EXPORTS: usize = 2276;
const DIRECTORIES: usize = 2405;
const RICH: usize = 2439;
const SIGNATURE: usize = 2472;
const COMPLAINTS: usize = 2480;

const HEADER_FIELDS: [&str; 30] = [
    "timestamp",
    "sections",
    "symbols",
    "optional-size",
    "symbol-table",
    "machine",
    "subsystem",
    "image-version-major",
    "image-version-minor",
    "linker-version-major",
    "linker-version-minor",
    "system-version-major",
    "system-version-minor",
    "subsystem-version-major",
    "subsystem-version-minor",
    "code-size",
    "headers-size",
    "image-size",
    "initialized-size",
    "uninitialized-size",
    "stack-reserve",
    "stack-commit",
    "heap-reserve",
    "heap-commit",
    "entry",
    "code-base",
    "image-base",
    "section-alignment",
    "checksum",
    "directories",
];
const SECTION_FIELDS: [&str; 11] = [
    "count",
    "empty",
    "nameless",
    "executable",
    "writable",
    "entropy-max",
    "entropy-min",
    "share-max",
    "share-min",
    "raw-to-memory-max",
    "raw-to-memory-min",
];
const SIGNATURE_FIELDS: [&str; 8] =
    ["count", "self-signed", "nameless", "not-countersigned", "unreadable", "chain", "signed", "signed-after-build"];

fn structure_name(index: usize) -> String {
    match index {
        HEADER..SECTIONS => match index - HEADER {
            i @ 0..30 => format!("header.{}", HEADER_FIELDS[i]),
            i @ 30..46 => format!("header.is-{}", CHARACTERISTICS[i - 30].to_lowercase().replace('_', "-")),
            i @ 46..57 => format!("header.dll-{}", DLL_CHARACTERISTICS[i - 46].to_lowercase().replace('_', "-")),
            i => format!("header.dos-{}", DOS[i - 57].0),
        },
        SECTIONS..IMPORTS => match index - SECTIONS {
            i @ 0..11 => format!("section.{}", SECTION_FIELDS[i]),
            i @ 11..61 => format!("section.size-{}", i - 11),
            i @ 61..111 => format!("section.memory-{}", i - 61),
            i @ 111..161 => format!("section.entropy-{}", i - 111),
            i @ 161..211 => format!("section.flag-{}", i - 161),
            i @ 211..221 => format!("section.entry-{}", i - 211),
            i => format!("overlay.{}", ["size", "share", "entropy"][i - 221]),
        },
        IMPORTS..EXPORTS => match index - IMPORTS {
            0 => "import.functions".into(),
            1 => "import.libraries".into(),
            i @ 2..258 => format!("import.library-{}", i - 2),
            i => format!("import.function-{}", i - 258),
        },
        EXPORTS => "export.any".into(),
        2277..DIRECTORIES => format!("export.name-{}", index - EXPORTS - 1),
        DIRECTORIES..RICH => match index - DIRECTORIES {
            32 => "directory.relocations".into(),
            33 => "directory.dynamic-relocations".into(),
            i => {
                let name = DIRECTORY_NAMES[i / 2].to_lowercase().replace('_', "-");
                format!("directory.{name}-{}", if i % 2 == 0 { "size" } else { "address" })
            }
        },
        RICH => "rich.pairs".into(),
        2440..SIGNATURE => format!("rich.tool-{}", index - RICH - 1),
        SIGNATURE..COMPLAINTS => format!("signature.{}", SIGNATURE_FIELDS[(index - SIGNATURE).min(7)]),
        _ if index == COMPLAINTS + 87 => "complaint.count".into(),
        _ => format!("complaint.{}", index - COMPLAINTS),
    }
}

fn structure_words(index: usize, value: f32) -> Words {
    let some = value > 0.0;
    match index {
        HEADER..SECTIONS => header_words(index - HEADER, value),
        SECTIONS..IMPORTS => section_words(index - SECTIONS, value),
        IMPORTS if value < 10.0 => say(
            "import.amount",
            "imports few functions: looks them up at run time",
            "インポートする関数が少ない（実行時に解決）",
        ),
        IMPORTS | 995 => {
            say("import.amount", "how many functions and libraries it imports", "インポートする関数とライブラリの数")
        }
        996..1252 => say("import.library", "which libraries it imports", "インポートするライブラリの組み合わせ"),
        1252..EXPORTS => say("import.function", "which functions it imports", "インポートする関数の組み合わせ"),
        EXPORTS..DIRECTORIES => say("export", "what it exports", "エクスポートする関数"),
        2437 | 2438 if some => say("directory.relocations", "has relocations", "再配置情報がある"),
        2437 | 2438 => say("directory.relocations", "has no relocations", "再配置情報がない"),
        2413 | 2414 if some => say("signature", "carries a signature", "署名がある"),
        2413 | 2414 => say("signature", "carries no signature", "署名がない"),
        DIRECTORIES..RICH => {
            say("directory", "which tables the program has, and how large", "プログラムが持つ表の種類と大きさ")
        }
        RICH if !some => say("rich", "no trace of Microsoft's build tools", "Microsoft のビルドツールの痕跡がない"),
        RICH..SIGNATURE => say("rich", "with which tools it was built", "ビルドに使われたツール"),
        SIGNATURE if !some => say("signature", "not signed", "署名されていない"),
        2473 if some => {
            say("signature", "signed with a certificate that signed itself", "自己署名の証明書で署名されている")
        }
        2475 if some => say("signature", "signature without a trusted time", "署名に信頼できる時刻がない"),
        2476 if some => say("signature", "a signature that cannot be read", "署名が読み取れない"),
        SIGNATURE..COMPLAINTS => say("signature", "how it is signed", "署名の形"),
        _ if some => say("complaint", "malformed structures that confuse tools", "解析を妨げる不正な構造"),
        _ => say("complaint", "no malformed structures", "不正な構造がない"),
    }
}

fn header_words(index: usize, value: f32) -> Words {
    match index {
        0 if value == 0.0 => say("header.time", "no time of build", "ビルド時刻がない"),
        0 => say("header.time", "the time of build that it claims", "申告されたビルド時刻"),
        1 | 24 | 25 => {
            say("header.layout", "where the program begins and how it is divided", "プログラムの開始位置と区分")
        }
        2 | 4 => say("header.symbols", "its table of symbols", "シンボルテーブル"),
        5 => say("header.machine", "the kind of processor it is for", "対象のプロセッサ"),
        6 => say("header.subsystem", "window, console or driver", "ウィンドウ・コンソール・ドライバの別"),
        7..=14 => say(
            "header.versions",
            "versions in its header, which tell the tools",
            "ヘッダのバージョン情報（ツールを示す）",
        ),
        15..=19 => say("header.sizes", "sizes of code and data in the header", "ヘッダにあるコードとデータの大きさ"),
        20..=23 => say("header.memory", "how much stack and heap it asks for", "要求するスタックとヒープの大きさ"),
        26 => say("header.base", "the address it wants to be loaded at", "読み込み先アドレス"),
        28 if value == 0.0 => say("header.checksum", "no checksum", "チェックサムがない"),
        28 => say("header.checksum", "its checksum", "チェックサム"),
        30..=45 => say("header.flags", "flags of the file's header", "ファイルヘッダのフラグ"),
        46 | 47 | 49 | 55 if value == 0.0 => {
            say("header.protections", "built without usual protections", "一般的な保護機能なしでビルドされている")
        }
        46..=56 => say("header.protections", "which protections it was built with", "ビルド時の保護機能"),
        57..=73 => say("header.dos", "an unusual DOS header", "DOS ヘッダの形"),
        _ => say("header.other", "other fields of the header", "ヘッダのその他の項目"),
    }
}

fn section_words(index: usize, value: f32) -> Words {
    match index {
        5 | 111..=160 if index == 5 && value > 7.0 => say(
            "section.entropy",
            "high entropy in a section: packed or encrypted",
            "セクションのエントロピーが高い（圧縮または暗号化）",
        ),
        5 | 6 | 111..=160 => say("section.entropy", "entropy of the sections", "セクションのエントロピー"),
        3 | 4 => {
            say("section.rights", "sections that are executable or writable", "実行可能または書き込み可能なセクション")
        }
        161..=210 => say("section.flags", "names and rights of the sections", "セクションの名前と権限"),
        0 | 1 => say("section.count", "how many sections there are", "セクションの数"),
        2 if value > 0.0 => say("section.name", "sections without a name", "名前のないセクション"),
        2 => say("section.name", "sections have names", "セクションに名前がある"),
        9 | 10 | 61..=110 => say("section.memory", "sections that grow in memory", "メモリ上で大きくなるセクション"),
        7 | 8 | 11..=60 => say("section.sizes", "sizes of the sections", "セクションの大きさ"),
        211..=220 => say("section.entry", "the section where the program begins", "プログラムが始まるセクション"),
        _ if value > 0.0 => say("overlay", "data appended behind the program", "プログラムの後ろに付加されたデータ"),
        _ => say("overlay", "nothing appended behind the program", "付加データがない"),
    }
}
