"""Prices from several feeds behind one port; each feed is an adapter in ``feeds``."""
