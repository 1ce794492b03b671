/* runtime/adapters/cti/logins.h - Checks passwords in a thread of their own: a hash takes a tenth of a second and 64
 * MiB, for which no call may wait.
 *
 * Passwords are checked one at a time, in order; at most LOGINS_MAX wait. The struct owns the thread and copies of
 * the texts that it gets; callbacks run in the loop's thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { LOGINS_MAX = 65536 };

struct event_base;
struct logins;

struct logins_calls {
    void *self;
    /* may the login that is next still be checked? false: the login is dropped without an answer */
    bool (*turn)(void *self, uint64_t who);
    void (*answer)(void *self, uint64_t who, bool good);
};

/* NULL: the system has no thread or descriptor left. */
struct logins *logins_new(struct event_base *, const struct logins_calls *);
void logins_free(struct logins *); /* logins that wait get no answer any more */

/* Starts to check whether the password matches the hash. False: too many wait. */
bool logins_ask(struct logins *, uint64_t who, const char *hash, const char *password);
