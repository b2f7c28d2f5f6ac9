"""One lesson alone: pytest -m lesson05."""


def pytest_configure(config):
    for number in [*(f"{n:02}" for n in range(11)), "why_c"]:
        config.addinivalue_line("markers", f"lesson{number}: the tests of this lesson")
