"""What the wheel takes along: the migrations, and the browser assets that npm installed.

So a board installed from the wheel can migrate its database and serve its pages without Node or a checkout.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NEEDED = ("htmx.min.js", "hx-ws.min.js", "hx-upsert.min.js", "fonts", "licences")


class Travelling(BuildHookInterface):  # type: ignore[type-arg,misc]
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":  # a checkout has both where they belong
            return
        vendor = Path(self.root, "civicboard", "static", "vendor")
        missing = [name for name in NEEDED if not (vendor / name).exists()]
        if missing:
            raise RuntimeError(f"Browser assets are missing ({', '.join(missing)}). Run: make assets")
        if self.target_name == "wheel":
            build_data["force_include"][str(Path(self.root, "migrations"))] = "civicboard/_migrations"
