"""What all models share: tables of features, splits, training, thresholds and rates. The arguments are those of fit.py."""


import hashlib
import json
import os
import subprocess
import sys
import warnings
from pathlib import Path

import lightgbm as lgb
import numpy as np
from scipy.stats import beta

warnings.filterwarnings("ignore")
SEED = 20261125
CACHE, ROOT, SHARED, TOOL = (Path(p) for p in sys.argv[1:5])
EMBER = None if sys.argv[5] == "-" else Path(sys.argv[5])
DAY = sys.argv[6]
# A trial of the road: what comes out is not to be believed, and the card says so.
QUICK = os.environ.get("TAMON_TRAIN_QUICK") == "1"
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
    return lgb.train(PARAMETERS, data, num_boost_round=max(20, rounds // 8) if QUICK else rounds)


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
            top = float(scores_fit_neg.max(initial=0.0))
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
