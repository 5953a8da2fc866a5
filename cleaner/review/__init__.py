"""Review: a local page on which a person decides about uncertain and repeated lines; the answers become rules."""

from cleaner.review.answers import Answers, ReviewError
from cleaner.review.questions import Question, Scope, gather
from cleaner.review.session import Outcome, review

__all__ = ["Answers", "Outcome", "Question", "ReviewError", "Scope", "gather", "review"]
