"""The table of requirements counts what was proved, and only that."""

import pytest

from tests.requirements_table import read_catalogue


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # they take seconds to load
    pytester.makeconftest('pytest_plugins = ["tests.requirements_table"]')
    pytester.makeini("[pytest]\nmarkers = requirement(*ids)\n")
    return pytester


def run(project: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    # In a process of its own: the plug-in must not meet its own copy in this one.
    return project.runpytest_subprocess("-p", "no:cacheprovider", *arguments)


def test_the_catalogue_is_complete():
    catalogue = read_catalogue()
    context = {one.id for one in catalogue.values() if not one.counts}
    assert len(catalogue) == 162
    assert context == {"S0-23", "S1-22", "S1-24", "S3-04", "S3-31", "S4-01", "S4-16"}
    assert list(catalogue) == sorted(catalogue)


def test_a_passing_test_proves(project):
    project.makepyfile("""
        import pytest

        @pytest.mark.requirement("S3-13", "S3-14")
        @pytest.mark.requirement("S3-15")
        def test_several(): pass

        @pytest.mark.requirement("S3-15")
        @pytest.mark.parametrize("n", [1, 2])
        def test_cases(n): pass

        @pytest.mark.requirement("S3-16")
        class TestTogether:
            def test_inside(self): pass
    """)
    result = run(project, "--requirements")
    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines(
        [
            "S3-13  proved   *",
            "*::test_several",
            "S3-15  proved   *",
            "*::test_cases (2 cases)",
            "*::test_several",
            "S3-16  proved   *",
            "*::TestTogether::test_inside",
            "S3-17  -        *",
        ]
    )
    assert result.outlines[-1] == "proved 4 of 155"


@pytest.mark.parametrize(
    "test",
    [
        "def test_it(): assert False",
        "def test_it(): pytest.skip('not here')",
        "@pytest.mark.skip(reason='not here')\ndef test_it(): pass",
        "@pytest.mark.xfail\ndef test_it(): assert False",
        "@pytest.mark.xfail\ndef test_it(): pass",
        "@pytest.fixture\ndef broken(): raise OSError\n@MARK\ndef test_it(broken): pass",
        "@pytest.fixture\ndef broken():\n    yield\n    raise OSError\n@MARK\ndef test_it(broken): pass",
        "@pytest.mark.parametrize('n', [1, 2])\ndef test_it(n): assert n == 1",
    ],
    ids=["failed", "skipped", "skip", "xfailed", "xpassed", "set-up", "tear-down", "one case"],
)
def test_nothing_else_proves(project, test):
    mark = "@pytest.mark.requirement('S3-13')"
    marked = test.replace("@MARK", mark) if "@MARK" in test else f"{mark}\n{test}"
    project.makepyfile(f"import pytest\n{marked}\n")
    assert run(project, "--requirements").outlines[-1] == "proved 0 of 155"


def test_a_failed_test_outweighs_a_passed_one(project):
    project.makepyfile("""
        import pytest
        pytestmark = pytest.mark.requirement("S3-13")

        def test_one(): pass
        def test_other(): assert False
    """)
    result = run(project, "--requirements")
    result.stdout.fnmatch_lines(["S3-13  FAILED   *", "proved 0 of 155"])
    assert result.ret == pytest.ExitCode.TESTS_FAILED


def test_context_is_not_counted(project):
    project.makepyfile("""
        import pytest

        @pytest.mark.requirement("S4-16")
        def test_it(): pass
    """)
    result = run(project, "--requirements")
    result.stdout.fnmatch_lines(["S4-16  context  *", "proved 0 of 155"])


@pytest.mark.parametrize(
    ("mark", "complaint"),
    [
        ("requirement('S3-99')", "*test_it: no such requirement: S3-99"),
        ("requirement(13)", "*test_it: no such requirement: 13"),
        ("requirement()", "*test_it: a requirement mark takes ids, nothing else"),
        ("requirement(id='S3-13')", "*test_it: a requirement mark takes ids, nothing else"),
    ],
)
def test_a_wrong_mark_stops_the_run(project, mark, complaint):
    project.makepyfile(f"import pytest\n\n@pytest.mark.{mark}\ndef test_it(): pass\n")
    result = run(project)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([complaint])


def test_without_the_option_the_last_line_is_pytests(project):
    project.makepyfile("def test_it(): pass")
    assert run(project).outlines[-1].startswith("=")
