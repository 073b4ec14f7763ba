#define _GNU_SOURCE
#include "ccrypt.h"

#include <crypt.h>
#include <stdlib.h>
#include <string.h>

int tacet_bcrypt(const char *phrase, const char *setting, char *out) {
    // 32 KiB: too much for the stack of a worker.
    struct crypt_data *data = calloc(1, sizeof *data);
    if (!data) return 0;
    const char *hash = crypt_r(phrase, setting, data);
    int made = hash && hash[0] == '$' && strlen(hash) == 60;
    if (made) memcpy(out, hash, 61);
    explicit_bzero(data, sizeof *data);
    free(data);
    return made;
}

int tacet_bcrypt_setting(int cost, const unsigned char *salt, char *out) {
    return crypt_gensalt_rn("$2b$", (unsigned long)cost, (const char *)salt, 16, out, 30) != NULL;
}
