"""``python -m tests.catalogue`` writes docs/catalogue.md; with ``--holes`` it prints what has no scenario instead."""

from __future__ import annotations

import sys

from tests.catalogue.inventory import holes
from tests.catalogue.page import PAGE, page


def main() -> int:
    """Writes the page, or prints the holes; 1 where there are any."""
    found = holes()
    sys.stdout.write("".join(f"{each.part}: {each.name}\n" for each in found))
    if "--holes" not in sys.argv[1:]:
        PAGE.write_text(page(), encoding="utf-8")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
