"""What each value of a signal says of a line, in words that complete "this line ..."."""

SAYS: dict[str, dict[str, str]] = {"neighbours": {}}
