/* tests/unit/relay.c - A thread with poll(2), and one connection at a time. */
#include "tests/unit/relay.h"

#include <criterion/criterion.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

struct relay {
    pthread_t thread;
    char folder[64];
    struct sockaddr_un here, there;
    int listens, stop[2], client, server;
    atomic_int eat;
    atomic_uint eaten, questions;
};

static void relay_hang_up(struct relay *relay)
{
    if (relay->client >= 0) close(relay->client);
    if (relay->server >= 0) close(relay->server);
    relay->client = relay->server = -1;
}

/* A newer connection takes the place of the one that was. */
static void relay_accept(struct relay *relay)
{
    relay_hang_up(relay);
    relay->client = accept(relay->listens, NULL, NULL);
    relay->server = socket(AF_UNIX, SOCK_STREAM, 0);
    if (connect(relay->server, (struct sockaddr *)&relay->there, sizeof relay->there) != 0) relay_hang_up(relay);
}

/* The bytes of one side go to the other, unless they are eaten. */
static void relay_pass(struct relay *relay, int from, int to, enum relay_eats what)
{
    char bytes[65536];
    ssize_t got = read(from, bytes, sizeof bytes);
    if (got > 0 && what == RELAY_QUESTION) atomic_fetch_add(&relay->questions, 1);
    bool eats = got > 0 && atomic_load(&relay->eat) == (int)what;
    if (eats) {
        atomic_store(&relay->eat, RELAY_NOTHING);
        atomic_fetch_add(&relay->eaten, 1);
    }
    if (eats || got <= 0 || write(to, bytes, (size_t)got) != got) relay_hang_up(relay);
}

static void *relay_main(void *self)
{
    struct relay *relay = self;
    for (;;) {
        struct pollfd waits[] = {{relay->stop[0], POLLIN, 0},
                                 {relay->listens, POLLIN, 0},
                                 {relay->client, POLLIN, 0},
                                 {relay->server, POLLIN, 0}};
        if (poll(waits, 4, -1) < 0) continue;
        if (waits[0].revents) break;
        if (waits[1].revents)
            relay_accept(relay);
        else if (waits[2].revents)
            relay_pass(relay, relay->client, relay->server, RELAY_QUESTION);
        else if (waits[3].revents)
            relay_pass(relay, relay->server, relay->client, RELAY_ANSWER);
    }
    relay_hang_up(relay);
    return NULL;
}

struct relay *relay_begin(const char *server, char *through, size_t size)
{
    struct relay *relay = calloc(1, sizeof *relay);
    char host[100] = "", rest[200] = "";
    const char *at = strstr(server, "host=");
    cr_assert(relay && at && sscanf(at, "host=%99s %199[^\n]", host, rest) == 2);
    strcpy(relay->folder, "/tmp/gcx-relay-XXXXXX");
    cr_assert(mkdtemp(relay->folder));
    relay->client = relay->server = -1;
    relay->here.sun_family = relay->there.sun_family = AF_UNIX;
    snprintf(relay->here.sun_path, sizeof relay->here.sun_path, "%s/.s.PGSQL.5432", relay->folder);
    snprintf(relay->there.sun_path, sizeof relay->there.sun_path, "%.80s/.s.PGSQL.5432", host);
    relay->listens = socket(AF_UNIX, SOCK_STREAM, 0);
    cr_assert_eq(bind(relay->listens, (struct sockaddr *)&relay->here, sizeof relay->here), 0);
    cr_assert_eq(listen(relay->listens, 8), 0);
    cr_assert_eq(pipe(relay->stop), 0);
    snprintf(through, size, "host=%s %s", relay->folder, rest);
    pthread_create(&relay->thread, NULL, relay_main, relay);
    return relay;
}

void relay_eat(struct relay *relay, enum relay_eats what)
{
    atomic_store(&relay->eat, (int)what);
}

unsigned relay_eaten(const struct relay *relay)
{
    return atomic_load(&relay->eaten);
}

unsigned relay_questions(const struct relay *relay)
{
    return atomic_load(&relay->questions);
}

void relay_end(struct relay *relay)
{
    close(relay->stop[1]);
    pthread_join(relay->thread, NULL);
    close(relay->stop[0]);
    close(relay->listens);
    unlink(relay->here.sun_path);
    rmdir(relay->folder);
    free(relay);
}
