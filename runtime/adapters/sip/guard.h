/* runtime/adapters/sip/guard.h - The guard before libre: each packet is judged, and nobody is answered too often.
 *
 *     UDP:      socket --> guard --> libre        refused by an answer that leaves no trace in memory
 *     TCP, TLS: socket --> libre's reading --> guard --> libre        a message that is none ends the connection
 *
 * libre 1.1.0 keeps its socket to itself and reads messages in one function: the linker puts ours around both
 * (--wrap=udp_listen, --wrap=sip_msg_decode). */
#ifndef SIP_GUARD_H
#define SIP_GUARD_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime/adapters/sip/libre.h"

enum { GUARD_STRANGERS = 1024 };

/* So many a second, and twice as many at once. */
struct bucket {
    uint64_t at_ms;
    double left;
};

struct guard {
    struct udp_helper *helper;
    struct udp_sock *socket;
    uint32_t salt;
    struct bucket strangers[GUARD_STRANGERS]; /* by the hash of an address */
    struct bucket forwards;                   /* answers 3xx that the log is told of */
};

struct exchange;

/* libre binds UDP here, and the guard stands before that socket. Returns errno. */
int guard_bind_udp(struct exchange *, const struct sa *own);
void guard_end(struct exchange *);
/* False: there were too many within the second. */
bool bucket_take(struct bucket *, uint64_t per_second, uint64_t now_ms);

#endif
