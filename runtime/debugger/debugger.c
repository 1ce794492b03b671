/* runtime/debugger/debugger.c - Decides at which moments a play stops, and plays again in order to go back.
 *
 * Instructions, steps and lines of the timeline are reported by the VM and the player; each one that counts becomes
 * a moment (debugger_moment). Whether a moment stops the play is decided by the first of these that applies:
 *
 *     leaving     the play is being left: nothing stops it
 *     sought      a time or an interaction is looked for, from the beginning on
 *     to          a silent play up to that number
 *     look_back   a silent play that notes the moments which would stop it, up to where it was left
 *     when        a play that only tells the changes of one name
 *     live        the running gcxvm decides; moments here are those that it has passed already
 *     else        a breakpoint, or the way of going (step, next, finish, until)
 *
 * A play ends by returning from the player, never by a longjmp: a command that leaves sets `leaving`, every callback
 * then does nothing, and debugger_play() looks at `again`. */
#include "runtime/debugger/debugger.h"

#include <assert.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core/core.h"
#include "runtime/debugger/acts.h"
#include "runtime/debugger/displays.h"
#include "runtime/debugger/expression.h"
#include "runtime/debugger/live.h"
#include "runtime/debugger/past.h"
#include "runtime/debugger/show.h"
#include "runtime/debugger/stops.h"
#include "base/memory.h"
#include "base/shown.h"
#include "runtime/vocabulary/vocabulary.h"

enum { DEBUGGER_WHY_BYTES = 2048 };

/* ---- stopping ---- */

static volatile sig_atomic_t debugger_interrupted;

void debugger_interrupt(int signal)
{
    (void)signal;
    debugger_interrupted = 1;
}

static bool (*debugger_pauses)(void);

void debugger_asks_pause(bool (*wants)(void))
{
    debugger_pauses = wants;
}

/* Asks the front end whether the play is to stop, only at every 64th call, since asking costs a system call. */
static void debugger_ask_pause(const struct debugger *d)
{
    enum { EVERY = 64 };
    static unsigned count;
    if (debugger_pauses && !d->live && ++count % EVERY == 0 && debugger_pauses()) debugger_interrupted = 1;
}

static void stop_at(struct debugger *d, const char *why)
{
    assert(!d->leaving); /* a play that is being left never stops */
    d->to = d->look_back = d->quiet_us = 0;
    d->looks_back = false;
    d->frame = d->listed = 0;
    d->run_to_us = 0;
    d->front(d, why);
    debugger_interrupted = 0;
}

static void debugger_stands(struct debugger *d)
{
    stop_at(d, NULL);
}

/* Does the command by which the play continues (step, next, finish, until) stop at this place? Events are none. */
static bool debugger_wanted(struct debugger *d, const struct fiber_place *place)
{
    const struct fiber_place *from = &d->from;
    if (place->interaction == 0 || d->going == GOING_ON) return false;
    if (d->going == GOING_UNTIL && d->line > 0) return place->at.line == d->line;
    if (from->interaction != 0 && from->interaction != place->interaction) return false;
    if (d->going == GOING_STEP || from->interaction == 0) return true;
    /* from within a busy block a step ends at the block's next round, from outside when it is over */
    if (from->fiber != place->fiber) {
        bool round = from->fiber != 0 && place->function == from->function && d->going != GOING_FINISH;
        return place->fiber == 0 || round;
    }
    if (d->going == GOING_FINISH) return place->depth < from->depth;
    if (d->going == GOING_UNTIL && place->depth == from->depth) return place->at.line > from->at.line;
    return place->depth <= from->depth;
}

static void debugger_note(struct debugger *d)
{
    assert(d->look_back > 0 && d->moment < d->look_back);
    d->notes = memory_more(d->notes, d->note_count, sizeof *d->notes);
    d->notes[d->note_count++] = d->moment;
}

/* Prints the value of the name that the user asked about, if it has changed. */
static void tell_change(struct debugger *d)
{
    char now[sizeof d->when_is];
    if (d->place.interaction == 0 || !show_named(d, d->when, now, sizeof now)) return;
    if (strcmp(now, d->when_is) == 0) return;
    shown_print(stdout, "%6" PRIu64 ".%03" PRIu64 "s before %.*s:%" PRIu32 ": %s", d->now_us / 1000000,
                d->now_us / 1000 % 1000, (int)d->place.at.file.length, d->place.at.file.bytes, d->place.at.line,
                d->when);
    if (*d->when_is) shown_print(stdout, " was %s,", d->when_is);
    shown_print(stdout, " is %s\n", now);
    (void)snprintf(d->when_is, sizeof d->when_is, "%s", now);
}

/* Prints a value that the user has set while a running interaction is stopped; the journal has it only when the
 * interaction continues. */
static void tell_set(struct debugger *d)
{
    assert(d->look_back == 0 && *d->when);
    const char *set = d->live && d->to == d->live->edge ? live_value(d->live, d->when) : NULL;
    if (!set || strcmp(set, d->when_is) == 0) return;
    shown_print(stdout, "      here: %s", d->when);
    if (*d->when_is) shown_print(stdout, " was %s,", d->when_is);
    shown_print(stdout, " is %s, as it was set\n", set);
    (void)snprintf(d->when_is, sizeof d->when_is, "%s", set);
}

/* Is the present moment the one that is being looked for? */
static bool is_sought(const struct debugger *d)
{
    struct interaction_row row;
    uint64_t interaction = d->place.interaction;
    if (d->sought.what == SOUGHT_STOP) return false; /* gcxvm reports the stop: see on_stands, on_more */
    if (d->sought.what == SOUGHT_TIME) return d->now_us >= d->sought.number;
    if (interaction == 0 || d->sought.what == SOUGHT_INTERACTION) return interaction == d->sought.number;
    return core_find(d->core, interaction, &row) && row.conn == d->sought.number;
}

/* Somebody has interrupted the play: it stops here, and looks for nothing any more. */
static bool moment_is_interrupted(struct debugger *d)
{
    if (!debugger_interrupted || d->live) return false;
    d->sought.what = SOUGHT_NOTHING;
    d->when[0] = '\0';
    stop_at(d, "Interrupted.");
    return true;
}

/* A time or an interaction is looked for: the play stops once it is there. */
static bool moment_is_of_search(struct debugger *d)
{
    if (d->sought.what == SOUGHT_NOTHING) return false;
    if (!is_sought(d)) return true;
    d->sought.what = SOUGHT_NOTHING;
    if (d->place.interaction == 0) show_timeline(d, 1);
    stop_at(d, "");
    return true;
}

/* Notes what this moment is, and makes again the changes that the user made at this moment. */
static void moment_begins(struct debugger *d, const struct fiber_place *place, const struct happens *what)
{
    d->place = *place;
    d->at_line = !what;
    d->exit = what && what->what == HAPPENS_EXIT ? what->name : NULL;
    debugger_ask_pause(d);
    if (!what) changes_again(d);
    if (d->live) live_moment(d->live, d);
}

/* A moment comes. A line begins at `place`, or `what` happens. */
static void debugger_moment(struct debugger *d, const struct fiber_place *place, const struct happens *what)
{
    char why[DEBUGGER_WHY_BYTES] = "";
    d->moment++;
    if (d->leaving) return;
    moment_begins(d, place, what);
    if (moment_is_interrupted(d) || moment_is_of_search(d)) return;
    if (d->to > 0) {
        if (d->moment < d->to || d->quiet_us > 0) return;
        stops_look(d);
        d->to = 0;
        if (d->arrival == ARRIVAL_STOPS)
            stop_at(d, "");
        else if (d->arrival == ARRIVAL_STANDS)
            debugger_stands(d);
        return;
    }
    if (d->look_back > 0 && d->moment >= d->look_back) {
        d->leaving = d->again = true;
        return;
    }
    if (*d->when) {
        tell_change(d);
        return;
    }
    if (d->live && d->look_back == 0 && d->moment > d->live->gone) { /* the running gcxvm decides about stops here */
        if (d->moment == d->live->edge)
            stop_at(d, "");
        else
            live_sees(d->live, d, what);
        return;
    }
    bool hit = stops_hit(d, what, why, sizeof why);
    bool wants = !what && debugger_wanted(d, place);
    bool arrives = d->run_to_us > 0 && d->now_us >= d->run_to_us && d->look_back == 0;
    assert(!wants || d->look_back > 0 || d->count > 0); /* step, next and the like count down before they stop */
    if (d->look_back > 0) {
        bool noted = d->going == GOING_ON ? hit : wants;
        if (noted) debugger_note(d);
        return;
    }
    if (hit)
        stop_at(d, why);
    else if (arrives || (wants && --d->count == 0))
        stop_at(d, "");
}

/* Sets the debugger's clock to `now_us`, and ends the silent play before an act once that time is reached. */
static void clock_shows(struct debugger *d, uint64_t now_us)
{
    d->now_us = now_us;
    if (d->to == 0 || d->quiet_us == 0 || now_us < d->quiet_us) return;
    d->to = d->quiet_us = 0;
}

/* ---- events reported by the VM ---- */

static bool debugger_place(struct debugger *d, const struct image *image, uint32_t function, uint32_t pc,
                           struct fiber_place *place)
{
    struct vm_look look;
    assert(d->core); /* instructions are reported only after the play has begun */
    if (!vm_look(core_vm(d->core), function, &look) || look.image != image) return false;
    if (d->about != 0 && d->about != look.interaction) return false;
    *place = (struct fiber_place){look.interaction, function, pc, look.frames, look.fiber, {{"", 0}, 0, 0}};
    if (!image_place(image, function, pc, &place->at)) return false;
    d->look = look;
    if (d->past) d->program = image;
    return true;
}

static void debugger_take_place(struct debugger *d, const struct fiber_place *place, enum taken_kind kind,
                                const char *what)
{
    taken_note(&d->taken, &(struct taken_place){place->interaction, d->now_us, d->look.image, what, place->function,
                                                place->pc, place->depth, place->fiber, kind});
}

/* Is the instruction the first one of its place in the source? */
static bool debugger_begins(const struct image *image, const struct fiber_place *place)
{
    struct image_place before;
    return place->pc == 0 || !image_place(image, place->function, place->pc - 1, &before) ||
           before.line != place->at.line || before.column != place->at.column;
}

/* Notes where the fiber is, and makes a moment of it if another line begins: an expression further on in the same
 * line makes none, but a line that a loop returns to does. */
static void debugger_on_instruction(void *self, const struct image *image, uint32_t function, uint32_t pc)
{
    struct debugger *d = self;
    struct fiber_place place;
    d->told = false;
    if (d->leaving || !debugger_place(d, image, function, pc, &place)) return;
    if (d->live) live_instruction(d->live);
    clock_shows(d, core_time(d->core));
    struct watched_fiber *fiber = watched_fiber_of(d, &place);
    struct fiber_place *last = &fiber->last;
    written_note(&fiber->written, image, function, pc, place.depth);
    if (!debugger_begins(image, &place)) return;
    debugger_take_place(d, &place, TAKEN_PLACE, NULL);
    bool same = last->at.line == place.at.line && last->function == function && last->depth == place.depth;
    bool onward = same && pc > last->pc;
    *last = place;
    d->told = !onward;
    if (!onward) debugger_moment(d, &place, NULL);
}

/* Called when gcxvm has stopped the interaction at the given place in the code. */
static void on_stands(void *self, const struct image *image, uint32_t function, uint32_t pc)
{
    struct debugger *d = self;
    struct fiber_place place;
    char why[DEBUGGER_WHY_BYTES] = "";
    if (!d->live || d->leaving || !debugger_place(d, image, function, pc, &place)) return;
    if (!d->told) { /* the stop gets a moment of its own, as gcxvm stopped in the middle of a line */
        d->moment++;
        d->place = place;
        live_moment(d->live, d);
        if (d->to > 0 && d->moment < d->to) return;
        if (d->to > 0) {
            stop_at(d, "");
            return;
        }
    }
    if (d->to > 0) return;
    if (d->look_back > 0) {
        if (d->moment >= d->look_back) d->leaving = d->again = true;
        return;
    }
    if (*d->when || d->moment <= d->live->gone || d->moment == d->live->edge) return;
    d->sought.what = SOUGHT_NOTHING;
    if (live_passes(d->live, d, why, sizeof why)) return;
    stop_at(d, why);
}

/* Is there more of the journal that gcxvm writes? The play has applied all it has; waits for news. */
static bool on_more(void *self)
{
    struct debugger *d = self;
    if (d->leaving) return false;
    if (d->to == 0 && d->look_back == 0 && d->sought.what == SOUGHT_NOTHING && !*d->when) live_sees(d->live, d, NULL);
    enum live_news news = live_wait(d->live, d);
    if (news == LIVE_WAITS) { /* the strategy waits in a step: its last moment is shown */
        d->to = d->live->edge;
        d->quiet_us = 0;
        d->arrival = ARRIVAL_STOPS;
        d->at_once = d->leaving = d->again = true;
        d->sought.what = SOUGHT_NOTHING;
    }
    if (news == LIVE_OVER) d->sought.what = SOUGHT_NOTHING;
    if (news == LIVE_LEFT) d->quit = d->leaving = true;
    return news == LIVE_MORE;
}

static int32_t debugger_on_wait(void *self, const struct image *image, uint32_t number, uint64_t interaction,
                                uint8_t fiber)
{
    struct debugger *d = self;
    struct fiber_place place;
    const struct image_wait *wait = image_wait(image, number);
    const struct step *step = wait->step == 0 ? NULL : step_numbered(wait->step);
    (void)interaction, (void)fiber;
    clock_shows(d, core_time(d->core));
    if (!step || d->leaving || !debugger_place(d, image, wait->function, wait->pc, &place)) return VM_GO_ON;
    debugger_take_place(d, &place, TAKEN_STEP, step->name);
    debugger_moment(d, &place, &(struct happens){HAPPENS_STEP, step->name});
    return VM_GO_ON;
}

static void debugger_on_ended(void *self, const struct image *image, uint32_t number, uint64_t interaction,
                              uint8_t fiber, int32_t code)
{
    struct debugger *d = self;
    struct fiber_place place;
    const struct image_wait *wait = image_wait(image, number);
    const struct step *step = wait->step == 0 ? NULL : step_numbered(wait->step);
    (void)interaction, (void)fiber;
    clock_shows(d, core_time(d->core));
    if (!step || d->leaving || !debugger_place(d, image, wait->function, wait->pc, &place)) return;
    debugger_take_place(d, &place, code == VM_GO_ON ? TAKEN_DONE : TAKEN_EXIT, enum_name_code((unsigned)code));
    if (code == VM_GO_ON) return;
    if (d->live) live_fails(d->live, enum_name_code((unsigned)code));
    char line[PLACE_TEXT * 2];
    (void)snprintf(line, sizeof line, "%.*s:%u: %s fails: %s", (int)place.at.file.length, place.at.file.bytes,
                   place.at.line, step->name, enum_name_code((unsigned)code));
    show_line(d, d->now_us, "strategy", line);
    d->exit_step = step->name;
    debugger_moment(d, &place, &(struct happens){HAPPENS_EXIT, enum_name_code((unsigned)code)});
}

/* ---- events reported by the player ---- */

static void debugger_on_begins(void *self, struct core *core)
{
    struct debugger *d = self;
    assert(!d->core && core); /* a play has only one core */
    d->core = core;
    /* the play stops at the very beginning, before anything has happened */
    if (debugger_speaks(d) && !d->at_once) debugger_stands(d);
}

static void debugger_on_line(void *self, uint64_t at_us, const char *component, uint32_t arrival, const char *text)
{
    struct debugger *d = self;
    char word[64];
    (void)arrival;
    clock_shows(d, at_us);
    show_line(d, at_us, component, text);
    if (!d->core || d->leaving) return;
    (void)snprintf(word, sizeof word, "%.*s", (int)strcspn(text, " "), text);
    debugger_moment(d, &(struct fiber_place){0}, &(struct happens){HAPPENS_EVENT, word});
}

/* Time goes on to `next_us`: stops before that at each time for which there is a breakpoint, and at the time to which
 * the play was told to go, though nothing happens there. Such a stop is no moment, and a play that goes back or looks
 * for something else passes it over. */
static void debugger_times(struct debugger *d, uint64_t next_us)
{
    const bool ends = next_us == UINT64_MAX;
    while (!d->past && !*d->when && !d->leaving && d->to == 0 && d->look_back == 0) {
        char why[DEBUGGER_WHY_BYTES] = "";
        bool seeks = d->sought.what == SOUGHT_TIME;
        if (d->sought.what != SOUGHT_NOTHING && !seeks) return;
        uint64_t to_us = seeks ? d->sought.number : ends ? 0 : d->run_to_us;
        bool within = to_us > d->now_us && to_us < next_us;
        uint64_t last_us = within ? to_us : d->acts && d->until_us < next_us ? d->until_us : next_us;
        bool breaks = !seeks && !ends && stops_time(d, last_us, why, sizeof why);
        if (!breaks && !within) return;
        if (!breaks) {
            d->now_us = to_us;
            d->sought.what = SOUGHT_NOTHING;
            d->place = (struct fiber_place){0};
            if (d->acts) d->until_us = to_us;
        }
        d->idle = d->acts != NULL;
        d->exit = NULL;
        stop_at(d, why);
        d->idle = false;
    }
}

/* May time pass, in a play in which the user plays caller and agents? Time passes as far as the last command allows. */
static bool on_goes_on(void *self, uint64_t next_us)
{
    struct debugger *d = self;
    /* the time of an act has come without any event, such as when a queue becomes unreachable */
    bool passes = !d->leaving && next_us > d->quiet_us && next_us != UINT64_MAX;
    if (d->to > 0 && d->quiet_us > 0 && passes) d->to = d->quiet_us = 0;
    if (!d->past && !d->leaving) waits_last(d, next_us);
    debugger_times(d, next_us);
    bool silent = d->to > 0 || d->look_back > 0 || d->sought.what != SOUGHT_NOTHING;
    if (!d->acts || (silent && next_us != UINT64_MAX)) return !d->leaving;
    /* a silent play that time cannot carry to its goal ends here: the moment sought is not reached again */
    if (silent && !d->leaving) {
        d->leaving = d->again = d->look_back > 0;
        d->to = d->quiet_us = 0;
        d->sought.what = SOUGHT_NOTHING;
    }
    while (!d->leaving && (next_us > d->until_us || next_us == UINT64_MAX)) {
        if (d->until_us == UINT64_MAX) {
            puts("Nothing more happens by itself.");
            uint64_t last_us = core_time(d->core);
            d->until_us = last_us > d->now_us ? last_us : d->now_us;
        }
        d->now_us = d->until_us;
        d->exit = NULL;
        d->place = (struct fiber_place){0};
        d->idle = true;
        debugger_stands(d);
        d->idle = false;
    }
    return !d->leaving;
}

static void on_asked(void *self, const char *asked, const char *written)
{
    struct debugger *d = self;
    assert(d->acts); /* a test from a file never waits for the user */
    if (d->leaving || d->to > 0 || d->look_back > 0 || d->sought.what != SOUGHT_NOTHING) return;
    acts_asked(d->acts, written, d->now_us);
    shown_print(stdout, "%s asks: key, answer, fails, or let time pass\n", asked);
    d->place = (struct fiber_place){0};
    d->asked = asked;
    d->idle = true;
    debugger_stands(d);
    d->idle = false;
    d->asked = NULL;
}

static void debugger_on_failure(void *self, const char *file, uint32_t line, const char *text)
{
    const struct debugger *d = self;
    bool never_began = !d->core; /* printed even in a silent play, else nobody would learn why the play cannot begin */
    if (debugger_speaks(d) || never_began) shown_print(stdout, "%s:%" PRIu32 ": %s\n", file, line, text);
}

/* The play is over. A silent play goes to the moment it was meant for; any other play stops at the end. */
static void debugger_on_result(void *self, const struct sim_result *result)
{
    struct debugger *d = self;
    d->moment++;
    d->over = true;
    d->exit = NULL;
    d->place = (struct fiber_place){0};
    if (!d->core) { /* the play never began: the reason was printed, and there is nothing to look at */
        puts("It cannot be played.");
        d->quit = true;
        return;
    }
    if (d->leaving) return;
    /* the play ended before the moment from which it looks back, as that moment was the end itself */
    if (d->look_back > 0) {
        d->leaving = d->again = true;
        return;
    }
    if (d->to > 0) { /* a play that printed the changes of a name is at its goal */
        debugger_stands(d);
        return;
    }
    if (d->sought.what != SOUGHT_NOTHING) {
        d->sought.what = SOUGHT_NOTHING;
        puts(d->past ? "This journal does not have it: no strategy runs for it, or nothing happens so late."
                     : "The play does not get there.");
    }
    if (d->changes.count > 0 && !d->live) puts("With what was set:");
    if (d->past && !d->live)
        puts("The journal ends here.");
    else if (d->live)
        d->place = (struct fiber_place){0}; /* it has told why */
    else if (result->failures == 0)
        shown_print(stdout, "The test \"%s\" has passed.\n", result->name);
    else
        shown_print(stdout, "The test \"%s\" has failed: %" PRIu32 " of its expectations do not hold.\n", result->name,
                    result->failures);
    debugger_stands(d);
}

/* ---- plays ---- */

static void look_on(struct debugger *d)
{
    d->watch = (struct vm_watch){
        .self = d, .instruction = debugger_on_instruction, .wait = debugger_on_wait, .ended = debugger_on_ended};
    d->onlooker = (struct sim_onlooker){d, &d->watch, debugger_on_begins, debugger_on_line, on_goes_on, NULL};
}

void debugger_init(struct debugger *d, debugger_front *front, const struct sim_tests *tests, uint32_t test)
{
    *d = (struct debugger){.front = front, .tests = tests, .test = test, .program = sim_tests_image(tests)};
    look_on(d);
}

void debugger_init_past(struct debugger *d, debugger_front *front, struct past *past, struct moment_sought sought,
                        uint64_t about)
{
    *d = (struct debugger){.front = front, .past = past, .sought = sought, .about = about, .program = past_image(past)};
    look_on(d);
}

void debugger_init_live(struct debugger *d, debugger_front *front, struct past *past, struct live *live, uint64_t about)
{
    assert(live && live->past == past);
    debugger_init_past(d, front, past, (struct moment_sought){.what = SOUGHT_STOP}, about);
    d->live = live;
    d->watch.stands = on_stands;
    d->at_once = true;
    past_follow(past, on_more, d);
}

/* Resets everything for the next play. The timeline and places of this play are kept as `before`, since a play that
 * begins at a checkpoint takes over the earlier part of them. */
static void forget_play(struct debugger *d)
{
    if (d->timeline_file) fclose(d->timeline_file);
    waits_end(d);
    free(d->before.timeline);
    free(d->fibers);
    taken_forget(&d->before.taken);
    d->before.timeline = d->timeline;
    d->before.timeline_length = d->timeline_length;
    d->before.taken = d->taken;
    d->taken = (struct taken_places){.count = 0};
    d->timeline_file = NULL;
    d->timeline = NULL;
    d->timeline_length = 0;
    d->fibers = NULL;
    d->fiber_count = 0;
    d->core = NULL;
    d->moment = d->now_us = d->began = 0;
    d->exit = d->exit_step = NULL;
    d->leaving = d->again = d->over = d->idle = false;
    d->place = (struct fiber_place){0};
    stops_begin(d);
}

void debugger_free(struct debugger *d)
{
    forget_play(d); /* called twice: the second call frees what was kept of the play before */
    forget_play(d);
    stops_free(d);
    expression_forget(d);
    displays_free(d);
    changes_free(&d->changes);
    free(d->notes);
}

/* ---- checkpoints of a journal ---- */

/* What the debugger knows at a checkpoint besides the core. */
struct journal_checkpoint {
    uint64_t moment, now_us;
    size_t timeline_length, taken_count;
    const struct image *program;
    size_t fiber_count;
    struct watched_fiber fibers[];
};

static void *on_keep(void *self, size_t *size)
{
    struct debugger *d = self;
    assert(d->past); /* only journals have checkpoints: tests are short */
    watched_drop(d);
    *size = sizeof(struct journal_checkpoint) + d->fiber_count * sizeof *d->fibers;
    struct journal_checkpoint *kept = malloc(*size);
    if (!kept || fflush(d->timeline_file) != 0) abort();
    *kept = (struct journal_checkpoint){d->moment,      d->now_us,  d->timeline_length,
                                        d->taken.count, d->program, d->fiber_count};
    if (d->fiber_count > 0) memcpy(kept->fibers, d->fibers, d->fiber_count * sizeof *d->fibers);
    return kept;
}

/* Can the next play begin at this checkpoint? A play cannot begin at the checkpoint if an earlier moment has to be
 * printed or noted. */
static bool on_fits(const void *self, const void *of)
{
    const struct debugger *d = self;
    const struct journal_checkpoint *kept = of;
    if (kept->timeline_length > d->before.timeline_length || kept->taken_count > d->before.taken.count) return false;
    if (d->to > 0) return d->quiet_us == 0 && kept->moment < d->to;
    bool all = *d->when || (d->going == GOING_ON && stops_change(d));
    return d->look_back > 0 && !all && kept->moment + 1 < d->look_back;
}

/* Begins the play at the checkpoint, with everything that the debugger knew there. */
static void on_take(void *self, const void *of)
{
    struct debugger *d = self;
    const struct journal_checkpoint *kept = of;
    assert(kept->taken_count <= d->before.taken.count); /* on_fits() has looked */
    assert(kept->timeline_length <= d->before.timeline_length);
    assert(!d->fibers && d->taken.count == 0); /* the play has not begun */
    d->moment = d->began = kept->moment;
    d->now_us = kept->now_us;
    d->program = kept->program;
    if (kept->timeline_length > 0) fwrite(d->before.timeline, 1, kept->timeline_length, d->timeline_file);
    d->taken = d->before.taken;
    d->taken.count = kept->taken_count;
    d->before.taken = (struct taken_places){.count = 0};
    size_t room = 1;
    while (room < kept->fiber_count) room *= 2; /* as watched_fiber_of() has it */
    d->fibers = memory_grown(NULL, room, sizeof *d->fibers);
    d->fiber_count = kept->fiber_count;
    if (d->fiber_count > 0) memcpy(d->fibers, kept->fibers, d->fiber_count * sizeof *d->fibers);
}

uint64_t debugger_act_time(const struct debugger *d)
{
    enum { UNIT_US = 1000 }; /* the least time between an act and what happened before it */
    if (d->moment == 0 || !d->core) return 0;
    uint64_t last_us = core_time(d->core);
    if (d->idle && d->now_us > last_us) return d->now_us;
    return (last_us / UNIT_US + 1) * UNIT_US;
}

void debugger_acted(struct debugger *d, uint64_t at_us)
{
    assert(d->acts);
    d->to = d->moment;
    d->quiet_us = d->idle ? at_us : 0;
    d->arrival = d->idle ? ARRIVAL_PASSES : ARRIVAL_STANDS;
    if (d->idle) d->going = GOING_ON;
    d->at_once = d->leaving = d->again = true;
}

void debugger_look_back(struct debugger *d, enum going going, uint64_t count)
{
    assert(count > 0);
    d->going = going;
    d->count = count;
    d->from = d->place;
    d->look_back = d->moment;
    d->note_count = 0;
    d->leaving = d->again = true;
}

void debugger_back_to(struct debugger *d, uint64_t at_us)
{
    assert(!d->live);
    d->going = GOING_ON;
    d->to = d->look_back = d->quiet_us = d->run_to_us = 0;
    d->at_once = at_us > 0;
    if (at_us > 0) d->sought = (struct moment_sought){SOUGHT_TIME, at_us};
    d->leaving = d->again = true;
}

void debugger_play_to(struct debugger *d, uint64_t moment)
{
    assert(!d->live && moment > 0);
    d->going = GOING_ON;
    d->to = moment;
    d->look_back = d->quiet_us = d->run_to_us = 0;
    d->arrival = ARRIVAL_STOPS;
    d->at_once = d->leaving = d->again = true;
}

void debugger_when(struct debugger *d, const char *name)
{
    assert(*name);
    debugger_look_back(d, GOING_ON, 1);
    (void)snprintf(d->when, sizeof d->when, "%s", name);
    d->when_is[0] = '\0';
    d->arrival = d->idle ? ARRIVAL_PASSES : ARRIVAL_STANDS;
    d->look_back = d->moment + 1; /* include this moment in the search */
}

/* Ends a play that looked back for a moment to return to. If the play began at a checkpoint and did not find enough,
 * the next play looks at the part before it; else the next play goes to the moment found. */
static void has_looked(struct debugger *d, uint64_t began)
{
    /* the user asked when a value changed: the next play returns to where the search began */
    bool asked = *d->when != '\0';
    assert(began <= d->look_back); /* a search never begins after the moment it looks back from */
    assert(asked || d->count > 0);
    if (!asked && d->note_count < d->count && began > 0) {
        d->count -= d->note_count;
        d->note_count = 0;
        d->look_back = began + 1;
        return;
    }
    if (!asked) d->arrival = ARRIVAL_STOPS;
    d->at_once = asked;
    d->to = asked ? d->look_back - 1 : d->note_count < d->count ? 0 : d->notes[d->note_count - d->count];
    d->look_back = d->quiet_us = 0;
    if (asked) tell_set(d);
    if (asked && !*d->when_is) shown_print(stdout, "Nothing was called '%s' up to here.\n", d->when);
    d->when[0] = '\0';
    if (d->to == 0) shown_print(stdout, "There is nothing before: this is the beginning.\n");
}

/* Plays again and again until no other play is wanted: going back, acting and setting a value each begin a new one. */
bool debugger_play(struct debugger *d)
{
    bool passed = true;
    struct sim_options options = {.seed = d->seed, .onlooker = &d->onlooker};
    struct sim_report report = {d, debugger_on_failure, debugger_on_result};
    const struct past_keeper keeper = {d, on_keep, on_fits, on_take};
    assert(!d->acts || !d->past); /* the user can act only in a test's world, not in a journal's past */
    if (d->acts) d->onlooker.asked = on_asked;
    do {
        uint64_t began = d->began;
        forget_play(d);
        if (d->looks_back) has_looked(d, began);
        d->looks_back = d->look_back > 0;
        d->timeline_file = memory_stream(&d->timeline, &d->timeline_length);
        if (d->acts) {
            char why[DEBUGGER_WHY_BYTES];
            const struct sim_tests *tests = acts_tests(d->acts, why, sizeof why);
            if (!tests) {
                shown_print(stdout, "The deeds cannot be played: %s\n", why);
                return false;
            }
            d->tests = tests;
            d->test = acts_index(d->acts);
        }
        if (d->past)
            past_play(d->past, &d->onlooker, &keeper, &report);
        else
            passed = sim_play(d->tests, d->test, &options, &report);
    } while (d->again && !d->quit);
    return passed;
}
