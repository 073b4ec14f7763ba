/// Marked requests to any gateway that speaks OpenAI or Anthropic over plain HTTP: every place in which words can stand,
/// plain and streamed, right and wrong.
struct CanaryTraffic {
    var host: String
    var port: UInt16
    var key: String
    var model: String
    /// What realtime sessions are asked of.
    var realtimeModel: String
    var sent = 0
    var answered = 0
    /// Realtime sessions that the gateway agreed to.
    var sessions = 0

    init(host: String, port: UInt16, key: String, model: String) {
        self.host = host
        self.port = port
        self.key = key
        self.model = model
        realtimeModel = model
    }

    mutating func run(_ marks: inout CanaryMarks) {
        for isStream in [false, true] {
            for path in ["/v1/chat/completions", "/v1/messages", "/v1/responses", "/v1/completions"] {
                post(path, body(path, isStream, &marks), [("x-\(marks.mark("header"))", marks.mark("value"))])
            }
        }
        for path in ["/v1/embeddings", "/v1/moderations", "/v1/images/generations", "/v1/audio/speech", "/v1/rerank"] {
            post(path, #"{"model":"\#(model)","input":"\#(marks.mark("in"))","prompt":"\#(marks.mark("prompt"))"}"#)
        }
        let gemini = #"{"contents":[{"parts":[{"text":"\#(marks.mark("gemini"))"}]}]}"#
        post("/v1beta/models/\(model):generateContent", gemini)
        // Wrong in every way that makes a server want to say what it read.
        post("/v1/chat/completions", #"{"model":"\#(marks.mark("model"))","messages":[{"role":"user","content":"x"}]}"#)
        post("/v1/chat/completions", #"{"model":"\#(model)","messages":"\#(marks.mark("kind"))"}"#)
        post("/v1/chat/completions", #"{"model":"\#(model)","messages":[{"role":"\#(marks.mark("role"))"}"#)
        post("/v1/chat/completions", "\u{1}\(marks.mark("garbage"))")
        post("/v1/\(marks.mark("path"))?\(marks.mark("name"))=\(marks.mark("query"))", "{}")
        send("POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\n\(marks.mark("broken")) \(marks.mark("head"))\r\n\r\n")
        send("\(marks.mark("method")) / HTTP/1.1\r\nhost: x\r\n\r\n")
        let former = key
        key = "tct_live_" + marks.mark("key")
        post("/v1/chat/completions", body("/v1/chat/completions", false, &marks))
        key = former
        let form =
            "--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"\(marks.mark("file")).txt\"\r\n\r\n\(marks.mark("upload"))\r\n--b--\r\n"
        post("/v1/files", form, type: "multipart/form-data; boundary=b")
        speak(&marks)
        sendHalf(&marks)
    }

    /// Cut off in the middle: what is buffered must go nowhere either.
    mutating func sendHalf(_ marks: inout CanaryMarks) {
        let half = body("/v1/chat/completions", true, &marks)
        send(head("/v1/chat/completions", "application/json", half.utf8.count * 2, []) + half, waits: false)
    }

    /// Whether anything answers on the port.
    mutating func isUp() -> Bool {
        send("GET /healthz HTTP/1.1\r\nhost: \(host):\(port)\r\nconnection: close\r\n\r\n")
        return answered > 0
    }

    private func body(_ path: String, _ isStream: Bool, _ marks: inout CanaryMarks) -> String {
        let words = #"{"role":"user","content":"\#(marks.mark("user"))"}"#
        let more =
            #""model":"\#(model)","stream":\#(isStream),"user":"\#(marks.mark("id"))","metadata":{"\#(marks.mark("member"))":"\#(marks.mark("meta"))"}"#
        switch path {
        case "/v1/messages":
            return #"{\#(more),"max_tokens":9,"system":"\#(marks.mark("system"))","messages":[\#(words)]}"#
        case "/v1/responses":
            return #"{\#(more),"instructions":"\#(marks.mark("system"))","input":"\#(marks.mark("input"))"}"#
        case "/v1/completions": return #"{\#(more),"prompt":"\#(marks.mark("prompt"))"}"#
        default:
            let tool =
                #"{"type":"function","function":{"name":"\#(marks.mark("tool"))","description":"\#(marks.mark("about"))","parameters":{"type":"object","properties":{"\#(marks.mark("argument"))":{"type":"string"}}}}}"#
            return
                #"{\#(more),"messages":[{"role":"system","content":"\#(marks.mark("system"))"},\#(words)],"tools":[\#(tool)]}"#
        }
    }

    private func head(_ path: String, _ type: String, _ length: Int, _ more: [(String, String)]) -> String {
        let fields = more.map { "\($0.0): \($0.1)\r\n" }.joined()
        return
            "POST \(path) HTTP/1.1\r\nhost: \(host):\(port)\r\nauthorization: Bearer \(key)\r\ncontent-type: \(type)\r\ncontent-length: \(length)\r\nconnection: close\r\n\(fields)\r\n"
    }

    private mutating func post(
        _ path: String, _ body: String, _ more: [(String, String)] = [], type: String = "application/json"
    ) {
        send(head(path, type, body.utf8.count, more) + body)
    }

    /// One connection; the answer is read to its end, or for five seconds, and dropped.
    private mutating func send(_ text: String, waits: Bool = true) {
        sent += 1
        guard let connection = CanaryConnection(host: host, port: port), connection.send(text.utf8), waits,
            !connection.receive().isEmpty
        else { return }
        answered += 1
        while !connection.receive().isEmpty {}
    }
}
