//! The story and what it came to, but for the sentence of each act: those stand with the act.

use super::Words;

pub(super) const STORY: Words = &[
    (
        "story.began",
        "It began at {time} UTC with {name} (pid {pid}, account {user}): {command}",
        "始まりは {time} UTC、{name}（pid {pid}、アカウント {user}）：{command}",
    ),
    ("story.untraced", "No process is known for this: {title}.", "プロセスが分かっていない検知：{title}。"),
    (
        "story.guess_from",
        "Passwords were tried from {source}, for {accounts|accounts}.",
        "{source} から{accounts|accounts}のパスワードが試されました。",
    ),
    (
        "story.log_in_from",
        "After passwords were tried from there, {source} got in as {accounts|accounts}.",
        "パスワードの試行の後、{source} が{accounts|accounts}としてログインしました。",
    ),
    (
        "story.exploit_from",
        "{source} sent requests of the kind that attacks a server: {title}.",
        "{source} がサーバーを攻撃する種類の要求を送りました：{title}。",
    ),
    ("story.more", "That was seen {count} times in all.", "合計 {count} 回観測されました。"),
    ("story.stopped", "Tamon acted: it {stopped|stopped}.", "Tamon が対処しました：{stopped|stopped}。"),
    (
        "story.not_asked",
        "Tamon stopped nothing of it: nothing that was found asks for a stop.",
        "停止を求める検知がなかったため、Tamon は何も止めていません。",
    ),
    (
        "story.observed",
        "Tamon stopped nothing of it: the policy only observes.",
        "ポリシーが観測のみのため、Tamon は何も止めていません。",
    ),
    (
        "story.not_stopped",
        "Tamon stopped nothing of it, though the policy enforces: the evidence says why.",
        "ポリシーは強制モードですが、Tamon は何も止めていません。理由は証拠にあります。",
    ),
    (
        "story.failed",
        "{alerts|alerts} called for an action that failed: see the evidence.",
        "{alerts|alerts}で対処に失敗しました。証拠を確認してください。",
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
];
