"""A model for ELF programs, on the public tables: measured, with what decides that it may not ship."""

import numpy as np

from measure import (CACHE, DAY, SHARED, TRAIN_PERCENT, Table, auc, balanced, bucket, count_by, debian, examples, folds, legend, may_block, points, read, save,
                     tpr_table, train)


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
