/* runtime/daemon/directory/listening.c - The thread that waits for notifications of changes of a directory in
 * PostgreSQL.
 *
 * The thread has a connection of its own, runs LISTEN, and waits. A notification says that the directory has
 * changed, not how: the whole directory is then read anew. No notification comes for a change made while there was
 * no connection, so each new connection counts as a change. After a failure the thread waits, each time twice as
 * long as before, up to PAUSE_MOST_MS. */
#include "runtime/daemon/directory/postgres.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "runtime/host/real.h"
#include "base/memory.h"

enum { LISTEN_LOOK_MS = 100, PAUSE_FIRST_MS = 500, PAUSE_MOST_MS = 10000 };

struct listening {
    const struct conf_source *source;
    struct listening_calls calls;
    pthread_t thread;
    atomic_bool stop;
};

/* Listens until the connection is lost, or the thread is stopped. True: listening had begun. Several notifications
 * that came together count as one change. */
static bool listen_once(struct listening *listening, struct error *error)
{
    struct bound bound = {host_monotonic_us() + listening->source->connect_ms * 1000, &listening->stop};
    PGconn *pg = postgres_open(listening->source, &bound, error);
    PGresult *result = pg ? postgres_ask(pg, "listen gcx_directory", &bound, error) : NULL;
    bool begun = result != NULL, good = begun;
    PQclear(result);
    if (begun) listening->calls.told(listening->calls.self);
    while (good && !atomic_load(&listening->stop)) {
        struct pollfd there = {.fd = PQsocket(pg), .events = POLLIN};
        int count = poll(&there, 1, LISTEN_LOOK_MS);
        good = count >= 0 || errno == EINTR;
        if (count <= 0) continue;
        good = PQconsumeInput(pg) != 0;
        PGnotify *note;
        bool any = false;
        while ((note = PQnotifies(pg))) {
            any = true;
            PQfreemem(note);
        }
        if (any) listening->calls.told(listening->calls.self);
    }
    if (begun && !good) error_set(error, ERROR_UNAVAILABLE, "the connection was lost");
    PQfinish(pg);
    return begun;
}

/* Waits before the next attempt; the more attempts have failed, the longer. */
static void pause_take(struct listening *listening, unsigned pause_ms)
{
    const struct timespec look = {.tv_nsec = LISTEN_LOOK_MS * 1000000L};
    for (unsigned waited = 0; waited < pause_ms && !atomic_load(&listening->stop); waited += LISTEN_LOOK_MS)
        nanosleep(&look, NULL);
}

static void *listening_main(void *argument)
{
    struct listening *listening = argument;
    unsigned pause_ms = PAUSE_FIRST_MS;
    while (!atomic_load(&listening->stop)) {
        struct error error = {0};
        if (listen_once(listening, &error)) pause_ms = PAUSE_FIRST_MS;
        if (atomic_load(&listening->stop)) break;
        listening->calls.trouble(listening->calls.self, error.text);
        pause_take(listening, pause_ms);
        pause_ms = 2 * pause_ms > PAUSE_MOST_MS ? PAUSE_MOST_MS : 2 * pause_ms;
    }
    return NULL;
}

struct listening *listening_new(const struct conf_source *source, const struct listening_calls *calls)
{
    assert(source && calls->told && calls->trouble);
    struct listening *listening = memory_zeroed(1, sizeof *listening);
    listening->source = source;
    listening->calls = *calls;
    if (pthread_create(&listening->thread, NULL, listening_main, listening) != 0) {
        calls->trouble(calls->self, "no thread can be had");
        free(listening);
        return NULL;
    }
    pthread_setname_np(listening->thread, "gcx-directory");
    return listening;
}

/* Waits for the thread, which checks `stop` every LISTEN_LOOK_MS. */
void listening_free(struct listening *listening)
{
    if (!listening) return;
    atomic_store(&listening->stop, true);
    pthread_join(listening->thread, NULL);
    free(listening);
}
