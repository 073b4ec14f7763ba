import NIOCore
import Testing

@testable import Relay

@Suite struct TemperatureTests {
    @Test(arguments: [
        #"{"temperature":0}"#, #"{"a":1, "temperature" : 0.0 }"#, #"{"temperature":-0}"#, #"{"temperature":0e5,"b":2}"#,
        #"{"generationConfig":{"temperature": 0}}"#, #"{"temperature":1,"x":{"temperature":0}}"#,
    ])
    func nought(_ body: String) { #expect(ByteBuffer(string: body).mayAskForTemperatureZero) }

    @Test(arguments: [
        #"{}"#, #"{"temperature":0.5}"#, #"{"temperature":1}"#, #"{"temperature":null}"#, #"{"temperature":"0"}"#,
        #"{"m":"say \"temperature\": 0"}"#, #"{"temperature"#, #"{"temperature""#, #"{"temperature":"#,
        #"{"temperature":10}"#,
    ])
    func another(_ body: String) { #expect(!ByteBuffer(string: body).mayAskForTemperatureZero) }
}
