import HTTPTypes
import Hummingbird
import NIOCore

/// What every answer of the pages carries: no third party, no inline script, no frame, no copy in a cache. The referrer
/// stays here; with none at all a browser would name no origin beside a form.
enum PageHeaders {
    private static func policy(_ connects: String) -> String {
        """
        default-src 'none'; script-src 'self'; style-src 'self'; connect-src \(connects); img-src 'self'; \
        form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; \
        trusted-types 'none'
        """
    }

    static func answer(
        _ body: some Sequence<UInt8>, _ type: String, _ status: HTTPResponse.Status, connects: String? = nil
    ) -> Response {
        var headers: HTTPFields = [
            .contentType: type, .cacheControl: "no-store", .xContentTypeOptions: "nosniff",
            .contentSecurityPolicy: policy(connects ?? "'self'"),
        ]
        for (name, value) in [
            ("referrer-policy", "same-origin"), ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            ("permissions-policy", "camera=(), geolocation=(), microphone=(), browsing-topics=()"),
        ] {
            if let name = HTTPField.Name(name) { headers[name] = value }
        }
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
    }

    static func plain(_ text: String, _ status: HTTPResponse.Status) -> Response {
        answer(text.utf8, "text/plain; charset=utf-8", status)
    }
}
