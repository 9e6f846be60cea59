"""J. Ehlers' Hilbert transform of the price, through TA-Lib."""

from __future__ import annotations

from tools.indicators.ta.table import Ta, last, put

_KNOWLEDGE = "indicators/cycle-indicators"
_EHLERS = "J. Ehlers (2001), Rocket Science for Traders"
ROWS = (
    Ta("cycle_period", "Dominant cycle period", "HT_DCPERIOD", "close", "cycle_period",
       _KNOWLEDGE, _EHLERS, unit="bars"),
    Ta("cycle_phase", "Dominant cycle phase", "HT_DCPHASE", "close", "cycle_phase", _KNOWLEDGE,
       _EHLERS, unit="degrees"),
    Ta("phasor", "Phasor components", "HT_PHASOR", "close", "phasor_in_phase phasor_quadrature",
       _KNOWLEDGE, _EHLERS),
    Ta("sine_wave", "Sine wave", "HT_SINE", "close", "sine_wave sine_lead", _KNOWLEDGE, _EHLERS,
       unit="-1 to 1"),
    Ta("trend_mode", "Trend or cycle", "HT_TRENDMODE", "close", "trend_mode", _KNOWLEDGE, _EHLERS,
       unit="1 trend, 0 cycle", blank=last(63)),
    Ta("trendline", "Instantaneous trendline", "HT_TRENDLINE", "close", "trendline", _KNOWLEDGE,
       _EHLERS),
)  # fmt: skip

put("cycles", ROWS)
