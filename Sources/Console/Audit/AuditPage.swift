import CResources
import HTTPTypes
import Hummingbird
import NIOCore

/// The page of the local audit: one file that works by itself. The server has no part in the audit: the page's rules
/// forbid every connection (AX-1), so it is shown to whoever reaches the console, without an account (AX-2).
struct AuditPage: Sendable {
    private let body: ByteBuffer
    private let headers: HTTPFields

    /// `nil` when the page was not built before the program.
    init?() {
        let (page, policy) = (unsafe Self.bytes(tacet_audit_page), unsafe Self.bytes(tacet_audit_policy))
        guard page.readableBytes > 0 else { return nil }
        body = page
        var headers: HTTPFields = [
            .contentType: "text/html; charset=utf-8", .cacheControl: "no-store", .xContentTypeOptions: "nosniff",
        ]
        headers[.contentSecurityPolicy] =
            String(buffer: policy).filter { $0 != "\n" } + "; frame-ancestors 'none'"
        if let name = HTTPField.Name("referrer-policy") { headers[name] = "no-referrer" }
        self.headers = headers
    }

    var response: Response { Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: body)) }

    private static func bytes(_ resource: (UnsafeMutablePointer<Int>?) -> UnsafePointer<UInt8>?) -> ByteBuffer {
        var count = 0
        let start = unsafe resource(&count)
        return unsafe ByteBuffer(bytes: UnsafeBufferPointer(start: start, count: count))
    }
}
