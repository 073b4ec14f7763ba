#ifndef TACET_CCRYPT_H
#define TACET_CCRYPT_H

#include <stddef.h>

/// bcrypt by the system's libcrypt. `phrase` and `setting` are C strings; `out` takes 61 bytes with the end.
/// Answers 1 when a hash was made: libcrypt tells a fault by a string, not by a null pointer.
int tacet_bcrypt(const char *phrase, const char *setting, char *out);
/// The setting of a new hash, `$2b$`, the cost and 16 bytes of salt; `out` takes 30 bytes with the end.
int tacet_bcrypt_setting(int cost, const unsigned char *salt, char *out);

#endif
