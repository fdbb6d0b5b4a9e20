"""One ensemble for scripts of all languages, with a threshold each."""

import subprocess
import sys

import numpy as np

from measure import (CACHE, DAY, HERE, QUICK, SEED, TRAIN_PERCENT, auc, balanced, bucket, count_by, debian, examples, folds, legend, may_block, points, save, texts, tpr_table,
                     train)


# Statistics that would tell our generator from Debian's style rather than one technique from harmless work.
# So only what a script does and how it hides it counts; how its author sets blanks and lines does not.
COUNTS = ("shape.", "shapes", "chain", "encoded.", "escapes.", "language.")
NEVER = {"shapes_for_length"}


def hosts():
    """Scripts of packages that stand-ins are put into: (language, source, text)."""
    found = []
    for file in sorted((CACHE / "features").glob("*.hosts")):
        if not file.with_suffix(".done").exists():
            continue
        for record in file.read_bytes().decode(errors="replace").split("\x1d"):
            fields, _, text = record.partition("\x1e")
            parts = fields.split("\t")
            if len(parts) >= 6 and text.strip():
                found.append((parts[0], parts[5], text))
    return found


def implant(random, language, host, text):
    """The stand-in's lines among those of a real script, at a line's start."""
    body = "\n".join(line for line in text.splitlines() if not line.startswith("#!"))
    if language == "php":
        body = body.removeprefix("<?php").replace("?>", "").strip()
        at = host.find("<?php")
        return host[: at + 5] + "\n" + body + "\n" + host[at + 5:] if at >= 0 else "<?php\n" + body + "\n?>\n" + host
    lines = host.split("\n")
    at = int(random.integers(1, max(len(lines), 2)))
    indent = lines[at][: len(lines[at]) - len(lines[at].lstrip())] if at < len(lines) and language == "python" else ""
    return "\n".join(lines[:at] + [indent + line for line in body.split("\n")] + lines[at:])


def scripts():
    layout = "script-1"
    names = legend(layout)
    random = np.random.default_rng(SEED)
    all_hosts = hosts()
    made = subprocess.run([sys.executable, HERE / "standins.py", "20" if QUICK else "160", str(SEED)], check=True, capture_output=True, text=True).stdout
    records, controls = [], []
    by_side = {}
    for language, source, text in all_hosts:
        side = "train" if bucket(source) < TRAIN_PERCENT else "test"
        by_side.setdefault((language, side), []).append((source, text))
    for record in made.split("\x1d"):
        fields, _, text = record.partition("\x1e")
        if not text:
            continue
        family, language, kind = fields.split("\t")
        if kind == "control":
            controls.append((f"control\t-\t{family}\t-\t{family}\t{language}/{kind}", text))
            continue
        side = "train"
        if kind == "padded" and by_side.get((language, side)):
            options = by_side[(language, side)]
            text = implant(random, language, options[int(random.integers(len(options)))][1], text)
            kind = "implanted"
        records.append((f"standin\t{side}\t{family}\t-\t{family}\t{language}/{kind}", text))
    positives = texts(layout, "standins", records).deduplicated()
    control = texts(layout, "controls", controls)
    # Pieces of harmless scripts, so that being short is no sign of anything.
    pieces = []
    for (language, side), options in sorted(by_side.items()):
        for source, text in options:
            lines = text.split("\n")
            for _ in range(2):
                length = int(random.integers(1, 25))
                at = int(random.integers(0, max(1, len(lines) - length)))
                first = {"shell": "#!/bin/sh\n", "python": "#!/usr/bin/python3\n", "perl": "#!/usr/bin/perl\n", "php": "<?php\n", "javascript": ""}[language]
                pieces.append((f"piece\t{side}\t{source}\t-\t{source}\t{language}/piece", first + "\n".join(lines[at:at + length]) + "\n"))
    fragments = texts(layout, "fragments", pieces).deduplicated()
    whole = debian(layout).deduplicated()
    known = {row.tobytes() for row in whole.x}
    positives = positives.take(np.array([row.tobytes() not in known for row in positives.x]))
    keep = np.array([n.startswith(COUNTS) and n not in NEVER for n in names])
    for table in (positives, control, fragments, whole):
        table.x = table.x * keep
    whole_side = np.array([bucket(s) < TRAIN_PERCENT for s in whole.meta["source"]])
    piece_side = fragments.meta["architecture"] == "train"
    fit_whole, test_whole, fit_pieces, test_pieces = whole.take(whole_side), whole.take(~whole_side), fragments.take(piece_side), fragments.take(~piece_side)
    # Techniques are few in each language, so each is held out once, by folds; harmless packages are held out for good.
    fit_pos = positives
    x = np.concatenate([fit_pos.x, fit_whole.x, fit_pieces.x])
    y = np.concatenate([np.ones(len(fit_pos)), np.zeros(len(fit_whole) + len(fit_pieces))])
    groups = np.concatenate([fit_pos.meta["source"], fit_whole.meta["source"], fit_pieces.meta["source"]])
    fold = folds(groups, 8)
    rounds = 220
    oof = np.zeros(len(y))
    for k in range(8):
        inside = fold != k
        oof[~inside] = train(x[inside], y[inside], balanced(y[inside]), names, rounds).predict(x[~inside])
    model = train(x, y, balanced(y), names, rounds)
    score = {key: model.predict(t.x) if len(t) else np.zeros(0) for key, t in dict(whole=test_whole, pieces=test_pieces, control=control).items()}
    test_pos, score["pos"] = fit_pos, oof[:len(fit_pos)]
    oof_neg = oof[len(fit_pos):len(fit_pos) + len(fit_whole)]
    oof_language = fit_whole.meta["language"]
    report = dict(fit_negatives=len(fit_whole), fit_pieces=len(fit_pieces), fit_positives=len(fit_pos), test_negatives=len(test_whole), test_pieces=len(test_pieces), test_positives=len(test_pos),
                  families=sorted(set(fit_pos.meta["source"])), folds=8, rounds=rounds, languages={})
    ytest = np.concatenate([np.ones(len(test_pos)), np.zeros(len(test_whole))])
    report["auc"] = auc(ytest, np.concatenate([score["pos"], score["whole"]]))
    report["oof_auc"] = auc(y, oof)
    report["tpr"] = tpr_table(score["pos"], score["whole"])
    gain = sorted(zip(model.feature_importance("gain"), names), reverse=True)[:25]
    report["gain"] = [[n, round(float(g))] for g, n in gain]
    for language in ("shell", "python", "perl", "php", "javascript"):
        neg = test_whole.meta["language"] == language
        pos = np.array([g.split("/")[0] == language for g in test_pos.meta["group"]], dtype=bool)
        # A threshold lies above every harmless control of ours, which therefore are no independent test.
        of_controls = [float(s) for s, g in zip(score["control"], control.meta["group"]) if g.split("/")[0] == language]
        floor = max([0.5] + [float(np.nextafter(s, 2)) for s in of_controls])
        made = points(oof_neg[oof_language == language], score["whole"][neg], score["pos"][pos], floor)
        piece = np.array([g.split("/")[0] == language for g in test_pieces.meta["group"]], dtype=bool)
        threshold = made[0]["threshold"]
        families = count_by(test_pos.meta["source"][pos], score["pos"][pos], threshold)
        kinds = count_by(np.array([g.split("/")[1] for g in test_pos.meta["group"][pos]], dtype=object), score["pos"][pos], threshold)
        held = [bool(s >= threshold) for s, g in zip(score["control"], control.meta["group"]) if g.split("/")[0] == language]
        item = dict(points=made, auc=auc(np.concatenate([np.ones(pos.sum()), np.zeros(neg.sum())]), np.concatenate([score["pos"][pos], score["whole"][neg]])), tpr=tpr_table(score["pos"][pos], score["whole"][neg]),
                    families=families, kinds=kinds, pieces=[int((score["pieces"][piece] >= threshold).sum()), int(piece.sum())], controls=[sum(held), len(held)], highest_control=max(of_controls, default=0.0),
                    false_positives=examples(test_whole.take(neg), score["whole"][neg], threshold), machines=count_by(test_whole.meta["release"][neg], score["whole"][neg], threshold))
        reasons = []
        # An alert that is right now and then is worth having if it is seldom wrong; so the false positives decide.
        if len(families) < 3:
            reasons.append("fewer than three techniques in this language")
        if made[0]["true_positive_rate"] < 0.3:
            reasons.append("finds less than three in ten of the held-out stand-ins")
        if made[0]["false_positive_rate_upper"] > 0.01:
            reasons.append(f"false positives on held-out packages may be {100 * made[0]['false_positive_rate_upper']:.1f} % (upper end of 95 %), and 1 % is the limit")
        item["ships"], item["why_not"] = not reasons, reasons
        report["languages"][language] = item
        if reasons:
            continue
        save(language, model, dict(name=language, version="1", kind=language, layout=layout, points=[made[0]] + ([made[1]] if may_block(made[1]) else []), trained=DAY,
                                   data=["Debian packages (bullseye, bookworm, trixie): harmless scripts, split by source package", "stand-in texts of the project: made-up scripts in the shape of documented techniques, split by technique"], licence="Apache-2.0",
                                   caution="Positives are stand-ins made by this project, not malware from the wild. It tells shapes of techniques; its true-positive rate in the field is unknown."),
             np.concatenate([test_whole.x[neg][:2], test_pos.x[pos][:2]]))
    return report
