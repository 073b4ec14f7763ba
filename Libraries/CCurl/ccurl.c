#include "ccurl.h"

#include <curl/curl.h>
#include <dlfcn.h>
#include <pthread.h>
#include <string.h>

static struct {
    CURLcode (*global_init)(long);
    CURL *(*init)(void);
    CURLcode (*setopt)(CURL *, CURLoption, ...);
    CURLcode (*perform)(CURL *);
    CURLcode (*getinfo)(CURL *, CURLINFO, ...);
    void (*cleanup)(CURL *);
    struct curl_slist *(*append)(struct curl_slist *, const char *);
    void (*free_list)(struct curl_slist *);
    int loaded;
} curl;

// The checks that the header makes of options do not know a function behind a pointer.
#undef curl_easy_setopt
#undef curl_easy_getinfo

static void load(void) {
    void *library = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
    if (!library) return;
    *(void **)&curl.global_init = dlsym(library, "curl_global_init");
    *(void **)&curl.init = dlsym(library, "curl_easy_init");
    *(void **)&curl.setopt = dlsym(library, "curl_easy_setopt");
    *(void **)&curl.perform = dlsym(library, "curl_easy_perform");
    *(void **)&curl.getinfo = dlsym(library, "curl_easy_getinfo");
    *(void **)&curl.cleanup = dlsym(library, "curl_easy_cleanup");
    *(void **)&curl.append = dlsym(library, "curl_slist_append");
    *(void **)&curl.free_list = dlsym(library, "curl_slist_free_all");
    if (!curl.global_init || !curl.init || !curl.setopt || !curl.perform || !curl.getinfo || !curl.cleanup || !curl.append
        || !curl.free_list)
        return;
    curl.loaded = curl.global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
}

static CURL *begin(const char *url, const char *roots) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, load);
    CURL *handle = curl.loaded ? curl.init() : NULL;
    if (!handle) return NULL;
    curl.setopt(handle, CURLOPT_URL, url);
    curl.setopt(handle, CURLOPT_NOSIGNAL, 1L);
    curl.setopt(handle, CURLOPT_CONNECTTIMEOUT, 10L);
    curl.setopt(handle, CURLOPT_TIMEOUT, 30L);
    curl.setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
    curl.setopt(handle, CURLOPT_PROXY, "");
    curl.setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https,smtp,smtps");
    if (roots) curl.setopt(handle, CURLOPT_CAINFO, roots);
    return handle;
}

struct source {
    const char *bytes;
    size_t left;
};

static size_t give(char *out, size_t size, size_t count, void *context) {
    struct source *source = context;
    size_t part = size * count < source->left ? size * count : source->left;
    memcpy(out, source->bytes, part);
    source->bytes += part;
    source->left -= part;
    return part;
}

static size_t drop(char *bytes, size_t size, size_t count, void *context) {
    (void)bytes;
    (void)context;
    return size * count;
}

static long finish(CURL *handle) {
    curl.setopt(handle, CURLOPT_WRITEFUNCTION, drop);
    CURLcode code = curl.perform(handle);
    long status = 0;
    curl.getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
    curl.cleanup(handle);
    if (code != CURLE_OK) return status >= 400 ? status : -(long)code;
    return status >= 200 && status < 300 ? 0 : status;
}

long tacet_curl_mail(
    const char *url, const char *from, const char *const *recipients, size_t count, const char *user,
    const char *password, const char *roots, int requires_tls, const char *mail, size_t length) {
    CURL *handle = begin(url, roots);
    if (!handle) return -1000;
    struct source source = {mail, length};
    struct curl_slist *list = NULL;
    for (size_t index = 0; index < count; index++) list = curl.append(list, recipients[index]);
    curl.setopt(handle, CURLOPT_MAIL_FROM, from);
    curl.setopt(handle, CURLOPT_MAIL_RCPT, list);
    if (user) curl.setopt(handle, CURLOPT_USERNAME, user);
    if (password) curl.setopt(handle, CURLOPT_PASSWORD, password);
    curl.setopt(handle, CURLOPT_USE_SSL, (long)(requires_tls ? CURLUSESSL_ALL : CURLUSESSL_NONE));
    curl.setopt(handle, CURLOPT_UPLOAD, 1L);
    curl.setopt(handle, CURLOPT_READFUNCTION, give);
    curl.setopt(handle, CURLOPT_READDATA, &source);
    long result = finish(handle);
    curl.free_list(list);
    return result;
}

long tacet_curl_post(
    const char *url, const char *const *headers, size_t count, const char *roots, const char *body, size_t length) {
    CURL *handle = begin(url, roots);
    if (!handle) return -1000;
    struct curl_slist *list = curl.append(NULL, "Expect:");
    for (size_t index = 0; index < count; index++) list = curl.append(list, headers[index]);
    curl.setopt(handle, CURLOPT_POST, 1L);
    curl.setopt(handle, CURLOPT_HTTPHEADER, list);
    curl.setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)length);
    curl.setopt(handle, CURLOPT_POSTFIELDS, body);
    long result = finish(handle);
    curl.free_list(list);
    return result;
}
