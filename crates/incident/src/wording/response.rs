//! What a response would do, and what a person would do next.

use super::Words;

pub(super) const RESPONSE: Words = &[
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
    (
        "next.kill",
        "End {name} (pid {pid}) and everything it started, if it still runs",
        "{name}（pid {pid}）とその子孫がまだ動いていれば終了する",
    ),
    ("next.quarantine", "Put {file} into quarantine", "{file} を隔離する"),
    ("next.hunt_process", "See everything that {name} (pid {pid}) did", "{name}（pid {pid}）のすべての動作を見る"),
    ("next.hunt_address", "Find other hosts that talked to {remote}", "{remote} と通信した他のホストを探す"),
    ("next.hunt_source", "See which accounts and hosts {source} tried", "{source} が試したアカウントとホストを見る"),
    ("next.hunt_digest", "Find the same program on other hosts", "同じプログラムを他のホストで探す"),
    ("next.credentials", "Change the passwords and keys that stand in {file}", "{file} にあるパスワードと鍵を変更する"),
    (
        "next.password",
        "Change the password of {accounts}, and let only keys log in from outside",
        "{accounts} のパスワードを変更し、外部からは鍵でのログインだけを許す",
    ),
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
        "next.backups",
        "Check from another host that backups and snapshots are still there",
        "バックアップとスナップショットが残っているかを別のホストから確認する",
    ),
    (
        "next.enforce",
        "Put this host's policy into enforce mode, so that the next such attack is stopped",
        "このホストのポリシーを強制モードにし、次の攻撃を止められるようにする",
    ),
];
