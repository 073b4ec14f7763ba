"""HTTP/1.1 requests whose framing an honest client never sends, with what a strict server says.

`refused`: an error status or nothing, and the connection ends. `taken`: one well-formed answer of the gate or the route
table (401, 404, 405). A number: exactly that many answers, all taken.
"""

HEAD = b"Host: a\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n"

CASES = {
    "length twice, same": (b"POST / HTTP/1.1\r\n" + HEAD + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\nab", "refused"),
    "length twice": (b"POST / HTTP/1.1\r\n" + HEAD + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\nabc", "refused"),
    "length list": (b"POST / HTTP/1.1\r\n" + HEAD + b"Content-Length: 2, 2\r\n\r\nab", "refused"),
    "length plus": (b"POST / HTTP/1.1\r\n" + HEAD + b"Content-Length: +2\r\n\r\nab", "refused"),
    "length minus": (b"POST / HTTP/1.1\r\n" + HEAD + b"Content-Length: -2\r\n\r\nab", "refused"),
    "length hex": (b"POST / HTTP/1.1\r\n" + HEAD + b"Content-Length: 0x2\r\n\r\nab", "refused"),
    "length space": (b"POST / HTTP/1.1\r\n" + HEAD + b"Content-Length: 2 2\r\n\r\nab", "refused"),
    "length overflow": (b"POST / HTTP/1.1\r\n" + HEAD + b"Content-Length: 18446744073709551617\r\n\r\nab", "refused"),
    "length empty": (b"POST / HTTP/1.1\r\n" + HEAD + b"Content-Length: \r\n\r\nab", "refused"),
    "coding and length": (b"POST / HTTP/1.1\r\n" + CHUNKED + b"Content-Length: 5\r\n\r\n0\r\n\r\n", "refused"),
    "coding gzip, chunked": (
        b"POST / HTTP/1.1\r\n" + HEAD + b"Transfer-Encoding: gzip, chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n", "refused"),
    "coding chunked, gzip": (
        b"POST / HTTP/1.1\r\n" + HEAD + b"Transfer-Encoding: chunked, gzip\r\n\r\n2\r\nab\r\n0\r\n\r\n", "refused"),
    "coding identity": (b"POST / HTTP/1.1\r\n" + HEAD + b"Transfer-Encoding: identity\r\n\r\nab", "refused"),
    "coding twice": (
        b"POST / HTTP/1.1\r\n" + CHUNKED + b"Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n", "refused"),
    "coding in 1.0": (b"POST / HTTP/1.0\r\n" + CHUNKED + b"\r\n2\r\nab\r\n0\r\n\r\n", "refused"),
    "chunk extension with LF": (b"POST / HTTP/1.1\r\n" + CHUNKED + b"\r\n2;\nxx\r\nab\r\n0\r\n\r\n", "refused"),
    "chunks by LF": (b"POST / HTTP/1.1\r\n" + CHUNKED + b"\r\n2\nab\n0\n\n", "refused"),
    "last chunk by LF": (b"POST / HTTP/1.1\r\n" + CHUNKED + b"\r\n0\n\r\n", "refused"),
    "chunk overflow": (b"POST / HTTP/1.1\r\n" + CHUNKED + b"\r\nFFFFFFFFFFFFFFFFF\r\nab\r\n0\r\n\r\n", "refused"),
    "chunk 0x": (b"POST / HTTP/1.1\r\n" + CHUNKED + b"\r\n0x2\r\nab\r\n0\r\n\r\n", "refused"),
    "chunk space": (b"POST / HTTP/1.1\r\n" + CHUNKED + b"\r\n2 \r\nab\r\n0\r\n\r\n", "refused"),
    "chunk too long": (b"POST / HTTP/1.1\r\n" + CHUNKED + b"\r\n2\r\nabXX0\r\n\r\n", "refused"),
    "length in trailer": (b"POST / HTTP/1.1\r\n" + CHUNKED + b"\r\n0\r\nContent-Length: 9\r\n\r\n", "refused"),
    "heads by LF": (b"GET / HTTP/1.1\nHost: a\n\n", "refused"),
    "folded field": (b"GET / HTTP/1.1\r\n" + HEAD + b"X: a\r\n b\r\n\r\n", "refused"),
    "no host": (b"GET / HTTP/1.1\r\n\r\n", "refused"),
    "two hosts": (b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "refused"),
    "absolute form, other host": (b"GET http://evil/ HTTP/1.1\r\n" + HEAD + b"\r\n", "refused"),
    "connect": (b"CONNECT evil:443 HTTP/1.1\r\n" + HEAD + b"\r\n", "refused"),
    "options *": (b"OPTIONS * HTTP/1.1\r\n" + HEAD + b"\r\n", "refused"),
    "trace": (b"TRACE / HTTP/1.1\r\n" + HEAD + b"\r\n", "refused"),
    "HTTP/0.9": (b"GET /\r\n", "refused"),
    "HTTP/1.2": (b"GET / HTTP/1.2\r\n" + HEAD + b"\r\n", "refused"),
    "NUL in a value": (b"GET / HTTP/1.1\r\n" + HEAD + b"X: a\0b\r\n\r\n", "refused"),
    "CR in a value": (b"GET / HTTP/1.1\r\n" + HEAD + b"X: a\rb\r\n\r\n", "refused"),
    "space before colon": (b"GET / HTTP/1.1\r\nHost : a\r\n\r\n", "refused"),
    "empty name": (b"GET / HTTP/1.1\r\n" + HEAD + b": x\r\n\r\n", "refused"),
    "lower method": (b"get / HTTP/1.1\r\n" + HEAD + b"\r\n", "refused"),
    "odd method": (b"FOO / HTTP/1.1\r\n" + HEAD + b"\r\n", "refused"),
    "fragment": (b"GET /a#b HTTP/1.1\r\n" + HEAD + b"\r\n", "refused"),
    "space in target": (b"GET /a b HTTP/1.1\r\n" + HEAD + b"\r\n", "refused"),
    "UTF-8 in target": (b"GET /\xc3\xa9 HTTP/1.1\r\n" + HEAD + b"\r\n", "refused"),
    "length with zeros": (b"POST / HTTP/1.1\r\n" + HEAD + b"Content-Length: 0002\r\n\r\nab", "any"),
    "get with body": (b"GET / HTTP/1.1\r\n" + HEAD + b"Content-Length: 2\r\n\r\nab", "any"),
    "chunked": (b"POST / HTTP/1.1\r\n" + CHUNKED + b"\r\n2\r\nab\r\n0\r\n\r\n", "taken"),
    "CHUNKED": (b"POST / HTTP/1.1\r\n" + HEAD + b"Transfer-Encoding: CHUNKED\r\n\r\n2\r\nab\r\n0\r\n\r\n", "taken"),
    "chunk extension": (b"POST / HTTP/1.1\r\n" + CHUNKED + b"\r\n2;x=y\r\nab\r\n0\r\n\r\n", "any"),
    "trailer": (b"POST / HTTP/1.1\r\n" + CHUNKED + b"\r\n0\r\nX-T: 1\r\n\r\n", "taken"),
    "underscore": (b"GET / HTTP/1.1\r\n" + HEAD + b"Content_Length: 5\r\n\r\n", "taken"),
    "tab": (b"GET / HTTP/1.1\r\n" + HEAD + b"X:\ta\r\n\r\n", "taken"),
    "leading CR LF": (b"\r\n\r\nGET / HTTP/1.1\r\n" + HEAD + b"\r\n", "taken"),
    "upgrade h2c": (
        b"GET / HTTP/1.1\r\n" + HEAD + b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
        b"HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n\r\n", "taken"),
    "pipelined": (b"GET /1 HTTP/1.1\r\n" + HEAD + b"\r\nGET /2 HTTP/1.1\r\n" + HEAD + b"\r\n", 2),
}
