"""Which encoding a text file has, found by reading all of it (and hashing it in the same pass).

The rule is strict: a file is taken for UTF-8 (with or without byte order mark) or UTF-16 (with mark)
only when every byte decodes; else for GB18030 only when every byte decodes, no character is of the
private-use or C1 areas, nine in ten of the non-ASCII characters at its beginning belong to GB 2312,
as they do in modern Chinese text, and no row is UTF-8. Anything else is refused, with the offset of the byte, or
with the rows where two encodings are mixed.

Stray control characters (a bell or NUL left by an export) say nothing about the encoding: they are counted,
told with their row, and taken out of the cells. A file with more than one in twenty characters of that kind is
no text (UTF-16 without a mark, a binary file) and refused.
"""

from __future__ import annotations

import codecs
import hashlib
import mmap
import re
from dataclasses import dataclass
from pathlib import Path

from lvshu.core.errors import InputError, Problem, Where
from lvshu.intake.text import CONTROLS

_BLOCK = 1 << 20
_STRANGE = re.compile("[\x80-\x9f\ue000-\uf8ff]")
_CONTROL = re.compile(f"[{CONTROLS}]")
_BYTES = bytes([*range(9), *range(14, 32), 127])
_C1 = re.compile(b"\xc2[\x80-\x9f]|\x81\x30")
"""Bytes that C1 characters begin with in UTF-8 and in GB18030."""
_MOST_CONTROLS = 20
_UTF8_ROW = re.compile(
    rb"^[\x00-\x09\x0b-\x7f]*(?:[\xe3-\xe9\xef][\x80-\xbf]{2}[\x00-\x09\x0b-\x7f]*){4,}$", re.MULTILINE
)
"""A row of ASCII and of at least four characters of three bytes in UTF-8, as Chinese ones and their signs are."""
"""One control character in so many is the most that a text may have: our convention."""
_NOT_ASCII = re.compile("[^\x00-\x7f]+")
BIG5 = "cp950"
"""Python's name of Big5 as Windows writes it."""
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_OTHER_FORMATS = (
    (b"PK\x03\x04", "xlsx"),
    (b"\xd0\xcf\x11\xe0", "xls"),
    (b"PAR1", "parquet"),
    (b"%PDF", "pdf"),
)


@dataclass(frozen=True)
class TextScan:
    """What one pass over a text file tells: its Python codec, hash and size in bytes, and what is to be told of it."""

    encoding: str
    sha256: str
    size: int
    problems: tuple[Problem, ...] = ()


@dataclass
class _Trial:
    """One codec being tried on the whole file; `failed` is the offset of the first bad byte."""

    codec: str
    strict: bool = False

    def __post_init__(self) -> None:
        self.decoder = codecs.getincrementaldecoder(self.codec)("strict")
        self.failed: int | None = None
        self.seen = 0
        self.judged = not self.strict
        self.length = self.controls = 0
        self.first_control = 0
        self.kinds: set[str] = set()

    def feed(self, block: bytes, *, final: bool) -> None:
        if self.failed is not None:
            return
        pending = self.decoder.getstate()[0]
        try:
            text = self.decoder.decode(block, final)
        except UnicodeDecodeError as error:
            self.failed = self.seen - len(pending) + error.start
            return
        strange = _STRANGE.search(text) if self.strict else None
        if strange or not self._is_chinese(text):
            position = strange.start() if strange else 0
            self.failed = self.seen - len(pending) + len(text[:position].encode(self.codec))
        self.length += len(text)
        if (
            self.codec.startswith("utf-16")
            or len(block.translate(None, _BYTES)) < len(block)
            or _C1.search(block)
        ):
            self._count(text, self.seen - len(pending))
        self.seen += len(block)

    def _count(self, text: str, before: int) -> None:
        found = _CONTROL.findall(text)
        if found and not self.controls:
            start = text.index(found[0])
            self.first_control = before + len(text[:start].encode(self.codec, "replace"))
        self.controls += len(found)
        self.kinds |= set(found)

    def _is_chinese(self, text: str) -> bool:
        if self.judged or text.isascii():
            return True
        self.judged = True
        beyond = "".join(_NOT_ASCII.findall(text))
        return len(beyond.encode("gb2312", "ignore")) // 2 * 10 >= len(beyond) * 9


def _format_of(head: bytes) -> str | None:
    return next((name for magic, name in _OTHER_FORMATS if head.startswith(magic)), None)


def scan_text(path: Path, *, encoding: str | None = None) -> TextScan:
    """Return the encoding, SHA-256 and size of a text file.

    Args:
        path: the file.
        encoding: encoding stated by the user (any Python codec); None: found by the rule above.

    Raises:
        InputError: the file is empty, is no text, or a byte of it does not decode (offset and row named).

    Returns:
        The scan; `problems` names control characters that readers take out of the cells.
    """
    with path.open("rb") as stream:
        head = stream.read(_BLOCK)
    _refuse_other(path, head)
    marked = next((codec for mark, codec in _MARKS if head.startswith(mark)), None)
    digest = hashlib.sha256()
    first = _tried(path, _Trial(encoding or marked or "utf-8"), digest)
    trials = [first]
    if first.failed is not None and not (encoding or marked):
        trials.append(_tried(path, _Trial("gb18030", strict=True)))
    failed = trials[-1].failed is not None
    mixed = _mixed(path) if len(trials) > 1 and (failed or _holds_utf8(path)) else None
    if failed or mixed:
        raise InputError(mixed or _undecodable(path, trials))
    return TextScan(trials[-1].codec, digest.hexdigest(), path.stat().st_size, _controls(path, trials[-1]))


def _controls(path: Path, trial: _Trial) -> tuple[Problem, ...]:
    """Return what is told of control characters.

    Raises:
        InputError: there are so many that the file is no text.
    """
    if not trial.controls:
        return ()
    where = Where(file=path.name, row=_row_of(path, trial.first_control)[0])
    kinds = ", ".join(f"0x{ord(one):02X}" for one in sorted(trial.kinds)[:8])
    values = {"count": trial.controls, "kinds": kinds, "characters": trial.length}
    if trial.controls * _MOST_CONTROLS > trial.length:
        raise InputError(Problem("intake.controls_many", where, values))
    return (Problem("intake.controls", where, values, "warning"),)


def _tried(path: Path, trial: _Trial, digest: hashlib._Hash | None = None) -> _Trial:
    """Return the trial after the whole file was fed to it (and to the digest)."""
    with path.open("rb") as stream:
        while True:
            block = stream.read(_BLOCK)
            trial.feed(block, final=not block)
            if digest is not None:
                digest.update(block)
            if not block or (digest is None and trial.failed is not None):
                return trial


def _refuse_other(path: Path, head: bytes) -> None:
    where = Where(file=path.name)
    if not head.strip(codecs.BOM_UTF8 + b" \t\r\n"):
        raise InputError(Problem("intake.empty_file", where))
    other = _format_of(head)
    if other:
        raise InputError(Problem("intake.not_text", where, {"format": other, "ending": path.suffix}))


def _undecodable(path: Path, trials: list[_Trial]) -> Problem:
    furthest = max(trials, key=lambda trial: trial.failed or 0)
    offset = furthest.failed or 0
    row, byte = _row_of(path, offset)
    return Problem(
        "intake.encoding",
        Where(file=path.name, row=row),
        {
            "offset": offset,
            "byte": f"0x{byte.hex()}" if byte else "EOF",
            "tried": ", ".join(trial.codec for trial in trials),
            "mapping": f"{path.stem}.mapping.toml",
            "other": _other(path),
        },
    )


def _other(path: Path) -> dict[str, str]:
    """Return a sentence that names Big5 where all of a file is text in it, mostly of its commoner characters."""
    if not _is_big5(path):
        return {"zh": "", "en": ""}
    return {
        "zh": f"；整个文件按 Big5 读得出，像是繁体中文：{BIG5}",
        "en": f"; all of it reads as Big5, so it seems to be traditional Chinese: {BIG5}",
    }


def _is_big5(path: Path) -> bool:
    """Return whether every byte of a file is Big5, and nine in ten of its double bytes signs or of the first level.

    Those have lead bytes A1 to C6 (5,401 commoner characters A440 to C67E, signs before them).
    Source: Institute for Information Industry, Big5 (1984), as in the table CP950 of Unicode.
    """
    common = double = 0
    decoder = codecs.getincrementaldecoder(BIG5)("strict")
    with path.open("rb") as stream:
        while True:
            block = stream.read(_BLOCK)
            try:
                text = decoder.decode(block, not block)
            except UnicodeDecodeError:
                return False
            leads = "".join(_NOT_ASCII.findall(text)).encode(BIG5, "ignore")[::2]
            double += len(leads)
            common += sum(0xA1 <= lead <= 0xC6 for lead in leads)
            if not block:
                return double > 0 and common * 10 >= double * 9


def _mixed(path: Path) -> Problem | None:
    """Return that some rows of a file are UTF-8 and others GB18030, with the rows; None where that is not so."""
    rows: dict[str, list[int]] = {"utf-8": [], "gb18030": []}
    with path.open("rb") as stream:
        for row, line in enumerate(stream, start=1):
            if line.isascii():
                continue
            found = next((codec for codec in rows if _decodes(line, codec)), None)
            if found is None:
                return None
            rows[found].append(row)
    if not all(rows.values()):
        return None
    fewer = min(rows.values(), key=len)
    values = {
        "utf": _ranges(rows["utf-8"]), "utf_count": len(rows["utf-8"]),
        "gb": _ranges(rows["gb18030"]), "gb_count": len(rows["gb18030"]),
    }  # fmt: skip
    return Problem("intake.mixed_encodings", Where(file=path.name, row=fewer[0]), values)


def _holds_utf8(path: Path) -> bool:
    """Return whether a row of a file that decodes as GB18030 is UTF-8: four Chinese characters or more, and no others.

    The bytes of 中国 in UTF-8 decode as GB18030, too, to other characters. That six characters of GB 2312 look like
    four of UTF-8 that are in GB 2312 again happens by chance in no text.
    """
    with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as content:
        for found in _UTF8_ROW.finditer(content):
            text = "".join(_NOT_ASCII.findall(found[0].decode("utf-8", "replace")))
            if len(text.encode("gb2312", "ignore")) // 2 * 10 >= len(text) * 9:
                return True
    return False


def _decodes(line: bytes, codec: str) -> bool:
    try:
        line.decode(codec)
    except UnicodeDecodeError:
        return False
    return True


def _ranges(rows: list[int], most: int = 6) -> str:
    """Return row numbers as text, those that follow each other as one range: "2, 4–9, 12 …"."""
    found: list[list[int]] = []
    for row in rows:
        if found and found[-1][1] == row - 1:
            found[-1][1] = row
        else:
            found.append([row, row])
    told = [f"{first}" if first == last else f"{first}–{last}" for first, last in found[:most]]
    return ", ".join(told) + (" …" if len(found) > most else "")


def _row_of(path: Path, offset: int) -> tuple[int, bytes]:
    """Return the line in which a byte stands, and the byte; empty at the end of the file."""
    row = 1
    with path.open("rb") as stream:
        remaining = offset
        while remaining and (block := stream.read(min(_BLOCK, remaining))):
            row += block.count(b"\n")
            remaining -= len(block)
        return row, stream.read(1)
