"""A provider that speaks HTTP/2: nginx with TLS in front of a scripted one."""

import shutil
import socket
import subprocess
import tempfile
import time
import unittest

import tacet_process

CONFIGURATION = """
daemon off; pid {folder}/pid; error_log {folder}/log; events {{}}
http {{
    access_log off; client_body_temp_path {folder}/in; proxy_temp_path {folder}/out; fastcgi_temp_path {folder}/f;
    uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s; client_max_body_size 0;
    server {{
        listen 127.0.0.1:{port} ssl http2; ssl_certificate {certificate}; ssl_certificate_key {key};
        location / {{
            proxy_pass http://127.0.0.1:{behind}; proxy_http_version 1.1; proxy_request_buffering off;
            proxy_set_header host $http_host; proxy_set_header x-protocol $server_protocol;
        }}
    }}
}}
"""


class Front:
    """Requests for `https://localhost:<port>` reach the port behind it; `x-protocol` says what they came by."""

    def __init__(self, behind):
        program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
        if not program:
            raise unittest.SkipTest("nginx is not installed: there is no provider that speaks HTTP/2")
        self.folder = tempfile.mkdtemp(prefix="tacet-front-")
        self.port = tacet_process.free_port()
        self.certificate, key = tacet_process.self_signed(self.folder)
        path = f"{self.folder}/nginx.conf"
        with open(path, "w", encoding="utf-8") as out:
            out.write(CONFIGURATION.format(
                folder=self.folder, port=self.port, certificate=self.certificate, key=key, behind=behind))
        self.process = subprocess.Popen([program, "-c", path, "-p", self.folder], stderr=subprocess.DEVNULL)
        end = time.monotonic() + 10
        while True:
            try:
                return socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            except OSError:
                if time.monotonic() > end or self.process.poll() is not None:
                    self.stop()
                    raise
                time.sleep(0.05)

    def stop(self):
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
