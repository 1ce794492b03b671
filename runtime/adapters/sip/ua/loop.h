/* runtime/adapters/sip/ua/loop.h - The adapter's loop, as SIP and its sound use it: a clock, alarms, files, datagrams.
 *
 * The plugin has them over libevent (loop.c): SIP, RTP, the clients' wire and the core's link are one loop of one
 * thread. A test brings its own, with a clock that it turns by hand (tests/unit/sip_world.c). */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct event_base;
struct sa;

/* Once, before anything else here. */
void sip_loop_begin(struct event_base *);
void sip_loop_end(void);
struct event_base *loop_base(void);
uint64_t loop_ms(void); /* since some moment; it only rises */

/* --- Alarms: all zero is one that does not run --- */

typedef void alarm_rings(void *self);

struct alarm {
    alarm_rings *rings; /* NULL: it does not run */
    void *self;
    uint64_t at_ms;
    void *place; /* the loop's own */
};

/* Rings once. An alarm that runs is set anew. It may be freed once it has rung, or was stopped. */
void alarm_set(struct alarm *, uint64_t after_ms, alarm_rings *, void *self);
void alarm_stop(struct alarm *);

/* --- Files --- */

enum { FILE_READS = 1, FILE_WRITES = 2 };

typedef void file_ready(int flags, void *self);

/* Calls back as often as the file can be read or written. A file that is watched is watched anew. */
void loop_watch_file(int file, int flags, file_ready *, void *self);
void loop_leave_file(int file);

/* --- Datagrams: a socket of UDP --- */

enum { DATAGRAM_MOST = 8192 };

struct datagrams;
typedef void datagram_comes(const struct sa *source, uint8_t *bytes, size_t length, void *self);

/* Binds that address alone: no other socket can have it. Its port may be 0, and is set then. A datagram that is longer
 * than DATAGRAM_MOST is cut off. Returns errno. */
int loop_datagrams_open(struct datagrams **, struct sa *own, datagram_comes *, void *self);
/* For a socket that must lose nothing: so many bytes wait in the kernel while the process is busy (net.core.rmem_max at
 * most), and so many datagrams are read before other files have their turn. From then on the next two are known. */
void loop_datagrams_queue(struct datagrams *, int bytes, unsigned turns);
unsigned loop_datagrams_waited_ms(const struct datagrams *); /* in the kernel: the one that is handed on */
uint32_t loop_datagrams_dropped(const struct datagrams *);   /* since the beginning: the kernel had no room */
/* Returns errno. */
int loop_datagrams_send(struct datagrams *, const struct sa *to, const uint8_t *bytes, size_t length);
void loop_datagrams_close(struct datagrams *); /* also within its own callback; NULL: nothing */
