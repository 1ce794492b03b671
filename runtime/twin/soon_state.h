/* runtime/twin/soon_state.h - How things stand at a site now, written into a folder for gcxc simulate --situation.
 *
 * The journal is played from its newest snapshot to its end. Of the core that this gives are written: the values of all
 * settings in force, the change that is tried, the agents who are logged in, the calls that are there, and the image.
 * The journal is only read, also while a gcxvm writes it. */
#pragma once

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "runtime/daemon/directory/hand.h"
#include "runtime/daemon/site/conf.h"

struct soon_terms { /* all borrowed */
    const struct conf *conf;
    const char *state, *folder;
    const char *const *words; /* as gcxctl set takes them */
    size_t word_count;
    enum hand_act act;
    bool adds;        /* the row is a new one: one that is there is not changed */
    int64_t until_us; /* wall clock: when the change ends; 0: not in the time that is simulated */
    const volatile sig_atomic_t *stop;
};

struct soon_found {
    char setting[NAME_MAX_BYTES + 1], item[ADDR_MAX_BYTES + 1];
    char before[HAND_TEXT_MAX], after[HAND_TEXT_MAX]; /* the value now, and the one that is tried */
    uint64_t agents, calls;                           /* agents who are logged in, calls that are there */
    uint64_t hidden;
};

/* False with the reason. */
bool soon_write(const struct soon_terms *, struct soon_found *, struct error *);
