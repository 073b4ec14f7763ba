#pragma once
#include <stddef.h>

/// A file of the console by its name: a template without `.mustache`, the style sheet, a script; `count` is set to its
/// bytes, to 0 when there is none of this name.
const unsigned char *tacet_template(const char *name, size_t *count);
