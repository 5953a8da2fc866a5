"""The report of a run: what was removed and why, as one page that needs no network."""

from cleaner.report.collect import ArticleReport, RunReport
from cleaner.report.page import ReportError

__all__ = ["ArticleReport", "ReportError", "RunReport"]
