/* runtime/adapter/probe.c - Runs the thread that checks whether a neighbour is reachable.
 *
 *     loop                                   thread
 *       timer --> worker_give() ----------->   there()      may block: connect, log in, ask
 *       probe_done() <----------------------   result
 *       neighbour(up or why)
 *
 * Only one check runs at a time. If a check does not return, the neighbour is reported as away, and the next check
 * waits for it. The results of users' requests count, too: probe_failed() and probe_answered() change the state
 * between checks, and the result of a check that began before a failure is ignored. */
#include "runtime/adapter/probe.h"

#include <assert.h>
#include <errno.h>
#include <event2/event.h>
#include <glib.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "runtime/adapter/address.h"
#include "runtime/adapter/told.h"
#include "runtime/adapter/worker.h"
#include "base/memory.h"

enum { PAUSE_S = 3, HANG_US = 15000000, CONNECT_MS = 5000, WHY = 256 };

struct probe {
    struct gcx_link *link;
    const struct gcx_services *services;
    struct probe_calls calls;
    struct worker *worker;
    struct event *timer;
    char *name;
    bool looks, away;
    bool outdated; /* the running check began before a failure: its result is ignored */
    uint64_t begun_us;
    bool thorough;     /* the look under way */
    char refused[WHY]; /* why the last request was not done; "": it was done */
    /* Made by the thread: */
    bool there;
    char why[WHY];
};

static void probe_tell(struct probe *probe, bool there, const char *why)
{
    bool back = there && probe->away;
    probe->away = !there;
    probe->services->neighbour(probe->link, probe->name, there, why);
    if (back && probe->calls.back) probe->calls.back(probe->calls.self);
}

/* Sets the timer for the next check; it comes sooner while the neighbour is away. */
static void probe_later(struct probe *probe)
{
    unsigned pause_s = probe->calls.pause_s > 0 ? probe->calls.pause_s : PAUSE_S;
    struct timeval pause = {probe->away ? (pause_s + 2) / 3 : pause_s, 0};
    evtimer_add(probe->timer, &pause);
}

static void probe_work(void *self, void *job)
{
    struct probe *probe = self;
    (void)job;
    probe->why[0] = '\0';
    probe->there = probe->calls.there(probe->calls.self, probe->thorough, probe->why, sizeof probe->why);
}

static void probe_tell_expiry(struct probe *probe)
{
    char figure[TOLD_NAME];
    int64_t expires_s = probe->calls.expires_s ? probe->calls.expires_s(probe->calls.self) : 0;
    if (expires_s == 0) return;
    snprintf(figure, sizeof figure, TOLD_CERTIFICATE "%s", probe->name);
    probe->services->figure(probe->link, figure, expires_s);
}

/* A neighbour that can be reached but refuses requests stays away. */
static void probe_tell_look(struct probe *probe)
{
    if (probe->there && *probe->refused)
        probe_tell(probe, false, probe->refused);
    else
        probe_tell(probe, probe->there, probe->why);
}

/* A check that succeeded although a request failed meanwhile is repeated at once. */
static void probe_done(void *self, void *job)
{
    struct probe *probe = self;
    assert(probe->looks);
    (void)job;
    probe->looks = false;
    probe_tell_expiry(probe);
    if (probe->outdated && probe->there)
        probe_now(probe);
    else
        probe_tell_look(probe), probe_later(probe);
    probe->outdated = false;
}

static void probe_dropped(void *self, void *job)
{
    (void)self, (void)job;
}

static void probe_on_look(evutil_socket_t unused, short what, void *self)
{
    struct probe *probe = self;
    uint64_t now_us = probe->services->now_us(probe->link);
    (void)unused, (void)what;
    if (probe->looks && now_us - probe->begun_us >= HANG_US) probe_tell(probe, false, "it has not answered for 15 s");
    if (!probe->looks) {
        probe->looks = true;
        probe->begun_us = now_us;
        probe->thorough = probe->away;
        worker_give(probe->worker, probe);
    }
    probe_later(probe);
}

struct probe *probe_new(struct gcx_link *link, const struct gcx_services *services, const char *name,
                        const struct probe_calls *calls)
{
    assert(calls->there);
    struct probe *probe = memory_zeroed(1, sizeof *probe);
    struct worker_calls work = {probe, probe_work, probe_done, probe_dropped, NULL};
    probe->link = link;
    probe->services = services;
    probe->calls = *calls;
    probe->name = g_strdup(name);
    probe->worker = worker_new(services->base(link), &work);
    probe->timer = evtimer_new(services->base(link), probe_on_look, probe);
    if (probe->worker && probe->timer) {
        services->neighbour(link, name, true, NULL);
        probe_now(probe);
        return probe;
    }
    probe_free(probe);
    return NULL;
}

void probe_free(struct probe *probe)
{
    if (!probe) return;
    if (probe->timer) event_free(probe->timer);
    worker_free(probe->worker);
    g_free(probe->name);
    g_free(probe);
}

void probe_now(struct probe *probe)
{
    if (probe && !probe->looks) event_active(probe->timer, EV_TIMEOUT, 0);
}

void probe_failed(struct probe *probe, const char *why)
{
    if (!probe) return;
    probe->outdated = probe->looks;
    probe_tell(probe, false, why);
    probe_now(probe);
}

void probe_refused(struct probe *probe, const char *why)
{
    if (!probe) return;
    snprintf(probe->refused, sizeof probe->refused, "%s", why);
    probe_tell(probe, false, probe->refused);
}

void probe_answered(struct probe *probe)
{
    if (!probe) return;
    probe->refused[0] = '\0';
    probe_tell(probe, true, "");
}

bool probe_is_away(const struct probe *probe)
{
    return probe && probe->away;
}

/* ---- functions that run in the thread ---- */

static bool is_connected(int fd, const struct address *address)
{
    int error = 0;
    socklen_t length = sizeof error;
    struct pollfd wait = {fd, POLLOUT, 0};
    if (connect(fd, (const struct sockaddr *)&address->socket, (socklen_t)address->length) == 0) return true;
    if (errno != EINPROGRESS) return false;
    if (poll(&wait, 1, CONNECT_MS) != 1) {
        errno = ETIMEDOUT;
        return false;
    }
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) == 0 && error == 0) return true;
    errno = error;
    return false;
}

/* Opens a TCP connection and closes it. For threads: the call waits up to CONNECT_MS. */
bool probe_connects(const char *text, char *why, size_t why_size)
{
    struct address address;
    if (!address_parse(&address, text, why, why_size)) return false;
    int fd = socket(address.socket.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    bool good = fd >= 0 && is_connected(fd, &address);
    if (!good) snprintf(why, why_size, "%s: %s", text, strerror(errno));
    if (fd >= 0) close(fd);
    return good;
}
