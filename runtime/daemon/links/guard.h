/* runtime/daemon/links/guard.h - Lets an adapter's process and its gcxvm find out whether the other is alive, by
 * file locks.
 *
 * Owns the lock that this process took until the process ends: the kernel then releases it, however the process
 * ended, and can tell who holds it. The adapter holds `NAME.lock`, with a mark of its arguments and programs written
 * into it; gcxvm holds `lock`. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

struct guard_found {
    pid_t pid;   /* the process that holds the lock; 0: none */
    bool same;   /* the process was started with the arguments that it would get now, from the present programs */
    bool renews; /* the process knows the signal ADAPTER_RENEWS; earlier versions only know SIGTERM */
    /* the process was asked to end, and has reported within the last seconds that it has conversations */
    bool stays;
    bool ends;     /* the process was told to end, and begins nothing new; no gcxvm changes that */
    unsigned held; /* conversations that the process reported last; 0 for earlier versions */
    unsigned left; /* no process holds the lock; the last one died with so many conversations */
};

/* For gcxvm: opens the file of an adapter's lock, which may be moved or removed later; -1: it cannot be opened. */
int guard_open(const char *path);
/* For gcxvm: finds the process that holds the lock in this file. */
struct guard_found guard_holder_at(int fd, char *const *arguments);
struct guard_found guard_holder(const char *path, char *const *arguments);

/* For the adapter: takes its lock, which it keeps until the process ends. False if another process holds the lock.
 * Once in a process. */
bool guard_take(const char *path, char *const *arguments, struct error *);
/* For the adapter that was asked to end: writes, each second, that it stays as it has conversations; false: writes
 * that it serves on, or was never asked. Does nothing in a process without a lock. */
void guard_stay(bool stays);
/* For the adapter: writes how many conversations it has, and whether it was told to end for good. */
void guard_hold(unsigned conversations, bool ends);
/* Sends this process ADAPTER_ALONE when nobody has held `core` for so many seconds; 0: as soon as the parent dies.
 * The function also watches `lock`, which this process has taken (NULL: it has taken none). If that file is no longer
 * at its path while a gcxvm lives, because the state folder was emptied, restored or moved, the next gcxvm cannot find
 * this process. A process with conversations then takes the lock that is there now. A process without conversations,
 * or one that cannot get that lock, sends itself SIGTERM, once. */
void guard_watch(const char *core, const char *lock, uint64_t seconds);
