"""`docs/nginx.conf` with a real nginx: it is valid, calls go through it, stalled bodies do not."""

from __future__ import annotations

import http.client
import os
import shutil
import socket
import ssl
import subprocess
import time

import pytest
import trustme

from tests.serving.served import HEAD, ROOT, free_port, read_answer, small

NGINX = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/bin:/usr/local/sbin")

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(NGINX is None, reason="nginx is not installed"),
]


class Proxy:
    """The configuration as it is, but for ports, files and, for the test's sake, a short time."""

    def __init__(self, folder, service_port):
        self.port = free_port()
        authority = trustme.CA()
        certificate = authority.issue_cert("cds.example.org")
        certificate.private_key_and_cert_chain_pem.write_to_path(folder / "cds.pem")
        self._context = ssl.create_default_context()
        authority.configure_trust(self._context)
        text = (ROOT / "docs" / "nginx.conf").read_text()
        for written, here in {
            "server 127.0.0.1:8000;": f"server 127.0.0.1:{service_port};",
            "listen 443 ssl;": f"listen 127.0.0.1:{self.port} ssl;",
            "/etc/nginx/cds.pem": f"{folder}/cds.pem",
            "/etc/nginx/cds.key": f"{folder}/cds.pem",
            "client_body_timeout 5s;": "client_body_timeout 2s;",
            "http {": "http {\n"
            + "".join(
                f"{kind}_temp_path {folder}/{kind};\n"
                for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
            ),
        }.items():
            assert text.count(written) == 1, written
            text = text.replace(written, here)
        (folder / "nginx.conf").write_text(text)
        own = f"pid {folder}/nginx.pid; error_log {folder}/error.log; daemon off;"
        if os.geteuid() == 0:
            own += " user root;"  # the folder of a test is its owner's alone
        self.command = [NGINX, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-g", own]

    def connect(self):
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=20)
        return self._context.wrap_socket(plain, server_hostname="cds.example.org")

    def call(self, method, path, body=None):
        connection = http.client.HTTPConnection("cds.example.org")
        connection.sock = self.connect()
        try:
            connection.request(method, path, body)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    with small(tmp_path_factory.mktemp("service")) as served:
        yield served


@pytest.fixture(scope="module")
def proxy(tmp_path_factory, service):
    folder = tmp_path_factory.mktemp("nginx")
    proxy = Proxy(folder, service.port)
    process = subprocess.Popen(proxy.command)
    until = time.monotonic() + 20
    while True:
        try:
            proxy.connect().close()
            break
        except OSError:
            assert time.monotonic() < until, (folder / "error.log").read_text()
            time.sleep(0.05)
    yield proxy
    process.terminate()
    process.wait(10)


def test_the_configuration_is_valid(proxy):
    checked = subprocess.run([*proxy.command, "-t"], capture_output=True, text=True, check=False)
    assert checked.returncode == 0
    assert "[warn]" not in checked.stderr


@pytest.mark.parametrize("length", [0, 1000, 300_000, 10_000_000])
def test_a_call_goes_through(proxy, length):
    status, body = proxy.call("POST", "/cds-services/x", b"a" * length)
    assert status == 200
    assert f'"length": {length},' in body.decode()


def test_a_body_that_is_too_long_is_refused_by_the_service(proxy):
    status, body = proxy.call("POST", "/cds-services/x", b"a" * 10_000_001)
    assert (status, b"OperationOutcome" in body) == (413, True)


@pytest.mark.parametrize("path", ["/metrics", "/pid", "/"])
def test_other_paths_stay_inside(proxy, path):
    assert proxy.call("GET", path)[0] == 404


def test_a_stalled_body_never_reaches_the_service(proxy, service):
    (worker,) = service.workers()
    before = len(worker.net_connections())
    stalled = [proxy.connect() for _ in range(20)]
    for connection in stalled:
        connection.sendall(HEAD.format(1000).replace("Host: x", "Host: cds.example.org").encode())
        connection.sendall(b"{")
    time.sleep(0.3)
    assert proxy.call("GET", "/healthz")[0] == 200
    assert len(worker.net_connections()) <= before + 1  # that of the honest call
    for connection in stalled:
        answer = read_answer(connection)
        assert not answer or b" 408 " in answer
    assert service.metric('ketamine_cds_turned_away_total{reason="slow-body"}') == 0
