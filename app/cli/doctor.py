"""``tollgate doctor``: what is configured, reachable and missing, and what to do about it."""

from __future__ import annotations

from app.cli.output import JsonFlag, print_json, table


def doctor(json_: JsonFlag = False) -> int:
    """Check every part; exits with 1 when something stops the desk from working."""
    from app.health import examine

    findings = examine()
    ok = all(row.status != "broken" for row in findings)
    if json_:
        print_json(
            {
                "ok": ok,
                "checks": [
                    {"part": r.part, "status": r.status, "found": r.found, "advice": r.advice}
                    for r in findings
                ],
            }
        )
    else:
        table(
            "Tollgate doctor",
            ["part", "status", "found", "what to do"],
            [[r.part, r.status, r.found, r.advice] for r in findings],
        )
    return 0 if ok else 1
