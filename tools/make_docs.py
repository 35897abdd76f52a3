"""Write the documents that are derived from contracts: docs/tables/. With --check, only tell whether they differ."""

from __future__ import annotations

import sys
from pathlib import Path

from lvshu.contract import all_contracts
from lvshu.contract.pages import pages

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "tables"


def stale(folder: Path) -> list[str]:
    """Return the names of pages that are missing, out of date or left over."""
    wanted = pages(all_contracts())
    there = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.md")}
    return sorted(
        {name for name, text in wanted.items() if there.get(name) != text} | (there.keys() - wanted.keys())
    )


def main() -> int:
    """Write the pages, or with --check return 1 where they are out of date."""
    if "--check" in sys.argv[1:]:
        names = stale(FOLDER)
        sys.stdout.write("\n".join(names) + ("\n" if names else ""))
        return 1 if names else 0
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in stale(FOLDER):
        (FOLDER / name).unlink(missing_ok=True)
    for name, text in pages(all_contracts()).items():
        (FOLDER / name).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
