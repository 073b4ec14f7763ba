#include "CBytes.h"
#include <string.h>

#if defined(__x86_64__)
#define WITH_CRC __attribute__((target("sse4.2")))
#define CRC64(crc, word) ((uint32_t)__builtin_ia32_crc32di((crc), (word)))
#define CRC8(crc, byte) __builtin_ia32_crc32qi((crc), (byte))
int tacet_has_crc32c(void) { return __builtin_cpu_supports("sse4.2") != 0; }
#elif defined(__aarch64__) && defined(__ARM_FEATURE_CRC32)
#include <arm_acle.h>
#define WITH_CRC
#define CRC64(crc, word) __crc32cd((crc), (word))
#define CRC8(crc, byte) __crc32cb((crc), (byte))
int tacet_has_crc32c(void) { return 1; }
#endif

#if defined(WITH_CRC)
WITH_CRC uint32_t tacet_crc32c(const void *bytes, size_t count) {
    const uint8_t *at = bytes;
    uint32_t crc = 0xffffffff;
    for (; count >= 8; count -= 8, at += 8) {
        uint64_t word;
        memcpy(&word, at, sizeof word);
        crc = CRC64(crc, word);
    }
    for (; count > 0; count--, at++) crc = CRC8(crc, *at);
    return ~crc;
}
#else
int tacet_has_crc32c(void) { return 0; }
uint32_t tacet_crc32c(const void *bytes, size_t count) {
    (void)bytes;
    (void)count;
    __builtin_trap();
}
#endif
