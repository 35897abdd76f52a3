"""Error values in the binary formats of spreadsheets: xls (BIFF8 in a compound file) and xlsb.

Records are walked, nothing is computed: a record is a number, a length and so many bytes. Layouts: [MS-CFB] (compound
files), [MS-XLS] (2.4.24 BoolErr, 2.4.28 BoundSheet8, 2.4.127 Formula, 2.5.10 Bes) and [MS-XLSB] (2.4.311 BrtCellError,
2.4.670 BrtFmlaError, 2.4.304 BrtBundleSh), all of Microsoft's Open Specifications.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

VALUES = {
    0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A",
    0x2B: "#GETTING_DATA",
}  # fmt: skip
"""Error values by their byte; any other byte is an error of a later version."""
UNKNOWN = "#UNKNOWN!"
Found = dict[tuple[int, int], str]
_SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_END = 0xFFFFFFFA
"""From here on numbers of sectors are marks: end of a chain, free, table."""
_FORMULAS = frozenset({0x0006, 0x0206, 0x0406})
_BOOL_ERR, _BOUND_SHEET, _BEGIN, _STOP = 0x0205, 0x0085, 0x0809, 0x000A
_ROW, _CELL_ERROR, _FORMULA_ERROR, _BUNDLE = 0, 3, 11, 156


def errors_of_xls(content: bytes, sheet: str) -> Found:
    """Return the error values of a sheet of an xls file (Excel 97 and later) by zero-based row and column.

    Args:
        content: the file.
        sheet: its name.
    """
    book = _stream(content, "Workbook")
    start = next(
        (
            int.from_bytes(data[:4], "little")
            for number, data in _biff(book, 0)
            if number == _BOUND_SHEET and _sheet_name(data) == sheet
        ),
        None,
    )
    found: Found = {}
    if start is None:
        return found
    depth = (
        0  # a chart within the sheet keeps a copy of its figures between a beginning and an end of its own
    )
    for number, data in _biff(book, start):
        if number == _BEGIN:
            depth += 1
        elif number == _STOP:
            depth -= 1
            if depth == 0:
                break
        elif depth == 1 and number == _BOOL_ERR and len(data) >= 8 and data[7]:
            found[struct.unpack_from("<HH", data)] = VALUES.get(data[6], UNKNOWN)
        elif depth == 1 and number in _FORMULAS and data[12:14] == b"\xff\xff" and data[6] == 2:
            found[struct.unpack_from("<HH", data)] = VALUES.get(data[8], UNKNOWN)
    return found


def _sheet_name(data: bytes) -> str:
    length, wide = data[6], data[7] & 1
    return data[8 : 8 + length * (1 + wide)].decode("utf-16-le" if wide else "latin-1")


def _biff(book: bytes, start: int) -> Iterator[tuple[int, bytes]]:
    while start + 4 <= len(book):
        number, length = struct.unpack_from("<HH", book, start)
        yield number, book[start + 4 : start + 4 + length]
        start += 4 + length


def _stream(content: bytes, name: str) -> bytes:
    """Return a stream of a compound file; nothing where it is not there."""
    if content[:8] != _SIGNATURE:
        return b""
    shift, small_shift = struct.unpack_from("<HH", content, 30)
    directory, cutoff, small_table, _, more, _ = struct.unpack_from("<I4xIIIII", content, 48)
    size = 1 << shift
    sectors = list(struct.unpack_from("<109I", content, 76))
    seen = set()
    while more < _END and more not in seen:
        seen.add(more)
        *listed, more = struct.unpack_from(f"<{size // 4}I", content, (more + 1) * size)
        sectors += listed
    table = [
        entry
        for sector in sectors
        if sector < _END
        for entry in struct.unpack_from(f"<{size // 4}I", content, (sector + 1) * size)
    ]
    entries = _chain(content[size:], table, directory, size)
    root, length = struct.unpack_from("<I", entries, 116)[0], 0
    for start in range(0, len(entries), 128):
        chars = struct.unpack_from("<H", entries, start + 64)[0]
        if entries[start : start + max(chars - 2, 0)].decode("utf-16-le", "replace") == name:
            first, length = struct.unpack_from("<II", entries, start + 116)
            break
    else:
        return b""
    if length >= cutoff:
        return _chain(content[size:], table, first, size)[:length]
    small = _chain(content[size:], table, root, size)
    chains = _chain(content[size:], table, small_table, size)
    short = list(struct.unpack(f"<{len(chains) // 4}I", chains))
    return _chain(small, short, first, 1 << small_shift)[:length]


def _chain(content: bytes, table: list[int], start: int, size: int) -> bytes:
    parts: list[bytes] = []
    while start < len(table) and len(parts) <= len(table):
        parts.append(content[start * size : (start + 1) * size])
        start = table[start]
    return b"".join(parts)


def sheets_of_xlsb(book: bytes) -> dict[str, str]:
    """Return the relation of each sheet of the book's part (workbook.bin) by the sheet's name."""
    found = {}
    for number, data in _records(book):
        if number == _BUNDLE:
            relation, after = _wide(data, 8)
            name, _ = _wide(data, after)
            found[name] = relation
    return found


def errors_of_xlsb(part: bytes) -> Found:
    """Return the error values of a sheet's part (sheet1.bin) by zero-based row and column."""
    found: Found = {}
    row = -1
    for number, data in _records(part):
        if number == _ROW:
            row = int.from_bytes(data[:4], "little")
        elif number in (_CELL_ERROR, _FORMULA_ERROR) and len(data) >= 9:
            found[row, int.from_bytes(data[:4], "little")] = VALUES.get(data[8], UNKNOWN)
    return found


def _records(part: bytes) -> Iterator[tuple[int, bytes]]:
    place = 0
    while place < len(part):
        number, place = part[place], place + 1
        if number & 0x80 and place < len(part):
            number, place = (number & 0x7F) | (part[place] & 0x7F) << 7, place + 1
        length = 0
        for step in range(4):
            if place >= len(part):
                return
            byte, place = part[place], place + 1
            length |= (byte & 0x7F) << 7 * step
            if not byte & 0x80:
                break
        yield number, part[place : place + length]
        place += length


def _wide(data: bytes, place: int) -> tuple[str, int]:
    count = int.from_bytes(data[place : place + 4], "little")
    if count == 0xFFFFFFFF:
        return "", place + 4
    end = place + 4 + 2 * count
    return data[place + 4 : end].decode("utf-16-le"), end
