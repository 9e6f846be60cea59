"""Bars become arrays and arrays become features; the one place where Decimal becomes float."""
