"""What each value of a signal says of a line, in words that complete "this line ..."."""

SAYS: dict[str, dict[str, str]] = {}


def says(signal: str, value: str) -> str:
    """The sentence for a signal's value."""
    return SAYS.get(signal, {}).get(value) or f"has {signal} {value}"
