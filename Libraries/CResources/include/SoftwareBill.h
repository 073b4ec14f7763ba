#pragma once
#include <stddef.h>

/// What SwiftPM resolved this program's packages to, as JSON; `count` is set to its bytes, 0 when the build had none.
const unsigned char *tacet_resolved_packages(size_t *count);
