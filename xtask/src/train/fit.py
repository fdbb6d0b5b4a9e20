"""Splits, trains, measures. Called by `cargo xtask train`; every figure of the model card comes from here.

Arguments: cache folder, checkout, folder of public data, path of the `features` tool, folder of EMBER2024 files or `-`.
Out, in `<cache>/fit/`: `<model>.lightgbm.txt` and `<model>.card.json` for what may ship, and `report.json` with everything measured, also of what
may not.

What holds for every model:
- Negatives are split by *source package*, so that no program's other architecture, release or sibling is on both sides. Positives
  are split by technique, generator family or cluster, so that what is measured is the unseen kind.
- Thresholds are chosen on out-of-fold scores of the training side alone; the held-out side is scored once, by the model that ships.
- Duplicates go by SHA-256 and then by the row of features, and a row that is on both sides of the label is taken out of the positives.
"""

import hashlib
import json
import subprocess
import sys
import warnings
from pathlib import Path

import lightgbm as lgb
import numpy as np
import yaml
from scipy.stats import beta

warnings.filterwarnings("ignore")
SEED = 20261125
CACHE, ROOT, SHARED, TOOL = (Path(p) for p in sys.argv[1:5])
EMBER = None if sys.argv[5] == "-" else Path(sys.argv[5])
DAY = sys.argv[6]
OUT = CACHE / "fit"
OUT.mkdir(exist_ok=True)
HERE = Path(__file__).resolve().parent
TRAIN_PERCENT = 40
# Share of harmless items that may be called suspicious, out of fold. (A rate of 0.1 % was tried first; of some 1,500 items that places the
# threshold by one or two of them, and it did not carry over to the held-out side.)
SUSPICIOUS = 0.0025

PARAMETERS = dict(objective="binary", learning_rate=0.06, num_leaves=16, min_data_in_leaf=20, feature_fraction=0.5, bagging_fraction=0.8, bagging_freq=1,
                  lambda_l2=5.0, max_bin=63, seed=SEED, deterministic=True, force_row_wise=True, num_threads=1, verbosity=-1)


def say(*text):
    print(*text, file=sys.stderr, flush=True)


def bucket(text):
    return int.from_bytes(hashlib.sha256(f"{SEED}/{text}".encode()).digest()[:4], "big") % 100


def legend(layout):
    lines = (line.split("\t") for line in (CACHE / "features/legend.tsv").read_text().splitlines())
    return [name for of, _, name, _ in lines if of == layout]


FIELDS = ["sha", "path", "machine", "language", "release", "architecture", "package", "version", "source", "group"]


class Table:
    """Rows of features with what is known of each."""

    def __init__(self, x, meta):
        self.x, self.meta = x, meta

    def __len__(self):
        return len(self.x)

    def take(self, mask):
        mask = np.asarray(mask)
        index = np.flatnonzero(mask) if mask.dtype == bool else mask
        return Table(self.x[index], {k: v[index] for k, v in self.meta.items()})

    def deduplicated(self):
        seen, keep = set(), []
        for i in range(len(self)):
            sha, row = self.meta["sha"][i], self.x[i].tobytes()
            if sha in seen or row in seen:
                continue
            seen.update((sha, row))
            keep.append(i)
        return self.take(np.array(keep, dtype=int))


def read(stems, layout):
    width = len(legend(layout))
    rows, metas = [], []
    for stem in stems:
        file = Path(f"{stem}.{layout}.tsv")
        if not file.exists():
            continue
        lines = [line.split("\t") for line in file.read_text(errors="replace").splitlines()]
        x = np.fromfile(f"{stem}.{layout}.f32", dtype="<f4").reshape(-1, width)
        if len(x) != len(lines):
            raise SystemExit(f"{file}: {len(lines)} lines, {len(x)} rows")
        rows.append(x)
        metas += [(line + [""] * 10)[:10] for line in lines]
    x = np.concatenate(rows) if rows else np.zeros((0, width), dtype="<f4")
    return Table(x, {k: np.array([m[i] for m in metas], dtype=object) for i, k in enumerate(FIELDS)})


def debian(layout):
    done = sorted((CACHE / "features").glob("*.done"))
    table = read([str(d)[: -len(".done")] for d in done], layout)
    say(f"{layout}: {len(table)} rows of {len(done)} batches")
    return table


def texts(layout, name, records):
    """Features of texts that are made here: records of (fields, text)."""
    stem = OUT / name
    data = "".join(f"{fields}\x1e{text}\x1d" for fields, text in records)
    subprocess.run([TOOL, "texts", layout, stem], input=data.encode(errors="replace"), check=True)
    table = read([stem], layout)
    # The caller's fields come where the packages' would.
    return table


def interval(found, of):
    """Upper end of the 95 % Clopper-Pearson interval."""
    return 1.0 if of == 0 else float(beta.ppf(0.975, found + 1, of - found)) if found < of else 1.0


def auc(y, s):
    order = np.argsort(s, kind="stable")
    ranks = np.empty(len(s))
    sorted_scores = s[order]
    # Ties share their mean rank.
    _, first, counts = np.unique(sorted_scores, return_index=True, return_counts=True)
    for f, c in zip(first, counts):
        ranks[order[f:f + c]] = f + (c + 1) / 2
    positives, negatives = y.sum(), (1 - y).sum()
    return float((ranks[y == 1].sum() - positives * (positives + 1) / 2) / (positives * negatives)) if positives and negatives else None


def at_rate(negatives, rate):
    """Lowest threshold whose false-positive rate on these scores is at most `rate`."""
    s = np.sort(negatives)[::-1]
    allowed = int(np.floor(rate * len(s)))
    return float(np.nextafter(s[allowed], 2)) if allowed < len(s) else 0.0


def tpr_table(positives, negatives):
    table = {}
    for rate in (0.01, 0.001, 0.0001):
        if len(negatives) * rate < 1:
            table[str(rate)] = None
            continue
        table[str(rate)] = float((positives >= at_rate(negatives, rate)).mean())
    return table


def train(x, y, weight, names, rounds):
    data = lgb.Dataset(x, label=y, weight=weight, feature_name=names, free_raw_data=False)
    return lgb.train(PARAMETERS, data, num_boost_round=rounds)


def folds(groups, count=5):
    return np.array([bucket(f"fold/{g}") % count for g in groups])


def balanced(y, extra=None):
    w = np.where(y == 1, 0.5 / max(y.sum(), 1), 0.5 / max((1 - y).sum(), 1)) * len(y)
    return w if extra is None else w * extra


def points(scores_fit_neg, test_neg, test_pos, floor=0.5, suspicious=SUSPICIOUS):
    """Operating points: thresholds from out-of-fold scores, rates from the held-out side."""
    made = []
    for level, rate in (("suspicious", suspicious), ("malicious", 0.00005)):
        if len(scores_fit_neg) * rate < 1 and level == "malicious":
            # Too few to place it by rate: above every negative that training saw, by half of what is left.
            top = float(scores_fit_neg.max())
            threshold = top + (1 - top) / 2
        else:
            threshold = at_rate(scores_fit_neg, rate)
        threshold = max(threshold, floor)
        wrong = int((test_neg >= threshold).sum())
        point = dict(level=level, threshold=threshold, false_positive_rate=wrong / max(len(test_neg), 1), false_positive_rate_upper=interval(wrong, len(test_neg)),
                     true_positive_rate=float((test_pos >= threshold).mean()) if len(test_pos) else None, negatives=len(test_neg), positives=len(test_pos))
        made.append(point)
    return made


def may_block(point):
    return point["negatives"] >= 20000 and point["false_positive_rate"] <= 0.0001 and (point["true_positive_rate"] or 0) > 0


def count_by(values, scores, threshold):
    out = {}
    for value in sorted(set(values)):
        mask = values == value
        out[value] = [int((scores[mask] >= threshold).sum()), int(mask.sum())]
    return out


def save(name, model, card, rows):
    """Trees, card, and two harmless and two other rows with their scores, for a regression test."""
    scores = model.predict(rows)
    lines = []
    for row, score in zip(rows, scores):
        features = " ".join(f"{i}:{float(v)!r}" for i, v in enumerate(row) if v)
        lines.append(f"{name}\t{float(score)!r}\t{features}\n")
    (OUT / f"{name}.scores.tsv").write_text("".join(lines))
    (OUT / f"{name}.lightgbm.txt").write_text(model.model_to_string())
    (OUT / f"{name}.card.json").write_text(json.dumps(card, indent=1))


def examples(table, scores, threshold, most=12):
    order = np.argsort(-scores)[:most]
    return [dict(score=round(float(scores[i]), 4), package=str(table.meta["package"][i]), path=str(table.meta["path"][i]), machine=str(table.meta["machine"][i])[:120])
            for i in order if scores[i] >= threshold]


# --- scripts

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
    made = subprocess.run([sys.executable, HERE / "standins.py", "160", str(SEED)], check=True, capture_output=True, text=True).stdout
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


# --- command lines


def atomic():
    """Commands of Atomic Red Team's Linux tests, one record a line: (technique, test, line)."""
    import tarfile
    found = []
    with tarfile.open(SHARED / "atomic-red-team/atomic-linux-dev.tar.xz") as tar:
        for member in tar:
            if not member.name.endswith(".yaml"):
                continue
            document = yaml.safe_load(tar.extractfile(member).read())
            for number, test in enumerate(document.get("atomic_tests", [])):
                executor = test.get("executor", {})
                if "linux" not in test.get("supported_platforms", []) or executor.get("name") not in ("sh", "bash"):
                    continue
                text = executor.get("command") or ""
                for name, argument in (test.get("input_arguments") or {}).items():
                    text = text.replace("#{" + name + "}", str(argument.get("default", "")))
                text = text.replace("PathToAtomicsFolder", "/tmp/atomics").replace("\\\n", " ")
                for line in text.splitlines():
                    line = line.strip()
                    if len(line) >= 6 and " " in line and not line.startswith("#"):
                        found.append((document["attack_technique"], f"{document['attack_technique']}#{number}", line))
    return found


def commands():
    layout = "command-1"
    names = legend(layout)
    lines = atomic()
    records = [(f"atomic\t-\t{test}\t-\t{technique.split('.')[0]}\t{test}", line) for technique, test, line in lines]
    positives = texts(layout, "atomic", records)
    negatives = debian(layout).deduplicated()
    known = {row.tobytes() for row in negatives.x}
    shared_rows = np.array([row.tobytes() in known for row in positives.x])
    all_tests = set(positives.meta["group"])
    positives = positives.take(~shared_rows).deduplicated()
    keep = np.array([n not in {"text.size", "longer_than_looked_at"} for n in names])
    positives.x, negatives.x = positives.x * keep, negatives.x * keep
    side = np.array([bucket(s) < 60 for s in negatives.meta["source"]])
    fit_neg, test_neg = negatives.take(side), negatives.take(~side)
    # Techniques are few, so each is held out once: five folds by technique, each trained without its techniques. The model that
    # ships is trained on all of them; what is measured of it are negatives that no fold saw.
    x = np.concatenate([positives.x, fit_neg.x])
    y = np.concatenate([np.ones(len(positives)), np.zeros(len(fit_neg))])
    fold = folds(np.concatenate([positives.meta["source"], fit_neg.meta["source"]]))
    oof, held = np.zeros(len(y)), np.zeros((5, len(test_neg)))
    rounds = 200
    for k in range(5):
        inside = fold != k
        booster = train(x[inside], y[inside], balanced(y[inside]), names, rounds)
        oof[~inside], held[k] = booster.predict(x[~inside]), booster.predict(test_neg.x)
    model = train(x, y, balanced(y), names, rounds)
    test_score = model.predict(test_neg.x)
    pos, oof_neg = oof[:len(positives)], oof[len(positives):]
    # A host runs thousands of commands a day and few scripts that it never saw.
    made = points(oof_neg, test_score, pos, suspicious=0.0005)
    # What distributions run by themselves is not what people type; these lines are ours, and no training sees them.
    everyday = texts(layout, "everyday", [("everyday", line) for line in (HERE / "everyday.txt").read_text().splitlines() if line])
    everyday_score = model.predict(everyday.x * keep)
    everyday_wrong = int((everyday_score >= made[0]["threshold"]).sum())
    above = points(oof_neg, test_score, pos, floor=float(np.nextafter(everyday_score.max(), 2)), suspicious=0.0005)[0]
    threshold = made[0]["threshold"]
    tests = {}
    for test, s in zip(positives.meta["group"], pos):
        tests[test] = max(tests.get(test, 0), float(s))
    techniques = {}
    for test, s in tests.items():
        found = techniques.setdefault(test.split("#")[0], [0, 0])
        found[0] += s >= threshold
        found[1] += 1
    report = dict(everyday=[everyday_wrong, len(everyday)], above_everyday=above, lines=len(lines), tests=len(all_tests), tests_judged=len(tests), techniques=len(techniques), shared_with_negatives=int(shared_rows.sum()), fit_positives=len(positives), fit_negatives=len(fit_neg), test_negatives=len(test_neg),
                  auc=auc(np.concatenate([np.ones(len(pos)), np.zeros(len(test_neg))]), np.concatenate([pos, held.mean(axis=0)])), tpr=tpr_table(pos, held.mean(axis=0)),
                  points=made, tests_found=sum(1 for s in tests.values() if s >= threshold), techniques_found=sum(1 for f, _ in techniques.values() if f), by_technique={k: v for k, v in sorted(techniques.items())}, rounds=rounds,
                  false_positives=examples(test_neg, test_score, threshold), gain=[[n, round(float(g))] for g, n in sorted(zip(model.feature_importance("gain"), names), reverse=True)[:25]],
                  by_kind=count_by(np.array([kind_of(p) for p in test_neg.meta["path"]], dtype=object), test_score, threshold))
    reasons = []
    if made[0]["false_positive_rate_upper"] > 0.01:
        reasons.append("false positives on held-out packages may be over 1 % (upper end of 95 %)")
    if made[0]["true_positive_rate"] < 0.3:
        reasons.append("finds less than three in ten of the held-out lines")
    if everyday_wrong > 0.01 * len(everyday):
        reasons.append(f"calls {everyday_wrong} of {len(everyday)} everyday commands of an administrator suspicious (`{HERE.name}/everyday.txt`); above all of those it would find {100 * above['true_positive_rate']:.1f} % of the held-out lines")
    report["ships"], report["why_not"] = not reasons, reasons
    if not reasons:
        save("command", model, dict(name="command", version="1", kind="command", layout=layout, points=[made[0]] + ([made[1]] if may_block(made[1]) else []), trained=DAY,
                                    data=["Atomic Red Team, Linux tests (MIT), held out by technique", "Debian packages: maintainer scripts, cron jobs, units, scripts in /etc, split by source package"], licence="Apache-2.0",
                                    caution="Discovery commands of an attacker and of an administrator are the same text. One line is a hint; count it with others."),
             np.concatenate([test_neg.x[:2], positives.x[:2]]))
    return report


def kind_of(path):
    return "maintainer script" if path.startswith("DEBIAN/") else "cron" if "cron" in path else "unit" if path.endswith((".service", ".timer", ".socket")) else "/etc script"


# --- ELF


def miner_rows(names):
    """Rows of the ELF-Miner tables in our layout `elf-miner-1`, with machine, label and file name."""
    import csv
    import io
    import tarfile
    rows, meta = [], []

    def number(cell, hexadecimal=False):
        cell = (cell or "").strip()
        if cell == "":
            return None
        return float(int(cell.split(".")[0], 16)) if hexadecimal else float(cell)

    tar = tarfile.open(SHARED / "elf-miner/elf-miner.tar.xz")
    for part in ("train_after_feature_selection.csv", "test_after_feature_selection.csv"):
        member = next(m for m in tar.getmembers() if m.name.endswith("/" + part))
        for r in csv.DictReader(io.TextIOWrapper(tar.extractfile(member))):
            is_64 = "X86-64" in r["MachineType"]
            row = []
            for n in names:
                if n.endswith("_type"):
                    cell = (r.get(n) or "").strip()
                    # The table of selected columns dropped some types; a size then says that the section is there.
                    there = (r.get(n.replace("_type", "_size")) or "").strip() != ""
                    row.append(1.0 if cell == "NOBITS" else 2.0 if cell or (n not in r and there) else 0.0)
                elif n in (".dynamic_entries", ".dynsym_entries", ".symtab_entries"):
                    section = n[: -len("_entries")]
                    size = number(r.get(section + "_size"))
                    each = {".dynamic": 16 if is_64 else 8}.get(section, 24 if is_64 else 16)
                    row.append(-1.0 if size is None else size / each)
                elif n == ".rodata_merged":
                    row.append(1.0 if "M" in (r.get(".rodata_flags") or "") else 0.0)
                elif n == "GOT_WORDS":
                    row.append((number(r.get("GOT_SIZE")) or 0.0) / (8 if is_64 else 4))
                elif n.endswith("_size") or n == ".symtab_info":
                    v = number(r.get(n))
                    row.append(-1.0 if v is None else v)
                else:
                    row.append(number(r.get(n)) if n in r and number(r.get(n)) is not None else np.nan)
            rows.append(row)
            meta.append((r["Name"], r["MachineType"], r["label"], part))
    return np.array(rows, dtype="<f4"), meta


def elf():
    layout = "elf-miner-1"
    names = legend(layout)
    x, meta = miner_rows(names)
    absent = np.isnan(x).all(axis=0)
    usable = ~np.isnan(x).any(axis=0)
    machine = np.array([m[1] for m in meta], dtype=object)
    label = np.array([m[2] for m in meta], dtype=object)
    part = np.array([m[3] for m in meta], dtype=object)
    mask_columns = usable.astype("<f4")
    x = np.nan_to_num(x) * mask_columns
    report = dict(columns=int(usable.sum()), columns_not_in_tables=[n for n, a in zip(names, absent) if a], rows=len(x))
    # What the caution says, measured again: the tables' own split, and that model on Debian's programs.
    own = (part == "train_after_feature_selection.csv")
    y = (label == "M").astype(float)
    naive = train(x[own], y[own], balanced(y[own]), names, 120)
    report["own_split_auc"] = auc(y[~own], naive.predict(x[~own]))
    files = debian(layout).deduplicated()
    files = files.take(np.isin(files.meta["language"].astype(str), ["c", "c++", "go", "rust", "c-static"]))
    files.x = files.x * mask_columns
    naive_scores = naive.predict(files.x)
    report["naive_on_debian"] = count_by(files.meta["machine"], naive_scores, 0.5)
    # Balanced: malware of i386 against Debian programs of i386, split by source; the others of Debian are held out whole.
    x86 = machine == "Intel 80386"
    rows_m = Table(x[(label == "M") & x86], dict(sha=np.array([m[0] for m, k in zip(meta, (label == "M") & x86) if k], dtype=object)))
    before = len(rows_m)
    rows_m = rows_m.deduplicated()
    # A family shares its build: clusters by the sizes that a tool chain fixes.
    key = [n for n in ("EntriesSection", "EntriesProgram", ".fini_size", ".init_size", ".shstrtab_size") if n in names]
    columns = [names.index(n) for n in key]
    cluster = np.array(["/".join(str(int(v)) for v in row[columns]) for row in rows_m.x], dtype=object)
    report.update(malware_rows=before, malware_distinct=len(rows_m), malware_clusters=len(set(cluster)))
    i386 = files.meta["machine"] == "i386"
    side = np.array([bucket(s) < TRAIN_PERCENT for s in files.meta["source"]])
    fit, test = files.take(i386 & side), files.take(~side)
    pos_side = np.array([bucket(f"cluster/{c}") < 60 for c in cluster])
    fx = np.concatenate([rows_m.x[pos_side], fit.x])
    fy = np.concatenate([np.ones(pos_side.sum()), np.zeros(len(fit))])
    model = train(fx, fy, balanced(fy), names, 150)
    fold = folds(np.concatenate([cluster[pos_side], fit.meta["source"]]))
    oof = np.zeros(len(fy))
    for k in range(5):
        inside = fold != k
        oof[~inside] = train(fx[inside], fy[inside], balanced(fy[inside]), names, 150).predict(fx[~inside])
    test_score, pos_score = model.predict(test.x), model.predict(rows_m.x[~pos_side])
    made = points(oof[int(fy.sum()):], test_score, pos_score)
    threshold = made[0]["threshold"]
    report.update(points=made, auc=auc(np.concatenate([np.ones(len(pos_score)), np.zeros(len(test))]), np.concatenate([pos_score, test_score])), tpr=tpr_table(pos_score, test_score),
                  by_machine=count_by(test.meta["machine"], test_score, threshold), by_language=count_by(test.meta["language"], test_score, threshold), by_release=count_by(test.meta["release"], test_score, threshold),
                  gain=[[n, round(float(g))] for g, n in sorted(zip(model.feature_importance("gain"), names), reverse=True)[:20]], false_positives=examples(test, test_score, threshold), fit_negatives=len(fit), test_negatives=len(test), test_positives=int((~pos_side).sum()))
    # Each tool chain held out: static, Go and Rust programs, none of which training sees.
    held = {}
    for language in ("c-static", "go", "rust", "c++"):
        without = fit.meta["language"] != language
        lx = np.concatenate([rows_m.x[pos_side], fit.x[without]])
        ly = np.concatenate([np.ones(pos_side.sum()), np.zeros(without.sum())])
        s = train(lx, ly, balanced(ly), names, 150).predict(files.take(files.meta["language"] == language).x)
        held[language] = [int((s >= 0.5).sum()), len(s)]
    report["language_held_out"] = held
    # The control that decides: harmless programs of ours, built static for i386 with other C libraries.
    control = read(sorted(str(p)[: -len(".elf-miner-1.tsv")] for p in (CACHE / "controls").glob("*.elf-miner-1.tsv")), layout) if (CACHE / "controls").exists() else None
    reasons = []
    if control is not None and len(control):
        s = model.predict(control.x * mask_columns)
        report["controls"] = count_by(control.meta["group"], s, threshold)
        wrong = int((s >= threshold).sum())
        report["controls_all"] = [wrong, len(s)]
        if wrong > 0.01 * len(s):
            reasons.append(f"calls {wrong} of {len(s)} harmless static i386 programs of our own malware: it tells how a program was linked, not what it does")
    else:
        reasons.append("no control programs (harmless static programs of other C libraries) were built, so that check is missing")
    for language, (wrong, all_of) in held.items():
        if all_of and wrong > 0.01 * all_of:
            reasons.append(f"calls {wrong} of {all_of} Debian programs of a kind it had not seen ({language}) malware")
    for kind, (wrong, all_of) in report["by_machine"].items():
        if all_of and wrong > 0.005 * all_of:
            reasons.append(f"{wrong} of {all_of} false positives on machines called {kind}")
    report["ships"], report["why_not"] = not reasons, reasons
    if not reasons:
        save("elf", model, dict(name="elf", version="1", kind="elf", layout=layout, points=[made[0]] + ([made[1]] if may_block(made[1]) else []), trained=DAY,
                                data=["ELF-Miner (MIT), i386 malware rows", "Debian packages, i386 programs, split by source package"], licence="Apache-2.0", caution="Malware rows are of i386."), np.concatenate([test.x[:2], rows_m.x[:2]]))
    # What there is to measure our own layout on: distribution files by machine and language.
    own_rows = debian("elf-1").deduplicated()
    report["distribution_files"] = count_by(own_rows.meta["machine"], np.zeros(len(own_rows)), 1.0)
    report["distribution_languages"] = count_by(own_rows.meta["language"], np.zeros(len(own_rows)), 1.0)
    return report


# --- EMBER2024, where the operator has it


def ember():
    if EMBER is None:
        return dict(ships=False, why_not=["no EMBER2024 files were given (--ember DIR)"])
    files = sorted(EMBER.rglob("*.jsonl"))
    if not files:
        raise SystemExit(f"no *.jsonl below {EMBER}")
    return dict(ships=False, why_not=[f"{len(files)} files are there, but this command does not train on them yet; the crate reads their lines (model::ember::vectorize) and loads LightGBM models published for them"])


def main():
    only = sys.argv[7:] or ["scripts", "commands", "elf", "ember"]
    report = dict(seed=SEED, day=DAY, train_percent=TRAIN_PERCENT, parameters={k: v for k, v in PARAMETERS.items() if k != "num_threads"}, versions=dict(python=sys.version.split()[0], lightgbm=lgb.__version__, numpy=np.__version__))
    for name, step in dict(scripts=scripts, commands=commands, elf=elf, ember=ember).items():
        if name in only:
            say("fit:", name)
            for model in dict(scripts=["shell", "python", "perl", "php", "javascript"], commands=["command"], elf=["elf"]).get(name, []):
                for end in ("lightgbm.txt", "card.json", "scores.tsv"):
                    (OUT / f"{model}.{end}").unlink(missing_ok=True)
            (OUT / f"report-{name}.json").write_text(json.dumps(dict(report, **{name: step()}), indent=1, default=float))


main()
