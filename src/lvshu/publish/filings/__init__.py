"""Reports a bank files, from a book: as a Word document, as its machine-readable twin, and as sheets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from lvshu.publish.filings.build import build_filing
from lvshu.publish.filings.context import ALL
from lvshu.publish.filings.model import Filing
from lvshu.publish.filings.words import REPORTS
from lvshu.publish.reader import BookLike

FORMS = ("docx", "json", "xlsx")


def write_filing(
    book: BookLike,
    report: str,
    folder: Path,
    *,
    institution: str = ALL,
    language: str = "zh",
    forms: Sequence[str] = FORMS,
    changes: Mapping[str, str] | None = None,
) -> tuple[Filing, list[Path]]:
    """Write a report of a book and return it with the paths of the files, one for each form.

    Args:
        book: an open book.
        report: jrt0227, bank_guide, pcaf, issb_s2 or evaluation.
        folder: where the files are written; they are named after report, institution, year and language.
        institution: its code; * for all.
        language: zh or en, of the document and the sheets; the twin holds both.
        forms: of docx, json, xlsx.
        changes: what-if of the evaluation.

    Raises:
        InputError: the report, the institution or the figures are not there.
        MethodError: finance.what_if.
        OSError: a file cannot be written.
    """
    filing = build_filing(book, report, institution, changes=changes)
    owner = "all" if institution == ALL else "".join(sign if sign.isalnum() else "_" for sign in institution)
    stem = f"{report}_{owner}_{filing.year}"
    written = []
    for form in forms:
        if form == "docx":
            from lvshu.publish.filings.document import write_document

            written.append(write_document(filing, folder / f"{stem}.{language}.docx", language))
        elif form == "json":
            from lvshu.publish.filings.twin import write_twin

            written.append(write_twin(filing, folder / f"{stem}.json"))
        else:
            from lvshu.publish.filings.sheets import write_sheets

            written.append(write_sheets(filing, folder / f"{stem}.{language}.xlsx", language))
    return filing, written


__all__ = ["ALL", "FORMS", "REPORTS", "Filing", "build_filing", "write_filing"]
