#include "CBytes.h"
#include <string.h>

/// Bit by bit, for processors that have no instruction for it.
static uint32_t portable(const uint8_t *at, size_t count) {
    uint32_t crc = 0xffffffff;
    for (; count > 0; count--) {
        crc ^= *at++;
        for (int bit = 0; bit < 8; bit++) crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78 : 0);
    }
    return ~crc;
}

#if defined(__x86_64__)
#define WITH_CRC __attribute__((target("sse4.2")))
#define HAS_CRC __builtin_cpu_supports("sse4.2")
#define CRC64(crc, word) ((uint32_t)__builtin_ia32_crc32di((crc), (word)))
#define CRC8(crc, byte) __builtin_ia32_crc32qi((crc), (byte))
#elif defined(__aarch64__) && defined(__ARM_FEATURE_CRC32)
#include <arm_acle.h>
#define WITH_CRC
#define HAS_CRC 1
#define CRC64(crc, word) __crc32cd((crc), (word))
#define CRC8(crc, byte) __crc32cb((crc), (byte))
#endif

#if defined(WITH_CRC)
WITH_CRC static uint32_t hardware(const uint8_t *at, size_t count) {
    uint32_t crc = 0xffffffff;
    for (; count >= 8; count -= 8, at += 8) {
        uint64_t word;
        memcpy(&word, at, sizeof word);
        crc = CRC64(crc, word);
    }
    for (; count > 0; count--, at++) crc = CRC8(crc, *at);
    return ~crc;
}

uint32_t tacet_crc32c(const void *bytes, size_t count) {
    return HAS_CRC ? hardware(bytes, count) : portable(bytes, count);
}
#else
uint32_t tacet_crc32c(const void *bytes, size_t count) { return portable(bytes, count); }
#endif
