"""`python -m benchmarks.cost.differ OLD NEW`: csv-diff on two versions of the file."""

import sys
from pathlib import Path

from csv_diff import compare, load_csv

if __name__ == "__main__":
    with Path(sys.argv[1]).open(encoding="utf-8") as old, Path(sys.argv[2]).open(encoding="utf-8") as new:
        found = compare(load_csv(old, key="id"), load_csv(new, key="id"))
    sys.stdout.write(f"{len(found['changed'])} changed\n")
