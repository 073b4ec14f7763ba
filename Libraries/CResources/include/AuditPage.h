#pragma once
#include <stddef.h>

/// The audit page; `count` is set to its bytes, 0 when the build had none.
const unsigned char *tacet_audit_page(size_t *count);
/// The page's own rules, as a header carries them.
const unsigned char *tacet_audit_policy(size_t *count);
