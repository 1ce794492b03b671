/* runtime/adapters/sip/loop.c - libre's watched files and timers, as events of libevent. */
#include "runtime/adapters/sip/loop.h"

#include <assert.h>
#include <event2/event.h>
#include <stdlib.h>
#include <time.h>

#include "runtime/adapters/sip/libre.h"

#define DEBUG_MODULE "loop" /* its header wants both */
#define DEBUG_LEVEL  0
#include <re_dbg.h>

#include "runtime/vocabulary/memory.h"

struct loop_file {       /* a file that libre listens to */
    struct event *event; /* NULL: none */
    int flags;
    fd_h *handler;
    void *argument;
};

static struct event_base *loop_base;
static struct loop_file *watched;
static int watched_count;

/* --- Files: the member main.o --- */

static void loop_on_file(evutil_socket_t file, short what, void *unused)
{
    (void)unused;
    assert(file >= 0 && file < watched_count && watched[file].handler);
    int flags = (what & EV_READ ? FD_READ : 0) | (what & EV_WRITE ? FD_WRITE : 0);
    watched[file].handler(flags, watched[file].argument);
}

static void watched_room(int file)
{
    if (file < watched_count) return;
    int count = file * 2 + 64;
    watched = memory_grown(watched, (size_t)count, sizeof *watched);
    for (; watched_count < count; watched_count++) watched[watched_count] = (struct loop_file){0};
}

int fd_listen(int file, int flags, fd_h *handler, void *argument)
{
    if (file < 0) return EBADF;
    watched_room(file);
    struct loop_file *own = &watched[file];
    if (own->event && own->flags != flags) {
        event_free(own->event);
        own->event = NULL;
    }
    own->flags = flags;
    own->handler = handler;
    own->argument = argument;
    if (flags == 0 || own->event) return 0;
    short what = (short)(EV_PERSIST | (flags & FD_READ ? EV_READ : 0) | (flags & FD_WRITE ? EV_WRITE : 0));
    own->event = event_new(loop_base, file, what, loop_on_file, NULL);
    return own->event && event_add(own->event, NULL) == 0 ? 0 : ENOMEM;
}

void fd_close(int file)
{
    fd_listen(file, 0, NULL, NULL);
}

int fd_setsize(int unused)
{
    (void)unused;
    return 0;
}

void re_thread_enter(void) {}

void re_thread_leave(void) {}

/* --- Timers: the member tmr.o. The event of one that runs is in its list element, which nobody else reads. --- */

static void loop_on_timer(evutil_socket_t unused, short what, void *self)
{
    struct tmr *timer = self;
    tmr_h *handler = timer->th;
    void *argument = timer->arg;
    (void)unused, (void)what;
    assert(handler);
    tmr_cancel(timer);
    handler(argument); /* it may free the timer, or start it again */
}

uint64_t tmr_jiffies(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

void tmr_init(struct tmr *timer)
{
    if (timer) *timer = (struct tmr){0};
}

void tmr_start(struct tmr *timer, uint64_t delay, tmr_h *handler, void *argument)
{
    if (!timer) return;
    struct event *event = timer->le.data;
    timer->th = handler;
    timer->arg = argument;
    if (!handler) {
        if (event) event_free(event);
        timer->le.data = NULL;
        return;
    }
    if (!event) timer->le.data = event = evtimer_new(loop_base, loop_on_timer, timer);
    struct timeval wait = {(time_t)(delay / 1000), (suseconds_t)(delay % 1000 * 1000)};
    if (!event || event_add(event, &wait) != 0) abort(); /* memory: a timer that is lost is a call that hangs */
    timer->jfs = tmr_jiffies() + delay;
}

void tmr_cancel(struct tmr *timer)
{
    tmr_start(timer, 0, NULL, NULL);
}

uint64_t tmr_get_expire(const struct tmr *timer)
{
    uint64_t now = tmr_jiffies();
    return timer && timer->th && timer->jfs > now ? timer->jfs - now : 0;
}

/* --- Life --- */

bool sip_loop_begin(struct event_base *base)
{
    assert(!loop_base && base);
    loop_base = base;
    dbg_init(DBG_EMERG, DBG_NONE); /* else it prints what strangers send; guard.c counts and tells that */
    return libre_init() == 0;
}

void sip_loop_end(void)
{
    libre_close();
    for (int i = 0; i < watched_count; i++)
        if (watched[i].event) event_free(watched[i].event);
    free(watched);
    watched = NULL;
    watched_count = 0;
    loop_base = NULL;
}
