/* runtime/daemon/links/guard.h - Shows an adapter's process and its gcxvm whether the other one lives, by file
 * locks.
 *
 * Owns the lock that this process took, until the process ends: the kernel releases it then, however the process
 * ended, and tells who holds it. The adapter holds `NAME.lock`, with a mark of its arguments and programs written into
 * it; gcxvm holds `lock`. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

struct guard_found {
    pid_t pid;     /* the process that holds the lock; 0: none does */
    bool same;     /* it was started with these arguments, from the programs that are there now */
    bool renews;   /* it knows the signal ADAPTER_RENEWS; earlier versions only know SIGTERM */
    bool stays;    /* it was asked to end, and has said within the last seconds that it holds conversations */
    bool ends;     /* it was told to end, and begins nothing new; no gcxvm changes that */
    unsigned held; /* conversations that it has told last; 0 for earlier versions */
    unsigned left; /* no process holds the lock, and the last one died with so many conversations */
};

/* For gcxvm: the file of an adapter's lock, which may be moved or removed later; -1: it cannot be opened. */
int guard_open(const char *path);
/* For gcxvm: the process that holds the lock in this file. */
struct guard_found guard_holder_at(int fd, char *const *arguments);
struct guard_found guard_holder(const char *path, char *const *arguments);

/* For the adapter: takes its lock until the process ends. False where another holds it. Once in a process. */
bool guard_take(const char *path, char *const *arguments, struct error *);
/* For the adapter that was asked to end: writes, each second, that it stays as it holds conversations; false: it serves
 * on, or never was asked. Does nothing in a process without a lock. */
void guard_stay(bool stays);
/* For the adapter: writes how many conversations it holds, and whether it was told to end for good. */
void guard_hold(unsigned conversations, bool ends);
/* Sends this process ADAPTER_ALONE when nobody has held `core` for so many seconds; 0: as soon as the parent dies.
 * While a gcxvm lives and `lock`, which this process has taken, is not at its path any more, since the state folder was
 * emptied, put back or moved, the next gcxvm cannot find this process: with conversations it takes the lock that is
 * there now, else, or where another process keeps that one, it sends itself SIGTERM, once. NULL: it has taken none. */
void guard_watch(const char *core, const char *lock, uint64_t seconds);
