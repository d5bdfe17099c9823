"""What people type about a problem, or a file tells of it, made into valid, frozen data."""

from __future__ import annotations

from civicboard.problems.forms.posting import EditedProblem, NewProblem
from civicboard.problems.forms.reports import Report

__all__ = ["EditedProblem", "NewProblem", "Report"]
