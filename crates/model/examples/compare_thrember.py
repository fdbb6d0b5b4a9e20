"""Holds our EMBER vectors against the original extractor's on the same files, dimension by dimension.

    PYTHONPATH=EMBER2024/src python3 crates/model/examples/compare_thrember.py BINARY LAYOUT FILE-LIST [NUMBER-OF-DIFFERENCES-TO-SHOW]

BINARY is the built example `ember_vectors`; FILE-LIST has a path a line. Files on which the original raises are counted apart.
The environment needs thrember's dependencies (pefile, signify 0.7, scikit-learn, numpy).
"""
import collections
import multiprocessing
import subprocess
import sys

import numpy as np
from thrember.features import PEFeatureExtractor

EXTRACTOR = PEFeatureExtractor()
GROUPS = []
for feature in EXTRACTOR.features:
    start = GROUPS[-1][2] if GROUPS else 0
    GROUPS.append((feature.name, start, start + feature.dim))


def theirs(path):
    try:
        with open(path, "rb") as file:
            return EXTRACTOR.feature_vector(file.read()), None
    except Exception as error:  # The original lets whatever its libraries raise through.
        return None, f"{type(error).__name__}: {error}"[:100]


def main():
    binary, layout, listing = sys.argv[1:4]
    show = int(sys.argv[4]) if len(sys.argv) > 4 else 20
    paths = [line.rstrip("\n") for line in open(listing)]
    ours = subprocess.run([binary, layout], input="\n".join(paths).encode(), stdout=subprocess.PIPE, check=True).stdout
    ours = np.frombuffer(ours, dtype="<f4").reshape(len(paths), -1)
    width = ours.shape[1]
    with multiprocessing.Pool(2) as pool:
        answers = pool.map(theirs, paths, chunksize=4)
    failed = collections.Counter()
    equal_files = compared = dimensions = 0
    groups = collections.Counter()
    shown = collections.Counter()
    for path, mine, (vector, error) in zip(paths, ours, answers):
        if vector is None:
            failed[error] += 1
            continue
        compared += 1
        vector = vector[:width]
        different = np.nonzero(~((mine == vector) | (np.isnan(mine) & np.isnan(vector))))[0]
        dimensions += len(different)
        equal_files += len(different) == 0
        for name, start, end in GROUPS:
            here = different[(different >= start) & (different < end)]
            if len(here):
                groups[name] += 1
                shown[name] += 1
                if shown[name] <= show:
                    print(f"{path}: {name}: " + ", ".join(f"[{i - start}] {mine[i]!r} for {vector[i]!r}" for i in here[:6]))
    print(f"{compared} files compared; {equal_files} equal in all {width} dimensions; {dimensions} of {compared * width} values differ")
    print("files that differ by group:", dict(groups) or "none")
    print("the original fails on:", dict(failed) or "none")


if __name__ == "__main__":
    main()
