"""TA-Lib, imported without the data-frame library that it only looks for to accept its series.

Everything here passes plain arrays. Leaving pandas out saves a quarter of a second of a cold start;
where pandas is loaded already, nothing is left out.
"""

from __future__ import annotations

import sys

_absent = [name for name in ("pandas", "polars") if name not in sys.modules]
for _name in _absent:
    # TA-Lib treats a library that can't be imported as not installed.
    sys.modules[_name] = None  # type: ignore[assignment]
try:
    import talib
finally:
    for _name in _absent:
        del sys.modules[_name]

__all__ = ["talib"]
