"""The documents say what the program does: derived pages are up to date, named commands exist."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path


def test_the_table_pages_are_up_to_date(repository: Path) -> None:
    done = subprocess.run(
        [sys.executable, "tools/make_docs.py", "--check"],
        cwd=repository,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"run `just docs`; out of date: {done.stdout.split()} {done.stderr}"


def test_links_between_documents_lead_somewhere(repository: Path) -> None:
    broken = []
    for path in [*repository.glob("*.md"), *(repository / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#\s]+)", path.read_text(encoding="utf-8")):
            if not target.startswith("http") and not (path.parent / target).exists():
                broken.append(f"{path.relative_to(repository)} -> {target}")
    assert not broken, "\n".join(broken)


def test_the_two_readmes_have_the_same_sections(repository: Path) -> None:
    counts = [
        re.findall(r"^(#+) ", (repository / name).read_text(encoding="utf-8"), re.MULTILINE)
        for name in ("README.md", "README.zh.md")
    ]
    assert counts[0] == counts[1]
    blocks = [
        re.findall(r"```.*?```", (repository / name).read_text(encoding="utf-8"), re.DOTALL)
        for name in ("README.md", "README.zh.md")
    ]
    assert [re.sub(r"\s*#.*", "", block) for block in blocks[0]] == [
        re.sub(r"\s*#.*", "", block) for block in blocks[1]
    ]
