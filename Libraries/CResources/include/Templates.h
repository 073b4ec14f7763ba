#pragma once
#include <stddef.h>

/// The status page's template; `count` is set to its bytes.
const unsigned char *tacet_template_status(size_t *count);
/// The pages' style sheet.
const unsigned char *tacet_style(size_t *count);
