"""Print what a store holds as sorted N-Quads: ``python -m tests.dump_store DIR``.

The files of a database differ from build to build where its content does not.
"""

from __future__ import annotations

import sys
from pathlib import Path

from paperkg.store import open_store


def main() -> None:
    """Print the quads of the store in the folder that the first argument names."""
    store = open_store(Path(sys.argv[1]))
    sys.stdout.writelines(sorted(f"{quad} .\n" for quad in store))


if __name__ == "__main__":
    main()
