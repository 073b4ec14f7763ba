import Testing
import Vocabulary

@testable import Relay

/// What one client, or many, may take of the gateway's edge (CONTROL 4.6).
@Suite(.serialized) struct EdgeTests {
    private static func census(_ all: Int, _ each: Int) -> ConnectionCensus {
        var limits = RelayLimits()
        (limits.connections, limits.connectionsPerAddress) = (all, each)
        return ConnectionCensus(limits)
    }

    @Test func connectionsAreCountedInAllAndByAddress() {
        let census = Self.census(3, 2)
        let (a, b) = (Network.v4(1), Network.v4(2))
        #expect(census.enter(a) && census.enter(a))
        #expect(!census.enter(a))
        #expect(census.enter(b))
        #expect(!census.enter(Network.v4(3)) && !census.enter(nil))
        census.leave(a)
        #expect(census.enter(b))
        census.leave(b)
        #expect(census.enter(a))
    }

    /// Hosts on IPv6 choose among 2^64 addresses; IPv4's are each their own.
    @Test func aNetworkOfIPv6CountsAsOneAddress() {
        let census = Self.census(100, 1)
        let host: Network.Address = 0x2001_0db8_0000_0001 << 64
        #expect(census.enter(host | 1))
        #expect(!census.enter(host | 0xffff_ffff_ffff))
        #expect(census.enter(host + (1 << 64)))
        #expect(census.enter(Network.v4(0x0a00_0001)) && census.enter(Network.v4(0x0a00_0002)))
    }

    @Test func oneConnectionTooManyIsClosedAndRoomComesBack() async throws {
        var limits = RelayLimits()
        limits.connectionsPerAddress = 2
        let stand = try await Stand(limits: limits) { _, _ in [.send(GatewayTests.reply(GatewayTests.answer))] }
        let request = Stand.request(#"{"model":"p0/model","messages":[{}]}"#)
        do {
            let clients = (0..<2).map { _ in RawClient(port: stand.gateway.port) }
            for client in clients {
                client.send(request)
                #expect(client.read(until: GatewayTests.answer).hasPrefix("HTTP/1.1 200"))
            }
            let third = RawClient(port: stand.gateway.port)
            third.send(request)
            #expect(third.read(until: GatewayTests.answer).isEmpty)
            #expect(stand.gateway.status().refusedConnections == 1)
        }
        while stand.gateway.status().openConnections > 0 { try await Task.sleep(for: .milliseconds(5)) }
        let client = RawClient(port: stand.gateway.port)
        client.send(request)
        #expect(client.read(until: GatewayTests.answer).hasPrefix("HTTP/1.1 200"))
        await stand.stop()
    }

    @Test func aClientThatTakesNothingIsCutAndItsProviderToldSo() async throws {
        var limits = RelayLimits()
        limits.writeStall = 300
        let event = "data: " + String(repeating: "x", count: 60_000) + "\n\n"
        let stand = try await Stand(limits: limits) { _, _ in
            [.send(GatewayTests.streamHead)] + (0..<600).map { _ in .send(GatewayTests.chunk(event)) }
                + [.pause(milliseconds: 60_000)]
        }
        let client = RawClient(port: stand.gateway.port)
        client.send(Stand.request(#"{"model":"p0/model","stream":true,"messages":[{}]}"#))
        while try stand.receipts().isEmpty { try await Task.sleep(for: .milliseconds(20)) }
        #expect(try stand.receipts().first?.error == .clientGone)
        while stand.provider.cancelled == 0 { try await Task.sleep(for: .milliseconds(5)) }
        withExtendedLifetime(client) {}
        await stand.stop()
    }
}
