/* runtime/adapters/cti/logins.h - Passwords looked at in a thread of their own: a hash takes a tenth of a second and
 * 64 MiB, which no call may wait for.
 *
 * One at a time, in order; as many may wait as LOGINS_MAX. It owns the thread and copies of what it is given; callbacks
 * come on the loop's thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { LOGINS_MAX = 65536 };

struct event_base;
struct logins;

struct logins_calls {
    void *self;
    bool (*turn)(void *self, uint64_t who); /* it would be looked at now; false: no more, and nothing comes of it */
    void (*answer)(void *self, uint64_t who, bool good);
};

/* NULL where the system has no thread or descriptor left. */
struct logins *logins_new(struct event_base *, const struct logins_calls *);
void logins_free(struct logins *); /* nobody is answered any more */

/* Does the password fit the hash? False: too many wait. */
bool logins_ask(struct logins *, uint64_t who, const char *hash, const char *password);
