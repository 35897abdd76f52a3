"""绿枢 lvshu: one book for a city's green transition, from the raw record to the headline."""

from __future__ import annotations

__version__ = "0.1.0"
