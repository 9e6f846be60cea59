"""Every worked example comes out of the desk's own tools, and the checker notices when not."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest

from knowledge_base.articles import Article, example_spans, load_articles
from knowledge_base.schema import Example
from mcp_server.knowledge import KnowledgeTool
from tests.knowledge_base.worked import (
    Desk,
    WorkedError,
    evaluate,
    faults,
    faults_of,
    found,
    has_formula,
    rounds_to,
    states,
)
from tools.assembly import assemble
from tools.catalog import ToolSpec, build_catalog
from tools.indicators.registry import indicators
from tools.settings import load_settings

EXAMPLE = Example.model_validate(
    {
        "inputs": {
            "closes": {
                "tool": "get_bars",
                "arguments": {"symbol": "IBM", "as_of": "2012-06-01", "limit": 2},
                "path": "bars.*.close",
            },
            "budget": {"value": "2000"},
        },
        "steps": [
            {"name": "change", "formula": "100 * returns(closes)[0]", "value": "-1.98"},
            {"name": "shares", "formula": "floor(budget / closes[-1])", "value": "10"},
        ],
    }
)
BODY = "IBM fell: the change was −1.98 per cent. For 2,000 one gets 10 shares."


@pytest.fixture(scope="module")
def articles() -> tuple[Article, ...]:
    return load_articles()


@pytest.fixture(scope="module")
def tools(tmp_path_factory: pytest.TempPathFactory) -> tuple[ToolSpec, ...]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TOLLGATE_FEED", "sample")
        patch.setenv("TOLLGATE_HOME", str(tmp_path_factory.mktemp("worked")))
        house = assemble(load_settings())
    return build_catalog(
        market=house.market, clock=house.clock, desk=house.desk, principal="examples"
    )


@pytest.fixture(scope="module")
def desk(tools: tuple[ToolSpec, ...]) -> Desk:
    return Desk(tools)


def test_every_example_comes_out_as_its_article_says(
    articles: tuple[Article, ...], desk: Desk
) -> None:
    assert {a.slug: wrong for a in articles if (wrong := faults_of(a, desk))} == {}


def test_every_article_with_a_formula_works_an_example(articles: tuple[Article, ...]) -> None:
    assert [a.slug for a in articles if has_formula(a) and not a.examples] == []


def test_the_figures_of_an_example_stand_in_a_section_of_its_own(
    articles: tuple[Article, ...],
) -> None:
    """So that a question about the past can be spared prices that come after it."""
    loose = {}
    for article in articles:
        shown = "\n".join(article.text[start:end] for start, end in example_spans(article.text))
        for example in article.examples:
            if example.as_of and not all(states(shown, step.value) for step in example.steps):
                loose[article.slug] = [s.value for s in example.steps if not states(shown, s.value)]
    assert loose == {}


def test_an_example_is_known_later_than_its_article(articles: tuple[Article, ...]) -> None:
    rsi = next(article for article in articles if article.slug == "relative-strength-index")
    ((start, end),) = example_spans(rsi.text)
    assert rsi.text[start:end].startswith("## Worked example\n")
    assert rsi.known_from(0, start) == rsi.known_from(end, len(rsi.text)) == rsi.known_at
    for a, b in ((start, end), (start, start + 1), (end - 1, end), (0, len(rsi.text))):
        assert rsi.known_from(a, b) == datetime(2012, 6, 1, 23, 59, 59, 999999, tzinfo=UTC)
    assert replace(rsi, examples=()).known_from(start, end) == rsi.known_at


def test_every_tool_and_every_indicator_has_its_article(
    articles: tuple[Article, ...], tools: tuple[ToolSpec, ...]
) -> None:
    known = {word for a in articles for word in (a.slug, *a.tags)}
    search = KnowledgeTool.search_knowledge.__name__
    alone = {row.name for row in indicators() if row.knowledge is None}
    wanted = {search, *(spec.name for spec in tools), *alone}
    assert {name for name in wanted if name.replace("_", "-") not in known} == set()


def test_every_article_that_an_indicator_names_is_there(articles: tuple[Article, ...]) -> None:
    slugs = {a.slug for a in articles}
    named = {row.knowledge.rpartition("/")[2] for row in indicators() if row.knowledge}
    assert named <= slugs


# ------------------------------------------------------------------------------ the checker bites


def test_a_right_example_has_no_fault(desk: Desk) -> None:
    assert faults(EXAMPLE, BODY, desk) == []


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("−1.98", "−0.44", "change: the text doesn't say -1.98"),
        ("−1.98", "1.98", "change: the text doesn't say -1.98"),
        ("10 shares", "110 shares", "shares: the text doesn't say 10"),
        ("2,000", "200", "budget: the text doesn't say 2000"),
    ],
)
def test_a_figure_that_the_text_says_otherwise_is_a_fault(
    desk: Desk, old: str, new: str, fault: str
) -> None:
    assert faults(EXAMPLE, BODY.replace(old, new), desk) == [fault]


def test_a_wrong_figure_is_a_fault_even_if_the_text_repeats_it(desk: Desk) -> None:
    first, second = EXAMPLE.steps
    wrong = EXAMPLE.model_copy(update={"steps": (first, second.model_copy(update={"value": "11"}))})
    assert faults(wrong, BODY.replace("10 shares", "11 shares"), desk) == ["shares is 10.0, not 11"]


def test_a_price_that_changes_is_a_fault(tools: tuple[ToolSpec, ...]) -> None:
    bars = next(spec for spec in tools if spec.name == "get_bars")

    def dearer(**arguments: Any) -> dict[str, Any]:
        answer = bars.call(**arguments)
        last = dict(answer["bars"][-1])
        last["close"] = str(float(last["close"]) + 1)
        return answer | {"bars": [*answer["bars"][:-1], last]}

    (fault,) = faults(EXAMPLE, BODY, Desk([replace(bars, call=dearer)]))
    assert fault.startswith("change is ")


def test_every_article_with_prices_of_the_feed_depends_on_them(
    articles: tuple[Article, ...], tools: tuple[ToolSpec, ...]
) -> None:
    """Move each figure of each answer by a share of its own: no example may survive it."""

    def moved(given: Any, share: int) -> Any:
        if isinstance(given, dict):
            return {key: moved(value, share + at) for at, (key, value) in enumerate(given.items())}
        if isinstance(given, list):
            return [moved(value, share + 7 * at) for at, value in enumerate(given)]
        try:
            return float(given) * (1 + (5 + share % 97) / 200)
        except (TypeError, ValueError):
            return given

    def crooked(spec: ToolSpec) -> ToolSpec:
        def call(**arguments: Any) -> Any:
            return moved(spec.call(**arguments), crc32(json.dumps(arguments).encode()))

        return replace(spec, call=call)

    elsewhere = Desk(crooked(spec) for spec in tools)
    survivors = [
        article.slug
        for article in articles
        for example in article.examples
        if any(given.tool for _, given in example.inputs)
        and not faults(example, article.text, elsewhere)
    ]
    assert survivors == []


def test_examples_ask_only_tools_that_read(desk: Desk) -> None:
    for name in ("propose_order", "cancel_order", "no_such_tool"):
        with pytest.raises(WorkedError, match="no reading tool"):
            desk.ask(name, {})


def test_a_refusal_of_a_tool_is_a_fault_and_no_crash(desk: Desk) -> None:
    with pytest.raises(WorkedError, match="get_bars refuses"):
        desk.ask("get_bars", {"symbol": "XYZQ"})
    with pytest.raises(WorkedError, match="get_bars refuses"):
        desk.ask("get_bars", {"symbol": "IBM", "until": "2012-06-01"})


# ------------------------------------------------------------------------------------ the formulas

CLOSES = [1.0, 2.0, 4.0, 3.0]


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("1 + 2 * 3 ** 2 / 4 - -1", 6.5),
        ("-2 ** 2", -4.0),
        ("mean(x)", 2.5),
        ("median(x)", 2.5),
        ("stdev(x)", 1.2909944487358056),
        ("pstdev(x)", 1.118033988749895),
        ("sum(x) + len(x)", 14.0),
        ("min(x) + max(x) + max(1, 7)", 12.0),
        ("x[-1] + x[0]", 4.0),
        ("sum(x[1:3])", 6.0),
        ("sum(x[-2:])", 7.0),
        ("returns(x)[0]", 1.0),
        ("log_returns(x)[1]", 0.6931471805599453),
        ("differences(x)[-1]", -1.0),
        ("sum(positive(differences(x)))", 3.0),
        ("sum(abs(x - 2))", 4.0),
        ("sum(x * x) / sum(2 * x)", 1.5),
        ("sum([1, 2, x[2]])", 7.0),
        ("cov(x, x)", 5 / 3),
        ("corr(x, -x)", -1.0),
        ("sorted(x)[2]", 3.0),
        ("percentile(x, 50)", 2.5),
        ("percentile(x, 100)", 4.0),
        ("max_drawdown(x)", 0.25),
        ("cumsum(x)[-1]", 10.0),
        ("product(x)", 24.0),
        ("floor(2.7) + ceil(2.1) + round(2.675, 1)", 7.7),
        ("norm_cdf(0)", 0.5),
        ("norm_inv(0.975)", 1.959963984540054),
        ("ema(x, 3)", 2.6666666666666665),
        ("wilder(x, 2)", 2.875),
        ("len(ema_series(x, 3)) + len(wilder_series(x, 3))", 4.0),
        ("sqrt(4) + exp(0) + ln(1)", 3.0),
    ],
)
def test_a_formula_gives_what_one_gets_by_hand(formula: str, value: float) -> None:
    assert evaluate(formula, {"x": CLOSES}) == pytest.approx(value, abs=1e-12)


@pytest.mark.parametrize(
    "formula",
    [
        "y",
        "y(x)",
        "__import__('os')",
        "eval('1')",
        "x.append",
        "x.__class__",
        "(lambda: 1)()",
        "[v for v in x]",
        "'text'",
        "True",
        "1 if x else 2",
        "1 < 2",
        "x := 3",
        "mean(x=1)",
        "mean(*x)",
        "x[0.5]",
        "x[9]",
        "x[::2]",
        "1 / 0",
        "ln(0)",
        "(-1) ** 0.5",
        "10.0 ** 400",
        "x + [1]",
        "mean(1)",
        "ema(x, 9)",
        "percentile(x, 101)",
        "import os",
        "",
    ],
)
def test_whatever_is_no_plain_arithmetic_is_refused(formula: str) -> None:
    with pytest.raises(WorkedError):
        evaluate(formula, {"x": CLOSES})


def test_a_path_walks_keys_positions_and_lists() -> None:
    answer = {"bars": [{"close": "1.5"}, {"close": 2}], "values": {"atr_14": 3.25}}
    assert found(answer, "bars.*.close") == [1.5, 2.0]
    assert found(answer, "bars.-1.close") == 2.0
    assert found(answer, "values.atr_14") == 3.25
    for path in ("bars.*.open", "values", "bars.2.close", "values.*", "bars.x.close"):
        with pytest.raises(WorkedError):
            found(answer, path)


def test_missing_or_odd_figures_of_a_tool_are_no_numbers() -> None:
    for odd in (None, True, "n/a", {}, []):
        with pytest.raises(WorkedError, match="no number"):
            found({"value": odd}, "value")


def test_a_figure_is_judged_to_the_digits_that_are_stated() -> None:
    assert rounds_to(196.2351, "196.24")
    assert rounds_to(196.2449, "196.24")
    assert not rounds_to(196.2461, "196.24")
    assert rounds_to(0.125, "0.13")
    assert rounds_to(0.125, "0.12")
    assert not rounds_to(float("nan"), "0")
    assert not rounds_to(float("inf"), "1")


def test_a_figure_must_stand_by_itself_in_the_text() -> None:
    assert states("about 196.24.", "196.24")
    assert states("12,345,678 shares", "12345678")
    assert states("a change of −3.61 per cent", "-3.61")
    assert not states("about 196.245", "196.24")
    assert not states("about 1196.24", "196.24")
    assert not states("about 0.10 of it", "0.1")
    assert not states("C_{t-1} and 5-1", "-1")


def test_an_indented_line_with_an_equals_sign_is_a_formula(
    articles: tuple[Article, ...], tmp_path: Path
) -> None:
    one = articles[0]
    assert has_formula(replace(one, text="Text:\n\n    a = b / c\n", path=tmp_path))
    assert not has_formula(replace(one, text="a = b / c\n\n    indented\n"))
