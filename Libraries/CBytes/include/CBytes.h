// Byte searches that Swift cannot vectorise. No state, no allocation.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/// The index of the first byte that ends a plain run inside a JSON string: a quote, a backslash, a control character or a
/// byte above 0x7f; `count` when there is none.
size_t tacet_string_stop(const uint8_t *_Nullable bytes, size_t count);

/// The index of the first line feed or carriage return; `count` when there is none.
size_t tacet_line_end(const uint8_t *_Nullable bytes, size_t count);

/// CRC-32C (Castagnoli), by the processor's instruction where it has one.
uint32_t tacet_crc32c(const void *_Nullable bytes, size_t count);

/// The index of the first `byte`; `count` when there is none.
size_t tacet_find_byte(const uint8_t *_Nullable bytes, size_t count, uint8_t byte);

/// The index of the first place where the `length` bytes of `text` stand in a row; `count` when there is none.
size_t tacet_find(const uint8_t *_Nullable bytes, size_t count, const uint8_t *_Nonnull text, size_t length);

/// Whether `file_id` stands somewhere, or an escape that may spell it: backslash, u, two noughts. One look at each byte.
bool tacet_may_name_file(const uint8_t *_Nullable bytes, size_t count);

/// Whether two runs of `count` bytes are the same.
static inline bool tacet_equal(const uint8_t *_Nullable a, const uint8_t *_Nullable b, size_t count) {
    return count == 0 || memcmp(a, b, count) == 0;
}
