"""The limits of a run: the gate's whole rule book, and who says yes when nobody is asked."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from tools.domain.money import LARGEST
from tools.risk.limits import Limits, load_limits
from tools.risk.limits_values import MOST, ApprovalPolicy

RESEARCH = "research"
APPROVED_BY = (
    "the policy of the backtest: no person was asked, and a live desk asks one wherever its limits "
    "say so"
)


def limits_of(name: str) -> Limits:
    """``research``, a profile of the desk or a file, with the person's yes left out.

    Whatever is hard in them refuses here too; what would wait for a person is approved. Raises
    ConfigError for limits that can't be read.
    """
    return unattended(_research() if name == RESEARCH else load_limits(name))


def unattended(limits: Limits) -> Limits:
    """The same limits where nothing is left to a person."""
    return replace(
        limits,
        name=f"{limits.name}, unattended",
        approval=ApprovalPolicy.ABOVE_SOFT,
        soft_order_equity=LARGEST,
        second_person_value=LARGEST,
        approvers=(),
    )


def _research() -> Limits:
    """What makes an order sound stays as tight as the desk has it; how much one may do is wide.

    A strategy is then seen as it is, not as the caps of an account cut it. Losses, drawdowns and
    streaks stop nothing, for they are what the run is to show.
    """
    big = Decimal(10)
    return replace(
        load_limits("active"),
        name=RESEARCH,
        max_order_quantity=LARGEST,
        max_order_value=LARGEST,
        max_order_equity=big,
        max_long=LARGEST,
        max_short=LARGEST,
        max_concentration=big,
        max_gross=Decimal(2),
        max_net=Decimal("1.5"),
        max_sector=big,
        max_class=big,
        max_day_loss=LARGEST,
        max_drawdown=LARGEST,
        max_day_value=LARGEST,
        messages_per_account=MOST,
        messages_per_strategy=MOST,
        messages_per_symbol=MOST,
        max_executions=MOST,
        max_losses=MOST,
        max_rejects=MOST,
        min_cancels=MOST,
        max_open_per_symbol=1000,
        max_open_per_account=10_000,
        scopes=(),
    )
