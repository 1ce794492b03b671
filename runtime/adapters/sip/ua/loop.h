/* runtime/adapters/sip/ua/loop.h - The adapter's event loop as SIP and its sound use it: a clock, alarms, files,
 * datagrams.
 *
 * The plugin implements it by libevent (loop.c): SIP, RTP, the connections of CTI clients and the core's link share
 * one loop in one thread. A test implements it itself, with a clock that it sets by hand (tests/unit/sip_world.c). */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct event_base;
struct sa;

/* Must be called once, before the other functions here. */
void sip_loop_begin(struct event_base *);
void sip_loop_end(void);
struct event_base *loop_base(void);
uint64_t loop_ms(void); /* milliseconds of a clock that never goes back; it begins anywhere */

/* --- Alarms: an alarm that is all zero does not run --- */

typedef void alarm_rings(void *self);

struct alarm {
    alarm_rings *rings; /* NULL: the alarm does not run */
    void *self;
    uint64_t at_ms;
    void *place; /* the loop's own */
};

/* Rings once. Calls the function once after that time; an alarm that runs gets the new time. The alarm may be freed
 * after its function was called, or after alarm_stop(). */
void alarm_set(struct alarm *, uint64_t after_ms, alarm_rings *, void *self);
void alarm_stop(struct alarm *);

/* --- Files --- */

enum { FILE_READS = 1, FILE_WRITES = 2 };

typedef void file_ready(int flags, void *self);

/* Calls the function each time the file can be read or written. If the file is watched already, the new flags and
 * function replace the old ones. */
void loop_watch_file(int file, int flags, file_ready *, void *self);
void loop_leave_file(int file);

/* --- Datagrams: a UDP socket --- */

enum { DATAGRAM_MOST = 8192 };

struct datagrams;
typedef void datagram_comes(const struct sa *source, uint8_t *bytes, size_t length, void *self);

/* Binds a UDP socket to that address; no other socket can bind the same one. The port may be 0, and is then set to
 * the one that the kernel has chosen. A datagram longer than DATAGRAM_MOST is cut off. Returns errno. */
int loop_datagrams_open(struct datagrams **, struct sa *own, datagram_comes *, void *self);
/* For a socket that should lose nothing: that many bytes may wait in the kernel while the process is busy
 * (net.core.rmem_max at most), and that many datagrams are read before other files have their turn. Only after this
 * call do loop_datagrams_waited_ms() and loop_datagrams_dropped() have values. */
void loop_datagrams_queue(struct datagrams *, int bytes, unsigned turns);
/* of the datagram that is handed on: its time in the kernel */
unsigned loop_datagrams_waited_ms(const struct datagrams *);
/* datagrams dropped so far, because the kernel's buffer was full */
uint32_t loop_datagrams_dropped(const struct datagrams *);
/* Returns errno. */
int loop_datagrams_send(struct datagrams *, const struct sa *to, const uint8_t *bytes, size_t length);
void loop_datagrams_close(struct datagrams *); /* a socket may be closed in its own callback, too; NULL: does nothing */
