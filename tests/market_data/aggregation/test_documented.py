"""The document's table of sale conditions is the one that is used."""

from __future__ import annotations

import re
from pathlib import Path

from tools.market_data.aggregation.conditions import SHARED, TABLE
from tools.market_data.aggregation.items import LAST, RANGE, VOLUME

DOCUMENT = Path(__file__).parents[3] / "docs" / "bars.md"
WORDS = {"last": LAST, "range": RANGE, "volume": VOLUME}


def test_the_table_of_sale_conditions_in_the_document_is_the_one_in_the_code():
    rows = re.findall(r"^\| (both|cta|utp) \| `(.+?)` \| (.+?) \| (.+?) \|$",
                      DOCUMENT.read_text("utf-8"), re.MULTILINE)  # fmt: skip
    said = {
        (plan, " " if code == "space" else code): (
            name,
            sum(WORDS[word] for word in allowed.split(" and ") if word != "nothing"),
        )
        for plan, code, name, allowed in rows
    }
    both = {("both", code): row for code, row in SHARED.items()}
    own = {
        (plan.value, code): row
        for plan, table in TABLE.items()
        for code, row in table.items()
        if code not in SHARED
    }
    assert said == both | own
