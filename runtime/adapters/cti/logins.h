/* runtime/adapters/cti/logins.h - Passwords looked at in a thread of their own: a hash takes a tenth of a second and
 * 64 MiB, which no call may wait for.
 *
 * One at a time, in order; as many may wait as LOGINS_MAX. It owns the thread and copies of what it is given; answers
 * come on the loop's thread. */
#ifndef CTI_LOGINS_H
#define CTI_LOGINS_H

#include <stdbool.h>
#include <stdint.h>

enum { LOGINS_MAX = 4096 };

struct event_base;
struct logins;

/* NULL where the system has no thread or descriptor left. */
struct logins *logins_new(struct event_base *, void (*answer)(void *self, uint64_t who, bool good), void *self);
void logins_free(struct logins *); /* nobody is answered any more */

/* Does the password fit the hash? False: too many wait. */
bool logins_ask(struct logins *, uint64_t who, const char *hash, const char *password);

#endif
