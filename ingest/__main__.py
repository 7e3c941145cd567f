"""`python -m ingest PATH...` is `archive ingest PATH...`."""

import sys

from archive.cli import main

if __name__ == "__main__":
    sys.argv[1:1] = ["ingest"]
    main()
