//! What each act is called in a title, in the story, and where it left harm. A sentence is whole in each language; an act that
//! does no harm by itself has none for it.

use crate::act::Act;

/// English, then Japanese.
type Pair = (&'static str, &'static str);

pub(super) struct ActWords {
    pub act: Act,
    pub title: Pair,
    pub story: Pair,
    pub harm: Option<Pair>,
}

const fn act(act: Act, title: Pair, story: Pair) -> ActWords {
    ActWords { act, title, story, harm: None }
}

const fn harm(act: Act, title: Pair, story: Pair, harm: Pair) -> ActWords {
    ActWords { act, title, story, harm: Some(harm) }
}

pub(super) const ACTS: &[ActWords] = &[
    act(
        Act::Other,
        ("did something unusual", "通常でない動作"),
        (
            "{name} (pid {pid}) did something out of the ordinary: {object}.",
            "{name}（pid {pid}）が通常でない動作をしました：{object}。",
        ),
    ),
    act(
        Act::Policy,
        ("broke a policy", "ポリシー違反"),
        (
            "{name} (pid {pid}) did what a policy forbids: {object}.",
            "{name}（pid {pid}）がポリシーで禁じられた動作をしました：{object}。",
        ),
    ),
    act(
        Act::Sensor,
        ("outran the sensor", "センサーの取りこぼし"),
        ("The sensor could not record everything: {object}.", "センサーが記録しきれなかった動作があります：{object}。"),
    ),
    act(
        Act::Discovery,
        ("looked around", "環境の探索"),
        (
            "{name} (pid {pid}) looked around on the host: {object}.",
            "{name}（pid {pid}）がホストを探索しました：{object}。",
        ),
    ),
    act(
        Act::Change,
        ("changed watched files", "監視対象ファイルの変更"),
        (
            "{name} (pid {pid}) changed watched files: {object}.",
            "{name}（pid {pid}）が監視対象のファイルを変更しました：{object}。",
        ),
    ),
    act(
        Act::Script,
        ("ran a suspicious command", "不審なコマンドの実行"),
        (
            "{name} (pid {pid}) ran a suspicious command: {object}.",
            "{name}（pid {pid}）が不審なコマンドを実行しました：{object}。",
        ),
    ),
    act(
        Act::Permissions,
        ("changed permissions", "権限ビットの変更"),
        (
            "{name} (pid {pid}) changed permissions: {object}.",
            "{name}（pid {pid}）が権限ビットを変更しました：{object}。",
        ),
    ),
    act(
        Act::Hide,
        ("hid something", "隠蔽"),
        ("{name} (pid {pid}) hid what it did: {object}.", "{name}（pid {pid}）が動作を隠しました：{object}。"),
    ),
    act(
        Act::Masquerade,
        ("took another program's name", "別プログラムへの偽装"),
        (
            "{name} (pid {pid}) passed for another program: {object}.",
            "{name}（pid {pid}）が別のプログラムになりすましました：{object}。",
        ),
    ),
    act(
        Act::Container,
        ("ran something in a container", "コンテナ内での実行"),
        (
            "{name} (pid {pid}) started a container or ran something in one: {object}.",
            "{name}（pid {pid}）がコンテナを起動、またはその中で実行しました：{object}。",
        ),
    ),
    act(
        Act::Channel,
        ("opened a command channel", "外部との指令通信"),
        (
            "{name} (pid {pid}) opened a channel for commands: {object}.",
            "{name}（pid {pid}）が指令用の通信路を開きました：{object}。",
        ),
    ),
    act(
        Act::Sniff,
        ("listened in on the network", "通信の盗聴"),
        (
            "{name} (pid {pid}) listened to other programs' traffic or drew it to itself: {object}.",
            "{name}（pid {pid}）が他の通信を傍受、または自身に引き寄せました：{object}。",
        ),
    ),
    act(
        Act::Seek,
        ("looked for credentials", "認証情報の探索"),
        (
            "{name} (pid {pid}) looked for credentials: {object}.",
            "{name}（pid {pid}）が認証情報を探しました：{object}。",
        ),
    ),
    act(
        Act::Collect,
        ("gathered data", "データの収集"),
        ("{name} (pid {pid}) gathered data: {object}.", "{name}（pid {pid}）がデータを集めました：{object}。"),
    ),
    act(
        Act::Download,
        ("fetched a program", "プログラムのダウンロード"),
        (
            "{name} (pid {pid}) fetched a program: {object}.",
            "{name}（pid {pid}）がプログラムを取得しました：{object}。",
        ),
    ),
    harm(
        Act::Account,
        ("changed an account", "アカウントの変更"),
        (
            "{name} (pid {pid}) changed an account: {object}.",
            "{name}（pid {pid}）がアカウントを変更しました：{object}。",
        ),
        ("Accounts of {host} were changed: {things}", "{host} のアカウントが変更されました：{things}"),
    ),
    act(
        Act::Persist,
        ("made itself start again", "自動起動の仕込み"),
        (
            "{name} (pid {pid}) arranged to be started again: {object}.",
            "{name}（pid {pid}）が自動起動を仕込みました：{object}。",
        ),
    ),
    act(
        Act::Schedule,
        ("scheduled a job", "定期実行の仕込み"),
        (
            "{name} (pid {pid}) planted a scheduled job: {object}.",
            "{name}（pid {pid}）が定期実行ジョブを仕込みました：{object}。",
        ),
    ),
    act(
        Act::Service,
        ("set up a service", "サービスの仕込み"),
        ("{name} (pid {pid}) planted a service: {object}.", "{name}（pid {pid}）がサービスを仕込みました：{object}。"),
    ),
    act(
        Act::Guess,
        ("tried passwords", "パスワードの試行"),
        ("{name} (pid {pid}) tried passwords: {object}.", "{name}（pid {pid}）がパスワードを試しました：{object}。"),
    ),
    harm(
        Act::Alter,
        ("altered data to deceive", "データの改ざん"),
        (
            "{name} (pid {pid}) altered data that others rely on: {object}.",
            "{name}（pid {pid}）が他の利用者の頼るデータを書き換えました：{object}。",
        ),
        (
            "Data that others rely on was altered on {host}: {things}",
            "{host} で信頼されているデータが書き換えられました：{things}",
        ),
    ),
    harm(
        Act::BackDoor,
        ("left a way back in", "再侵入口の設置"),
        (
            "{name} (pid {pid}) left a way to come back in: {object}.",
            "{name}（pid {pid}）が再侵入の手段を残しました：{object}。",
        ),
        (
            "Somebody can come back into {host} through what was left there: {things}",
            "{host} に残された手段で再び侵入できます：{things}",
        ),
    ),
    harm(
        Act::Erase,
        ("erased traces", "痕跡の消去"),
        ("{name} (pid {pid}) erased traces: {object}.", "{name}（pid {pid}）が痕跡を消しました：{object}。"),
        (
            "Traces on {host} were erased, so its own logs are not whole: {things}",
            "{host} の痕跡が消され、ホスト自身のログは完全ではありません：{things}",
        ),
    ),
    harm(
        Act::Disable,
        ("switched a protection off", "防御機能の無効化"),
        (
            "{name} (pid {pid}) switched a protection off: {object}.",
            "{name}（pid {pid}）が防御機能を止めました：{object}。",
        ),
        ("A protection of {host} was switched off: {things}", "{host} の防御機能が止められました：{things}"),
    ),
    act(
        Act::Fileless,
        ("ran a program without a file", "ファイルのないプログラムの実行"),
        (
            "{name} (pid {pid}) ran from memory or from a deleted file: {object}.",
            "{name}（pid {pid}）がメモリ上または削除済みのファイルから動きました：{object}。",
        ),
    ),
    harm(
        Act::Privilege,
        ("reached for higher rights", "権限昇格の試み"),
        (
            "{name} (pid {pid}) reached for higher privileges: {object}.",
            "{name}（pid {pid}）がより高い権限を得ようとしました：{object}。",
        ),
        ("Higher rights were reached for on {host}: {things}", "{host} でより高い権限が狙われました：{things}"),
    ),
    act(
        Act::Inject,
        ("reached into another process", "他プロセスへの侵入"),
        (
            "{name} (pid {pid}) reached into another process: {object}.",
            "{name}（pid {pid}）が他のプロセスに手を伸ばしました：{object}。",
        ),
    ),
    harm(
        Act::Lateral,
        ("reached for another host", "他ホストへの接近"),
        (
            "{name} (pid {pid}) moved towards another host: {object}.",
            "{name}（pid {pid}）が他のホストへ移動しようとしました：{object}。",
        ),
        ("Other hosts were reached for from {host}: {things}", "{host} から他のホストに手が伸びました：{things}"),
    ),
    act(
        Act::Exploit,
        ("attacked a weak point", "脆弱性への攻撃"),
        (
            "{name} (pid {pid}) was used against a weak point: {object}.",
            "{name}（pid {pid}）を通じて脆弱性が攻撃されました：{object}。",
        ),
    ),
    harm(
        Act::LogIn,
        ("got in with a password", "パスワードによる侵入"),
        (
            "{name} (pid {pid}) logged in after passwords were tried: {object}.",
            "{name}（pid {pid}）がパスワードの試行の後にログインしました：{object}。",
        ),
        (
            "Somebody got into {host} with an account that may not be theirs: {things}",
            "{host} に、本人のものでない可能性のあるアカウントで侵入されました：{things}",
        ),
    ),
    harm(
        Act::Halt,
        ("stopped services", "サービスの停止"),
        (
            "{name} (pid {pid}) stopped services or the host: {object}.",
            "{name}（pid {pid}）がサービスまたはホストを停止しました：{object}。",
        ),
        (
            "Services of {host}, or the host itself, were stopped: {things}",
            "{host} のサービス、またはホスト自体が停止されました：{things}",
        ),
    ),
    harm(
        Act::Escape,
        ("reached out of its container", "コンテナ外への到達"),
        (
            "{name} (pid {pid}) tried to leave its container: {object}.",
            "{name}（pid {pid}）がコンテナの外へ出ようとしました：{object}。",
        ),
        (
            "{host} itself was reached for from inside a container: {things}",
            "コンテナの中から {host} 本体に手が伸びました：{things}",
        ),
    ),
    harm(
        Act::Kernel,
        ("loaded code into the kernel", "カーネルへのコード読み込み"),
        (
            "{name} (pid {pid}) brought code into the kernel: {object}.",
            "{name}（pid {pid}）がカーネルにコードを持ち込みました：{object}。",
        ),
        (
            "Code was brought into the kernel of {host}, which can no longer be trusted: {things}",
            "{host} のカーネルにコードが持ち込まれ、もはや信頼できません：{things}",
        ),
    ),
    harm(
        Act::WebShell,
        ("planted a web shell", "Web シェルの設置"),
        (
            "{name} (pid {pid}) wrote a script where a web server runs it: {object}.",
            "{name}（pid {pid}）が Web サーバーの実行する場所にスクリプトを書き込みました：{object}。",
        ),
        (
            "Whoever knows of it can run commands on {host} through: {things}",
            "知る者は {host} で命令を実行できます：{things}",
        ),
    ),
    act(
        Act::ServerCommand,
        ("ran commands through a server", "サーバー経由の命令実行"),
        (
            "{name} (pid {pid}) ran below a server that does not usually start it: {object}.",
            "{name}（pid {pid}）が、通常それを起動しないサーバーの下で動きました：{object}。",
        ),
    ),
    harm(
        Act::ServerShell,
        ("started a shell from a server", "サーバーからのシェル起動"),
        (
            "{parent} started the shell {name} (pid {pid}), as a broken-into server does: {object}.",
            "{parent} がシェル {name}（pid {pid}）を起動しました。侵入されたサーバーに見られる動作です：{object}。",
        ),
        (
            "Commands were run on {host} through a server: {things}",
            "サーバー経由で {host} 上の命令が実行されました：{things}",
        ),
    ),
    harm(
        Act::ReverseShell,
        ("opened a reverse shell", "リバースシェルの接続"),
        (
            "{name} (pid {pid}) tied a shell to a remote address: {object}.",
            "{name}（pid {pid}）がシェルを外部のアドレスにつなぎました：{object}。",
        ),
        (
            "Somebody outside could give commands on {host}: {things}",
            "外部の何者かが {host} で命令を実行できました：{things}",
        ),
    ),
    harm(
        Act::Credentials,
        ("read credentials", "認証情報の読み取り"),
        ("{name} (pid {pid}) read credentials: {object}.", "{name}（pid {pid}）が認証情報を読みました：{object}。"),
        (
            "Credentials of {host} were read and must be thought stolen: {things}",
            "{host} の認証情報が読み取られました。盗まれたとみなす必要があります：{things}",
        ),
    ),
    harm(
        Act::Exfiltrate,
        ("sent data out", "データの持ち出し"),
        ("{name} (pid {pid}) sent data out: {object}.", "{name}（pid {pid}）がデータを外へ送りました：{object}。"),
        ("Data left {host}: {things}", "{host} からデータが持ち出されました：{things}"),
    ),
    harm(
        Act::Malware,
        ("handled known malware", "既知マルウェアの検出"),
        (
            "{name} (pid {pid}) wrote or ran known malware: {object}.",
            "{name}（pid {pid}）が既知のマルウェアを書き込みまたは実行しました：{object}。",
        ),
        (
            "Known malware lay or ran on {host}: {things}",
            "{host} に既知のマルウェアが置かれ、または動きました：{things}",
        ),
    ),
    harm(
        Act::Flood,
        ("wore a service out", "サービス妨害"),
        (
            "{name} (pid {pid}) did what wears a service or a host out: {object}.",
            "{name}（pid {pid}）がサービスやホストを過負荷にする動作をしました：{object}。",
        ),
        (
            "{host} was used to wear out a service, or was worn out itself: {things}",
            "{host} がサービス妨害に使われ、または自身が過負荷にされました：{things}",
        ),
    ),
    harm(
        Act::Deface,
        ("changed what others read", "表示内容の改ざん"),
        (
            "{name} (pid {pid}) changed a page or greeting that others read, or left a message: {object}.",
            "{name}（pid {pid}）が他者の読むページや表示を書き換え、またはメッセージを残しました：{object}。",
        ),
        (
            "What visitors or users of {host} read was changed: {things}",
            "{host} の閲覧者や利用者が読む内容が書き換えられました：{things}",
        ),
    ),
    harm(
        Act::Recovery,
        ("took ways to recover away", "復旧手段の除去"),
        (
            "{name} (pid {pid}) took away what data could be restored from: {object}.",
            "{name}（pid {pid}）が復元の手段を取り除きました：{object}。",
        ),
        (
            "What data of {host} could be restored from was taken away: {things}",
            "{host} のデータを復元する手段が取り除かれました：{things}",
        ),
    ),
    harm(
        Act::Miner,
        ("mined coins", "コインの採掘"),
        (
            "{name} (pid {pid}) behaved as a coin miner: {object}.",
            "{name}（pid {pid}）がコイン採掘プログラムとして動きました：{object}。",
        ),
        ("{host} computed for somebody else: {things}", "{host} の計算能力が第三者のために使われました：{things}"),
    ),
    harm(
        Act::Destroy,
        ("destroyed data", "データの破壊"),
        ("{name} (pid {pid}) destroyed data: {object}.", "{name}（pid {pid}）がデータを破壊しました：{object}。"),
        ("Data of {host} was destroyed: {things}", "{host} のデータが破壊されました：{things}"),
    ),
    harm(
        Act::Encrypt,
        ("encrypted files", "ファイルの暗号化"),
        (
            "{name} (pid {pid}) rewrote files the way ransomware does: {object}.",
            "{name}（pid {pid}）がランサムウェアのようにファイルを書き換えました：{object}。",
        ),
        (
            "Files of {host} were rewritten the way ransomware does: {things}",
            "{host} のファイルがランサムウェアのように書き換えられました：{things}",
        ),
    ),
];
