#define _GNU_SOURCE
#include "CBytes.h"

typedef int8_t lanes __attribute__((ext_vector_type(16)));
typedef bool flags __attribute__((ext_vector_type(16)));
typedef int8_t wide __attribute__((ext_vector_type(32)));
typedef bool wide_flags __attribute__((ext_vector_type(32)));

// Compiled twice where the processor is asked at start what it can: 32 bytes are one register of newer ones.
#if defined(__x86_64__) && defined(__gnu_linux__)
#define FOR_EACH_PROCESSOR __attribute__((target_clones("avx2", "default")))
#else
#define FOR_EACH_PROCESSOR
#endif
#define INLINED static inline __attribute__((always_inline))

INLINED uint32_t mask(lanes truth) {
    return __builtin_bit_cast(uint16_t, __builtin_convertvector(truth, flags));
}

INLINED lanes load(const uint8_t *bytes) {
    lanes value;
    memcpy(&value, bytes, sizeof value);
    return value;
}

FOR_EACH_PROCESSOR size_t tacet_string_stop(const uint8_t *bytes, size_t count) {
    size_t at = 0;
    // Read as signed, bytes above 0x7f are negative: one comparison finds them and the control characters.
    for (; at + 32 <= count; at += 32) {
        wide value;
        memcpy(&value, bytes + at, sizeof value);
        wide stops = (wide)((value == '"') | (value == '\\') | (value < 0x20));
        uint32_t found = __builtin_bit_cast(uint32_t, __builtin_convertvector(stops, wide_flags));
        if (found != 0) return at + (size_t)__builtin_ctz(found);
    }
    if (at + 16 <= count) {
        lanes value = load(bytes + at);
        uint32_t found = mask((lanes)((value == '"') | (value == '\\') | (value < 0x20)));
        if (found != 0) return at + (size_t)__builtin_ctz(found);
        at += 16;
    }
    for (; at < count; at++) {
        int8_t byte = (int8_t)bytes[at];
        if (byte == '"' || byte == '\\' || byte < 0x20) return at;
    }
    return count;
}

size_t tacet_line_end(const uint8_t *bytes, size_t count) {
    size_t at = 0;
    for (; at + 16 <= count; at += 16) {
        lanes value = load(bytes + at);
        uint32_t found = mask((lanes)((value == '\n') | (value == '\r')));
        if (found != 0) return at + (size_t)__builtin_ctz(found);
    }
    for (; at < count; at++)
        if (bytes[at] == '\n' || bytes[at] == '\r') return at;
    return count;
}

size_t tacet_find_byte(const uint8_t *bytes, size_t count, uint8_t byte) {
    const uint8_t *found = count == 0 ? NULL : memchr(bytes, byte, count);
    return found == NULL ? count : (size_t)(found - bytes);
}

typedef struct {
    const uint8_t *bytes;
    size_t length;
    lanes first, last;
} needle;

/// The first of 16 places where the text stands; 16 when it stands at none.
INLINED size_t place_in(const uint8_t *bytes, const needle *text) {
    uint32_t found = mask((lanes)((load(bytes) == text->first) & (load(bytes + text->length - 1) == text->last)));
    for (; found != 0; found &= found - 1)
        if (memcmp(bytes + __builtin_ctz(found), text->bytes, text->length) == 0) return (size_t)__builtin_ctz(found);
    return 16;
}

/// A bit for each of 32 places where the text's first and last byte stand at once. By address: a register of 32 bytes is
/// no argument of a function that the oldest processor could be called with.
INLINED uint32_t ends(const uint8_t *bytes, size_t length, const wide *first, const wide *last) {
    wide here, there;
    memcpy(&here, bytes, sizeof here);
    memcpy(&there, bytes + length - 1, sizeof there);
    wide both = (wide)((here == *first) & (there == *last));
    return __builtin_bit_cast(uint32_t, __builtin_convertvector(both, wide_flags));
}

FOR_EACH_PROCESSOR size_t tacet_find(const uint8_t *bytes, size_t count, const uint8_t *text, size_t length) {
    if (length < 2) return length == 0 ? 0 : tacet_find_byte(bytes, count, text[0]);
    needle sought = {text, length, (lanes)(int8_t)text[0], (lanes)(int8_t)text[length - 1]};
    wide first = (wide)(int8_t)text[0], last = (wide)(int8_t)text[length - 1];
    size_t at = 0;
    // Nearly every 64 bytes have no place that needs a closer look.
    for (; at + length + 63 <= count; at += 64) {
        const uint8_t *here = bytes + at;
        if ((ends(here, length, &first, &last) | ends(here + 32, length, &first, &last)) == 0) continue;
        for (size_t part = 0; part < 64; part += 16) {
            size_t place = place_in(here + part, &sought);
            if (place < 16) return at + part + place;
        }
    }
    for (; at + length + 15 <= count; at += 16) {
        size_t place = place_in(bytes + at, &sought);
        if (place < 16) return at + place;
    }
    if (at > 0) {
        // The last places once more with those before them: fewer than 16 are left, and none of those before holds it.
        at = count - length - 15;
        size_t place = place_in(bytes + at, &sought);
        return place < 16 ? at + place : count;
    }
    for (; at + length <= count; at++)
        if (memcmp(bytes + at, text, length) == 0) return at;
    return count;
}

static bool names_file(const uint8_t *bytes, size_t count, size_t at) {
    if (bytes[at] == '\\') return at + 4 <= count && memcmp(bytes + at, "\\u00", 4) == 0;
    return at >= 4 && at + 3 <= count && memcmp(bytes + at - 4, "file_id", 7) == 0;
}

FOR_EACH_PROCESSOR bool tacet_may_name_file(const uint8_t *bytes, size_t count) {
    size_t at = 0;
    // The rarest byte of each.
    for (; at + 32 <= count; at += 32) {
        wide value;
        memcpy(&value, bytes + at, sizeof value);
        wide marks = (wide)((value == '_') | (value == '\\'));
        uint32_t found = __builtin_bit_cast(uint32_t, __builtin_convertvector(marks, wide_flags));
        for (; found != 0; found &= found - 1)
            if (names_file(bytes, count, at + (size_t)__builtin_ctz(found))) return true;
    }
    for (; at < count; at++)
        if ((bytes[at] == '_' || bytes[at] == '\\') && names_file(bytes, count, at)) return true;
    return false;
}
