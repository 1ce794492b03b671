/* runtime/debugger/commands.c - Finds a command in the table and executes it.
 *
 * A command is found by its whole name, by its short name, or by a beginning that no other command has. A command's
 * function returns true if the play continues or is left: then the prompt ends, and the call returns to the player.
 * Commands of kind LOOK only display or note something. Commands that change the simulated world (arrive, key, agent
 * ...) are written as lines of a test and tried as such (acts.h), so that export can write them into a test. */
#include "runtime/debugger/commands.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/debugger/acts.h"
#include "runtime/debugger/displays.h"
#include "runtime/debugger/expression.h"
#include "runtime/debugger/live.h"
#include "runtime/debugger/past.h"
#include "runtime/debugger/retold.h"
#include "runtime/debugger/show.h"
#include "runtime/debugger/stops.h"
#include "base/near.h"
#include "base/shown.h"
#include "base/written.h"

enum { ANSWER_MAX = 16384, LINE_BYTES = 512, KEYS_MAX = 64 };

static const struct example {
    const char *name, *line, *what;
} examples[] = {
#define SECTION(title)
#define COMMAND(name, short, function, arguments, what)
#define EXAMPLE(name, line, what) {#name, line, what},
#include "runtime/debugger/commands.def"
};

static bool command_is_name(const char *text)
{
    return *text && text[strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")] == '\0';
}

/* ---- going forward and back ---- */

static bool no_strategy_runs(struct debugger *d)
{
    d->troubles += d->over;
    if (d->over) puts(d->past ? "The journal is over; go back, or quit." : "The test is over; go back, or quit.");
    return d->over;
}

/* Reads how often a command is repeated; 0: `arguments` are no number, and a message says so. */
static uint64_t command_count_of(struct debugger *d, const char *arguments)
{
    char *end;
    if (!*arguments) return 1;
    unsigned long long count = strtoull(arguments, &end, 10);
    if (*end == '\0' && *arguments >= '1' && *arguments <= '9') return count;
    d->troubles++;
    shown_print(stdout, "'%s' is no number of times.\n", arguments);
    return 0;
}

/* Continues the play by the stepping command `going`, `count` times. If a running interaction of gcxvm is stopped here,
 * gcxvm is asked to continue it. */
static bool command_go(struct debugger *d, enum going going, uint64_t count)
{
    if (count == 0 || no_strategy_runs(d)) return false;
    d->count = count;
    if (live_at_edge(d)) return live_go(d, going);
    d->going = going;
    d->from = d->place;
    d->until_us = UINT64_MAX;
    if (d->acts && d->moment == 0) debugger_acted(d, 0); /* the play begins again with the acts so far */
    return true;
}

/* Goes back by playing again: the debugger plays from the beginning, or from a checkpoint, and stops earlier. */
static bool commands_back(struct debugger *d, enum going going, uint64_t count)
{
    if (count > 0 && d->moment == 0) puts("There is nothing before: this is the beginning.");
    if (count == 0 || d->moment == 0) return false;
    debugger_look_back(d, going, count);
    return true;
}

static bool do_continue(struct debugger *d, const char *arguments)
{
    (void)arguments;
    return command_go(d, GOING_ON, 1);
}

static bool do_step(struct debugger *d, const char *arguments)
{
    return command_go(d, GOING_STEP, command_count_of(d, arguments));
}

static bool do_next(struct debugger *d, const char *arguments)
{
    return command_go(d, GOING_NEXT, command_count_of(d, arguments));
}

static bool command_runs(struct debugger *d)
{
    if (d->place.interaction != 0) return true;
    puts("No strategy runs at this moment.");
    d->troubles++;
    return false;
}

static bool do_finish(struct debugger *d, const char *arguments)
{
    (void)arguments;
    return command_runs(d) && command_go(d, GOING_FINISH, 1);
}

static bool do_until(struct debugger *d, const char *arguments)
{
    d->line = (uint32_t)strtoul(arguments, NULL, 10);
    if (*arguments && d->line == 0) {
        d->troubles++;
        shown_print(stdout, "'%s' is no line.\n", arguments);
        return false;
    }
    return command_go(d, GOING_UNTIL, 1);
}

static bool do_restart(struct debugger *d, const char *arguments)
{
    (void)arguments;
    if (d->live) puts("What runs in gcxvm cannot begin again.");
    if (!d->live && d->moment == 0) puts("There is nothing before: this is the beginning.");
    if (d->live || d->moment == 0) return false;
    debugger_back_to(d, 0);
    return true;
}

/* Goes to a time of the play: back by playing again, silently; forwards as continue does. */
static bool do_at(struct debugger *d, const char *arguments)
{
    uint64_t us = commands_duration(arguments);
    if (d->live || us == 0) {
        d->troubles++;
        if (d->live)
            puts("Time is the world's here; break where it should stop.");
        else
            shown_print(stdout, "'%s' is no time of the play; write 20s, 1m30s or 500ms.\n", arguments);
        return false;
    }
    if (d->moment > 0 && us <= d->now_us) {
        debugger_back_to(d, us);
        return true;
    }
    if (!command_go(d, GOING_ON, 1)) return false;
    d->run_to_us = us;
    if (d->acts) d->until_us = us;
    return true;
}

static bool do_reverse_continue(struct debugger *d, const char *arguments)
{
    (void)arguments;
    return commands_back(d, GOING_ON, 1);
}

static bool do_reverse_step(struct debugger *d, const char *arguments)
{
    return commands_back(d, GOING_STEP, command_count_of(d, arguments));
}

static bool do_reverse_next(struct debugger *d, const char *arguments)
{
    return commands_back(d, GOING_NEXT, command_count_of(d, arguments));
}

static bool do_reverse_finish(struct debugger *d, const char *arguments)
{
    (void)arguments;
    return command_runs(d) && commands_back(d, GOING_FINISH, 1);
}

/* ---- a running interaction ---- */

static bool do_detach(struct debugger *d, const char *arguments)
{
    (void)arguments;
    if (!d->live) puts("Nothing is attached: this is no running interaction.");
    if (d->live) d->quit = d->leaving = true; /* gcxvm notices that the debugger left when the connection ends */
    return d->live != NULL;
}

/* ---- the world ---- */

static bool is_world(struct debugger *d)
{
    d->troubles += !d->acts;
    if (d->live)
        puts("The world decides here who comes and what is keyed: only set changes something.");
    else if (d->past)
        puts("The past cannot be changed.");
    else if (!d->acts)
        puts("A test is the world here; without --test you are.");
    return d->acts != NULL;
}

/* Reports why an act was refused; if it was accepted, lets the play begin again. An act at moment 0 needs no new
 * play, because none has begun; later the play begins again with the new line, and reaches this moment by itself. */
static bool commands_acted(struct debugger *d, bool good, uint64_t at_us, const char *why)
{
    d->troubles += !good;
    if (!good) shown_print(stdout, "Not possible: %s.\n", why);
    if (good && changes_forget_later(d)) puts("Values that were set later are no longer set.");
    if (good && d->moment > 0) debugger_acted(d, at_us);
    if (good && d->moment == 0) d->until_us = 0;
    return good && d->moment > 0;
}

static bool command_act(struct debugger *d, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Adds a line of a test as an act. The line is compiled together with the other lines first: a line that would make the
 * test wrong is refused. */
static bool command_act(struct debugger *d, const char *format, ...)
{
    char line[LINE_BYTES], why[LINE_BYTES] = "";
    va_list arguments;
    if (!is_world(d)) return false;
    va_start(arguments, format);
    (void)vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    uint64_t at_us = debugger_act_time(d);
    bool good = acts_add(d->acts, at_us, line, why, sizeof why);
    if (good && d->idle && d->until_us < at_us) d->until_us = at_us;
    return commands_acted(d, good, at_us, why);
}

/* Finds the usual number of a strategy: the first has 1800, the next 1801. */
static void usual_number(const struct image *image, const char *strategy, char *dn, size_t size)
{
    const struct image_strategy *one = image_strategy_named(image, strategy, (uint32_t)strlen(strategy));
    uint32_t index = 0;
    while (one && image_strategy(image, index) != one) index++;
    (void)snprintf(dn, size, "%" PRIu32, 1800 + index);
}

/* `arrive NUMBER [to DN] [STRATEGY]`: lets a call arrive. Given before the play has begun, the command also begins the
 * play. */
static bool do_arrive(struct debugger *d, const char *arguments)
{
    const struct image *image = d->program;
    struct text first = image_text(image, image_strategy(image, 0)->name);
    char number[64] = "", dn[64] = "", strategy[64], word[64];
    int used = 0;
    (void)snprintf(strategy, sizeof strategy, "%.*s", (int)first.length, first.bytes);
    if (sscanf(arguments, "%63s%n", number, &used) != 1) {
        puts("Who? A number stands behind arrive.");
        return false;
    }
    arguments += used;
    if (sscanf(arguments, " to %63s%n", word, &used) == 1) {
        (void)snprintf(dn, sizeof dn, "%s", word);
        arguments += used;
    }
    (void)sscanf(arguments, "%63s", strategy);
    if (!*dn) usual_number(image, strategy, dn, sizeof dn);
    if (!command_act(d, "call %s from \"%s\" to \"%s\"", strategy, number, dn) && (!d->acts || d->moment > 0))
        return false;
    if (d->moment > 0) return true;
    debugger_acted(d, 0); /* before the first moment: the play begins now */
    return true;
}

static bool do_answer(struct debugger *d, const char *outcome)
{
    char why[LINE_BYTES] = "";
    return is_world(d) && commands_acted(d, acts_answer(d->acts, outcome, d->now_us, why, sizeof why), 0, why);
}

/* `key DIGITS`: the caller enters digits; a # at the end is dropped. The simulation adds the # itself for steps that
 * need it. */
static bool do_key(struct debugger *d, const char *arguments)
{
    char outcome[LINE_BYTES];
    int length = (int)strlen(arguments);
    if (length > 1 && arguments[length - 1] == '#') length--; /* the simulation enters the # where a step needs it */
    (void)snprintf(outcome, sizeof outcome, "\"%.*s\"", length, arguments);
    return do_answer(d, outcome);
}

static bool do_fails(struct debugger *d, const char *arguments)
{
    char outcome[LINE_BYTES];
    (void)snprintf(outcome, sizeof outcome, "fail %s", arguments);
    return do_answer(d, outcome);
}

static bool do_hang(struct debugger *d, const char *arguments)
{
    (void)arguments;
    return command_act(d, "caller hangs_up");
}

/* `source NAME down 20s` makes a data source of the simulated world fail; a single word is a file of commands to
 * read. */
static bool do_source(struct debugger *d, const char *arguments)
{
    if (!strchr(arguments, ' ')) {
        if (lines_source(arguments)) return false;
        d->troubles++;
        shown_print(stdout, "'%s' cannot be read.\n", arguments);
        return false;
    }
    return command_act(d, "source %s", arguments);
}

/* Tells what is wrong with a command. */
static void command_wrong(struct debugger *d, const char *what, const char *why)
{
    d->troubles++;
    shown_print(stdout, "%s: %s.\n", what, why);
}

/* Sets a value. In a journal, the interaction is from then on played apart from the others; it is first played again up
 * to this moment. */
static bool do_set(struct debugger *d, const char *arguments)
{
    char why[LINE_BYTES];
    bool forks = d->past && !d->live && !past_with(d->past);
    if (d->live) {
        live_set(d, arguments);
        return false;
    }
    bool good = forks ? changes_fork(d, arguments, why, sizeof why) : changes_set(d, arguments, why, sizeof why);
    if (!good) command_wrong(d, "Not possible", why);
    if (!good || !forks) return false;
    puts("From here on it is played with this value, apart from the journal: what it does otherwise nobody answers.");
    past_fork(d->past, d->about, d->look.image);
    debugger_play_to(d, d->moment);
    return true;
}

/* Discards values that the user has set, and goes back to where the first of them was set. If the play is before that
 * moment already, it stays there. */
static bool do_unset(struct debugger *d, const char *arguments)
{
    uint64_t first = d->live ? UINT64_MAX : changes_forget(d, arguments);
    if (d->live)
        command_wrong(d, "Not possible", "what was set in a running interaction is set for good");
    else if (first == UINT64_MAX)
        command_wrong(d, *arguments ? arguments : "Nothing", "this was not set; info set lists what was");
    if (d->changes.count == 0 && d->past && past_forked(d->past)) past_fork(d->past, 0, NULL);
    if (first == UINT64_MAX || first > d->moment) return false;
    debugger_play_to(d, first);
    return true;
}

/* Reads a duration; 0: the text is no duration, or one of more than a million days. */
uint64_t commands_duration(const char *text)
{
    const int64_t most_us = INT64_C(1000000) * 86400 * 1000000; /* a million days */
    int64_t us;
    return written_duration(text, strlen(text), &us) && us <= most_us ? (uint64_t)us : 0;
}

static bool do_advance(struct debugger *d, const char *arguments)
{
    uint64_t us = commands_duration(arguments);
    if (!is_world(d)) return false;
    if (us == 0) {
        d->troubles++;
        shown_print(stdout, "'%s' is no duration; write 20s, 1m30s or 500ms.\n", arguments);
        return false;
    }
    d->going = GOING_ON;
    d->until_us = d->now_us + us;
    return true;
}

/* Returns the strategy of the first interaction, the one whose keys export expects. */
static const struct image_strategy *first_strategy(struct debugger *d)
{
    struct interaction_row row;
    uint64_t interaction = show_looked_at(d);
    const struct image_strategy *named =
        interaction != 0 && core_find(d->core, interaction, &row)
            ? image_strategy_named(d->program, (const char *)row.strategy.bytes, row.strategy.length)
            : NULL;
    return named ? named : image_strategy(d->program, 0);
}

/* Collects the keys that a test can expect: keys that are not secret and hold a number, a text or a truth value. */
static size_t expect_keys(struct debugger *d, char (*wanted)[LINE_BYTES], size_t most)
{
    assert(most <= KEYS_MAX);
    const struct image *image = d->program;
    const struct image_strategy *strategy = first_strategy(d);
    size_t count = 0;
    for (uint32_t i = 0; i < image_slot_count(strategy) && count < most; i++) {
        const struct image_slot *slot = image_slot(image, strategy, i);
        struct text name = image_text(image, slot->name);
        char key[64], value[LINE_BYTES - 80];
        uint16_t base = type_base(slot->type);
        (void)snprintf(key, sizeof key, "%.*s", (int)name.length, name.bytes);
        if (slot->secret || slot->parameter || (base != TYPE_STR && base != TYPE_INT && base != TYPE_BOOL)) continue;
        if (show_named(d, key, value, sizeof value) && strcmp(value, "none") != 0)
            (void)snprintf(wanted[count++], LINE_BYTES, "%s == %s", key, value);
    }
    return count;
}

/* Returns the interaction that is being looked at; else the only one there is, or 0. */
static uint64_t commands_exported(const struct debugger *d)
{
    size_t count;
    const struct interaction_row *all = past_interactions(d->past, &count);
    if (d->about != 0) return d->about;
    if (d->place.interaction != 0) return d->place.interaction;
    return count == 1 ? all[0].ixn : 0;
}

/* Exports an interaction of a journal as a test of what the interaction did. */
static void export_past(struct debugger *d, const char *title)
{
    char why[LINE_BYTES] = "";
    struct retold retold;
    size_t differs;
    uint64_t interaction = commands_exported(d);
    if (interaction == 0) {
        puts("Which interaction? Stop in one of its lines, or replay the journal with its ConnID.");
        return;
    }
    if (!retold_read(d->past, interaction, &retold, why, sizeof why)) {
        shown_print(stdout, "It cannot be a test: %s.\n", why);
        return;
    }
    struct acts *acts = acts_of_lines(&d->sources, retold.image, retold.strategy, retold.lines);
    char *text = acts_retell(acts, *title ? title : "what was done", (const char *const *)retold.wanted,
                             retold.wanted_count, retold.lacks, &differs, why, sizeof why);
    if (text)
        shown_write(stdout, text);
    else
        shown_print(stdout, "It does not pass as a test: %s.\n", why);
    if (text && (differs > 0 || *retold.lacks))
        puts("A test cannot say all that was so: its comments tell what is missing.");
    free(text);
    acts_free(acts);
    retold_free(&retold);
}

/* Prints what the user has done as a test that expects what happened. */
static void do_export(struct debugger *d, const char *arguments)
{
    char wanted[KEYS_MAX][LINE_BYTES], why[LINE_BYTES] = "its file has changed";
    const char *lines[KEYS_MAX];
    if (d->past) {
        export_past(d, arguments);
        return;
    }
    struct sim_test test = sim_tests_at(d->tests, d->test);
    struct acts *acts = d->acts ? d->acts : acts_of_test(&d->sources, &test);
    size_t count = d->moment > 0 ? expect_keys(d, wanted, KEYS_MAX) : 0;
    for (size_t i = 0; i < count; i++) lines[i] = wanted[i];
    const char *title = *arguments ? arguments : "what was done";
    char *text = acts ? acts_export(acts, title, lines, count, why, sizeof why) : NULL;
    if (text) changes_show(d, stdout);
    if (text)
        shown_write(stdout, text);
    else
        shown_print(stdout, "It does not pass as a test: %s.\n", why);
    free(text);
    if (!d->acts) acts_free(acts);
}

/* ---- stopping ---- */

static void do_break(struct debugger *d, const char *arguments)
{
    size_t before = d->breakpoint_count;
    stops_add(d, arguments, false);
    d->troubles += d->breakpoint_count == before;
}

static void do_tbreak(struct debugger *d, const char *arguments)
{
    size_t before = d->breakpoint_count;
    stops_add(d, arguments, true);
    d->troubles += d->breakpoint_count == before;
}

static void do_watch(struct debugger *d, const char *arguments)
{
    size_t before = d->breakpoint_count;
    stops_watch(d, arguments, false);
    d->troubles += d->breakpoint_count == before;
}

static void do_enable(struct debugger *d, const char *arguments)
{
    stops_able(d, arguments, true);
}

static void do_disable(struct debugger *d, const char *arguments)
{
    stops_able(d, arguments, false);
}

static void do_commands(struct debugger *d, const char *arguments)
{
    if (d->front != commands_read)
        command_wrong(d, "Not possible", "the lines up to `end` are read from a prompt, and an editor has none");
    else
        stops_commands(d, arguments);
}

/* ---- looking ---- */

static void do_print(struct debugger *d, const char *arguments)
{
    char text[ANSWER_MAX];
    if (!*arguments)
        puts("What? An expression of the language stands behind print.");
    else if (d->live && live_at_edge(d) && live_value(d->live, arguments))
        shown_print(stdout, "%s\n", live_value(d->live, arguments));
    else if (show_named(d, arguments, text, sizeof text) || expression_show(d, arguments, text, sizeof text))
        shown_print(stdout, "%s\n", text);
    else
        command_wrong(d, arguments, text);
}

static void do_expect(struct debugger *d, const char *arguments)
{
    char why[ANSWER_MAX] = "";
    bool yes = false;
    if (!*arguments)
        command_wrong(d, "expect", "what? An expression of the language that is true or false stands behind it");
    else if (!expression_holds(d, arguments, &yes, why, sizeof why))
        command_wrong(d, arguments, why);
    else if (!yes)
        command_wrong(d, arguments, "this does not hold here");
    else
        shown_print(stdout, "%s: this holds.\n", arguments);
}

static const struct subject {
    const char *name;
    void (*show)(struct debugger *);
} subjects[] = {
    {"breakpoints", stops_show}, {"displays", displays_show}, {"locals", show_locals},
    {"data", show_data},         {"block", show_block},       {"fibers", show_fibers},
    {"queues", show_queues},     {"place", waits_place},      {"candidates", waits_candidates},
    {"timers", waits_timers},    {"agents", show_agents},     {"interactions", show_interactions},
    {"set", changes_list},
};
enum { SUBJECTS = sizeof subjects / sizeof subjects[0] };

static void do_info(struct debugger *d, const char *arguments)
{
    size_t length = strlen(arguments);
    for (size_t i = 0; i < SUBJECTS && length > 0; i++) {
        if (strncmp(subjects[i].name, arguments, length) != 0) continue;
        subjects[i].show(d);
        return;
    }
    d->troubles++;
    fputs("info shows one of", stdout);
    for (size_t i = 0; i < SUBJECTS; i++) printf("%s %s", i == 0 ? "" : ",", subjects[i].name);
    puts(".");
}

static void do_backtrace(struct debugger *d, const char *arguments)
{
    (void)arguments;
    show_backtrace(d);
}

/* Selects a frame; `frame` counts from the innermost. A number below 0 wraps around to one larger than any stack, so
 * it is refused as well. */
static void command_look_at(struct debugger *d, uint32_t frame)
{
    if (!command_runs(d)) return;
    if (frame >= d->look.frames) {
        puts("There is none further.");
        return;
    }
    d->frame = frame;
    d->listed = 0;
    show_place(d);
}

static void do_up(struct debugger *d, const char *arguments)
{
    (void)arguments;
    command_look_at(d, d->frame + 1);
}

static void do_down(struct debugger *d, const char *arguments)
{
    (void)arguments;
    command_look_at(d, d->frame - 1);
}

static void do_frame(struct debugger *d, const char *arguments)
{
    char *end;
    unsigned long number = strtoul(arguments, &end, 10);
    if (*end || *arguments == '-' || number > UINT32_MAX)
        command_wrong(d, arguments, "this is no number of a frame; backtrace shows them");
    else
        command_look_at(d, *arguments ? (uint32_t)number : d->frame);
}

/* Chooses the interaction that is looked at where no strategy runs, by the number that `info interactions` shows. */
static void do_interaction(struct debugger *d, const char *arguments)
{
    struct interaction_row row;
    char *end;
    uint64_t number = strtoull(arguments, &end, 10), cursor = 0;
    bool found = false;
    if (!*arguments || *end) {
        command_wrong(d, *arguments ? arguments : "interaction",
                      "its number stands behind it; info interactions shows them");
        return;
    }
    while (d->core && !found && core_interaction(d->core, &cursor, &row)) found = show_number(row.ixn) == number;
    if (!found)
        command_wrong(d, arguments, "there is no such interaction at this moment");
    else if (d->place.interaction != 0 && d->place.interaction != row.ixn)
        command_wrong(d, arguments, "another one runs here; break where it does, or look where none runs: at TIME");
    else
        d->chosen = row.ixn;
    if (found && d->chosen == row.ixn) show_backtrace(d);
}

static void do_list(struct debugger *d, const char *arguments)
{
    char file[LINE_BYTES];
    uint32_t line;
    if (arguments[strspn(arguments, "0123456789")] == '\0')
        show_source(d, (uint32_t)strtoul(arguments, NULL, 10));
    else if (stops_find(d, arguments, file, sizeof file, &line))
        show_source_of(d, file, line);
    else
        command_wrong(d, arguments, "this is no line, file or function of the program");
}

static void do_disassemble(struct debugger *d, const char *arguments)
{
    (void)arguments;
    show_disassembly(d);
}

static void do_timeline(struct debugger *d, const char *arguments)
{
    const char *end = strrchr(arguments, '.');
    size_t length;
    if (end && strcmp(end, ".svg") == 0) {
        char *picture = lanes_draw(d, &length);
        if (!lines_write(arguments, "<svg", picture, length)) d->troubles++;
        free(picture);
        return;
    }
    if (*arguments == '0' || arguments[strspn(arguments, "0123456789")] != '\0') { /* 0000003 is an interaction's */
        show_timeline_of(d, arguments);
        return;
    }
    uint64_t count = *arguments ? command_count_of(d, arguments) : 0;
    if (!*arguments || count > 0) show_timeline(d, (uint32_t)(count > UINT32_MAX ? UINT32_MAX : count));
}

/* ---- asking ---- */

static bool do_when(struct debugger *d, const char *arguments)
{
    char name[sizeof d->when + 1];
    int end = 0;
    if (sscanf(arguments, "did %64s change%n", name, &end) == 1 && end > 0 && arguments[end] == '\0') arguments = name;
    if (!command_is_name(arguments) || strlen(arguments) >= sizeof d->when) {
        puts("When what has changed? A key, an attribute or a variable, by its name.");
        return false;
    }
    if (d->moment == 0) {
        puts("Nothing has happened yet.");
        return false;
    }
    debugger_when(d, arguments);
    return true;
}

static void do_why(struct debugger *d, const char *arguments)
{
    static const char not [] = "not "; /* why not marie */
    waits_why(d, 0, strncmp(arguments, not, sizeof not -1) == 0 ? arguments + sizeof not -1 : arguments);
}

/* ---- the table ---- */

/* The function of a command; true: the play continues or is left. */
typedef bool command(struct debugger *, const char *arguments);
/* The function of a command that only displays or notes something. */
typedef void command_look(struct debugger *, const char *arguments);

static command_look do_record, do_help;
static command do_quit;

static const struct command_row {
    const char *name, *shorter, *arguments, *what;
    bool title; /* of a section: `name` */
    command *run;
    command_look *look; /* if `run` and `look` are both NULL, the command is a line of a test */
} rows[] = {
#define SECTION(title)                                  {title, "", "", "", true, NULL, NULL},
#define COMMAND(name, short, function, arguments, what) {#name, short, arguments, what, false, function, NULL},
#define LOOK(name, short, function, arguments, what)    {#name, short, arguments, what, false, NULL, function},
#define ACT(name, short, arguments, what)               {#name, short, arguments, what, false, NULL, NULL},
#include "runtime/debugger/commands.def"
};
enum { ROWS = sizeof rows / sizeof rows[0] };

static bool command_starts(const struct command_row *row, const char *word)
{
    return !row->title && strncmp(row->name, word, strlen(word)) == 0;
}

/* Returns the command of the given word; NULL: there is none, or several begin with it, and a message says which. */
static const struct command_row *command_row_of(struct debugger *d, const char *word)
{
    const struct command_row *found = NULL, *near = NULL;
    unsigned count = 0;
    uint32_t least = UINT32_MAX;
    for (size_t i = 0; i < ROWS; i++)
        if (!rows[i].title && (strcmp(rows[i].name, word) == 0 || strcmp(rows[i].shorter, word) == 0)) return &rows[i];
    for (size_t i = 0; i < ROWS; i++) {
        if (!rows[i].title && near_is_nearer(word, rows[i].name, &least)) near = &rows[i];
        if (command_starts(&rows[i], word)) count++, found = &rows[i];
    }
    if (count == 1) return found;
    d->troubles++;
    shown_print(stdout, count > 1 ? "'%s' may be" : "There is no command '%s'", word);
    for (size_t i = 0, n = 0; i < ROWS && count > 1; i++)
        if (command_starts(&rows[i], word)) printf("%s %s", n++ == 0 ? "" : ",", rows[i].name);
    if (count == 0 && near)
        printf("; did you mean '%s'?\n", near->name);
    else
        puts(count > 1 ? "." : "; see help.");
    return NULL;
}

static void do_record(struct debugger *d, const char *arguments)
{
    if (!lines_record(arguments)) d->troubles++;
}

static void do_help(struct debugger *d, const char *arguments)
{
    const struct command_row *one = *arguments ? command_row_of(d, arguments) : NULL;
    if (*arguments && !one) return;
    for (size_t i = 0; i < ROWS; i++) {
        const struct command_row *row = &rows[i];
        char usage[64];
        if (one && row != one) continue;
        if (row->title) {
            printf("%s\n", row->name);
            continue;
        }
        (void)snprintf(usage, sizeof usage, "%s %s", row->name, row->arguments);
        printf("  %-32s%-4s%s\n", usage, row->shorter, row->what);
    }
    for (size_t i = 0; one && i < sizeof examples / sizeof *examples; i++)
        if (strcmp(examples[i].name, one->name) == 0) printf("    %-40s  %s\n", examples[i].line, examples[i].what);
}

static bool do_quit(struct debugger *d, const char *arguments)
{
    (void)arguments;
    d->quit = d->leaving = true;
    return true;
}

const char *commands_named(const char *begins, unsigned index)
{
    for (size_t i = 0; i < ROWS; i++)
        if (command_starts(&rows[i], begins) && index-- == 0) return rows[i].name;
    return NULL;
}

const char *commands_subject(unsigned index)
{
    return index < SUBJECTS ? subjects[index].name : NULL;
}

bool commands_has(const char *word)
{
    for (size_t i = 0; i < ROWS; i++)
        if (!rows[i].title && (strcmp(rows[i].name, word) == 0 || (*word && strcmp(rows[i].shorter, word) == 0)))
            return true;
    return false;
}

/* Executes the command in one line. True: the play continues or is left. */
bool commands_do(struct debugger *d, const char *written)
{
    static const char fails[] = "query fails ";
    char word[64], line[ANSWER_MAX];
    written += strspn(written, " \t");
    /* both `query fails` and `fails` are accepted */
    if (strncmp(written, fails, sizeof fails - 1) == 0) written += strlen("query ");
    (void)snprintf(line, sizeof line, "%s", written);
    for (size_t end = strlen(line); end > 0 && (line[end - 1] == ' ' || line[end - 1] == '\t');) line[--end] = '\0';
    size_t length = strcspn(line, " \t");
    const char *arguments = line + length + strspn(line + length, " \t");
    if (length >= sizeof word) length = sizeof word - 1;
    memcpy(word, line, length);
    word[length] = '\0';
    const struct command_row *row = command_row_of(d, word);
    if (!row) return false;
    if (row->run) return row->run(d, arguments);
    if (!row->look) return command_act(d, "%s %s", row->name, arguments);
    row->look(d, arguments);
    return false;
}

/* Reads and executes commands until one lets the play continue. An empty line repeats the last command. */
void commands_read(struct debugger *d, const char *why)
{
    if (why && *why) {
        shown_write(stdout, why);
        putchar('\n');
    }
    if (why) show_place(d);
    displays_show(d);
    if (d->then && !lines_given(d->then)) command_wrong(d, "Its commands", "too many files of commands are open");
    free(d->then);
    d->then = NULL;
    for (bool gone = false; !gone;) {
        char prompt[64];
        (void)snprintf(prompt, sizeof prompt, "(gcxdb %" PRIu64 ".%03" PRIu64 "s) ", d->now_us / 1000000,
                       d->now_us / 1000 % 1000);
        const char *line = lines_next(d, prompt);
        if (!line) {
            gone = do_quit(d, "");
            continue;
        }
        if (line[0] == '#') continue;
        if (line[strspn(line, " \t")] != '\0') (void)snprintf(d->last, sizeof d->last, "%s", line);
        if (*d->last) gone = commands_do(d, d->last);
    }
}
