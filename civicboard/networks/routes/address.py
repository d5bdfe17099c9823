"""Where these doors stand."""

from __future__ import annotations

HERE = "/problems/{number:int}/network"
