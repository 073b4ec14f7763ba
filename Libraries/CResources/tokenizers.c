#include "Tokenizers.h"
#pragma clang diagnostic ignored "-Wc23-extensions"

// Made by tokenizers/make.py from the rank tables that OpenAI publishes with tiktoken (tokenizers/LICENSE-tiktoken) and from
// the character database of Unicode 16.0 (tokenizers/LICENSE-unicode).

static const unsigned char o200k[] = {
#embed "tokenizers/o200k_base.bin"
};

static const unsigned char cl100k[] = {
#embed "tokenizers/cl100k_base.bin"
};

static const unsigned char classes[] = {
#embed "tokenizers/classes.bin"
};

const unsigned char *tacet_vocabulary_o200k(size_t *count) {
    *count = sizeof o200k;
    return o200k;
}

const unsigned char *tacet_vocabulary_cl100k(size_t *count) {
    *count = sizeof cl100k;
    return cl100k;
}

const unsigned char *tacet_character_classes(size_t *count) {
    *count = sizeof classes;
    return classes;
}
