#include "SoftwareBill.h"
#pragma clang diagnostic ignored "-Wc23-extensions"

// SwiftPM writes the file when it resolves, before anything is compiled; it is not kept with the sources.
#if __has_embed("../../Package.resolved")
static const unsigned char resolved[] = {
#embed "../../Package.resolved"
};
const unsigned char *tacet_resolved_packages(size_t *count) {
    *count = sizeof resolved;
    return resolved;
}
#else
static const unsigned char none = 0;
const unsigned char *tacet_resolved_packages(size_t *count) {
    *count = 0;
    return &none;
}
#endif
