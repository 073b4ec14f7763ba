// A provider that streams: CHUNKS events per answer, GAP microseconds between them, each one write and one chunk.
// Every event carries the nanosecond at which it was written (CLOCK_MONOTONIC), so that a reader on the same machine can
// tell how long it was under way.   stream_mock PORT CHUNKS GAP
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static int chunks, gap;

static int all(int fd, const char *data, size_t size) {
    while (size > 0) {
        ssize_t sent = send(fd, data, size, MSG_NOSIGNAL);
        if (sent <= 0) return -1;
        data += sent;
        size -= (size_t)sent;
    }
    return 0;
}

static int event(int fd, const char *data) {
    char message[512];
    int size = snprintf(message, sizeof message, "%zx\r\n%s\r\n", strlen(data), data);
    return all(fd, message, (size_t)size);
}

static int answer(int fd) {
    static const char head[] =
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
    if (all(fd, head, sizeof head - 1)) return -1;
    char data[400];
    for (int index = 0; index < chunks; index++) {
        struct timespec now;
        clock_gettime(CLOCK_MONOTONIC, &now);
        snprintf(data, sizeof data,
                 "data: {\"id\":\"%020lld\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"bench\","
                 "\"choices\":[{\"index\":0,\"delta\":{\"content\":\" word\"},\"finish_reason\":null}]}\n\n",
                 (long long)now.tv_sec * 1000000000LL + now.tv_nsec);
        if (event(fd, data)) return -1;
        if (gap) usleep((useconds_t)gap);
    }
    if (event(fd, "data: {\"id\":\"end\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"bench\","
                  "\"choices\":[],\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":200,\"total_tokens\":210}}\n\n"))
        return -1;
    if (event(fd, "data: [DONE]\n\n")) return -1;
    return all(fd, "0\r\n\r\n", 5);
}

static void *serve(void *argument) {
    int fd = (int)(intptr_t)argument;
    size_t room = 4 << 20, have = 0;
    char *buffer = malloc(room + 1);
    for (;;) {
        char *end;
        buffer[have] = 0;
        while (!(end = strstr(buffer, "\r\n\r\n"))) {
            ssize_t got = have < room ? recv(fd, buffer + have, room - have, 0) : 0;
            if (got <= 0) goto gone;
            have += (size_t)got;
            buffer[have] = 0;
        }
        size_t head = (size_t)(end - buffer) + 4;
        char *field = strcasestr(buffer, "\ncontent-length:");
        size_t size = field && field < end ? (size_t)atoll(field + 16) : 0;
        while (have < head + size) {
            ssize_t got = have < room ? recv(fd, buffer + have, room - have, 0) : 0;
            if (got <= 0) goto gone;
            have += (size_t)got;
        }
        memmove(buffer, buffer + head + size, have - head - size);
        have -= head + size;
        if (answer(fd)) break;
    }
gone:
    free(buffer);
    close(fd);
    return NULL;
}

int main(int count, char **arguments) {
    if (count != 4) return 2;
    chunks = atoi(arguments[2]);
    gap = atoi(arguments[3]);
    int listener = socket(AF_INET, SOCK_STREAM, 0), one = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(arguments[1])),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 4096)) return 1;
    for (;;) {
        int fd = accept(listener, NULL, NULL);
        if (fd < 0) continue;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        pthread_t thread;
        if (pthread_create(&thread, NULL, serve, (void *)(intptr_t)fd)) close(fd);
        else pthread_detach(thread);
    }
}
