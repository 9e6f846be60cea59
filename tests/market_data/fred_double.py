"""FRED on this machine: its documented answers, made from a table of vintages."""

from __future__ import annotations

from datetime import date, timedelta

KEY = "abcdefghijklmnopqrstuvwxyz123456"
FOREVER = date(9999, 12, 31)
# period -> (vintage, value); None is FRED's "."; "withdrawn" ends a value without another.
GNP = {
    "2011-10-01": [("2012-01-27", "13323.4"), ("2012-02-29", "13352.8"), ("2012-03-29", "13352.8")],
    "2012-01-01": [("2012-04-27", "13502.4"), ("2012-05-31", "13491.4")],
    "2012-04-01": [("2012-07-27", None), ("2012-07-28", "13558.0"), ("2012-08-29", "withdrawn")],
}


def rows_of(table):
    """Observations by real-time period."""
    found = []
    for period, vintages in table.items():
        for place, (day, value) in enumerate(vintages):
            later = vintages[place + 1 :]
            end = date.fromisoformat(later[0][0]) - timedelta(days=1) if later else FOREVER
            if value != "withdrawn":
                found.append(
                    (period, date.fromisoformat(day), end, "." if value is None else value)
                )
    return found


class Fred:
    """``most`` is how many vintages one question may span."""

    def __init__(self, tables=None, most=2000):
        self.tables = {"GNP": GNP} if tables is None else tables
        self.most = most

    def __call__(self, path, query, headers):
        if query.get("api_key") != KEY:
            return self._bad("The value for variable api_key is not registered.")
        table = self.tables.get(query.get("series_id"))
        if table is None:
            return self._bad("The series does not exist.")
        days = sorted({day for vintages in table.values() for day, _ in vintages})
        first, limit = int(query.get("offset", 0)), int(query.get("limit", 100_000))
        if path == "/fred/series/vintagedates":
            return 200, {"count": len(days), "vintage_dates": days[first : first + limit]}
        assert path == "/fred/series/observations"
        start = date.fromisoformat(query["realtime_start"])
        end = date.fromisoformat(query["realtime_end"])
        if sum(start <= date.fromisoformat(day) <= end for day in days) > self.most:
            return self._bad(
                f"This exceeds the maximum number of vintage dates allowed ({self.most})."
            )
        rows = [
            {
                "realtime_start": max(begins, start).isoformat(),
                "realtime_end": min(ends, end).isoformat(),
                "date": period,
                "value": value,
            }
            for period, begins, ends, value in rows_of(table)
            if begins <= end and ends >= start
        ]
        return 200, {"count": len(rows), "observations": rows[first : first + limit]}

    def _bad(self, words):
        return 400, {"error_code": 400, "error_message": f"Bad Request.  {words}"}
