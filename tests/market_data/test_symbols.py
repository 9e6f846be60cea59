from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.domain.errors import InputError
from tools.domain.instrument import AssetClass
from tools.market_data.symbols import canonical, listing


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (" ibm ", "IBM"),
        ("brk.b", "BRK.B"),
        ("BRK-B", "BRK-B"),
        ("btc-usd", "BTC/USD"),
        ("BTC/USD", "BTC/USD"),
        ("^gspc", "^GSPC"),
    ],
)
def test_a_symbol_has_one_spelling(written, read):
    assert canonical(written) == read


@pytest.mark.parametrize(
    "written",
    ["", "  ", "../etc", "A/../B", "IBM;DROP", "IBM\nX", "ＩＢＭ", "a" * 21, "I BM", "-IBM", "IBM.",
     "%2e", "IBM\x00", "ıbm", "ſpy"],
)  # fmt: skip
def test_what_cannot_be_a_symbol_is_refused_with_a_sentence(written):
    with pytest.raises(InputError, match="symbol"):
        canonical(written)


@given(st.text(max_size=30))
def test_any_text_is_a_symbol_or_an_input_error(text):
    try:
        found = canonical(text)
    except InputError:
        return
    assert canonical(found) == found
    assert found.isascii()
    assert ".." not in found


def test_the_shape_of_a_symbol_says_its_class():
    assert listing("IBM", "IBM", "FILE").asset_class is AssetClass.EQUITY
    assert listing("BRK-B", "BRK-B", "FILE").asset_class is AssetClass.EQUITY
    assert listing("BTC/USD", "Bitcoin", "FILE").asset_class is AssetClass.CRYPTO
    for symbol in ("XAU/USD", "XAU/XAG", "USD/TRY", "EUR/CNH"):
        dealt = listing(symbol, symbol, "FILE")
        assert (dealt.asset_class, dealt.calendar) == (AssetClass.FOREX, "24/5")
    euro = listing("EUR/GBP", "Euro", "FILE")
    assert (euro.asset_class, euro.currency) == (AssetClass.FOREX, "GBP")
