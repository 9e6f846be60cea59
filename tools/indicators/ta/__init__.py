"""TA-Lib's functions as tables: one row each, made into registered indicators by ``table``.

What is too short or touches a gap is NaN (``arrays.by_stretch``); before that TA-Lib's own rules
hold, named in the row's source where they differ from the textbook.
"""
