"""Write forms as PDFs, each with its truth as JSON beside it.

python -m tests.forms FOLDER [NAME...]    all forms, or those named
python -m tests.forms --fixed             the PDFs kept in tests/data, anew
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from tests.forms import FORMS, producers
from tests.forms.truth import save

FIXED_FOLDER = Path(__file__).parents[1] / "data"
PRODUCERS_FOLDER = FIXED_FOLDER / "producers"
FIXED = (
    "fandol",
    "fandol_two_columns",
    "xelatex_hyperref",
    "pdflatex_bold",
    "word",
    "word_styles_numbered_han",
    "chromium",
    "scanned",
    "mixed_scanned",
    "encrypted",
    "owner_password",
    "rotated",
    "gbk_mojibake",
    "founder",
    "gbkp_euc_h",
)


def write(names: Iterable[str], folder: Path) -> int:
    """Write forms and their truths; returns how many this machine could not make."""
    folder.mkdir(parents=True, exist_ok=True)
    skipped = 0
    for name in names:
        form = FORMS[name]
        if form.needs:
            print(f"{name}: {form.needs}", file=sys.stderr)
            skipped += 1
            continue
        with tempfile.TemporaryDirectory() as made:
            pdf = form.make(Path(made))
            target = Path(shutil.copy(pdf, folder))
            save(form.truth_of(pdf), target)
        print(target)
    return skipped


def write_producers() -> int:
    """Write the pages of further programs; returns 1 where this machine can't."""
    if reason := producers.lacks():
        print(f"producers: {reason}", file=sys.stderr)
        return 1
    print(*producers.write_all(PRODUCERS_FOLDER), sep="\n")
    return 0


def main() -> int:
    """Write what the command line names."""
    parser = argparse.ArgumentParser(description="Write the test text in many forms.")
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("names", metavar="NAME", nargs="*", help="default: all")
    parser.add_argument("--fixed", action="store_true", help="renew tests/data")
    options = parser.parse_args()
    if options.fixed == bool(options.folder):
        parser.error("give a FOLDER or --fixed")
    unknown = sorted(set(options.names) - set(FORMS))
    if unknown:
        parser.error(f"no such form: {', '.join(unknown)}; there are {', '.join(FORMS)}")
    if options.fixed:
        return 1 if write(FIXED, FIXED_FOLDER) + write_producers() else 0
    return 1 if write(options.names or FORMS, options.folder) else 0


if __name__ == "__main__":
    sys.exit(main())
