/* runtime/core/statistics/statistic.h - Statistics: the measures that programs read, of every agent, group, place,
 * queue, virtual queue and strategy.
 *
 * A definition is a measure with its window, as a row of an image has it; equal rows of several images give one
 * definition. The core keeps figures for a definition from the moment when it knows the image, so measures that no
 * program reads cost nothing. A figure is the value of a definition for one object; it is made when something
 * happens to the object or a condition asks about it. Facts and the agents' states change the figures
 * (statistics.def); all values are integers.
 *
 * A watcher is a condition that reads figures. When a figure changes, statistic_wake tells its watchers. If a figure
 * changes by time alone, statistic_read tells the reader when.
 *
 * The files definition.c, level.c, figure.c, feed.c, reading.c, watch.c and asked.c each do one part of this work. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/core/base/fact.h"
#include "runtime/core/base/table.h"
#include "runtime/core/statistics/acd.h"
#include "runtime/core/statistics/serving.h"
#include "runtime/core/base/window.h"
#include "vm/measure.h"

struct claims;
struct interactions;
struct media_ops;
struct now;
struct timers;

/* ready: the agent's state and capacity allow one more interaction; busy: the agent has at least one interaction,
 * perhaps with room for more; idle: ready and not busy; wrap, not_ready: without an interaction. talking: at least one
 * call of the agent is in conversation; holding: at least one is on hold. */
enum agent_level {
    LEVEL_logged_in,
    LEVEL_ready,
    LEVEL_idle,
    LEVEL_busy,
    LEVEL_wrap,
    LEVEL_not_ready,
    LEVEL_talking,
    LEVEL_holding,
    AGENT_LEVELS
};
/* How interactions enter and leave queues of the switch: came; the next owner is an agent; the interaction ended in
 * the queue; otherwise. */
enum acd_way { ACD_came, ACD_distributed, ACD_abandoned, ACD_cleared, ACD_WAYS };
enum { WATCHER_NONE = UINT32_MAX };
/* bit in a watcher's number: the watcher is an agent, whom selection looks at again */
#define WATCHER_AGENT UINT32_C(0x40000000)

struct definition {
    int64_t window_us, within_us; /* as in struct image_measure; for MEASURE_GIVEN: name of the statistic */
    /* zone of a window since a time of day, borrowed from the image; NULL: it is another window */
    const uint32_t *zone;
    uint64_t since_us;                    /* time since which the core keeps figures of the definition */
    int64_t begins_wall_us, ends_wall_us; /* wall clock: begin and end of the present window since a time of day */
    uint16_t measure, of;
    uint16_t medium; /* enum media; 0: all media */
};

struct figure {
    uint64_t key; /* definition << 32 | object, which is an agent's slot or a name */
    struct window window;
    uint32_t watches; /* first of the figure's watches */
    bool told;        /* true: the figure has changed since the last statistic_wake */
};

struct watch {
    uint32_t figure, watcher;
    /* linked in both directions, since any of thousands of watchers may leave first */
    uint32_t previous_of_figure, next_of_figure;
    uint32_t next_of_watcher; /* in a free row: the next free row */
};

/* What lines of selections have read about one agent. */
struct asked_agent {
    uint32_t watches;  /* first watch of the figures that were read */
    uint64_t again_us; /* when time alone may have changed one of the figures; UINT64_MAX: never */
};

/* The definitions that one fact, or one level, changes. */
struct fed {
    uint32_t *definitions;
    uint32_t count, capacity;
};

struct statistics {
    const struct now *now;
    struct names *names;
    struct timers *timers;
    struct agents *agents; /* agents: their changes are counted, and selection is made to look at them again */
    const struct claims *claims;
    struct vqs *vqs;
    const struct interactions *interactions;
    const struct directory *directory;
    const struct strategies *strategies;
    const struct media_ops *const *media; /* indexed by enum media */
    struct definition *definitions;
    uint32_t definition_count, definition_capacity;
    uint32_t **of_program; /* owned: for each program, the definition of each row of its image */
    uint32_t programs, program_capacity;
    struct fed by_fact[FACTS_MAX], by_level[AGENT_LEVELS], by_queue, by_agent; /* by_queue, by_agent: asked elsewhere */
    /* media of which definitions count levels; media_none: levels for all media together */
    struct media_set media_asked;
    struct fed by_strategy; /* definitions that count how many interactions are in a strategy */
    struct fed by_login;    /* definitions that count since the agent's login */
    struct figure *figures;
    uint32_t figure_count, figure_capacity;
    struct lookup by_key;
    struct counted {
        uint32_t vq;          /* name of the virtual queue that gave the last served interaction; 0: none */
        uint32_t place;       /* name of the place for which the agent's levels count; 0: none */
        struct agent_now now; /* the agent's states as last counted; `logins`: the agent's logins at that time */
        uint32_t logins;
    } * counted; /* by slot */
    uint32_t agent_capacity;
    struct fed by_way[ACD_WAYS]; /* definitions of queues of the switch: counted when interactions enter and leave */
    struct servings servings;
    struct fed by_serving;
    struct fed by_given; /* definitions of statistics whose values a test sets by parameters of the directory */
    uint64_t given;      /* hash of the directory's settings when the statistics that tests set were last read */
    struct acd_queues acd_queues;
    bool queues_asked;         /* true: a program reads a measure of a queue of the switch */
    bool holds;                /* true: the interactions in the queues of the switch are counted */
    struct asked_agent *asked; /* by slot */
    uint32_t asked_count, asked_capacity;
    uint32_t *awaited, awaited_count, awaited_capacity; /* array of the agents whose `again_us` is set */
    uint32_t timer;                                     /* handle of the timer for the earliest `again_us` */
    uint64_t timer_us;
    bool looks_only; /* true: reading makes no watch, while the core is checked or a person asks why */
    struct watch *watches;
    uint32_t watch_count, watch_capacity, free_watch;
    uint32_t *told, told_count, told_capacity; /* figures that have changed and have watchers */
    uint32_t watcher;                          /* the watcher that reads now, or WATCHER_NONE */
    uint32_t *watcher_list;                    /* first watch of the watcher that reads now */
    uint64_t content;                          /* hash of all changes of figures */
};

/* Returns the value of the measure in the given row of the program's image, for an object given as a word of the
 * language. `changes_us`: the next time at which the value changes by time alone, or UINT64_MAX. */
int64_t statistic_read(struct statistics *, uint16_t program, uint32_t row, uint64_t object, uint64_t *changes_us);
/* Reads the same value for a person who looks: no figure is made, and nothing is watched. */
int64_t statistic_look(struct statistics *, uint16_t program, uint32_t row, uint64_t object);

/* Between the calls of statistic_watch and statistic_watched, the watcher watches each figure that is read. `list`:
 * the watcher's first watch, WATCHER_NONE at first; its address must not change until statistic_watched. */
void statistic_watch(struct statistics *, uint32_t watcher, uint32_t *list);
void statistic_watched(struct statistics *);
void statistic_unwatch(struct statistics *, uint32_t *list); /* ends all watches of the watcher */
/* Called after a snapshot was read: restores the watches of each figure's watchers. `list`, which is called with
 * that core, returns where a watcher that is no agent stores its watches. False: there is no such watcher. */
bool statistic_rewatch(struct statistics *, struct core *, uint32_t *(*list)(struct core *, uint32_t watcher));
/* A selection with the given selector has begun to wait, perhaps the first one with its lines. */
void statistic_selects(struct statistics *, const struct selector *);
/* A latch is a figure that another part keeps and that watchers read, too: statistic_latch_read says that a latch is
 * read, statistic_latch_turned that it was set or reset. */
void statistic_latch_read(struct statistics *, uint32_t latch);
void statistic_latch_turned(struct statistics *, uint32_t latch);
/* True: selection will look at the agent again, because time alone may change a figure that lines read about the
 * agent. */
bool statistic_awaits(const struct statistics *, uint32_t agent);
/* The agent, who is logged out, is about to be removed: removes the agent's figures, so that the next agent in the slot
 * begins with none. False: a watcher still waits for one of these figures. */
bool statistic_agent_goes(struct statistics *, uint32_t agent);
/* Between the calls with true and false, reading figures about candidates makes no watch. */
void statistic_look_only(struct statistics *, bool);
/* Calls `wake` with that core for the watchers of all changed figures; for one watcher perhaps several times.
 * Selection looks again at agents whose figures have changed. */
void statistic_wake(struct statistics *, struct core *, void (*wake)(struct core *, uint32_t watcher));
