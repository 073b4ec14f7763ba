import CResources
import Foundation

/// What this program is made of, as CycloneDX 1.6: the packages that SwiftPM resolved when it was built, and the libraries of
/// the system it is linked with (AU-33).
enum SoftwareBill {
    private struct Resolved: Decodable {
        struct Pin: Decodable {
            struct State: Decodable {
                var revision: String
                var version: String?
            }

            var identity: String
            var location: String
            var state: State
        }

        var pins: [Pin]
    }

    private struct Bill: Encodable {
        struct Component: Encodable {
            struct Property: Encodable {
                var name: String
                var value: String
            }

            var type: String
            var name: String
            var version: String?
            var purl: String?
            var properties: [Property]?
        }

        struct Metadata: Encodable { var component: Component }

        var bomFormat = "CycloneDX"
        var specVersion = "1.6"
        var version = 1
        var metadata: Metadata
        var components: [Component]
    }

    /// Libraries of the system; their versions are the machine's.
    private static let system = ["glibc", "zlib", "libcrypt", "libcurl"]

    /// `nil` when the build had no list of its packages.
    static var json: [UInt8]? {
        var count = 0
        let start = unsafe tacet_resolved_packages(&count)
        let bytes = unsafe Data(UnsafeBufferPointer(start: start, count: count))
        guard let resolved = try? JSONDecoder().decode(Resolved.self, from: bytes) else { return nil }
        let packages = resolved.pins.sorted { $0.identity < $1.identity }.map { pin in
            let place = pin.location.replacing(/^https:\/\//, with: "").replacing(/\.git$/, with: "")
            return Bill.Component(
                type: "library", name: pin.identity, version: pin.state.version,
                purl: "pkg:swift/\(place)@\(pin.state.version ?? pin.state.revision)",
                properties: [.init(name: "git:revision", value: pin.state.revision)])
        }
        let bill = Bill(
            metadata: Bill.Metadata(component: .init(type: "application", name: "tacet", version: Version.text)),
            components: packages + system.map { .init(type: "library", name: $0) })
        return JSONLine.of(bill) + [0x0a]
    }
}
