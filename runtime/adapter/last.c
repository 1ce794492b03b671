/* runtime/adapter/last.c - Runs the loop of a plugin that ends until the answers it waits for have come.
 *
 *     close() of a plugin --> last_answers() --> the loop turns --> all answered, or LAST_ANSWERS_S over
 *
 * The loop has already ended and is run again here, because the answers come by its sockets. */
#include "runtime/adapter/last.h"

#include <assert.h>
#include <event2/event.h>

static void last_is_over(evutil_socket_t unused, short what, void *over)
{
    (void)unused, (void)what;
    *(bool *)over = true;
}

void last_answers(struct event_base *base, bool (*awaits)(const void *self), const void *self)
{
    bool over = false;
    assert(awaits);
    if (!awaits(self)) return;
    struct event *end = evtimer_new(base, last_is_over, &over);
    event_add(end, &(struct timeval){LAST_ANSWERS_S, 0});
    while (!over && awaits(self))
        if (event_base_loop(base, EVLOOP_ONCE) != 0 || event_base_got_break(base)) break;
    event_free(end);
    /* lets the loop send the replies to the last answers that have come */
    (void)event_base_loop(base, EVLOOP_NONBLOCK);
}
