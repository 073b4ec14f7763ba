// Load at a fixed rate, whatever the answers do: a request is due at its time, waits for a connection if none is free, and
// its latency counts from the time at which it was due (no coordinated omission). Prints one line of JSON, times in µs.
//   open_loop PORT CONNECTIONS RATE SECONDS REQUEST_FILE     (the file holds a whole HTTP/1.1 request, head and body)
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { ROOM = 64 << 10 };

typedef struct {
    int fd, busy;
    size_t sent;           // of the request
    long long due, first, last;
    long long left;        // of a body with a length; -1: chunked; -2: the head is not complete
    size_t have;           // of the head
    char tail[7];          // the last bytes of a chunked body
    char head[8192];
} Connection;

typedef struct { double *at; size_t count, room; } Samples;

static char *request;
static size_t size;
static int port, poll_fd;
static Samples latency, first_byte, gap;
static long errors;

static long long now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static void add(Samples *samples, long long nanoseconds) {
    if (samples->count == samples->room) {
        samples->room = samples->room ? samples->room * 2 : 4096;
        samples->at = realloc(samples->at, samples->room * sizeof *samples->at);
    }
    samples->at[samples->count++] = nanoseconds / 1000.0;
}

static int compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static void print(const char *name, Samples *samples) {
    qsort(samples->at, samples->count, sizeof *samples->at, compare);
    static const double shares[] = {0.5, 0.99, 0.999};
    printf("\"%s\": [", name);
    for (int index = 0; index < 3; index++) {
        size_t place = (size_t)(shares[index] * (double)samples->count);
        double value = samples->count ? samples->at[place < samples->count ? place : samples->count - 1] : 0;
        printf("%s%.1f", index ? ", " : "", value);
    }
    printf("]");
}

static void open_connection(Connection *connection) {
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((unsigned short)port)};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int one = 1;
    connection->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(connection->fd, (struct sockaddr *)&to, sizeof to)) { perror("connect"); exit(1); }
    setsockopt(connection->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    fcntl(connection->fd, F_SETFL, O_NONBLOCK);
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = connection};
    epoll_ctl(poll_fd, EPOLL_CTL_ADD, connection->fd, &event);
    connection->busy = 0;
}

static void lose(Connection *connection) {
    if (connection->busy) errors++;
    close(connection->fd);
    open_connection(connection);
}

static void send_more(Connection *connection) {
    while (connection->busy && connection->sent < size) {
        ssize_t got = send(connection->fd, request + connection->sent, size - connection->sent, MSG_NOSIGNAL);
        if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
        if (got <= 0) { lose(connection); return; }
        connection->sent += (size_t)got;
    }
}

static void begin(Connection *connection, long long due) {
    connection->busy = 1;
    connection->due = due;
    connection->sent = 0;
    connection->have = 0;
    connection->left = -2;
    connection->first = connection->last = 0;
    memset(connection->tail, 0, sizeof connection->tail);
    send_more(connection);
}

static void done(Connection *connection, long long at) {
    if (strncmp(connection->head, "HTTP/1.1 200", 12)) errors++;
    add(&latency, at - connection->due);
    connection->busy = 0;
    // The last one that this connection may carry.
    if (strcasestr(connection->head, "\nconnection: close")) lose(connection);
}

// Bytes of a body: the first counts, and for a streamed one the pause before each read.
static void body(Connection *connection, const char *data, size_t count, long long at) {
    if (!count) return;
    if (!connection->first) {
        connection->first = at;
        add(&first_byte, at - connection->due);
    } else if (connection->left == -1) {
        add(&gap, at - connection->last);
    }
    connection->last = at;
    if (connection->left >= 0) {
        connection->left -= (long long)count;
        if (connection->left <= 0) done(connection, at);
        return;
    }
    size_t room = sizeof connection->tail;
    if (count >= room) {
        memcpy(connection->tail, data + count - room, room);
    } else {
        memmove(connection->tail, connection->tail + count, room - count);
        memcpy(connection->tail + room - count, data, count);
    }
    if (!memcmp(connection->tail, "\r\n0\r\n\r\n", room)) done(connection, at);
}

static void receive(Connection *connection) {
    static char buffer[ROOM];
    for (;;) {
        ssize_t got = recv(connection->fd, buffer, sizeof buffer, 0);
        if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
        if (got <= 0) { lose(connection); return; }
        long long at = now();
        if (!connection->busy) continue;
        if (connection->left != -2) { body(connection, buffer, (size_t)got, at); continue; }
        size_t taken = sizeof connection->head - 1 - connection->have;
        if (taken > (size_t)got) taken = (size_t)got;
        memcpy(connection->head + connection->have, buffer, taken);
        connection->have += taken;
        connection->head[connection->have] = 0;
        char *end = strstr(connection->head, "\r\n\r\n");
        if (!end) { if (taken < (size_t)got) lose(connection); continue; }
        size_t rest = connection->have - (size_t)(end + 4 - connection->head) + ((size_t)got - taken);
        char *length = strcasestr(connection->head, "\ncontent-length:");
        connection->left = length && length < end ? atoll(length + 16) : -1;
        if (connection->left == 0) { done(connection, at); continue; }
        body(connection, buffer + got - rest, rest, at);
    }
}

int main(int count, char **words) {
    if (count != 6) { fprintf(stderr, "open_loop PORT CONNECTIONS RATE SECONDS REQUEST_FILE\n"); return 2; }
    port = atoi(words[1]);
    int connections = atoi(words[2]);
    double rate = atof(words[3]), seconds = atof(words[4]);
    FILE *file = fopen(words[5], "rb");
    if (!file) { perror(words[5]); return 1; }
    fseek(file, 0, SEEK_END);
    size = (size_t)ftell(file);
    rewind(file);
    request = malloc(size);
    if (fread(request, 1, size, file) != size) return 1;
    poll_fd = epoll_create1(0);
    prctl(PR_SET_TIMERSLACK, 1UL);
    Connection *all = calloc((size_t)connections, sizeof *all);
    for (int index = 0; index < connections; index++) open_connection(&all[index]);
    long total = (long)(rate * seconds), next = 0, late = 0;
    long long start = now(), limit = start + (long long)((seconds + 20) * 1e9);
    for (;;) {
        long long at = now();
        while (next < total && start + (long long)((double)next * 1e9 / rate) <= at) {
            Connection *idle = NULL;
            for (int index = 0; index < connections && !idle; index++) if (!all[index].busy) idle = &all[index];
            if (!idle) break;
            long long due = start + (long long)((double)next * 1e9 / rate);
            if (at - due > 1000000) late++;
            begin(idle, due);
            next++;
        }
        int busy = 0;
        for (int index = 0; index < connections; index++) busy += all[index].busy;
        if ((next == total && !busy) || at > limit) break;
        long long due = next < total ? start + (long long)((double)next * 1e9 / rate) : at + 100000000;
        // Where something is due and no connection is free, an answer is what to wait for.
        long long wait = due > at ? due - at : 100000000;
        struct timespec pause = {.tv_sec = wait / 1000000000, .tv_nsec = wait % 1000000000};
        struct epoll_event events[256];
        int found = epoll_pwait2(poll_fd, events, 256, &pause, NULL);
        for (int index = 0; index < found; index++) {
            Connection *connection = events[index].data.ptr;
            if (events[index].events & EPOLLOUT) send_more(connection);
            if (events[index].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) receive(connection);
        }
    }
    double took = (double)(now() - start) / 1e9;
    printf("{\"asked\": %ld, \"answered\": %zu, \"errors\": %ld, \"late\": %ld, \"rate\": %.1f, ", total, latency.count, errors, late,
           (double)latency.count / took);
    print("latency", &latency);
    printf(", ");
    print("first", &first_byte);
    printf(", ");
    print("gap", &gap);
    printf("}\n");
    return 0;
}
