//! Words of ours inside sentences: acts, kinds of server, severities, counts, spans of time.

use super::{Language, Words, of_act};
use crate::act::Act;

/// A word of ours in the language; a filter that is not known leaves the value as it is.
pub fn filtered(value: &str, filter: &str, language: Language) -> String {
    match filter {
        "acts" => acts(value, language),
        "accounts" if value.is_empty() => {
            language.of("accounts that are not named", "名前の不明なアカウント").to_owned()
        }
        "accounts" => language.of(value.to_owned(), format!(" {value} ")),
        "server" => word(SERVERS, value, language),
        "severity" => word(SEVERITIES, value, language),
        "stopped" => stopped(value, language),
        "duration" => duration(value, language),
        "alerts" => match (language, value) {
            (Language::English, "1") => "1 alert".into(),
            (Language::English, n) => format!("{n} alerts"),
            (Language::Japanese, n) => format!("{n} 件のアラート"),
        },
        _ => value.to_owned(),
    }
}

fn word(words: Words, value: &str, language: Language) -> String {
    let found = words.iter().find(|(name, _, _)| *name == value);
    found.map_or(value, |(_, en, ja)| language.of(*en, *ja)).to_owned()
}

/// `a,b+3`: names of acts in order, and how many more there are.
fn acts(value: &str, language: Language) -> String {
    let (names, more) = value.split_once('+').unwrap_or((value, "0"));
    let words = names.split(',').filter_map(Act::from_name).filter_map(of_act);
    let phrases: Vec<&str> = words.map(|words| language.of(words.title.0, words.title.1)).collect();
    match (language, more) {
        (Language::English, "0") => phrases.join(", then "),
        (Language::English, "1") => format!("{} and did 1 more thing", phrases.join(", then ")),
        (Language::English, n) => format!("{} and did {n} more things", phrases.join(", then ")),
        (Language::Japanese, "0") => phrases.join("、"),
        (Language::Japanese, n) => format!("{}（ほか {n} 種）", phrases.join("、")),
    }
}

/// `kill=2,deny=1`.
fn stopped(value: &str, language: Language) -> String {
    let parts = value.split(',').filter_map(|part| part.split_once('='));
    let said: Vec<String> = parts
        .map(|(action, n)| match (language, action) {
            (Language::English, "kill") => counted(n, "ended", "process tree", "process trees"),
            (Language::English, "deny") => counted(n, "refused", "operation", "operations"),
            (Language::English, "quarantine") => counted(n, "put away", "file", "files"),
            (Language::English, other) => format!("{other}: {n}"),
            (Language::Japanese, "kill") => format!("プロセスの終了 {n} 回"),
            (Language::Japanese, "deny") => format!("操作の拒否 {n} 回"),
            (Language::Japanese, "quarantine") => format!("ファイルの隔離 {n} 件"),
            (Language::Japanese, other) => format!("{other}: {n}"),
        })
        .collect();
    said.join(language.of(", ", "、"))
}

fn counted(n: &str, verb: &str, one: &str, many: &str) -> String {
    format!("{verb} {n} {}", if n == "1" { one } else { many })
}

/// Milliseconds as the largest two fitting units.
fn duration(value: &str, language: Language) -> String {
    let Ok(ms) = value.parse::<i64>() else { return value.to_owned() };
    let seconds = ms / 1000;
    let units = match language {
        Language::English => [" d", " h", " min", " s", " ms"],
        Language::Japanese => [" 日", " 時間", " 分", " 秒", " ミリ秒"],
    };
    let pair = |a: i64, ua: &str, b: i64, ub: &str| if b > 0 { format!("{a}{ua} {b}{ub}") } else { format!("{a}{ua}") };
    match seconds {
        0 => format!("{ms}{}", units[4]),
        1..60 => format!("{seconds}{}", units[3]),
        60..3600 => pair(seconds / 60, units[2], seconds % 60, units[3]),
        3600..86_400 => pair(seconds / 3600, units[1], seconds / 60 % 60, units[2]),
        _ => pair(seconds / 86_400, units[0], seconds / 3600 % 24, units[1]),
    }
}

const SERVERS: Words = &[
    ("web_server", "Web server", "Web サーバー"),
    ("database", "Database", "データベース"),
    ("mail_server", "Mail server", "メールサーバー"),
    ("name_server", "Name server", "DNS サーバー"),
    ("file_server", "File server", "ファイルサーバー"),
    ("service", "Service", "サービス"),
];

const SEVERITIES: Words = &[
    ("info", "information", "情報"),
    ("low", "low", "低"),
    ("medium", "medium", "中"),
    ("high", "high", "高"),
    ("critical", "critical", "重大"),
];
