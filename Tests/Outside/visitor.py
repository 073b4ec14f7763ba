"""Somebody who set an installation up and looks at the console's pages over HTTP."""

import http.client
import re
import urllib.parse


class Visitor:
    """Makes the first account of a started `Tacet` and keeps the connection."""

    def __init__(self, tacet, mail="ada@example.org", **more):
        self.connection = http.client.HTTPConnection("127.0.0.1", tacet.console, timeout=60)
        self.origin = f"http://127.0.0.1:{tacet.console}"
        link = re.search(r"http://\S+?(/set-up/\S+)", tacet.said())[1]
        form = urllib.parse.urlencode({"mail": mail, "password": "correct horse battery staple", **more})
        fields = {"origin": self.origin, "content-type": "application/x-www-form-urlencoded"}
        self.connection.request("POST", link, form, fields)
        answer = self.connection.getresponse()
        text = answer.read()
        assert answer.status == 303, (answer.status, text[:500])
        self.cookie = answer.getheader("set-cookie").split(";")[0]

    def post(self, path, page="/settings", **form):
        """Sends a form of a page: status, where it leads, text."""
        token = re.search(r'name="token" value="([^"]+)"', self.get(page))[1]
        fields = {
            "origin": self.origin, "cookie": self.cookie, "content-type": "application/x-www-form-urlencoded"}
        self.connection.request("POST", path, urllib.parse.urlencode({"token": token, **form}), fields)
        answer = self.connection.getresponse()
        text = answer.read()
        return answer.status, answer.getheader("location"), text

    def leads(self, path):
        """Where a page sends its visitor; None when it is shown."""
        self.connection.request("GET", path, headers={"cookie": self.cookie})
        answer = self.connection.getresponse()
        answer.read()
        return answer.getheader("location")

    def get(self, path):
        """A page's text."""
        self.connection.request("GET", path, headers={"cookie": self.cookie})
        answer = self.connection.getresponse()
        text = answer.read().decode()
        assert answer.status == 200, (path, answer.status, text[:500])
        return text
