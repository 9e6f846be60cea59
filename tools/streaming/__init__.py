"""From a stream of trades, quotes and bars to prices on the bus, and back from a recording.

``chain`` reads a ``source`` and publishes; ``hub`` hands on to whoever watches; ``replay`` stands
in for a live feed from a ``recording``, which ``recorder`` makes.
"""
