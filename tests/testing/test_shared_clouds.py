"""`make_fake_nova`: clouds for fixtures of class, module and session scope."""

from __future__ import annotations

import pytest

from fake_nova.testing.fake_nova import FakeNova

CLIENT = """
    import json
    from urllib.error import HTTPError
    from urllib.request import urlopen

    import pytest

    def names(nova, query=""):
        with urlopen(f"{nova.compute_url}/images/detail{query}") as answer:
            return [image["name"] for image in json.load(answer)["images"]]
"""


def run_pytest(pytester: pytest.Pytester, body: str, *options: str) -> pytest.RunResult:
    pytester.makepyfile(test_it=CLIENT + body)
    return pytester.runpytest_inprocess("-p", "no:randomly", "-p", "no:xdist", *options)


@pytest.mark.parametrize("location", ["in this process", "elsewhere"])
@pytest.mark.parametrize("scope", ["class", "module", "session"])
def test_the_tests_of_a_wider_scope_share_a_cloud(
    pytester: pytest.Pytester, location: str, scope: str
) -> None:
    body = f"""
    seen = []

    @pytest.fixture(scope={scope!r})
    def nova(make_fake_nova):
        with make_fake_nova(
            fixtures=["every-status"], dialect="nova", auth_strategy="noauth", plan="slow", clock="frozen",
            images=[{{"name": "mine"}}], strict=False,
        ) as nova:
            yield nova
        seen.append(nova)

    class TestFirst:
        def test_one(self, nova):
            health = nova.health()
            assert (health["dialect"], health["images"], nova.clock.mode()) == ("nova", 10, "frozen")
            assert nova.images.add(name="second")["status"] == "queued"

        def test_two(self, nova, fake_nova):
            assert {{"mine", "second"}} < set(names(nova))
            assert "mine" not in names(fake_nova)
            assert nova.requests.count() == fake_nova.requests.count() == 1
            assert nova.url != fake_nova.url or nova.scope_id != fake_nova.scope_id

    class TestSecond:
        def test_three(self, nova):
            assert ("second" in names(nova)) is ({scope!r} != "class")
            for ended in seen:
                with pytest.raises(Exception, match="a cloud of make_fake_nova, which has ended|404: scope"):
                    ended.reset()
    """
    with FakeNova(fixtures=("every-status",)) as server:
        url_options = ["--fake-nova-url", server.url] if location == "elsewhere" else []
        run_pytest(pytester, body, *url_options).assert_outcomes(passed=3)
        assert server.emulator.scopes() == ()


def test_each_test_that_fails_within_shows_the_requests_to_the_cloud(pytester: pytest.Pytester) -> None:
    result = run_pytest(
        pytester,
        """
    @pytest.fixture(scope="class")
    def nova(make_fake_nova):
        with make_fake_nova() as nova:
            yield nova

    class TestWithin:
        def test_passes(self, nova):
            assert names(nova, "?limit=1")

        def test_fails(self, nova, fake_nova):
            names(nova, "?limit=2")
            names(fake_nova, "?limit=3")
            assert False

    def test_after():
        assert False
    """,
        "--basetemp",
        str(pytester.path / "temp"),
    )
    result.assert_outcomes(passed=1, failed=2)
    result.stdout.fnmatch_lines(
        [
            "*_ TestWithin.test_fails _*",
            "*- fake_nova -*",
            "*images/detail?limit=3*",
            "*- make_fake_nova, http://127.0.0.1:* -*",
            "*images/detail?limit=1*",
            "*images/detail?limit=2*",
            "*_ test_after _*",
        ]
    )
    text = result.stdout.str()
    assert "curl" not in text[text.index("_ test_after _") :]
    assert len(list((pytester.path / "temp").glob("fake_nova-*.yaml"))) == 2


def test_a_block_that_fails_shows_the_requests_to_its_cloud(pytester: pytest.Pytester) -> None:
    result = run_pytest(
        pytester,
        """
    @pytest.fixture(scope="module")
    def nova(make_fake_nova):
        with make_fake_nova() as nova:
            names(nova, "?name=setup")
            raise RuntimeError("not prepared")

    def test_with_a_fixture(nova):
        pass

    def test_without_a_fixture(make_fake_nova):
        with make_fake_nova() as nova:
            names(nova, "?name=call")
            assert False

    def test_after():
        assert False
    """,
    )
    result.assert_outcomes(failed=2, errors=1)
    result.stdout.fnmatch_lines(
        ["*not prepared", "*- make_fake_nova, *", "1 request:", "*?name=setup*", "*?name=call*"]
    )
    text = result.stdout.str()
    assert text.count("- make_fake_nova, ") == 2
    assert "curl" not in text[text.index("_ test_after _") :]


@pytest.mark.parametrize("source", ["option", "ini option"])
def test_the_complaints_of_a_strict_cloud_fail_the_end_of_its_block(
    pytester: pytest.Pytester, source: str
) -> None:
    pytester.makeini(f"[pytest]\nfake_nova_strict = {'true' if source == 'ini option' else 'false'}\n")
    options = "strict=True" if source == "option" else ""
    result = run_pytest(
        pytester,
        f"""
    @pytest.fixture(scope="module")
    def nova(make_fake_nova):
        with make_fake_nova({options}) as nova:
            yield nova

    def test_first(nova):
        nova.faults.add(status=503, path="/never")

    def test_second(nova):
        assert names(nova)
    """,
    )
    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(
        ["*ERROR at teardown of test_second*", "fault-1 never triggered", "*- make_fake_nova, *"]
    )


def test_a_cloud_without_a_with_statement_says_how_to_use_it(pytester: pytest.Pytester) -> None:
    result = run_pytest(
        pytester,
        """
    def test_fails(make_fake_nova):
        make_fake_nova().images.all()
    """,
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["*make_fake_nova(): the cloud is not open yet, so it has no images. Write: with *"]
    )


@pytest.mark.parametrize(
    ("options", "line"),
    [
        ("colour='red'", '*make_fake_nova: unexpected option (got "colour"); expected one of: images, *'),
        ("fixtures=[]", '*make_fake_nova: no fixture (got fixtures=[[]]); expected one, such as "empty"*'),
        ("plan='lazy'", '*plan: unknown plan (got "lazy"); expected one of: instant, *'),
        ("strict='perhaps'", '*fake_nova_strict: invalid value (got "perhaps"); expected true or false'),
    ],
)
def test_an_invalid_option_is_reported_on_one_line(
    pytester: pytest.Pytester, options: str, line: str
) -> None:
    result = run_pytest(
        pytester,
        f"""
    @pytest.fixture(scope="session")
    def nova(make_fake_nova):
        with make_fake_nova({options}) as nova:
            yield nova

    def test_never_runs(nova):
        pass
    """,
    )
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([line])
