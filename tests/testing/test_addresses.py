"""Each test has a cloud and an address of its own, so a late request never reaches another test."""

from __future__ import annotations

import pytest

from fake_nova.testing.fake_nova import FakeNova

HELPERS = """
    import gc
    import json
    import socket
    import threading
    import weakref
    from contextlib import suppress
    from http.client import HTTPConnection
    from urllib.parse import urlsplit

    import pytest
    import requests

    from fake_nova.control import AdminError, Control

    left = {}

    def connect(nova):
        address = urlsplit(nova.url)
        return HTTPConnection(address.hostname, address.port, timeout=60)
"""


def run_pytest(pytester: pytest.Pytester, body: str, *options: str) -> pytest.RunResult:
    pytester.makepyfile(test_it=HELPERS + body)
    return pytester.runpytest_subprocess("-p", "no:randomly", "-p", "no:xdist", *options)


def test_a_late_request_is_answered_with_the_test_that_it_belongs_to(pytester: pytest.Pytester) -> None:
    run_pytest(
        pytester,
        """
    MESSAGE = "this request belongs to test_it.py::test_first, which has ended"

    def test_first(fake_nova, fake_nova_session):
        left.update(nova=fake_nova, session=fake_nova_session)
        left["url"] = f"{fake_nova.compute_url}/images"
        assert requests.get(left["url"]).status_code == 200

    def test_second(fake_nova, fake_nova_session):
        assert fake_nova.url != left["nova"].url
        for send in (requests.request, left["session"].request):
            for method in ("GET", "PUT", "DELETE"):
                response = send(method, left["url"], data=b"x" * 100_000)
                assert response.status_code == 410
                assert response.json() == {"computeFault": {"code": 410, "message": MESSAGE}}
                assert response.headers["Connection"] == "close"
        head = requests.head(left["url"])
        assert (head.status_code, head.content) == (410, b"")
        for call in (left["nova"].reset, left["nova"].clock.freeze, left["nova"].export, left["nova"].scope):
            with pytest.raises(AdminError, match=f"410: {MESSAGE}"):
                call()
        assert left["nova"].compute_url + "/images" == left["url"]
        assert fake_nova.requests.all() == []
        assert fake_nova.clock.mode() == "real"
    """,
    ).assert_outcomes(passed=2)


def test_an_httpx_client_of_an_ended_test_gets_the_same_answer(pytester: pytest.Pytester) -> None:
    run_pytest(
        pytester,
        """
    from fake_nova.httpx_transport import client

    def test_first(fake_nova):
        left["httpx"] = client(fake_nova.app, fake_nova.compute_url)
        assert left["httpx"].get("/images").status_code == 200

    def test_second(fake_nova):
        response = left["httpx"].get("/images")
        assert response.status_code == 410
        assert "test_it.py::test_first, which has ended" in response.text
        assert fake_nova.requests.all() == []
    """,
    ).assert_outcomes(passed=2)


def test_kept_connections_and_delays_end_with_their_test(pytester: pytest.Pytester) -> None:
    run_pytest(
        pytester,
        """
    def test_first(fake_nova):
        left["connection"] = connection = connect(fake_nova)
        connection.request("GET", "/v2.1/images")
        connection.getresponse().read()
        left["socket"] = connection.sock
        fake_nova.faults.add(delay=60, operation="images.list")
        left["slow"] = connect(fake_nova)
        left["slow"].request("GET", "/v2.1/images")
        client = fake_nova.app.test_client()
        left["thread"] = threading.Thread(target=client.get, args=("/v2.1/images",))
        left["thread"].start()
        while fake_nova.requests.count(status="") < 2:  # until both requests are in flight
            pass

    def test_second(fake_nova):
        assert left["socket"].recv(1) == b""
        assert left["slow"].sock.recv(1) == b""
        left["thread"].join(30)
        assert not left["thread"].is_alive()
        left["connection"].close()
        left["connection"].request("GET", "/v2.1/images")
        assert left["connection"].getresponse().status == 410
        assert fake_nova.requests.all() == []
    """,
    ).assert_outcomes(passed=2)


def test_the_sockets_of_the_last_64_tests_stay_open(pytester: pytest.Pytester) -> None:
    run_pytest(
        pytester,
        """
    @pytest.mark.parametrize("number", range(66))
    def test_each(fake_nova, number):
        left[number] = connect(fake_nova)

    def test_after_them(fake_nova):
        for number in range(2, 66):
            left[number].request("GET", "/v2.1/images")
            message = json.load(left[number].getresponse())["computeFault"]["message"]
            assert message == f"this request belongs to test_it.py::test_each[{number}], which has ended"
        for number in range(2):
            with pytest.raises(ConnectionRefusedError):
                left[number].request("GET", "/v2.1/images")
        names = [thread.name for thread in threading.enumerate()]
        assert names.count("fake_nova accepts connections") == 1
    """,
    ).assert_outcomes(passed=67)


def test_nothing_keeps_the_images_of_an_ended_test(pytester: pytest.Pytester) -> None:
    run_pytest(
        pytester,
        """
    def test_first(fake_nova, fake_nova_session):
        fake_nova.images.add(name="mine")
        left["scope"] = fake_nova.scope()
        assert fake_nova_session.get(f"{fake_nova.compute_url}/images/detail").status_code == 200
        clouds = fake_nova.emulator.clouds().values()
        left["stores"] = [weakref.ref(cloud.images) for cloud in clouds]
        assert len(left["stores"]) == 2
        left.update(nova=fake_nova, session=fake_nova_session, emulator=fake_nova.emulator, app=fake_nova.app)

    def test_second():
        gc.collect()
        assert [store() for store in left["stores"] if store() is not None] == []
    """,
    ).assert_outcomes(passed=2)


def test_tests_that_choose_a_port_use_it_one_after_the_other(
    pytester: pytest.Pytester, free_port: int
) -> None:
    pytester.makeconftest(
        f"""
        import pytest

        @pytest.fixture(scope="session")
        def fake_nova_settings():
            return {{"port": {free_port}}}
        """
    )
    run_pytest(
        pytester,
        """
    @pytest.mark.parametrize("dialect", ["nova", "huaweicloud", "nova"])
    def test_each(fake_nova, dialect, request):
        assert len(requests.get(f"{fake_nova.compute_url}/images").json()["images"]) == 6
        if "nova" in left:
            with pytest.raises(AdminError, match="410: .*, which has ended"):
                left["nova"].reset()
        left["nova"] = fake_nova
    """,
    ).assert_outcomes(passed=3)


def test_a_failing_teardown_shows_the_requests_to_the_cloud_also_in_the_last_test(
    pytester: pytest.Pytester,
) -> None:
    result = run_pytest(
        pytester,
        """
    @pytest.fixture
    def prepared(fake_nova):
        yield
        requests.get(f"{fake_nova.url}/v2.1/images?name=late")
        raise RuntimeError("not cleaned up")

    def test_it(prepared):
        pass
    """,
    )
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*RuntimeError: not cleaned up", "1 request:", "*/v2.1/images?name=late*"])


def test_a_cloud_elsewhere_is_a_scope_for_each_test(pytester: pytest.Pytester) -> None:
    body = """
    SERVER = Control(URL)

    def open_scopes():
        return [scope["project"]["id"] for scope in SERVER._admin.request_json("GET", "/scopes")["scopes"]]

    def test_first(fake_nova):
        left["nova"] = fake_nova
        assert open_scopes() == [fake_nova.scope_id]

    @pytest.mark.fake_nova(plan="lazy")
    def test_that_cannot_start(fake_nova):
        pass

    def test_that_closes_its_scope(fake_nova):
        assert open_scopes() == [fake_nova.scope_id]
        fake_nova.close()

    def test_second(fake_nova):
        assert open_scopes() == [fake_nova.scope_id]
        for call in (left["nova"].reset, left["nova"].clock.freeze, left["nova"].export):
            with pytest.raises(AdminError, match="404: scope: not open for this project"):
                call()
        requests.get(left["nova"].compute_url + "/images")
        assert fake_nova.requests.all() == []
    """
    with FakeNova(fixtures=("default",)) as server:
        result = run_pytest(pytester, body.replace("URL", repr(server.url)), "--fake-nova-url", server.url)
        result.assert_outcomes(passed=3, errors=1)
        assert server.emulator.scopes() == ()
