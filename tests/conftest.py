"""What every test has: the table of requirements, and settings that do not depend on the machine."""

from hypothesis import settings

pytest_plugins = ["pytester", "tests.requirements_table"]

# How long one example takes says something about the machine, nothing about the code.
settings.register_profile("mock-ofd", deadline=None, print_blob=True)
settings.load_profile("mock-ofd")
