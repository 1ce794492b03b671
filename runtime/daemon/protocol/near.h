/* runtime/daemon/protocol/near.h - How far a name is from another one, for "did you mean". Pure. */
#ifndef DAEMON_NEAR_H
#define DAEMON_NEAR_H

/* How many letters differ, at least; 32 where `b` is longer than 31. */
unsigned near_distance(const char *a, const char *b);

#endif
