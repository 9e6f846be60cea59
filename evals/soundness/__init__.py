"""Whether the gate ever lets through what it must not, by an oracle that shares no code with it."""
