#pragma once
#include <stddef.h>

/// The words of a language, numbered as `Vocabulary.Language`. Part 0: how it writes numbers, and the audit's words; 1: the
/// legal pages'; 2: the console's.
const unsigned char *tacet_language(int language, int part, size_t *count);
