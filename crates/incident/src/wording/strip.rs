//! The title and the strip above an incident: who, what, when, where.

use super::Words;

pub(super) const STRIP: Words = &[
    (
        "title.server",
        "{server|server} {name} {acts|acts}, on {host}",
        "{host}：{server|server} {name} による{acts|acts}",
    ),
    ("title.job", "Scheduled job {name} {acts|acts}, on {host}", "{host}：定期実行ジョブ {name} による{acts|acts}"),
    ("title.person", "{user} at a shell {acts|acts}, on {host}", "{host}：シェルを操作する {user} による{acts|acts}"),
    ("title.remote", "{user} over the network {acts|acts}, on {host}", "{host}：リモートの {user} による{acts|acts}"),
    ("title.program", "{name} {acts|acts}, on {host}", "{host}：{name} による{acts|acts}"),
    (
        "title.unknown",
        "Somebody {acts|acts}, on {host}: no process is known",
        "{host}：何者かによる{acts|acts}（プロセス不明）",
    ),
    ("title.source", "Address {source} {acts|acts}, on {host}", "{host}：接続元 {source} による{acts|acts}"),
    ("title.host", "Host {host} {acts|acts}", "ホスト {host} の{acts|acts}"),
    (
        "who.login",
        "{user}, who logged in as {login} (session {session})",
        "{user}（{login} としてログイン、セッション {session}）",
    ),
    (
        "who.login_from",
        "{user}, who logged in as {login} from {source} (session {session})",
        "{user}（{source} から {login} としてログイン、セッション {session}）",
    ),
    ("who.user", "Account {user}, without a login of a person", "アカウント {user}（人のログインを伴わない）"),
    ("who.source", "Account {user}, from address {source}", "アカウント {user}（接続元 {source}）"),
    (
        "who.address",
        "Somebody at {source}; no account of this host is known to be theirs",
        "接続元 {source} の何者か（このホストのアカウントとの対応は不明）",
    ),
    ("who.unknown", "Not known: no process was seen", "不明：プロセスが観測されていません"),
    (
        "what.open",
        "{alerts|alerts}, the gravest {severity|severity}. Nothing was stopped.",
        "{alerts|alerts}、最高の深刻度は「{severity|severity}」。停止された動作はありません。",
    ),
    (
        "what.stopped",
        "{alerts|alerts}, the gravest {severity|severity}. Tamon {stopped|stopped}.",
        "{alerts|alerts}、最高の深刻度は「{severity|severity}」。Tamon の対処：{stopped|stopped}。",
    ),
    ("when.once", "At {first} UTC, once", "{first} UTC に一度"),
    (
        "when.span",
        "From {first} to {last} UTC: {duration|duration}",
        "{first} から {last} UTC まで（{duration|duration}）",
    ),
    ("where.host", "On {hosts}", "{hosts} 上"),
    ("where.unit", "On {hosts}, in {units}", "{hosts} 上の {units}"),
    ("where.container", "On {hosts}, in container {containers}", "{hosts} 上のコンテナ {containers}"),
];
