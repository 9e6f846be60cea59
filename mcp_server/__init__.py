"""The desk's tools over the Model Context Protocol: in memory, on stdio, or over HTTP."""
