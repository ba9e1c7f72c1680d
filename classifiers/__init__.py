"""Text in, dataclass out: what the hub knows about language. Knows no web and no database."""
