#include "AuditPage.h"
#pragma clang diagnostic ignored "-Wc23-extensions"

// `make audit-page` builds the page. A build without it compiles too; the console then says that the page is not in it.
#if __has_embed("../../.build/wasm/audit.html") && __has_embed("../../.build/wasm/audit.policy")
static const unsigned char page[] = {
#embed "../../.build/wasm/audit.html"
};
static const unsigned char policy[] = {
#embed "../../.build/wasm/audit.policy"
};
const unsigned char *tacet_audit_page(size_t *count) {
    *count = sizeof page;
    return page;
}
const unsigned char *tacet_audit_policy(size_t *count) {
    *count = sizeof policy;
    return policy;
}
#else
static const unsigned char none = 0;
const unsigned char *tacet_audit_page(size_t *count) {
    *count = 0;
    return &none;
}
const unsigned char *tacet_audit_policy(size_t *count) {
    *count = 0;
    return &none;
}
#endif
