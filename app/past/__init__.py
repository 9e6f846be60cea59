"""The agents on the past: the whole graph asked at one moment after another, through the desk.

It stands in ``app`` because it puts together what may not know of each other: agents, the MCP
server, the index and the tools.
"""
