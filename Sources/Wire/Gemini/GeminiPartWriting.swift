import NIOCore
import Vocabulary

/// Writes single parts of a content.
enum GeminiPart {
    static func text(_ text: RawText, isThought: Bool = false, signature: RawText? = nil, _ out: inout ByteBuffer) {
        var members = JSONMembers()
        out.writeInteger(UInt8.brace)
        members.text("text", text, &out)
        if isThought { members.flag("thought", true, &out) }
        members.text("thoughtSignature", signature, &out)
        out.writeInteger(UInt8.braceEnd)
    }

    /// - Parameter arguments: an object.
    static func call(
        id: RawText, name: RawText, arguments: RawJSON, signature: RawText?, _ out: inout ByteBuffer
    ) {
        var members = JSONMembers()
        out.writeStaticString("{\"functionCall\":{")
        if !GeminiWords.isMade(id) { members.text("id", id, &out) }
        members.text("name", name, &out)
        members.json("args", arguments, &out)
        out.writeInteger(UInt8.braceEnd)
        if let signature {
            out.writeStaticString(",\"thoughtSignature\":")
            out.writeJSONString(signature)
        }
        out.writeInteger(UInt8.braceEnd)
    }

    /// Arguments as the object that Gemini takes, and whether they were one.
    static func object(_ arguments: Arguments, isCustom: Bool) -> (json: RawJSON, isWhole: Bool) {
        if !isCustom, let object = arguments.object { return (object, true) }
        return (MessagesBlock.wrapped(arguments.encoded), false)
    }

    /// `inlineData` or `fileData`; whether the medium could be written.
    static func media(_ media: Media, _ out: inout ByteBuffer) -> Bool {
        var members = JSONMembers()
        switch media.source {
        case .base64(let type, let data):
            out.writeStaticString("{\"inlineData\":{")
            members.text("mimeType", type.isEmpty ? defaultType(media.kind) : type, &out)
            members.text("data", data, &out)
        case .url(let url):
            out.writeStaticString("{\"fileData\":{")
            file(url, media.kind, &members, &out)
        case .file, .text, .blocks: return false
        }
        out.writeStaticString("}}")
        return true
    }

    /// The members of a `fileData`. Where the address's ending tells no type, the kind does, as well as it can.
    static func file(_ url: RawText, _ kind: Media.Kind, _ members: inout JSONMembers, _ out: inout ByteBuffer) {
        if let type = GeminiWords.mediaType(of: url) {
            members.text("mimeType", type, &out)
        } else if kind != .document {
            members.text("mimeType", defaultType(kind), &out)
        }
        members.text("fileUri", url, &out)
    }

    private static func defaultType(_ kind: Media.Kind) -> RawText {
        switch kind {
        case .image: RawText("image/png")
        case .document: RawText("application/pdf")
        case .audio: RawText("audio/wav")
        case .video: RawText("video/mp4")
        }
    }
}
