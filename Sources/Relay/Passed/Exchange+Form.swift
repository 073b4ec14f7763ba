import NIOCore
import Vocabulary
import Wire

/// A form's body, read as it arrives and, when it is large, sent on as it arrives (`FormIntake`).
extension Exchange {
    /// Reads the next bytes of a form that is kept so far.
    func readForm(_ bytes: ByteBuffer) {
        do throws(RequestRejection) { try passed?.form?.read(bytes) } catch {
            return refuse(error.code, ErrorMessage(error))
        }
        guard passed?.form?.canOpen(receipt.endpoint) == true else { return }
        passed?.form?.open()
        client?.setReading(false)
        decidePassed()
    }

    /// The next bytes of a form that is on its way.
    func sendForm(_ bytes: ByteBuffer) {
        guard !isFinished else { return }
        do throws(RequestRejection) { try passed?.form?.read(bytes) } catch { return breakOff(error) }
        // Sending may call back at once, so that nothing of the form is being changed meanwhile.
        guard let form = passed?.form else { return }
        if let call = form.call { return call.send(bytes, isLast: form.isWhole) }
        // No more than what was on its way when reading stopped.
        guard draw(bytes.readableBytes) else { return refuse(.outOfMemory) }
        passed?.form?.keep(bytes)
    }

    /// The provider's connection is there: the beginning of the form was written to it.
    func formStarted(_ call: any UpstreamCall) {
        let waiting = passed?.form?.started(call) ?? []
        releaseBody()
        client?.setReading(true)
        let isWhole = passed?.form?.isWhole ?? false
        for (index, bytes) in waiting.enumerated() {
            call.send(bytes, isLast: isWhole && index == waiting.count - 1)
        }
        if passed?.form?.isWhole == true { formEnded() } else { clocks.sending() }
    }

    /// All of the form is sent.
    func formEnded() {
        if let form = passed?.form, !isFinished {
            request = ClientRequest(PassedRequest(form.scanner, receipt.endpoint), receipt.dialect)
        }
        if state.phase == .attempting, passed?.form?.call != nil { clocks.started(limits, loop.soon) }
    }

    /// The form proved wrong after its beginning was sent: the provider gets no whole request.
    private func breakOff(_ rejection: RequestRejection) {
        guard state.phase != .streaming else { return end(with: rejection.code) }
        refuse(rejection.code, ErrorMessage(rejection))
    }

    func upstreamWritabilityChanged(_ isWritable: Bool) {
        guard passed?.form?.isOpen == true, !isFinished, passed?.form?.isWhole == false else { return }
        client?.setReading(isWritable)
    }
}
