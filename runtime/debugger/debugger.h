/* runtime/debugger/debugger.h - A play of a test or a journal that stops where the user wants to look.
 *
 * The debugger watches the virtual player of runtime/sim: the VM reports each instruction to it (vm_watch), the
 * player each line of the timeline. Each line of source that begins, each step that begins or ends and each line of
 * the timeline is a moment and has a number. A play is always the same, so a number means the same moment in every
 * play.
 *
 *     play 1   0 --------------------------- 41            `back` at moment 41: the play is left, and again
 *     play 2   0 --- ? ---- ? ------- 38 ... 41            silent (look_back): notes the moments that are wanted
 *     play 3   0 -------------------- 38                   silent (to), and stops at the last of those
 *
 * To go back, the debugger plays again, silently, up to a moment with a smaller number. A play of a journal may begin
 * at a checkpoint (past.h) instead of at 0. The front end reads commands within the call in which a play stops; a
 * command that goes back or acts leaves the play first (`leaving`), and debugger_play() begins the next one (`again`).
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

enum { PLACE_TEXT = 160 }; /* bytes of a line that describes a place */

struct debugger;

/* When a play stops, the front end reads commands from the user until one continues or leaves the play. `why`: the
 * breakpoint that was hit, "" after a step; NULL: no breakpoint stopped the play, but its beginning, its end, or a
 * moment at which it waits for an act of the user. */
typedef void debugger_front(struct debugger *, const char *why);

/* Which registers of a fiber's frames have a value: a variable has none before it is set, and after a wait only if it
 * is needed later. Which registers have a value is noted with each instruction that the VM reports; opcodes.def says
 * which registers an instruction writes (written.c). */
enum { WRITTEN_WORDS = (IMAGE_REGISTERS_MAX + 31) / 32 };

struct written {
    uint32_t depth; /* frames in use */
    struct written_frame {
        uint32_t function, pc; /* the last instruction */
        uint32_t registers[WRITTEN_WORDS];
    } frames[IMAGE_DEPTH_MAX];
};

/* Notes which registers are written by this instruction, the next one of the innermost of `depth` frames. */
void written_note(struct written *, const struct image *, uint32_t function, uint32_t pc, uint32_t depth);
/* Has this register a value? `frame` counts from the outermost. */
bool written_is(const struct written *, uint32_t frame, uint8_t reg);

/* Values that the user sets in a play: variables, declared keys, attributes and fields of records (changes.c). A play
 * is always the same, so a change is kept with the number of its moment, and each later play makes it again there. The
 * list is kept across plays. */
struct change;

struct debugger_changes {
    struct change *all;
    size_t count;
};

/* Sets a value by `NAME = EXPRESSION` where the play stands: at a line of a test. False: `why` not. */
bool changes_set(struct debugger *, const char *text, char *why, size_t size);
/* Keeps such a change of an interaction of a journal: the caller plays it apart from the others from then on. */
bool changes_fork(struct debugger *, const char *text, char *why, size_t size);
/* Makes the changes stored for the present moment again; called when the play is at a line. */
void changes_again(struct debugger *);
/* Discards the changes made at later moments, because from here on the play takes another course. True: there were
 * some. */
bool changes_forget_later(struct debugger *);
/* Discards all changes of the variable, key or attribute `named`; "": all changes. Returns the moment of the first of
 * them; UINT64_MAX: there was none. */
uint64_t changes_forget(struct debugger *, const char *named);
void changes_show(const struct debugger *, FILE *); /* a comment per change */
void changes_list(struct debugger *);
void changes_free(struct debugger_changes *);

/* The place of a fiber at a moment. */
struct fiber_place {
    uint64_t interaction; /* 0: no strategy runs, the moment is a line of the timeline */
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
    GOING_NEXT,   /* stops at the next line of this function or of its caller */
    GOING_FINISH, /* of its caller */
    GOING_UNTIL,  /* that is `line` */
};

/* Expressions that are shown at each stop (displays.h). */
struct display;

struct debugger_displays {
    struct display *all;
    size_t count;
    unsigned number; /* of the newest one */
};

struct breakpoint; /* stops.h */
struct expressions;

/* A moment of a journal that is looked for: the first line of an interaction, or the first event from a time on. */
struct moment_sought {
    enum { SOUGHT_NOTHING, SOUGHT_INTERACTION, SOUGHT_CALL, SOUGHT_TIME, SOUGHT_STOP } what;
    uint64_t number; /* the interaction; the ConnID; the logical time in us; unused for a stop of a running gcxvm */
};

/* The places that strategies have passed in this play: where a piece of source began, each step, each exit. The list
 * owns its entries; images are borrowed and kept as long as the play. */
struct taken_place {
    uint64_t interaction, at_us;
    const struct image *image;
    const char *what; /* the step's name, or the exit's code; NULL: a piece of the source begins */
    uint32_t function, pc;
    uint32_t depth; /* frames */
    uint8_t fiber;
    /* TAKEN_DONE: a step has ended without an exit */
    enum taken_kind { TAKEN_PLACE, TAKEN_STEP, TAKEN_DONE, TAKEN_EXIT } kind;
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
    struct live *live; /* a running gcxvm writes this journal, and its interaction is debugged (live.h); else NULL */
    bool told;         /* the present instruction has become a moment */
    uint64_t chosen;   /* the interaction looked at where no strategy runs (command interaction); 0: the first one */
    uint64_t about;    /* only this interaction has moments; 0: all interactions have */
    /* The image as first compiled; later images differ from it in their tests only. For a journal, which may run
     * several strategies: the image of the line that ran last, and at first the image that the journal used last. */
    const struct image *program;
    uint64_t seed;
    struct sources sources; /* the files that were compiled, for compiling expressions */
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
    /* Timeline and places of the play before, until the present one is over: a play that begins at a checkpoint
     * takes the earlier entries from there. */
    struct {
        char *timeline;
        size_t timeline_length;
        struct taken_places taken;
    } before;
    uint64_t began; /* the moment at which this play began; 0: at the very beginning */
    bool leaving;   /* the play ends as soon as possible and stops nowhere */
    bool over;      /* the play has come to its end */
    /* For a play in which the user plays caller and agents. */
    struct acts *acts; /* NULL: a test is played */
    uint64_t until_us; /* time may pass up to this moment; UINT64_MAX: as long as events are due */
    const char *asked; /* the step that asks for an answer where the play stands; NULL: none does */
    bool idle;         /* the play stopped because time may pass no further, or a step asks for an answer */
    bool at_once;      /* the next play begins without waiting for a command */
    /* How it goes on. */
    enum going going;
    uint32_t line;           /* GOING_UNTIL */
    uint64_t count;          /* how many more times the present command is repeated */
    struct fiber_place from; /* the place where the play last continued */
    uint64_t to;             /* play silently up to this moment; 0: no such silent play */
    enum arrival {
        ARRIVAL_STOPS, /* when the silent play gets to its moment, shows the place and stops */
        ARRIVAL_STANDS,
        ARRIVAL_PASSES,
    } arrival;
    /* if not 0, play silently up to this time, not to a moment: an act may have added moments */
    uint64_t quiet_us;
    uint64_t run_to_us;          /* stops at this time, or at the first moment behind it; 0: nowhere */
    struct moment_sought sought; /* the moment of a journal to find, playing silently */
    uint64_t look_back; /* play silently up to this moment, noting where `going` or a breakpoint stops; 0: no */
    bool looks_back;    /* this play looks back, and was not interrupted */
    uint64_t *notes;    /* the moments noted */
    size_t note_count;
    bool again; /* the play begins again after it was left */
    bool quit;
    char when[64];     /* a play that prints the changes of this variable or key; "": none */
    char when_is[256]; /* the last value of that name */
    /* The place of the present moment. */
    struct fiber_place place;
    bool at_line;                 /* the moment is before a line; false: something else happens */
    const char *exit, *exit_step; /* the exit by which a step has failed at this moment, and the step; NULL: none has */
    bool reveals;                 /* secrets are shown: gcxvm has noted in its audit who looks */
    struct vm_look look;          /* the running slice of the strategy; valid if place.interaction is not 0 */
    uint32_t frame;               /* the selected frame */
    uint32_t listed;              /* the line that list showed last; 0: none */
    struct debugger_changes changes;
    /* waits.c: why interactions are not served whose time for waiting ends at this moment */
    struct last_wait *last_waits;
    size_t last_wait_count;
    /* Breakpoints. */
    struct breakpoint *breakpoints;
    size_t breakpoint_count;
    unsigned breakpoint_number; /* number of the newest breakpoint */
    char *then;                 /* commands of the breakpoints that stopped the play, for the prompt; owned */
    struct debugger_displays displays;
    unsigned troubles;               /* how many commands could not be done, or found that something does not hold */
    char last[512];                  /* the last command; an empty line repeats it */
    struct expressions *expressions; /* expressions that were compiled (expression.c); NULL: none */
};

void debugger_init(struct debugger *, debugger_front *, const struct sim_tests *, uint32_t test);
/* Plays a journal: the moment at which the play first stops, and the only interaction to look at; 0: all of them. */
void debugger_init_past(struct debugger *, debugger_front *, struct past *, struct moment_sought, uint64_t about);
/* Plays the journal of a running gcxvm: the play stops where gcxvm has stopped the interaction. */
void debugger_init_live(struct debugger *, debugger_front *, struct past *, struct live *, uint64_t about);
void debugger_free(struct debugger *);
/* Plays the test until its end or until the user quits; true if the last play passed. */
bool debugger_play(struct debugger *);

/* Leaves the present play, in which the user has acted, and plays all acts again up to the present time. `at_us`:
 * the time of the act; 0: the act is the answer to a question. */
void debugger_acted(struct debugger *, uint64_t at_us);
/* Returns the time of an act made now, in microseconds since the beginning. */
uint64_t debugger_act_time(const struct debugger *);
/* Leaves the play, and looks for the last moment before this one at which `going` would stop. */
void debugger_look_back(struct debugger *, enum going, uint64_t count);
/* Leaves the play, and goes back to this time; 0: to the very beginning. */
void debugger_back_to(struct debugger *, uint64_t at_us);
/* Leaves the play, plays it again up to this moment, and stops there. */
void debugger_play_to(struct debugger *, uint64_t moment);
/* Sets the function that is asked from time to time whether the play is to stop at its next moment; NULL: none. */
void debugger_asks_pause(bool (*wants)(void));
/* Asks the play to stop at its next moment; may be called by a signal handler. */
void debugger_interrupt(int signal);

/* Plays once more, silently, up to this moment, and prints when the value of this name has changed. */
void debugger_when(struct debugger *, const char *name);

/* Is this play shown? A play is not shown while it silently repeats what was played before. */
bool debugger_speaks(const struct debugger *);
/* Reads function, instruction and place of the selected frame. False: no strategy runs. */
bool debugger_frame(const struct debugger *, uint32_t *function, uint32_t *pc, struct image_place *);

/* Has the register of the selected frame a value? */
bool debugger_knows(struct debugger *, uint8_t reg);

/* Returns the fiber's row (its frames, and which registers have values); a new fiber gets one. */
struct watched_fiber *watched_fiber_of(struct debugger *, const struct fiber_place *);
void watched_drop(struct debugger *); /* frees the rows of interactions that have ended */
