#pragma once
#include <stddef.h>

/// The merges of o200k_base, laid out as tokenizers/make.py says; `count` is set to the bytes.
const unsigned char *tacet_vocabulary_o200k(size_t *count);
/// The merges of cl100k_base.
const unsigned char *tacet_vocabulary_cl100k(size_t *count);
/// The classes of Unicode 16.0's code points that pre-tokenizers ask for.
const unsigned char *tacet_character_classes(size_t *count);
