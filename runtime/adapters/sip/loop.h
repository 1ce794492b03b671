/* runtime/adapters/sip/loop.h - libre's loop is ours: its sockets and timers are events of the adapter's loop.
 *
 * libre 1.1.0 has a loop of its own, which nobody can put into another, and keeps its timers in one sorted list, where
 * a start costs as much as there are timers (91 us with 30,000). Both are in two members of its archive, main.o and
 * tmr.o. loop.c defines what these two define, over libevent, so that the linker takes neither: SIP, RTP, the clients'
 * wire and the core's link are one loop of one thread. */
#ifndef SIP_LOOP_H
#define SIP_LOOP_H

#include <stdbool.h>

struct event_base;

/* Once, before any other function of libre; false: libre does not begin. */
bool sip_loop_begin(struct event_base *);
void sip_loop_end(void);

#endif
