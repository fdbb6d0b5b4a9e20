//! Every sentence of an incident in English and Japanese, whole: nothing is glued from parts that another language would
//! order otherwise. `{name}` is an argument; `{name|filter}` is one that is itself a word of ours.

use crate::act::Act;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    English,
    Japanese,
}

impl crate::model::Text {
    pub fn of(&self, language: Language) -> &str {
        match language {
            Language::English => &self.en,
            Language::Japanese => &self.ja,
        }
    }
}

pub fn template(key: &str, language: Language) -> Option<&'static str> {
    let (_, en, ja) = TEMPLATES.iter().find(|(name, _, _)| *name == key)?;
    Some(match language {
        Language::English => en,
        Language::Japanese => ja,
    })
}

/// A word of ours in the language; a filter that is not known leaves the value as it is.
pub fn filtered(value: &str, filter: &str, language: Language) -> String {
    match filter {
        "acts" => acts(value, language),
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

type Words = &'static [(&'static str, &'static str, &'static str)];

fn word(words: Words, value: &str, language: Language) -> String {
    let found = words.iter().find(|(name, _, _)| *name == value);
    found.map_or(value, |(_, en, ja)| if language == Language::English { en } else { ja }).to_owned()
}

/// `a,b+3`: names of acts in order, and how many more there are.
fn acts(value: &str, language: Language) -> String {
    let (names, more) = value.split_once('+').unwrap_or((value, "0"));
    let phrases: Vec<&str> = names.split(',').filter_map(Act::from_name).map(|act| phrase(act, language)).collect();
    match (language, more) {
        (Language::English, "0") => phrases.join(", then "),
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
    said.join(if language == Language::English { ", " } else { "、" })
}

fn counted(n: &str, verb: &str, one: &str, many: &str) -> String {
    format!("{verb} {n} {}", if n == "1" { one } else { many })
}

/// Milliseconds as the largest two fitting units.
fn duration(value: &str, language: Language) -> String {
    let ms: i64 = value.parse().unwrap_or(0);
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

fn phrase(act: Act, language: Language) -> &'static str {
    let (en, ja) = match act {
        Act::Other => ("did something unusual", "通常でない動作"),
        Act::Policy => ("broke a policy", "ポリシー違反"),
        Act::Sensor => ("outran the sensor", "センサーの取りこぼし"),
        Act::Discovery => ("looked around", "環境の探索"),
        Act::Change => ("changed watched files", "監視対象ファイルの変更"),
        Act::Script => ("ran a suspicious command", "不審なコマンドの実行"),
        Act::Permissions => ("changed permissions", "権限ビットの変更"),
        Act::Hide => ("hid something", "隠蔽"),
        Act::Masquerade => ("took another program's name", "別プログラムへの偽装"),
        Act::Channel => ("opened a command channel", "外部との指令通信"),
        Act::Download => ("fetched a program", "プログラムのダウンロード"),
        Act::Account => ("changed an account", "アカウントの変更"),
        Act::Persist => ("made itself start again", "自動起動の仕込み"),
        Act::Schedule => ("scheduled a job", "定期実行の仕込み"),
        Act::Service => ("set up a service", "サービスの仕込み"),
        Act::Erase => ("erased traces", "痕跡の消去"),
        Act::Disable => ("switched a protection off", "防御機能の無効化"),
        Act::Fileless => ("ran a program without a file", "ファイルのないプログラムの実行"),
        Act::Privilege => ("gained privileges", "権限の昇格"),
        Act::Inject => ("reached into another process", "他プロセスへの侵入"),
        Act::Lateral => ("moved to another host", "他ホストへの移動"),
        Act::Escape => ("broke out of its container", "コンテナからの脱出"),
        Act::Kernel => ("loaded code into the kernel", "カーネルへのコード読み込み"),
        Act::ServerShell => ("started a shell from a server", "サーバーからのシェル起動"),
        Act::ReverseShell => ("opened a reverse shell", "リバースシェルの接続"),
        Act::Credentials => ("read credentials", "認証情報の読み取り"),
        Act::Exfiltrate => ("sent data out", "データの持ち出し"),
        Act::Malware => ("handled known malware", "既知マルウェアの検出"),
        Act::Miner => ("mined coins", "コインの採掘"),
        Act::Destroy => ("destroyed data", "データの破壊"),
        Act::Encrypt => ("encrypted files", "ファイルの暗号化"),
    };
    if language == Language::English { en } else { ja }
}

pub const TEMPLATES: Words = &[
    (
        "title.server",
        "{server|server} {name} {acts|acts}, on {host}",
        "{host}：{server|server} {name} による{acts|acts}",
    ),
    ("title.job", "Scheduled job {name} {acts|acts}, on {host}", "{host}：定期実行ジョブ {name} による{acts|acts}"),
    ("title.person", "{user} at a shell {acts|acts}, on {host}", "{host}：シェルを操作する {user} による{acts|acts}"),
    ("title.remote", "{user} over the network {acts|acts}, on {host}", "{host}：リモートの {user} による{acts|acts}"),
    ("title.program", "{name} {acts|acts}, on {host}", "{host}：{name} による{acts|acts}"),
    ("title.host", "Host {host} {acts|acts}", "ホスト {host} の{acts|acts}"),
    // who
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
    ("who.unknown", "Not known: no process was seen", "不明：プロセスが観測されていません"),
    // what
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
    // when
    ("when.once", "At {first} UTC, once", "{first} UTC に一度"),
    (
        "when.span",
        "From {first} to {last} UTC: {duration|duration}",
        "{first} から {last} UTC まで（{duration|duration}）",
    ),
    // where
    ("where.host", "On {hosts}", "{hosts} 上"),
    ("where.unit", "On {hosts}, in {units}", "{hosts} 上の {units}"),
    ("where.container", "On {hosts}, in container {containers}", "{hosts} 上のコンテナ {containers}"),
    // how: why the entry is out of the ordinary
    ("how.none", "No process is known that began it", "起点となったプロセスは分かっていません"),
    (
        "odd.descends",
        "{name} was started by something already out of the ordinary ({parent})",
        "{name} は、すでに通常から外れた {parent} によって起動されました",
    ),
    (
        "odd.fileless",
        "{name} runs from memory or from a deleted file: no installed program does",
        "{name} はメモリ上または削除済みのファイルから動いています。インストールされたプログラムではあり得ません",
    ),
    (
        "odd.temporary_place",
        "{name} runs from {executable}: programs are not installed in temporary or hidden folders",
        "{name} は {executable} から動いています。一時フォルダーや隠しフォルダーにプログラムはインストールされません",
    ),
    (
        "odd.oldest_known",
        "{name} is the oldest ancestor that is known; what started it was not seen",
        "{name} は分かっている最も古い祖先です。何がそれを起動したかは観測されていません",
    ),
    (
        "odd.orphan_shell",
        "{name} hangs directly under the first process without a service or login: whatever started it is gone",
        "{name} はサービスでもログインでもないのに最初のプロセスの直下にあります。起動元はすでに消えています",
    ),
    (
        "odd.scheduled_job",
        "{name} was started by the scheduler {parent}: the job is the first step that is not the scheduler's own",
        "{name} はスケジューラー {parent} によって起動されました。スケジューラー自身のものでない最初の一歩がこのジョブです",
    ),
    (
        "odd.remote_command",
        "{name} was started through {parent} as a remote command, without a shell at which a person sits",
        "{name} は {parent} 経由のリモートコマンドとして起動されました。人が操作するシェルはありません",
    ),
    (
        "odd.typed",
        "{name} was started by {user} at the shell {parent}: up to the shell all is usual",
        "{name} はシェル {parent} から {user} によって起動されました。シェルまではすべて通常です",
    ),
    (
        "odd.service_shell",
        "{parent} started the shell {name}: a service does not start shells in its usual role",
        "{parent} がシェル {name} を起動しました。サービスは通常シェルを起動しません",
    ),
    (
        "odd.service_tool",
        "{parent} started {name}, which is no part of that service",
        "{parent} がそのサービスの一部ではない {name} を起動しました",
    ),
    (
        "odd.told",
        "{name} is a usual program in its usual place; only what it did is out of the ordinary",
        "{name} は通常の場所にある通常のプログラムです。その動作だけが通常から外れています",
    ),
    (
        "usual.first_process",
        "{name} is the host's or container's first process",
        "{name} はホストまたはコンテナの最初のプロセスです",
    ),
    ("usual.kernel", "{name} is part of the kernel", "{name} はカーネルの一部です"),
    ("usual.service_manager", "{name} starts services: that is its role", "{name} はサービスの起動を役割とします"),
    (
        "usual.session_daemon",
        "{name} lets people log in: that is its role",
        "{name} はログインの受け付けを役割とします",
    ),
    (
        "usual.account_tool",
        "{name} lets a person act under another account",
        "{name} は別アカウントでの操作に使われます",
    ),
    ("usual.terminal", "{name} is a terminal of a person", "{name} は人が使う端末です"),
    ("usual.scheduler", "{name} starts scheduled jobs: that is its role", "{name} は定期ジョブの起動を役割とします"),
    ("usual.container_runtime", "{name} runs containers: that is its role", "{name} はコンテナの実行を役割とします"),
    (
        "usual.settled_fileless",
        "{name} runs from memory, but has run since long before and nothing was told of it",
        "{name} はメモリー上で動作していますが、以前から稼働しており、検知もありません",
    ),
    ("usual.container_main", "{name} is what its container was made to run", "{name} はコンテナ本来のプログラムです"),
    ("usual.service", "{name} is a service, started as services are", "{name} は通常どおり起動されたサービスです"),
    ("usual.worker", "{name} is a worker of the same service", "{name} は同じサービスのワーカーです"),
    ("usual.service_part", "{name} is part of the service that started it", "{name} は起動元サービスの一部です"),
    ("usual.person_shell", "{name} is a shell at which a person sits", "{name} は人が操作しているシェルです"),
    // the story
    (
        "story.began",
        "It began at {time} UTC with {name} (pid {pid}, account {user}): {command}",
        "始まりは {time} UTC、{name}（pid {pid}、アカウント {user}）：{command}",
    ),
    (
        "story.other",
        "{name} (pid {pid}) did something out of the ordinary: {object}.",
        "{name}（pid {pid}）が通常でない動作をしました：{object}。",
    ),
    (
        "story.policy",
        "{name} (pid {pid}) did what a policy forbids: {object}.",
        "{name}（pid {pid}）がポリシーで禁じられた動作をしました：{object}。",
    ),
    (
        "story.sensor",
        "The sensor could not record everything: {object}.",
        "センサーが記録しきれなかった動作があります：{object}。",
    ),
    (
        "story.discovery",
        "{name} (pid {pid}) looked around on the host: {object}.",
        "{name}（pid {pid}）がホストを探索しました：{object}。",
    ),
    (
        "story.change",
        "{name} (pid {pid}) changed watched files: {object}.",
        "{name}（pid {pid}）が監視対象のファイルを変更しました：{object}。",
    ),
    (
        "story.script",
        "{name} (pid {pid}) ran a suspicious command: {object}.",
        "{name}（pid {pid}）が不審なコマンドを実行しました：{object}。",
    ),
    (
        "story.permissions",
        "{name} (pid {pid}) changed permissions: {object}.",
        "{name}（pid {pid}）が権限ビットを変更しました：{object}。",
    ),
    (
        "story.hide",
        "{name} (pid {pid}) hid what it did: {object}.",
        "{name}（pid {pid}）が動作を隠しました：{object}。",
    ),
    (
        "story.masquerade",
        "{name} (pid {pid}) passed for another program: {object}.",
        "{name}（pid {pid}）が別のプログラムになりすましました：{object}。",
    ),
    (
        "story.channel",
        "{name} (pid {pid}) opened a channel for commands: {object}.",
        "{name}（pid {pid}）が指令用の通信路を開きました：{object}。",
    ),
    (
        "story.download",
        "{name} (pid {pid}) fetched a program: {object}.",
        "{name}（pid {pid}）がプログラムを取得しました：{object}。",
    ),
    (
        "story.account",
        "{name} (pid {pid}) changed an account: {object}.",
        "{name}（pid {pid}）がアカウントを変更しました：{object}。",
    ),
    (
        "story.persist",
        "{name} (pid {pid}) arranged to be started again: {object}.",
        "{name}（pid {pid}）が自動起動を仕込みました：{object}。",
    ),
    (
        "story.schedule",
        "{name} (pid {pid}) planted a scheduled job: {object}.",
        "{name}（pid {pid}）が定期実行ジョブを仕込みました：{object}。",
    ),
    (
        "story.service",
        "{name} (pid {pid}) planted a service: {object}.",
        "{name}（pid {pid}）がサービスを仕込みました：{object}。",
    ),
    ("story.erase", "{name} (pid {pid}) erased traces: {object}.", "{name}（pid {pid}）が痕跡を消しました：{object}。"),
    (
        "story.disable",
        "{name} (pid {pid}) switched a protection off: {object}.",
        "{name}（pid {pid}）が防御機能を止めました：{object}。",
    ),
    (
        "story.fileless",
        "{name} (pid {pid}) ran from memory or from a deleted file: {object}.",
        "{name}（pid {pid}）がメモリ上または削除済みのファイルから動きました：{object}。",
    ),
    (
        "story.privilege",
        "{name} (pid {pid}) reached for higher privileges: {object}.",
        "{name}（pid {pid}）がより高い権限を得ようとしました：{object}。",
    ),
    (
        "story.inject",
        "{name} (pid {pid}) reached into another process: {object}.",
        "{name}（pid {pid}）が他のプロセスに手を伸ばしました：{object}。",
    ),
    (
        "story.lateral",
        "{name} (pid {pid}) moved towards another host: {object}.",
        "{name}（pid {pid}）が他のホストへ移動しようとしました：{object}。",
    ),
    (
        "story.escape",
        "{name} (pid {pid}) tried to leave its container: {object}.",
        "{name}（pid {pid}）がコンテナの外へ出ようとしました：{object}。",
    ),
    (
        "story.kernel",
        "{name} (pid {pid}) brought code into the kernel: {object}.",
        "{name}（pid {pid}）がカーネルにコードを持ち込みました：{object}。",
    ),
    (
        "story.server_shell",
        "{parent} started the shell {name} (pid {pid}), as a broken-into server does: {object}.",
        "{parent} がシェル {name}（pid {pid}）を起動しました。侵入されたサーバーに見られる動作です：{object}。",
    ),
    (
        "story.reverse_shell",
        "{name} (pid {pid}) tied a shell to a remote address: {object}.",
        "{name}（pid {pid}）がシェルを外部のアドレスにつなぎました：{object}。",
    ),
    (
        "story.credentials",
        "{name} (pid {pid}) read credentials: {object}.",
        "{name}（pid {pid}）が認証情報を読みました：{object}。",
    ),
    (
        "story.exfiltrate",
        "{name} (pid {pid}) sent data out: {object}.",
        "{name}（pid {pid}）がデータを外へ送りました：{object}。",
    ),
    (
        "story.malware",
        "{name} (pid {pid}) wrote or ran known malware: {object}.",
        "{name}（pid {pid}）が既知のマルウェアを書き込みまたは実行しました：{object}。",
    ),
    (
        "story.miner",
        "{name} (pid {pid}) behaved as a coin miner: {object}.",
        "{name}（pid {pid}）がコイン採掘プログラムとして動きました：{object}。",
    ),
    (
        "story.destroy",
        "{name} (pid {pid}) destroyed data: {object}.",
        "{name}（pid {pid}）がデータを破壊しました：{object}。",
    ),
    (
        "story.encrypt",
        "{name} (pid {pid}) rewrote files the way ransomware does: {object}.",
        "{name}（pid {pid}）がランサムウェアのようにファイルを書き換えました：{object}。",
    ),
    ("story.more", "That was seen {count} times in all.", "合計 {count} 回観測されました。"),
    ("story.stopped", "Tamon acted: it {stopped|stopped}.", "Tamon が対処しました：{stopped|stopped}。"),
    (
        "story.not_stopped",
        "Tamon stopped nothing of it: the policy only observes, or this host's tier cannot.",
        "Tamon は何も止めていません。ポリシーが観測のみか、このホストの保護段階では止められません。",
    ),
    (
        "story.failed",
        "{alerts|alerts} called for an action that failed: see the evidence.",
        "{alerts|alerts}で対処に失敗しました。証拠を確認してください。",
    ),
    // so what
    (
        "impact.encrypt",
        "Files of {host} were rewritten the way ransomware does: {things}",
        "{host} のファイルがランサムウェアのように書き換えられました：{things}",
    ),
    ("impact.destroy", "Data of {host} was destroyed: {things}", "{host} のデータが破壊されました：{things}"),
    ("impact.exfiltrate", "Data left {host}: {things}", "{host} からデータが持ち出されました：{things}"),
    (
        "impact.credentials",
        "Credentials of {host} were read and must be thought stolen: {things}",
        "{host} の認証情報が読み取られました。盗まれたとみなす必要があります：{things}",
    ),
    (
        "impact.kernel",
        "Code was brought into the kernel of {host}, which can no longer be trusted: {things}",
        "{host} のカーネルにコードが持ち込まれ、もはや信頼できません：{things}",
    ),
    (
        "impact.escape",
        "{host} itself was reached for from inside a container: {things}",
        "コンテナの中から {host} 本体に手が伸びました：{things}",
    ),
    (
        "impact.lateral",
        "Other hosts were reached for from {host}: {things}",
        "{host} から他のホストに手が伸びました：{things}",
    ),
    (
        "impact.miner",
        "{host} computed for somebody else: {things}",
        "{host} の計算能力が第三者のために使われました：{things}",
    ),
    (
        "impact.malware",
        "Known malware lay or ran on {host}: {things}",
        "{host} に既知のマルウェアが置かれ、または動きました：{things}",
    ),
    (
        "impact.reverse_shell",
        "Somebody outside could give commands on {host}: {things}",
        "外部の何者かが {host} で命令を実行できました：{things}",
    ),
    (
        "impact.server_shell",
        "Commands were run on {host} through a server: {things}",
        "サーバー経由で {host} 上の命令が実行されました：{things}",
    ),
    (
        "impact.privilege",
        "Higher rights were reached for on {host}: {things}",
        "{host} でより高い権限が狙われました：{things}",
    ),
    ("impact.account", "Accounts of {host} were changed: {things}", "{host} のアカウントが変更されました：{things}"),
    (
        "impact.disable",
        "A protection of {host} was switched off: {things}",
        "{host} の防御機能が止められました：{things}",
    ),
    (
        "impact.erase",
        "Traces on {host} were erased, so its own logs are not whole: {things}",
        "{host} の痕跡が消され、ホスト自身のログは完全ではありません：{things}",
    ),
    (
        "impact.planted",
        "It comes back by itself through what was planted on {host}: {things}",
        "{host} に仕込まれたものによって再び動き出します：{things}",
    ),
    ("impact.prevented", "Refused before it came to pass: {acts|acts}", "実現する前に拒否：{acts|acts}"),
    (
        "impact.none",
        "No alert speaks of harm, theft or anything planted",
        "被害・窃取・仕込みを示すアラートはありません",
    ),
    (
        "impact.running",
        "Not seen to end, so it may still run: {names}",
        "終了が確認されておらず、まだ動いている可能性があります：{names}",
    ),
    (
        "impact.over",
        "Every process of the attack that was seen has ended",
        "観測された攻撃のプロセスはすべて終了しています",
    ),
    // the timeline
    ("event.exec", "{parent} started {name}: {command}", "{parent} が {name} を起動：{command}"),
    ("event.file_read", "{name} read {file}", "{name} が {file} を読み取り"),
    ("event.file_write", "{name} wrote {file}", "{name} が {file} に書き込み"),
    ("event.file_remove", "{name} removed {file}", "{name} が {file} を削除"),
    ("event.file_change", "{name} changed {file}", "{name} が {file} を変更"),
    ("event.connect", "{name} connected to {remote}", "{name} が {remote} に接続"),
    ("event.serve", "{name} waited for or took connections", "{name} が接続を待ち受け、または受け付け"),
    ("event.dns", "{name} asked for a name", "{name} が名前を問い合わせ"),
    ("event.access", "{name} reached into process {target}", "{name} がプロセス {target} に手を伸ばした"),
    ("event.privilege", "{name} changed its privileges", "{name} が自身の権限を変更"),
    ("event.module", "{name} loaded a kernel module", "{name} がカーネルモジュールを読み込み"),
    (
        "event.memory",
        "{name} made memory executable or created a file in memory",
        "{name} がメモリを実行可能にした、またはメモリ上にファイルを作成",
    ),
    ("event.namespace", "{name} changed mounts or namespaces", "{name} がマウントまたは名前空間を変更"),
    ("event.kernel_log", "{name} cleared the kernel's log", "{name} がカーネルログを消去"),
    ("event.refused", "the kernel refused what {name} tried: {title}", "{name} の試みをカーネルが拒否：{title}"),
    ("event.bpf", "{name} loaded a BPF program", "{name} が BPF プログラムを読み込み"),
    ("event.io_uring", "{name} used io_uring", "{name} が io_uring を使用"),
    ("event.other", "{name} was told of: {title}", "{name} に関する通知：{title}"),
    // what a response would do
    (
        "consequence.kill",
        "On {host}, the process and everything it started would be ended; {count} of them are part of this incident",
        "{host} 上のこのプロセスとその子孫がすべて終了します。うち {count} 個がこのインシデントに含まれます",
    ),
    (
        "consequence.quarantine",
        "On {host}, {target} would be moved to the vault and the processes that run it ended; {count} are known",
        "{host} 上の {target} が保管庫に移され、それを実行しているプロセスが終了します（既知のもの {count} 個）",
    ),
    (
        "consequence.away",
        "{host} is not connected: the order waits for fifteen minutes and then expires",
        "{host} は接続されていません。命令は 15 分間待機し、その後失効します",
    ),
    (
        "consequence.no_undo",
        "Ending processes cannot be undone; what they had not saved is lost",
        "プロセスの終了は取り消せません。保存されていないデータは失われます",
    ),
    (
        "consequence.undo",
        "The file can be put back from the vault with owner, mode and times as they were",
        "ファイルは所有者・権限・時刻を含めて保管庫から元に戻せます",
    ),
    // next steps
    (
        "next.kill",
        "End {name} (pid {pid}) and everything it started, if it still runs",
        "{name}（pid {pid}）とその子孫がまだ動いていれば終了する",
    ),
    ("next.quarantine", "Put {file} into quarantine", "{file} を隔離する"),
    ("next.hunt_process", "See everything that {name} (pid {pid}) did", "{name}（pid {pid}）のすべての動作を見る"),
    ("next.hunt_address", "Find other hosts that talked to {remote}", "{remote} と通信した他のホストを探す"),
    ("next.hunt_digest", "Find the same program on other hosts", "同じプログラムを他のホストで探す"),
    ("next.credentials", "Change the passwords and keys that stand in {file}", "{file} にあるパスワードと鍵を変更する"),
    ("next.persistence", "Check and remove what was planted in {file}", "{file} に仕込まれたものを確認して取り除く"),
    (
        "next.login",
        "Ask {login} whether session {session} was theirs",
        "セッション {session} が本人のものか {login} に確認する",
    ),
    (
        "next.server",
        "Bring {name} up to date and read its access log around {time} UTC",
        "{name} を更新し、{time} UTC 前後のアクセスログを確認する",
    ),
    (
        "next.restore",
        "Restore the files from a backup once the program has been ended",
        "プログラムを終了させた後、バックアップからファイルを復元する",
    ),
    (
        "next.enforce",
        "Put this host's policy into enforce mode, so that the next such attack is stopped",
        "このホストのポリシーを強制モードにし、次の攻撃を止められるようにする",
    ),
];
