/* runtime/adapters/sip/ua/loop.c - The clock, alarms, files and datagrams, as events of libevent.
 *
 *     alarm_set(&alarm, ms, rings, self) --> libevent --> alarm_on_event() --> rings(self), once
 *
 * The event base belongs to whoever calls sip_loop_begin(), and everything here runs in that caller's thread. An
 * alarm is a struct in the memory of its owner: all zero means stopped, and the owner stops it before freeing that
 * memory. The clock is the monotonic one, in milliseconds, so a change of the wall clock does not move alarms. */
#include "runtime/adapters/sip/ua/loop.h"

#include <assert.h>
#include <errno.h>
#include <event2/event.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "runtime/adapters/sip/ua/libre.h"
#include "base/memory.h"

static struct event_base *the_base;

void sip_loop_begin(struct event_base *base)
{
    assert(!the_base && base);
    the_base = base;
}

struct event_base *loop_base(void)
{
    return the_base;
}

uint64_t loop_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* --- Alarms: `place` has the event of an alarm that runs --- */

/* Calls the alarm's function. The alarm is stopped before its function is called, so that the function can set it
 * again. The alarm is not read after the call. */
static void alarm_on_event(evutil_socket_t unused, short what, void *self)
{
    struct alarm *alarm = self;
    alarm_rings *rings = alarm->rings;
    void *whose = alarm->self;
    (void)unused, (void)what;
    assert(rings);
    alarm_stop(alarm);
    rings(whose); /* the function may free the alarm, or set it again */
}

/* Sets an alarm; one that runs already gets the new time. */
void alarm_set(struct alarm *alarm, uint64_t after_ms, alarm_rings *rings, void *self)
{
    struct timeval wait = {(time_t)(after_ms / 1000), (suseconds_t)(after_ms % 1000 * 1000)};
    assert(rings);
    if (!alarm->place) alarm->place = evtimer_new(the_base, alarm_on_event, alarm);
    /* no memory: a lost alarm would be a call that hangs */
    if (!alarm->place || event_add(alarm->place, &wait) != 0) abort();
    alarm->rings = rings;
    alarm->self = self;
    alarm->at_ms = loop_ms() + after_ms;
}

void alarm_stop(struct alarm *alarm)
{
    if (alarm->place) event_free(alarm->place);
    alarm->place = NULL;
    alarm->rings = NULL;
}

/* --- Files --- */

struct watched_file {    /* by its number */
    struct event *event; /* NULL: the file is not watched */
    file_ready *ready;
    void *self;
};

static struct watched_file *watched_files;
static int watched_count;

static void file_on_event(evutil_socket_t file, short what, void *unused)
{
    const struct watched_file *own = &watched_files[file];
    (void)unused;
    assert(file >= 0 && file < watched_count && own->ready);
    own->ready((what & EV_READ ? FILE_READS : 0) | (what & EV_WRITE ? FILE_WRITES : 0), own->self);
}

/* Makes room in the table for that file; the table is indexed by the file's number, and grows in steps. */
static void watched_room(int file)
{
    if (file < watched_count) return;
    int count = file * 2 + 64;
    watched_files = memory_grown(watched_files, (size_t)count, sizeof *watched_files);
    for (; watched_count < count; watched_count++) watched_files[watched_count] = (struct watched_file){0};
}

void loop_watch_file(int file, int flags, file_ready *ready, void *self)
{
    short what = (short)(EV_PERSIST | (flags & FILE_READS ? EV_READ : 0) | (flags & FILE_WRITES ? EV_WRITE : 0));
    assert(file >= 0 && flags != 0);
    watched_room(file);
    loop_leave_file(file);
    struct event *event = event_new(the_base, file, what, file_on_event, NULL);
    if (!event || event_add(event, NULL) != 0) abort(); /* memory */
    watched_files[file] = (struct watched_file){event, ready, self};
}

void loop_leave_file(int file)
{
    if (file < 0 || file >= watched_count || !watched_files[file].event) return;
    event_free(watched_files[file].event);
    watched_files[file] = (struct watched_file){0};
}

/* --- Datagrams --- */

struct datagrams {
    int file;
    datagram_comes *comes;
    void *self;
    unsigned turns;     /* datagrams that are read in a row before other files have their turn */
    unsigned waited_ms; /* how long the datagram that is handed on has waited in the kernel */
    uint32_t dropped;   /* datagrams dropped by the kernel; its counter overflows to 0 */
};

static struct datagrams *handing_on; /* the socket whose datagram is handed on; NULL: it was closed meanwhile */

static unsigned waited_since(const struct timespec *come)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    int64_t ms = (int64_t)(now.tv_sec - come->tv_sec) * 1000 + (now.tv_nsec - come->tv_nsec) / 1000000;
    /* the wall clock may be set back, so a negative time counts as 0 */
    return ms > 0 && ms < UINT32_MAX ? (unsigned)ms : 0;
}

/* Takes what the kernel adds to a datagram: when it came, and how many were dropped before. */
static void datagrams_hear(struct datagrams *own, struct msghdr *header)
{
    own->waited_ms = 0;
    for (struct cmsghdr *word = CMSG_FIRSTHDR(header); word; word = CMSG_NXTHDR(header, word)) {
        struct timespec come;
        if (word->cmsg_level != SOL_SOCKET) continue;
        if (word->cmsg_type == SCM_TIMESTAMPNS) {
            memcpy(&come, CMSG_DATA(word), sizeof come);
            own->waited_ms = waited_since(&come);
        } else if (word->cmsg_type == SO_RXQ_OVFL) {
            memcpy(&own->dropped, CMSG_DATA(word), sizeof own->dropped);
        }
    }
}

/* False: none is there. */
static bool datagrams_read(struct datagrams *own)
{
    static uint8_t bytes[DATAGRAM_MOST];
    alignas(struct cmsghdr) char words[CMSG_SPACE(sizeof(struct timespec)) + CMSG_SPACE(sizeof(uint32_t))];
    struct sa source = {.len = sizeof source.u};
    struct msghdr header = {.msg_name = &source.u.sa,
                            .msg_namelen = source.len,
                            .msg_iov = &(struct iovec){bytes, sizeof bytes},
                            .msg_iovlen = 1,
                            .msg_control = words,
                            .msg_controllen = sizeof words};
    ssize_t length = recvmsg(own->file, &header, MSG_DONTWAIT);
    if (length < 0) return false;
    source.len = header.msg_namelen;
    datagrams_hear(own, &header);
    own->comes(&source, bytes, (size_t)length, own->self);
    return true;
}

/* Reads several datagrams in a row, and stops when the function that gets them has closed this socket
 * (`handing_on`). */
static void datagrams_on_ready(int flags, void *self)
{
    struct datagrams *own = self;
    (void)flags;
    handing_on = own;
    for (unsigned turns = own->turns; turns > 0 && datagrams_read(own) && handing_on; turns--) {
    }
}

static int datagrams_bind(int file, struct sa *own)
{
    if (bind(file, &own->u.sa, own->len) != 0) return errno;
    own->len = sizeof own->u;
    return getsockname(file, &own->u.sa, &own->len) == 0 ? 0 : errno;
}

/* Opens a UDP socket; `*own` gets the port that the kernel has chosen. Returns 0 or an errno. */
int loop_datagrams_open(struct datagrams **made, struct sa *own, datagram_comes *comes, void *self)
{
    int file = socket(sa_af(own), SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int error = file < 0 ? errno : datagrams_bind(file, own);
    if (error != 0) {
        if (file >= 0) close(file);
        return error;
    }
    *made = memory_zeroed(1, sizeof **made);
    **made = (struct datagrams){.file = file, .comes = comes, .self = self, .turns = 1};
    loop_watch_file(file, FILE_READS, datagrams_on_ready, *made);
    return 0;
}

/* Asks the kernel for a larger buffer, for the time at which each datagram came, and for the number of datagrams
 * that were dropped. If the kernel refuses one of these, the socket works without it. */
void loop_datagrams_queue(struct datagrams *own, int bytes, unsigned turns)
{
    own->turns = turns;
    setsockopt(own->file, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
    setsockopt(own->file, SOL_SOCKET, SO_TIMESTAMPNS, &(int){1}, sizeof(int));
    setsockopt(own->file, SOL_SOCKET, SO_RXQ_OVFL, &(int){1}, sizeof(int));
}

unsigned loop_datagrams_waited_ms(const struct datagrams *own)
{
    return own->waited_ms;
}

uint32_t loop_datagrams_dropped(const struct datagrams *own)
{
    return own->dropped;
}

int loop_datagrams_send(struct datagrams *own, const struct sa *to, const uint8_t *bytes, size_t length)
{
    ssize_t sent = sendto(own->file, bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL, &to->u.sa, to->len);
    return sent >= 0 ? 0 : errno;
}

void loop_datagrams_close(struct datagrams *own)
{
    if (!own) return;
    if (handing_on == own) handing_on = NULL;
    loop_leave_file(own->file);
    close(own->file);
    free(own);
}

void sip_loop_end(void)
{
    for (int i = 0; i < watched_count; i++) loop_leave_file(i);
    free(watched_files);
    watched_files = NULL;
    watched_count = 0;
    the_base = NULL;
}
