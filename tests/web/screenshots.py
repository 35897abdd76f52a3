"""Screenshots small enough to keep: a page's first view at a twentieth of its size, and how far two of them differ.

At that size letters are grey bars: fonts and their rendering hardly matter, where things stand and their colours do.
"""

from __future__ import annotations

import base64
import struct
import zlib
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "baselines"
WIDTH, HEIGHT, SCALE = 1280, 900, 0.05
FAR = 40
"""Levels of grey (of 255) from which a spot counts as another one."""
MOST = 0.22
"""Share of spots that may be others: figures and texts change with the sample city, the layout does not."""
DRAWN = """() => [...document.querySelectorAll('.plot')].every((one) => {
  const place = one.getBoundingClientRect();
  return place.height === 0 || place.top > innerHeight || one.dataset.drawn;
})"""
Picture = list[list[int]]


def taken(tab: Any) -> bytes:
    """Return a small screenshot of a tab's first view, its charts drawn, as PNG."""
    tab.wait_for_function(DRAWN)
    session = tab.context.new_cdp_session(tab)
    clip = {"x": 0, "y": 0, "width": WIDTH, "height": HEIGHT, "scale": SCALE}
    found = session.send("Page.captureScreenshot", {"format": "png", "clip": clip})
    session.detach()
    return base64.b64decode(found["data"])


def grey(png: bytes) -> Picture:
    """Return a PNG of eight bits a channel as rows of levels of grey."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    place, packed, width, channels = 8, b"", 0, 3
    while place < len(png):
        size, kind = struct.unpack(">I4s", png[place : place + 8])
        body = png[place + 8 : place + 8 + size]
        if kind == b"IHDR":
            width, _, depth, colour = struct.unpack(">IIBB", body[:10])
            assert (depth, colour) in ((8, 2), (8, 6))
            channels = 3 if colour == 2 else 4
        elif kind == b"IDAT":
            packed += body
        place += 12 + size
    flat, line = zlib.decompress(packed), width * channels
    rows: Picture = []
    before = [0] * line
    for start in range(0, len(flat), line + 1):
        before = _plain(flat[start], flat[start + 1 : start + 1 + line], before, channels)
        rows.append([sum(before[one : one + 3]) // 3 for one in range(0, line, channels)])
    return rows


def _plain(filtered: int, line: bytes, before: list[int], channels: int) -> list[int]:
    """Return a line of a PNG without its filter."""
    made: list[int] = []
    for place, byte in enumerate(line):
        left = made[place - channels] if place >= channels else 0
        up = before[place]
        corner = before[place - channels] if place >= channels else 0
        guess = (0, left, up, (left + up) // 2, _paeth(left, up, corner))[filtered]
        made.append((byte + guess) & 255)
    return made


def _paeth(left: int, up: int, corner: int) -> int:
    guess = left + up - corner
    return min((left, up, corner), key=lambda one: abs(guess - one))


def other_spots(one: Picture, two: Picture) -> float:
    """Return the share of spots in which two pictures differ; one where their sizes do."""
    if [len(row) for row in one] != [len(row) for row in two]:
        return 1.0
    spots = [(a, b) for left, right in zip(one, two, strict=True) for a, b in zip(left, right, strict=True)]
    return sum(abs(a - b) > FAR for a, b in spots) / len(spots)
