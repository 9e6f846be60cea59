"""What stands in for a model says so, and the figures that are told are those measured."""

from __future__ import annotations

from evals.sentiment import HELD_OUT, TUNING, measure, sentences
from tools.models.sentiment import tables
from tools.models.sentiment.opening import RULES, open_scorer
from tools.models.sentiment.rules import Rules


def test_the_rules_stand_in_for_a_model_and_say_so():
    assert open_scorer().notice == open_scorer("rules").notice == ""
    stood_in = open_scorer("ProsusAI/finbert")
    assert stood_in.scorer.name == "rules"
    assert "ProsusAI/finbert" in stood_in.notice
    assert "stand in" in stood_in.notice


def test_the_figures_told_are_those_that_the_sentences_give():
    rows = sentences(HELD_OUT)
    found = measure(HELD_OUT, rows, Rules())
    tuned = {row.style for row in sentences(TUNING)}
    others = [row for row in rows if row.style not in tuned]
    assert (found.count, round(found.accuracy, 3)) == (RULES.sentences, RULES.accuracy)
    assert (round(found.macro_f1, 3), round(found.majority, 3)) == (RULES.macro_f1, RULES.majority)
    assert round(measure("others", others, Rules()).accuracy, 3) == RULES.other_styles


def test_the_rules_beat_the_commonest_tone_by_far():
    found = measure(HELD_OUT, sentences(HELD_OUT), Rules())
    assert found.low > 2 * found.majority * 0.9
    assert found.macro_f1 > 0.75


def test_no_sentence_is_in_both_sets():
    held, tuned = ({row.sentence.lower() for row in sentences(n)} for n in (HELD_OUT, TUNING))
    assert not held & tuned
    assert len(held) + len(tuned) >= 300


def test_a_version_is_of_the_tables_and_the_code(monkeypatch, tmp_path):
    before = tables.version()
    for path in tables._FILE.parent.glob("*.*"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    written = (tmp_path / "tables.toml").read_text("utf-8")
    (tmp_path / "tables.toml").write_text(written.replace("profit,", "profit, gizmo,", 1), "utf-8")
    monkeypatch.setattr(tables, "_FILE", tmp_path / "tables.toml")
    tables.version.cache_clear()
    try:
        assert tables.version() != before
    finally:
        monkeypatch.undo()
        tables.version.cache_clear()


def test_no_quantity_is_both_good_and_bad():
    for phrase, meanings in tables.tables().phrases.items():
        signs = {one.sign for one in meanings if one.kind is tables.Kind.QUANTITY}
        assert len(signs) <= 1, phrase
