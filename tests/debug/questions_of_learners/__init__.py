"""What learners ask most about graphs, each question with a program that shows the situation, the
one command that answers it, and what the answer has to hold."""

import pytest

THEMES = ("asked", "of_graphs", "of_runs", "of_variables", "of_gradients", "of_losses")
pytest.register_assert_rewrite(*(f"{__name__}.{theme}" for theme in THEMES))
