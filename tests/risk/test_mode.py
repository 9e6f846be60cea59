"""The strictest hand on the switch wins, and nobody knowing is HALTED."""

import pytest

from tools.risk.mode import Mode, strictest


@pytest.mark.parametrize("a", Mode)
@pytest.mark.parametrize("b", Mode)
def test_and_is_the_strictest(a, b):
    assert a & b is min(a, b) is strictest(a, b)
    assert isinstance(a & b, Mode)


@pytest.mark.parametrize("odd", [None, 1, 2, True, "ACTIVE"])
def test_unknown_is_halted(odd):
    assert strictest(Mode.ACTIVE, odd) is Mode.HALTED
    assert Mode.ACTIVE & odd is Mode.HALTED
    assert strictest() is Mode.HALTED
