"""``tollgate features``: what can be computed, its values, and what they told of the future."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.output import AsOf, JsonFlag, print_json, table

if TYPE_CHECKING:
    from tools.catalog.features import FeatureTools

cli = typer.Typer(
    help="Features for models: list, show, compute, importance.", no_args_is_help=True
)
Symbol = Annotated[str, typer.Argument(help="a ticker such as IBM")]
Names = Annotated[
    list[str] | None,
    typer.Argument(help="features such as log_move_5, hurst or rsi_14@1w; a standard set if none"),
]
MarketOption = Annotated[
    str | None, typer.Option("--market", help="a ticker that beta and correlation are taken to")
]


def _tools() -> FeatureTools:
    from tools.assembly import build_market, open_features, open_state, open_tone
    from tools.catalog.build import news_of
    from tools.catalog.features import FeatureTools
    from tools.clock import FeedClock
    from tools.settings import load_settings

    settings = load_settings()
    open_state(settings)
    market = build_market(settings)
    news = news_of(open_tone(settings))
    return FeatureTools(market, FeedClock(market.latest), open_features(settings), news)


@cli.command("list")
def list_(
    family: Annotated[
        str | None, typer.Option("--family", help="only these, such as wavelet or calendar")
    ] = None,
    json_: JsonFlag = False,
) -> None:
    """Every feature; any indicator is one too (`tollgate indicators list`)."""
    from tools.assembly import open_state
    from tools.catalog.features import known_features
    from tools.settings import load_settings

    open_state(load_settings())
    found = known_features(family)
    if json_:
        print_json(found)
        return
    rows = found["features"]
    table(
        f"{len(rows)} features",
        ["name", "family", "what", "outputs", "unit"],
        [[r["name"], r["family"], r["label"], ", ".join(r["outputs"]), r["unit"]] for r in rows],
    )


@cli.command()
def show(
    name: Annotated[str, typer.Argument(help="a feature such as wavelet_energy")],
    json_: JsonFlag = False,
) -> None:
    """What a feature is: inputs, parameters, unit, and who described it."""
    from tools.assembly import open_state
    from tools.catalog.features import described
    from tools.settings import load_settings

    open_state(load_settings())
    found = described(name)
    if json_:
        print_json(found)
        return
    rows = [[key.replace("_", " "), _plain(value)] for key, value in found.items()]
    table(found["label"], ["", ""], rows)


@cli.command()
def compute(
    symbol: Symbol,
    names: Names = None,
    last: Annotated[int, typer.Option(min=1, max=1000, help="how many rows, newest last")] = 5,
    timeframe: Annotated[
        str | None, typer.Option("--timeframe", help="of the rows, such as 1d, 1w or 5m")
    ] = None,
    market: MarketOption = None,
    set_: Annotated[
        list[str] | None, typer.Option("--set", help="a parameter, such as spectrum.window=128")
    ] = None,
    as_of: AsOf = None,
    json_: JsonFlag = False,
) -> None:
    """Features of the last bars, each from what was known then; gaps are empty."""
    from tools.catalog.features import STANDARD

    found = _tools().rows(
        symbol,
        names or STANDARD,
        last,
        as_of=as_of,
        timeframe=timeframe,
        market=market,
        params=_params(set_ or []),
    )
    if json_:
        print_json(found)
        return
    rows = [
        [name, *("" if value is None else f"{value:,.5g}" for value in values)]
        for name, values in found["values"].items()
    ]
    known = [moment[:16].replace("T", " ") for moment in found["known_at"]]
    table(f"{found['symbol']} from {found['feed']}, UTC", ["feature", *known], rows)
    _told(found)
    print(f"Version {found['version']} of {found['bars']} bars.")


@cli.command()
def importance(
    symbol: Symbol,
    names: Names = None,
    ahead: Annotated[int, typer.Option(min=1, max=250, help="bars of the return to tell of")] = 5,
    window: Annotated[
        int, typer.Option(min=60, max=2500, help="rows that each figure is of")
    ] = 504,
    step: Annotated[int, typer.Option(min=1, max=2500, help="rows from one figure to next")] = 63,
    market: MarketOption = None,
    as_of: AsOf = None,
    json_: JsonFlag = False,
) -> None:
    """How much each feature told of the next return, by what was known at each moment."""
    from tools.catalog.features import STANDARD

    found = _tools().importance(
        symbol,
        names or STANDARD,
        ahead=ahead,
        window=window,
        step=step,
        as_of=as_of,
        market=market,
    )
    if json_:
        print_json(found)
        return
    rows = [
        [r["name"], *(_number(r[k]) for k in ("information", "chance", "rank_correlation")),
         r["pairs"], sparkline(r["over_time"])]
        for r in found["features"]
    ]  # fmt: skip
    table(
        f"{found['symbol']}: the return of the next {ahead} bars",
        ["feature", "information", "by chance", "rank correlation", "pairs", "over time"],
        rows,
    )
    print(f"Method: {found['method']}.")
    _told(found)


def sparkline(values: list[float | None], width: int = 16) -> str:
    """The last values as bars from zero to the largest; a dot where there is none."""
    shown = values[-width:]
    top = max((value for value in shown if value is not None), default=0) or 1
    blocks = "▁▂▃▄▅▆▇█"
    return "".join("·" if v is None else blocks[min(int(v / top * 8), 7)] for v in shown)


def _told(found: dict[str, Any]) -> None:
    if found["notice"]:
        print(found["notice"])
    for name, why in found["unavailable"].items():
        print(f"Unavailable: {name}, because {why}.")


def _params(given: list[str]) -> dict[str, dict[str, float]]:
    from tools.domain.errors import InputError

    params: dict[str, dict[str, float]] = {}
    for text in given:
        name, _, rest = text.partition(".")
        key, _, value = rest.partition("=")
        try:
            number = float(value)
        except ValueError:
            raise InputError(
                f"--set takes FEATURE.PARAMETER=NUMBER, such as spectrum.window=128, was {text!r}."
            ) from None
        params.setdefault(name, {})[key] = int(number) if number.is_integer() else number
    return params


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"


def _plain(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key}={one}" for key, one in value.items()) or "none"
    return ", ".join(value) if isinstance(value, list) else str(value)
