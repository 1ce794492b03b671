/* tests/unit/plugin_rig.h - A plugin between what it serves and a core of the test's: the core comes and goes, the
 * plugin comes and goes, and what the core hears is written down.
 *
 * A test's own struct begins with a rig, so that `self` of its callbacks is both. */
#pragma once

#include <event2/event.h>

#include "runtime/adapter/plugin.h"
#include "runtime/vocabulary/message.h"

enum { RIG_PATIENCE_US = 30000000, RIG_TEXT = 256 * 1024, RIG_SECOND_US = 1000000 };

struct plugin_rig {
    const char *name; /* of the plugin */
    /* The test's: what the core does with an event, what it says of its data, the plugin's settings and wall clock. */
    bool (*event)(void *self, const struct message *event);
    void (*read)(void *self, const struct message *read, struct kv *value);
    const char *(*setting)(void *self, const char *key);
    uint64_t (*wall_us)(void *self);
    struct event_base *base;
    struct gcx_link *link;
    struct link_server *server;
    uint64_t seq, committed;
    uint64_t journal;  /* the core's; 0: it does not say it */
    unsigned arrivals; /* 0: as usual */
    uint64_t skew_us;  /* by which the plugin's clock is ahead, */
    bool hurries;      /* and it runs */
    char posted[RIG_TEXT], log[RIG_TEXT];
};

uint64_t rig_real_us(void);
/* Writes the event down. False: it only says whether a peer is there. */
bool rig_hears(struct plugin_rig *, const struct message *event);
void rig_core_comes(struct plugin_rig *);
void rig_core_goes(struct plugin_rig *);
void rig_plugin_comes(struct plugin_rig *);
void rig_plugin_goes(struct plugin_rig *);
void rig_run(struct plugin_rig *);
void rig_await(struct plugin_rig *, const char *text, const char *wanted);
