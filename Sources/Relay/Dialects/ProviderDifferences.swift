import Planning
import Wire

extension ChatRequestOptions {
    /// From the facts of a provider to what the chat writers do.
    init(_ deployment: Deployment) {
        self.init()
        let quirks = deployment.quirks
        outputMember = quirks.contains(.maxCompletionTokens) ? .maxCompletionTokens : .maxTokens
        takesOnlyMaxTokens = quirks.contains(.onlyMaxTokens)
        takesStreamOptions = !quirks.contains(.noStreamOptions)
        takesDeveloperRole = !quirks.contains(.noDeveloperRole)
        takesRandomSeed = quirks.contains(.randomSeed)
        takesExtendedSampling = quirks.contains(.extendedSampling)
        takesCacheControl = quirks.contains(.cacheControl)
        refusedMembers = deployment.refusedMembers
        if quirks.contains(.reasoningContent) { thoughts = .reasoningContent }
        if quirks.contains(.reasoningDetails) { thoughts = .reasoningDetails }
    }
}

extension MessagesPlatform {
    init(_ cloud: Cloud) {
        self =
            switch cloud {
            case .bedrock: .bedrock
            case .vertex: .vertex
            }
    }
}
