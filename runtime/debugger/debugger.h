/* runtime/debugger/debugger.h - A play of a test or of a journal that stops where somebody wants to look at it.
 *
 * The debugger watches the virtual player of runtime/sim: the VM tells it of each instruction (vm_watch), the player of
 * each line of the timeline. Each line of source that begins, each step that begins or ends and each line of the
 * timeline is a moment and has a number. A play is always the same, so a number names a moment of any play.
 *
 *     play 1   0 --------------------------- 41            `back` at moment 41: the play is left, and again
 *     play 2   0 --- ? ---- ? ------- 38 ... 41            silent (look_back): notes the moments that are wanted
 *     play 3   0 -------------------- 38                   silent (to), and stops at the last of those
 *
 * So going back is playing again, silently, up to a smaller number. A play of a journal may begin at a checkpoint
 * (past.h) instead of at 0. The front reads commands within the call in which a play stops; a command that goes back or
 * acts leaves the play first (`leaving`), and debugger_play() begins the next one (`again`).
 *
 * The debugger owns breakpoints, changes and the timeline; tests, past, acts and images are borrowed. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "runtime/core/read/read.h"
#include "runtime/debugger/variant.h"
#include "runtime/sim/sim.h"
#include "vm/image.h"
#include "vm/look.h"

enum { PLACE_TEXT = 160 }; /* bytes of a line that says where */

struct debugger;

/* If a play stands, the front asks somebody what is to be done, until a command goes on or leaves the play.
 * `why`: the breakpoint that was hit, "" after a step; NULL: nothing stopped it, it is the beginning, the end, or the
 * moment at which the world waits for somebody to act. */
typedef void debugger_front(struct debugger *, const char *why);

/* The registers of a fiber's frames that have a value: a variable has none before it is set, and after a wait only if
 * it is needed later. They are noted with each instruction that the VM tells of; opcodes.def says which registers it
 * writes (written.c). */
enum { WRITTEN_WORDS = (IMAGE_REGISTERS_MAX + 31) / 32 };

struct written {
    uint32_t depth; /* frames in use */
    struct written_frame {
        uint32_t function, pc; /* the last instruction */
        uint32_t registers[WRITTEN_WORDS];
    } frames[IMAGE_DEPTH_MAX];
};

/* Notes that this instruction of the innermost of `depth` frames is next. */
void written_note(struct written *, const struct image *, uint32_t function, uint32_t pc, uint32_t depth);
/* `frame` counts from the outermost. */
bool written_is(const struct written *, uint32_t frame, uint8_t reg);

/* Values that somebody sets in a play: variables and declared keys (changes.c). A play is always the same, so a change
 * has the number of its moment, and each later play makes it there again. The list outlasts the plays. */
struct change;

struct debugger_changes {
    struct change *all;
    size_t count;
};

/* `NAME = EXPRESSION` where it stands: at a line of a test. False: `why` not. */
bool changes_set(struct debugger *, const char *text, char *why, size_t size);
/* The play is at a line: makes the changes of this moment once more. */
void changes_again(struct debugger *);
/* Others than these have happened from here on: later changes are forgotten. True: there were some. */
bool changes_forget_later(struct debugger *);
void changes_show(const struct debugger *, FILE *); /* a comment per change */
void changes_free(struct debugger_changes *);

/* A place where a fiber stands at a moment. */
struct fiber_place {
    uint64_t interaction; /* 0: no strategy runs, it is a line of the timeline */
    uint32_t function, pc, depth;
    uint8_t fiber;
    struct image_place at;
};

struct watched_fiber {
    struct fiber_place last; /* its last line */
    struct written written;
};

enum going {
    GOING_ON,     /* to the next breakpoint */
    GOING_STEP,   /* to the next line */
    GOING_NEXT,   /* of this function or of its caller */
    GOING_FINISH, /* of its caller */
    GOING_UNTIL,  /* that is `line` */
};

struct breakpoint; /* stops.h */
struct expressions;

/* A moment of a journal that somebody looks for: the first line of an interaction, or what happens from a time on. */
struct moment_sought {
    enum { SOUGHT_NOTHING, SOUGHT_INTERACTION, SOUGHT_CALL, SOUGHT_TIME, SOUGHT_STOP } what;
    uint64_t number; /* the interaction; the ConnID; logical us; of a stop of a running gcxvm none */
};

/* The way that strategies have taken in this play: where something began, each step, each exit. Owns what it notes;
 * images are borrowed and live as long as the play. */
struct taken_place {
    uint64_t interaction, at_us;
    const struct image *image;
    const char *what; /* of a step its name, of an exit its code; NULL: something of the source begins */
    uint32_t function, pc;
    uint32_t depth; /* frames */
    uint8_t fiber;
    enum taken_kind { TAKEN_PLACE, TAKEN_STEP, TAKEN_DONE, TAKEN_EXIT } kind; /* done: a step, without an exit */
};

struct taken_places {
    struct taken_place *places;
    size_t count;
};

void taken_note(struct taken_places *, const struct taken_place *);
void taken_forget(struct taken_places *);

struct debugger {
    debugger_front *front;
    const struct sim_tests *tests;
    uint32_t test;
    struct past *past; /* NULL: a test is played */
    struct live *live; /* a gcxvm writes this past, and its interaction is debugged (live.h); else NULL */
    bool told;         /* the instruction was a moment */
    uint64_t about;    /* only this interaction has moments; 0: all have */
    /* As it was compiled first; other images differ from it in their tests only. In a journal, which may run several
     * strategies: the strategy of the line that ran last, and at first the one that the journal used last. */
    const struct image *program;
    uint64_t seed;
    struct sources sources; /* what was compiled, for expressions */
    struct vm_watch watch;
    struct sim_onlooker onlooker;
    /* Values of this play: */
    struct core *core; /* NULL: none is played */
    uint64_t moment, now_us;
    struct watched_fiber *fibers; /* those that have run */
    size_t fiber_count;
    struct taken_places taken;
    char *timeline;
    size_t timeline_length;
    FILE *timeline_file;
    /* Values of the play before, until this one is over: a play that begins at a checkpoint takes the earlier ones from
     * there. */
    struct {
        char *timeline;
        size_t timeline_length;
        struct taken_places taken;
    } before;
    uint64_t began; /* the moment at which it began; 0: at the beginning */
    bool leaving;   /* the play ends as soon as it can: nothing stops it */
    bool over;      /* the play has ended by itself */
    /* For a play in which somebody is the world. */
    struct acts *acts; /* NULL: a test is played */
    uint64_t until_us; /* the play's time passes until this moment; UINT64_MAX: as long as something is to come */
    bool idle;         /* it stands because time does, or because a step asks */
    bool at_once;      /* the next play begins without waiting for a command */
    /* How it goes on. */
    enum going going;
    uint32_t line;           /* GOING_UNTIL */
    uint64_t count;          /* how many times more it goes on so */
    struct fiber_place from; /* the place from which it went on */
    uint64_t to;             /* plays silently up to this moment; 0: it does not */
    enum arrival {
        ARRIVAL_STOPS, /* shows where it is then */
        ARRIVAL_STANDS,
        ARRIVAL_PASSES,
    } arrival;
    uint64_t quiet_us; /* if it is more than 0, plays silently up to that time instead: an act may have added moments */
    struct moment_sought sought; /* the moment up to which it plays silently */
    uint64_t look_back; /* plays silently up to this moment, and notes those that `going` or a breakpoint wants; 0 */
    uint64_t *notes;    /* these moments */
    size_t note_count;
    bool again; /* the play begins again once it is left */
    bool quit;
    char when[64];     /* while it looks back: the variable or key whose changes are told; "": none */
    char when_is[256]; /* the value that it had last */
    /* The place where it stands. */
    struct fiber_place place;
    bool at_line;        /* it stands before a line; false: something else happens at this moment */
    bool reveals;        /* secrets are shown: gcxvm has noted who looks */
    struct vm_look look; /* the slice that runs, where place.interaction is not 0 */
    uint32_t frame;      /* the frame that is looked at */
    uint32_t listed;     /* the line that list showed last; 0: none */
    struct debugger_changes changes;
    /* Breakpoints. */
    struct breakpoint *breakpoints;
    size_t breakpoint_count;
    unsigned breakpoint_number;      /* number of the newest breakpoint */
    char last[512];                  /* the command that an empty line repeats */
    struct expressions *expressions; /* expressions that were compiled (expression.c); NULL: none */
};

void debugger_init(struct debugger *, debugger_front *, const struct sim_tests *, uint32_t test);
/* In a journal, the moment at which it stops first, and the only interaction that is looked at; 0: all are. */
void debugger_init_past(struct debugger *, debugger_front *, struct past *, struct moment_sought, uint64_t about);
/* In a running gcxvm: it stops where that one has stopped the interaction. */
void debugger_init_live(struct debugger *, debugger_front *, struct past *, struct live *, uint64_t about);
void debugger_free(struct debugger *);
/* Plays the test until its end or until somebody quits; true where it passed at last. */
bool debugger_play(struct debugger *);

/* Leaves the present play, in which somebody has acted, and plays the acts anew up to where it is now. `at_us`: when
 * the act is; 0: it is the answer to a question. */
void debugger_acted(struct debugger *, uint64_t at_us);
/* The time of an act that is done now, in microseconds since the beginning. */
uint64_t debugger_act_time(const struct debugger *);
/* Leaves the play, and looks for the last moment before this one that `going` wants. */
void debugger_look_back(struct debugger *, enum going, uint64_t count);

/* Plays once more, silently, up to here, and tells when the value of this name has changed. */
void debugger_when(struct debugger *, const char *name);

/* Is this play shown? False while a part is silently played again. */
bool debugger_speaks(const struct debugger *);
/* Reads the frame that is looked at. False: no strategy runs. */
bool debugger_frame(const struct debugger *, uint32_t *function, uint32_t *pc, struct image_place *);

/* Has the register of that frame got a value? */
bool debugger_knows(struct debugger *, uint8_t reg);

/* The row of the fiber; made if the fiber is new. */
struct watched_fiber *watched_fiber_of(struct debugger *, const struct fiber_place *);
void watched_drop(struct debugger *); /* frees the rows of interactions that have ended */
