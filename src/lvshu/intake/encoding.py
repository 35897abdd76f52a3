"""Which encoding a text file has, found by reading all of it (and hashing it in the same pass).

The rule is strict: a file is taken for UTF-8 (with or without byte order mark) or UTF-16 (with mark)
only when every byte decodes; else for GB18030 only when every byte decodes, no character is a
control or private-use character, and nine in ten of the non-ASCII characters at its beginning belong
to GB 2312, as they do in modern Chinese text. Anything else is refused, with the offset of the byte.
"""

from __future__ import annotations

import codecs
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from lvshu.core.errors import InputError, Problem, Where

_BLOCK = 1 << 20
_STRANGE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ue000-\uf8ff]")
_NOT_ASCII = re.compile("[^\x00-\x7f]+")
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
    """What one pass over a text file tells: its Python codec, hash and size in bytes."""

    encoding: str
    sha256: str
    size: int


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

    def feed(self, block: bytes, *, final: bool) -> None:
        if self.failed is not None:
            return
        pending = self.decoder.getstate()[0]
        try:
            text = self.decoder.decode(block, final)
        except UnicodeDecodeError as error:
            self.failed = self.seen - len(pending) + error.start
            return
        strange = _STRANGE.search(text) if self.strict or "\x00" in text else None
        if strange or not self._is_chinese(text):
            position = strange.start() if strange else 0
            self.failed = self.seen - len(pending) + len(text[:position].encode(self.codec))
        self.seen += len(block)

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
    if trials[-1].failed is not None:
        raise InputError(_undecodable(path, trials))
    return TextScan(trials[-1].codec, digest.hexdigest(), path.stat().st_size)


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
    row = 1
    with path.open("rb") as stream:
        remaining = offset
        while remaining and (block := stream.read(min(_BLOCK, remaining))):
            row += block.count(b"\n")
            remaining -= len(block)
        byte = stream.read(1)
    return Problem(
        "intake.encoding",
        Where(file=path.name, row=row),
        {
            "offset": offset,
            "byte": f"0x{byte.hex()}" if byte else "EOF",
            "tried": ", ".join(trial.codec for trial in trials),
            "mapping": f"{path.stem}.mapping.toml",
        },
    )
