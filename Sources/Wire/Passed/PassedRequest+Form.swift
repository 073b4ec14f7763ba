public import Vocabulary

extension PassedRequest {
    /// What a form says that was read to its end, or, with `declared`, as far as it has arrived: then what is still to
    /// come counts as file bytes, and fields that were not seen yet as the highest they may be.
    ///
    /// - Parameters:
    ///   - form: has read no less than the model's part.
    ///   - declared: the body's declared length, of a form that is still arriving.
    public init(_ form: MultipartScanner, _ endpoint: Endpoint, declared: Int? = nil) {
        self.init(endpoint: endpoint)
        isForm = true
        model = form.model?.name ?? []
        modelValue = form.model?.range ?? 0..<0
        isStreamed = form.isStreamed
        partialImages = form.partialImages
        textBytes = form.textBytes
        fileBytes = form.fileBytes
        files = form.files
        samples = form.samples ?? 1
        guard let declared else { return }
        fileBytes = Int64(declared) - textBytes
        textBytes = Int64(min(declared, Self.formTextLimit))
        files = max(files, PassedBound.imageLimit)
        if isImages {
            samples = form.samples ?? PassedBound.sampleLimit
            partialImages = max(partialImages, PassedBound.partialLimit)
        }
    }

    /// Whether images are made.
    var isImages: Bool {
        switch endpoint {
        case .imageGenerations, .imageEdits, .imageVariations: true
        default: false
        }
    }

    /// Providers take prompts of at most 32,000 characters in a form, 4 bytes each.
    static var formTextLimit: Int { 128_000 }
}
