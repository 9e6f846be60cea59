"""The rules of tone: direction, comparison, denial and doubt, and texts that mean harm."""

from __future__ import annotations

import math
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.models.sentiment.rules import Rules
from tools.models.sentiment.scorer import Tone

RULES = Rules()


def scored(text):
    return RULES.sentences([text])[0]


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ("Profit rose.", "Profit fell."),
        ("Costs fell.", "Costs rose."),
        ("The loss narrowed.", "The loss widened."),
        ("Acme raises its dividend", "Acme cuts its dividend"),
        ("Acme beats estimates", "Acme misses estimates"),
        ("Revenue came in above forecasts", "Revenue came in below forecasts"),
        ("Churn came in below forecasts", "Churn came in above forecasts"),
        ("Acme wins contract from the navy", "Acme loses contract from the navy"),
        ("Lower costs", "Higher costs"),
        ("Acme settles lawsuit", "Acme faces lawsuit"),
        ("Acme was upgraded to buy", "Acme was downgraded to sell"),
    ],
)
def test_the_same_words_the_other_way_round_have_the_other_tone(good, bad):
    assert scored(good).tone is Tone.POSITIVE
    assert scored(bad).tone is Tone.NEGATIVE


@pytest.mark.parametrize(
    ("sentence", "tone"),
    [
        ("Net profit was EUR 5.1m, compared with EUR 4.2m.", Tone.POSITIVE),
        ("Net profit was EUR 4.2m, compared with EUR 5.1m.", Tone.NEGATIVE),
        ("The net loss was $5.1 million versus $4.2 million.", Tone.NEGATIVE),
        ("Pretax profit was 9.0 mn, compared to a loss of 12.5 mn.", Tone.POSITIVE),
        ("The loss was 2.7 mn, compared to a profit of 1.3 mn.", Tone.NEGATIVE),
        ("Sales were $1.1 billion against $900 million.", Tone.POSITIVE),
        ("Profit of $51 million, or $0.80 a share, vs. $38 million, or $0.59.", Tone.POSITIVE),
        ("Margin of 31.0% from 33.4%.", Tone.NEGATIVE),
        ("Profit went from 5 million to 8 million.", Tone.POSITIVE),
        ("Profit was EUR 5.1m in 2023, compared with 2022.", Tone.NEUTRAL),
        ("Profit was $5.1 million, compared with $5.1 million.", Tone.NEUTRAL),
    ],
)
def test_figures_side_by_side_are_compared_in_their_units(sentence, tone):
    assert scored(sentence).tone is tone


@pytest.mark.parametrize(
    ("sentence", "tone"),
    [
        ("Profit did not rise.", Tone.NEGATIVE),
        ("This was not a bad quarter.", Tone.POSITIVE),
        ("No job cuts are planned.", Tone.POSITIVE),
        ("If demand falls, our revenue could decline.", Tone.NEUTRAL),
        ("Demand may weaken.", Tone.NEUTRAL),
        ("Did profit fall?", Tone.NEUTRAL),
    ],
)
def test_denial_turns_round_and_doubt_takes_away(sentence, tone):
    assert scored(sentence).tone is tone


def test_what_is_expected_counts_for_less_than_what_was():
    assert 0 < scored("We expect profit to rise.").score < scored("Profit rose.").score


def test_the_words_that_made_it_are_told_as_they_were_written():
    told = scored("Harlan Foods' quarterly Profit climbed, and costs rose.")
    assert [(one.words, one.value) for one in told.because] == [
        ("Profit climbed", 1.0),
        ("costs rose", -1.0),
    ]
    assert told.score == 0


@pytest.mark.parametrize(
    "text", ["", "   ", "12 34", "公司利润上升", "ارتفعت الأرباح", "\x00\x1b["]
)
def test_what_can_not_be_read_has_no_score_and_is_not_neutral(text):
    told = scored(text)
    assert told.tone is Tone.UNKNOWN
    assert math.isnan(told.score)


def test_a_sentence_of_another_language_in_our_letters_is_not_neutral():
    assert scored("Der Gewinn des Konzerns stieg im dritten Quartal").tone is Tone.UNKNOWN


def test_what_a_page_hides_does_not_count():
    hidden = "<p>Profit rose.</p><script>loss widened</script><p hidden>bankruptcy fraud</p>"
    assert scored(hidden).score == scored("Profit rose.").score
    assert scored("Pro\u200bfit ro\x00se\u202e.").score == scored("Profit rose.").score


def test_saying_it_again_and_again_says_it_once():
    assert scored("🚀" * 5000).score == scored("🚀").score
    assert scored("Profit rose. " * 900).score == scored("Profit rose.").score


def test_a_text_says_what_its_title_and_sentences_say_together():
    told = RULES.text("Acme cuts dividend", "Profit rose. The board met on Monday.")
    assert told.tone is Tone.NEGATIVE
    assert told.score == pytest.approx((3 * -0.5 + 0.5) / 4)
    assert RULES.text("Acme meets", "The board met on Monday.").tone is Tone.NEUTRAL
    assert RULES.text("", "").tone is Tone.UNKNOWN


@pytest.mark.parametrize(
    "piece",
    ["a", "<a ", "<b>", "&amp;", '."', "Inc. ", "9", "1,", "1.5 from 2.5 ", "\n", ". ", "\ufdfa",
     "not profit rose ", "if ", "a-", "a'", "<div>", "vs ", "\ud800"],
)  # fmt: skip
def test_a_hostile_text_takes_no_longer_than_a_long_one(piece):
    text = piece * (1_000_000 // len(piece))
    began = time.process_time()
    told = RULES.text(text, text)
    assert time.process_time() - began < 2  # a hundredth of it is usual
    assert math.isnan(told.score) or -1 <= told.score <= 1


WORDS = st.sampled_from(
    "profit loss rose fell not if from to $5.1 million 4 % , . ; ? compared with estimates "
    "beat below costs dividend cut lawsuit settled may and 🚀 Acme \ud800 <b> ' - & 五".split()
)


@given(st.one_of(st.text(), st.lists(WORDS, max_size=60).map(" ".join)))
def test_any_text_has_a_score_in_its_bounds_and_the_same_one_again(text):
    told = scored(text)
    assert (told.tone is Tone.UNKNOWN) == math.isnan(told.score)
    assert math.isnan(told.score) or -1 <= told.score <= 1
    assert repr(scored(text)) == repr(told)
    beside = RULES.sentences(["Profit fell.", text, "Costs rose."])[1]
    assert repr(beside) == repr(told)
