/* runtime/debugger/waits.c - Shows selections and the agents they wait for, places in queues, and timers.
 *
 *     interaction 12 is number 1 of 3 in vq service:
 *       line 1: condition
 *         marie: French 4, needs at least 6; busy          why_agent(): what she lacks, then whether she has room
 *         ben: matches; not ready                          he fits, and is not to be chosen now
 *       line 2: group seniors, opens at 34.000s            not looked at before that moment
 *
 * Everything is asked of the core by functions that only read (core_why_line(), core_why_match()), so that looking
 * changes nothing in the play. */

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core/core.h"
#include "runtime/core/read/why.h"
#include "runtime/debugger/show.h"
#include "base/memory.h"
#include "base/shown.h"

/* ---- why an interaction waits ---- */

static void why_agent(struct debugger *d, FILE *out, uint64_t interaction, uint32_t line, bool names, uint32_t index,
                      const struct agent_row *agent)
{
    struct why_match match;
    if (!core_why_match(d->core, interaction, line, index, &match)) return;
    assert(match.count <= sizeof match.parts / sizeof *match.parts);
    shown_print(out, "      %.*s:", (int)agent->name.length, (const char *)agent->name.bytes);
    for (uint32_t i = 0; !match.matches && i < match.count; i++) {
        const struct why_part *part = &match.parts[i];
        const char *word = part->needs < 0 ? "other than" : part->needs < part->has ? "at most" : "at least";
        shown_print(out, "%s %s%.*s %" PRId64 ", needs %s %" PRId64,
                    i == 0         ? ""
                    : match.either ? " or"
                                   : ";",
                    part->group ? "group " : "", (int)part->name.length, (const char *)part->name.bytes, part->has,
                    word, part->needs < 0 ? part->has : part->needs);
    }
    if (match.matches) fputs(" matches", out);
    if (match.left_out)
        fputs(" is left out of its selections for a time", out);
    else if (match.unasked)
        fputs(" its link cannot ask", out);
    else if (match.elsewhere)
        fputs(" has no telephone at the call's switch", out);
    else if (match.never)
        fputs(" never takes from this queue", out);
    else if (match.delay_us != 0)
        shown_print(out, " takes from this queue only who has waited %" PRIu64 " s", match.delay_us / 1000000);
    else if (!match.matches && match.count == 0)
        fputs(names ? " is for somebody else" : " its condition does not hold", out);
    char room[CORE_ROOM_TEXT];
    if (core_agent_room(d->core, interaction, index, room))
        shown_print(out, "; %s", room);
    else if (agent->not_chosen.length > 0)
        shown_print(out, "; %.*s", (int)agent->not_chosen.length, (const char *)agent->not_chosen.bytes);
    fputc('\n', out);
}

static void why_line(struct debugger *d, FILE *out, uint64_t interaction, uint32_t number, const struct why_line *line,
                     const char *name)
{
    struct agent_row agent;
    shown_print(out, "    line %" PRIu32 ": %s%s%.*s", line->line, line->kind, line->target.length > 0 ? " " : "",
                (int)line->target.length, (const char *)line->target.bytes);
    if (line->missed.length > 0)
        shown_print(out, ": there is no %s '%.*s'", line->missed_kind, (int)line->missed.length,
                    (const char *)line->missed.bytes);
    if (line->barred)
        fputs(", whose condition does not hold now", out);
    else if (!line->open && line->opens_us > core_time(d->core))
        fprintf(out, ", opens at %" PRIu64 ".%03" PRIu64 "s", line->opens_us / 1000000, line->opens_us / 1000 % 1000);
    fputc('\n', out);
    for (uint32_t i = 0; line->agents && core_agent(d->core, i, &agent); i++)
        if (*name ? span_is(agent.name, name) : agent.name.length > 0)
            why_agent(d, out, interaction, number, line->target.length > 0, i, &agent);
}

/* Writes what an interaction that waits in a queue waits for, line by line. */
static void why_waits(struct debugger *d, FILE *out, uint64_t interaction, const char *name)
{
    struct why_line line;
    for (uint32_t i = 0; core_why_line(d->core, interaction, i, &line); i++)
        if (strcmp(line.kind, "value") != 0) why_line(d, out, interaction, i, &line, name);
}

/* ---- the last moment of a wait ---- */

/* Why an interaction whose time for waiting is over was not served: what `why` would have said just before. */
struct last_wait {
    uint64_t interaction;
    char *text; /* owned */
};

void waits_end(struct debugger *d)
{
    for (size_t i = 0; i < d->last_wait_count; i++) free(d->last_waits[i].text);
    free(d->last_waits);
    d->last_waits = NULL;
    d->last_wait_count = 0;
}

void waits_last(struct debugger *d, uint64_t next_us)
{
    struct interaction_row row;
    struct waiting_row place;
    waits_end(d);
    for (uint64_t cursor = 0; core_interaction(d->core, &cursor, &row);) {
        if (!core_waiting(d->core, row.ixn, &place) || place.position == 0) continue;
        if (place.until_us == 0 || place.until_us > next_us) continue;
        d->last_waits = memory_grown(d->last_waits, d->last_wait_count + 1, sizeof *d->last_waits);
        struct last_wait *last = &d->last_waits[d->last_wait_count++];
        size_t length;
        *last = (struct last_wait){.interaction = row.ixn};
        FILE *out = memory_stream(&last->text, &length);
        why_waits(d, out, row.ixn, "");
        fclose(out);
    }
}

/* Returns why the interaction was not served, if its wait has ended at this moment; NULL: it has not. */
static const char *waits_last_of(const struct debugger *d, uint64_t interaction)
{
    for (size_t i = 0; i < d->last_wait_count; i++)
        if (d->last_waits[i].interaction == interaction) return d->last_waits[i].text;
    return NULL;
}

/* Finds the step that the strategy has just left by an exit, and that exit. False: its last step did not fail. */
static bool waits_exit(const struct debugger *d, const struct taken_place **step, const struct taken_place **exit)
{
    *exit = NULL;
    for (size_t i = d->taken.count; i-- > 0;) {
        const struct taken_place *place = &d->taken.places[i];
        if (place->interaction != d->place.interaction || place->fiber != d->place.fiber) continue;
        if (place->kind == TAKEN_EXIT && !*exit) *exit = place;
        *step = place;
        if (place->kind == TAKEN_STEP) return *exit != NULL;
        if (place->kind == TAKEN_DONE) return false;
    }
    return false;
}

/* Shows the selection that was just left: by which exit, since when it waited, and its lines in the source. False:
 * the last step was no selection. */
static bool waits_left(const struct debugger *d)
{
    const struct taken_place *step, *exit;
    const struct image_wait *wait = NULL;
    struct image_place at;
    if (!waits_exit(d, &step, &exit)) return false;
    for (uint32_t i = 0; i < image_count(step->image, SECTION_WAITS) && !wait; i++) {
        const struct image_wait *one = image_wait(step->image, i);
        if (one->function == step->function && one->pc == step->pc && one->line_count > 0) wait = one;
    }
    if (!wait || !image_place(step->image, step->function, step->pc, &at)) return false;
    shown_print(stdout,
                "It waits for nobody any more: %s at %.*s:%" PRIu32 " was left by %s at %" PRIu64 ".%03" PRIu64
                "s. From %" PRIu64 ".%03" PRIu64 "s on it waited for:\n",
                step->what, (int)at.file.length, at.file.bytes, at.line, exit->what, exit->at_us / 1000000,
                exit->at_us / 1000 % 1000, step->at_us / 1000000, step->at_us / 1000 % 1000);
    for (uint32_t i = 0; i < wait->line_count; i++) {
        uint32_t line = image_line_position(step->image, wait, i);
        if (line != 0 && (i == 0 || line != image_line_position(step->image, wait, i - 1)))
            show_lines(d->program, at.file, line, line, 0);
    }
    const char *last = waits_last_of(d, d->place.interaction);
    if (last) shown_print(stdout, "Just before that:\n%s", last);
    return true;
}

/* Shows why interactions wait; `only`: this interaction alone, 0: all; `name`: this agent alone, "": all. */
void waits_why(struct debugger *d, uint64_t only, const char *name)
{
    struct interaction_row row;
    struct waiting_row place;
    uint32_t index;
    bool any = false;
    if (*name && !core_agent_named(d->core, span_of(name), &index)) {
        shown_print(stdout, "There is no agent '%s'.\n", name);
        d->troubles++;
        return;
    }
    for (uint64_t cursor = 0; core_interaction(d->core, &cursor, &row);) {
        if ((d->about != 0 && d->about != row.ixn) || (only != 0 && only != row.ixn)) continue;
        if (!core_waiting(d->core, row.ixn, &place) || place.position == 0) continue;
        shown_print(stdout, "  interaction %" PRIu64 " is number %" PRIu32 " of %" PRIu64 " in vq %.*s",
                    show_number(row.ixn), place.position, place.among, (int)place.vq.length,
                    (const char *)place.vq.bytes);
        if (place.priority != 0) printf(", priority %" PRId64, place.priority);
        puts(":");
        why_waits(d, stdout, row.ixn, name);
        any = true;
    }
    if (!any && !(d->place.interaction != 0 && waits_left(d)))
        puts(d->place.interaction != 0 ? "A strategy runs at this moment, and waits for nobody."
                                       : "No interaction waits for an agent at this moment.");
}

void waits_candidates(struct debugger *d)
{
    uint64_t interaction = show_looked_at(d);
    if (interaction == 0)
        puts("There is no interaction at this moment.");
    else
        waits_why(d, interaction, "");
}

/* ---- place in the queue ---- */

static void wait_put_time(const char *word, uint64_t us)
{
    printf("%s%" PRIu64 ".%03" PRIu64 "s", word, us / 1000000, us / 1000 % 1000);
}

/* Shows the place in the queue; if the age is longer than the time since entry, the call has waited elsewhere
 * before, and that time counts. */
void waits_place(struct debugger *d)
{
    struct waiting_row place;
    uint64_t interaction = show_looked_at(d);
    if (interaction == 0 || !core_waiting(d->core, interaction, &place)) {
        puts("It is in no virtual queue at this moment.");
        return;
    }
    printf("  interaction %" PRIu64, show_number(interaction));
    if (place.position > 0)
        printf(" is number %" PRIu32 " of %" PRIu64, place.position, place.among);
    else
        fputs(" has been chosen", stdout);
    shown_print(stdout, " in vq %.*s", (int)place.vq.length, (const char *)place.vq.bytes);
    wait_put_time(" since ", place.entered_us);
    if (place.age_us < place.entered_us) wait_put_time(", by its age since ", place.age_us);
    if (place.until_us != 0) wait_put_time(", waits until ", place.until_us);
    if (place.expected_us != UINT64_MAX) wait_put_time(", expects to wait ", place.expected_us);
    printf("; priority %" PRId64 "\n", place.priority);
}

/* ---- timers ---- */

static int by_deadline(const void *left, const void *right)
{
    const struct timer_row *a = left, *b = right;
    if (a->deadline_us != b->deadline_us) return a->deadline_us < b->deadline_us ? -1 : 1;
    return a->object < b->object ? -1 : a->object > b->object;
}

static void put_timer(const struct timer_row *row)
{
    wait_put_time(row->frozen ? "  (held) " : "  ", row->deadline_us);
    printf("  %s", row->kind);
    if (row->of_interaction) printf(" of interaction %" PRIu64, row->object);
    if (row->fiber > 0) printf(", fiber %u", row->fiber);
    putchar('\n');
}

void waits_timers(struct debugger *d)
{
    struct timer_row *rows = NULL, row;
    uint32_t count = 0;
    while (core_timer(d->core, count, &row)) {
        rows = memory_grown(rows, count + 1, sizeof *rows);
        rows[count++] = row;
    }
    if (count == 0) puts("No timer is set at this moment.");
    if (count > 0) qsort(rows, count, sizeof *rows, by_deadline);
    for (uint32_t i = 0; i < count; i++) put_timer(&rows[i]);
    free(rows);
}
