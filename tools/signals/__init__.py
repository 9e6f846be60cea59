"""From measurements to a signal: votes with sentences, and their mean."""
