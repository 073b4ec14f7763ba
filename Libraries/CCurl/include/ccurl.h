#ifndef TACET_CCURL_H
#define TACET_CCURL_H

#include <stddef.h>

// One request with libcurl, which is loaded when the first one is made: a server that sends none needs none.
// No redirect is followed, no proxy and no user's settings are read.
//
// Answers 0 when it went well, a positive HTTP or SMTP status when the other side refused, the negated CURLcode else,
// and -1000 where there is no libcurl.

// `header` is what stands before the empty line and the text of the mail behind it; lines end with CR LF.
long tacet_curl_mail(
    const char *url, const char *from, const char *const *recipients, size_t count, const char *user,
    const char *password, const char *roots, int requires_tls, const char *mail, size_t length);

long tacet_curl_post(
    const char *url, const char *const *headers, size_t count, const char *roots, const char *body, size_t length);

#endif
