/* runtime/sim/explain.c - Describes each logged-in agent: state and work, and why the agent does not match each open
 * line of a selection.
 *
 * The core is asked as by gcxctl's `why`, agent by agent and line by line, and each answer is one sentence of
 * limited length. Only the first AGENTS_SHOWN agents are described: a test has few, and people read the timeline. */
#include "runtime/sim/explain.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "runtime/core/core.h"
#include "runtime/core/read/why.h"
#include "runtime/host/simulated.h"
#include "runtime/sim/values.h"
#include "runtime/vocabulary/vocabulary.h"
#include "vm/image.h"

enum { LINES_MAX = 32, AGENTS_SHOWN = 20, SENTENCE_MAX = 600 };

/* Writes what the agent has, and what the line needs: "French 3, needs 5". */
static void say_lack(struct sentence *s, const struct why_part *part)
{
    const int length = (int)part->name.length;
    const char *name = (const char *)part->name.bytes;
    if (part->group) {
        sentence_say(s, "is %sin group %.*s", part->has != 0 ? "" : "not ", length, name);
    } else if (part->needs >= 0) {
        sentence_say(s, "%.*s %" PRId64 ", %s %" PRId64, length, name, part->has,
                     part->needs > part->has ? "needs" : "at most", part->needs);
    } else {
        sentence_say(s, "%.*s %" PRId64, length, name, part->has);
    }
}

/* Writes a line's name; a line for a group, an agent or a queue is named after it, as the image has no source place
 * for it. */
static void say_line(struct sentence *s, const struct why_line *line)
{
    if (line->target.length > 0)
        sentence_say(s, "; %s %.*s", line->kind, (int)line->target.length, (const char *)line->target.bytes);
    else
        sentence_say(s, "; line %" PRIu32, line->line);
}

/* Writes how well the agent matches the line; true: the agent matches. */
static bool say_match(struct sentence *s, struct core *core, uint64_t ixn, uint32_t index, uint32_t agent)
{
    struct why_line line;
    struct why_match match;
    if (!core_why_line(core, ixn, index, &line) || !core_why_match(core, ixn, index, agent, &match)) return false;
    say_line(s, &line);
    if (match.matches)
        sentence_say(s, ": matches");
    else if (match.left_out)
        sentence_say(s, ": left out for a while");
    else if (match.unasked)
        sentence_say(s, ": its link cannot ask");
    else if (match.elsewhere)
        sentence_say(s, ": has no telephone at the call's switch");
    else if (match.never)
        sentence_say(s, ": never takes from this queue");
    else if (match.delay_us != 0)
        sentence_say(s, ": takes from this queue only who has waited %llu s",
                     (unsigned long long)(match.delay_us / 1000000));
    else if (match.count == 0)
        sentence_say(s, ": is for somebody else");
    for (uint32_t i = 0; !match.matches && i < match.count; i++) {
        sentence_say(s, "%s", i == 0 ? ": " : match.either ? ", or " : "; ");
        say_lack(s, &match.parts[i]);
    }
    return match.matches;
}

/* Writes why the agent cannot be chosen at all, then why not by each open line. */
static void explain_agent(struct core *core, uint64_t ixn, uint32_t index, const struct agent_row *row,
                          struct span chosen, const char *how, const bool *asked, struct sentence *s)
{
    bool matches = false, taken = span_equal(row->name, chosen);
    sentence_say(s, "  %.*s: ", (int)row->name.length, (const char *)row->name.bytes);
    char room[CORE_ROOM_TEXT];
    if (!taken && core_agent_room(core, ixn, index, room))
        sentence_say(s, "%s", room);
    else if (row->not_chosen.length > 0)
        sentence_say(s, "%.*s", (int)row->not_chosen.length, (const char *)row->not_chosen.bytes);
    else
        sentence_say(s, "%s", taken ? how : "ready");
    for (uint32_t line = 0; line < LINES_MAX; line++)
        if (asked[line] && say_match(s, core, ixn, line, index)) matches = true;
    if (matches && !taken && row->not_chosen.length == 0 && chosen.length > 0)
        sentence_say(s, "; %.*s comes first", (int)chosen.length, (const char *)chosen.bytes);
}

/* Writes the lines that open later, and finds which of the open ones look for agents. */
static void say_lines(struct sentence *s, struct core *core, uint64_t ixn, bool *asked, uint64_t now_us)
{
    struct why_line line;
    for (uint32_t i = 0; i < LINES_MAX && core_why_line(core, ixn, i, &line); i++) {
        asked[i] = line.open && line.agents;
        if (strcmp(line.kind, "nobody") == 0) /* the name came as data, and no agent has it */
            sentence_say(s, "; line %" PRIu32 " names nobody that is there", line.line);
        if (line.missed.length > 0)
            sentence_say(s, ": there is no %s '%.*s'", line.missed_kind, (int)line.missed.length,
                         (const char *)line.missed.bytes);
        if (line.open || strcmp(line.kind, "where") == 0 || strcmp(line.kind, "value") == 0) continue;
        say_line(s, &line);
        if (line.barred)
            sentence_say(s, ": its condition does not hold now");
        else
            sentence_say(s, " opens in %.3g s", (double)(line.opens_us - now_us) / 1e6);
    }
}

static void say_absent(struct sentence *s, struct span name)
{
    sentence_say(s, "%s%.*s", s->used == 0 ? "  not logged in: " : ", ", (int)name.length, (const char *)name.bytes);
}

void explain_decision(struct core *core, uint64_t ixn, struct span chosen, struct span vq, struct trace *trace,
                      uint64_t now_us, uint32_t arrival)
{
    char text[SENTENCE_MAX], names[SENTENCE_MAX];
    struct sentence s = {text, sizeof text, 0}, absent = {names, sizeof names, 0};
    struct agent_row row;
    struct waiting_row waiting;
    bool asked[LINES_MAX] = {false};
    uint32_t shown = 0, more = 0;
    bool waits = core_waiting(core, ixn, &waiting);
    const char *how = waits && waiting.asks ? "asked" : "taken";
    sentence_say(&s, "Select in vq %.*s: ", (int)vq.length, (const char *)vq.bytes);
    if (chosen.length > 0)
        sentence_say(&s, "%.*s is %s", (int)chosen.length, (const char *)chosen.bytes, how);
    else
        sentence_say(&s, "nobody is taken");
    if (waits && waiting.age_us < waiting.entered_us)
        sentence_say(&s, "; it has waited for %.3g s in all", (double)(core_time(core) - waiting.age_us) / 1e6);
    say_lines(&s, core, ixn, asked, core_time(core));
    trace_say(trace, now_us, "core", arrival, "%s", s.text);
    for (uint32_t i = 0; core_agent(core, i, &row); i++) {
        if (!row.known) continue;
        if (span_is(row.not_chosen, "not logged in")) {
            say_absent(&absent, row.name);
            continue;
        }
        if (shown++ >= AGENTS_SHOWN) {
            more++;
            continue;
        }
        s.used = 0;
        explain_agent(core, ixn, i, &row, chosen, how, asked, &s);
        trace_say(trace, now_us, "core", arrival, "%s", s.text);
    }
    if (more > 0) trace_say(trace, now_us, "core", arrival, "  and %" PRIu32 " more", more);
    if (absent.used > 0) trace_say(trace, now_us, "core", arrival, "%s", absent.text);
}

/* ---- steps that fail ---- */

static int32_t teller_on_wait(void *self, const struct image *image, uint32_t wait, uint64_t interaction, uint8_t fiber)
{
    (void)self, (void)image, (void)wait, (void)interaction, (void)fiber;
    return VM_GO_ON;
}

static void teller_on_ended(void *self, const struct image *image, uint32_t number, uint64_t interaction, uint8_t fiber,
                            int32_t code)
{
    const struct teller *t = self;
    (void)interaction, (void)fiber;
    struct image_place at;
    if (code == VM_GO_ON || image != t->image) return;
    const struct image_wait *wait = image_wait(image, number);
    const struct step *step = wait->step == 0 ? NULL : step_numbered(wait->step);
    if (!step || !image_place(image, wait->function, wait->pc, &at)) return;
    trace_say(t->trace, simulated_now(t->clock), "strategy", NO_ARRIVAL, "%.*s:%u: %s fails: %s", (int)at.file.length,
              at.file.bytes, at.line, step->name, enum_name_code((unsigned)code));
}

void teller_init(struct teller *t, const struct image *image, struct trace *trace, const struct simulated *clock)
{
    *t = (struct teller){{.self = t, .wait = teller_on_wait, .ended = teller_on_ended}, image, trace, clock};
}

/* ---- the call that loops ---- */

static uint64_t explain_due(const struct core *core, uint64_t now_us)
{
    struct timer_row timer;
    for (uint32_t i = 0; core_timer(core, i, &timer); i++)
        if (timer.of_interaction && timer.deadline_us <= now_us) return timer.object;
    return 0;
}

void explain_round(const struct core *core, uint64_t now_us, char *text, size_t size)
{
    const uint64_t within = (UINT64_C(1) << 48) - 1; /* the bits of an id without the partition, as a timer has them */
    uint64_t due = explain_due(core, now_us), cursor = 0;
    struct interaction_row row, found = {0};
    struct where_row where = {0};
    while (core_interaction(core, &cursor, &row)) {
        if (row.outcome.length > 0) break; /* from here on the interactions have ended */
        bool is_due = due != 0 && (row.ixn & within) == due;
        if (is_due || found.ixn == 0 || (row.changed_us >= found.changed_us && (found.ixn & within) != due))
            found = row;
    }
    int length = snprintf(text, size, "a call goes round without a pause after %.3f s", (double)now_us / 1e6);
    if (found.ixn == 0 || length < 0 || (size_t)length >= size) return;
    (void)core_where(core, found.ixn, false, &where);
    if (where.line == 0)
        (void)snprintf(text + length, size - (size_t)length, ": strategy %.*s", (int)found.strategy.length,
                       (const char *)found.strategy.bytes);
    else
        (void)snprintf(text + length, size - (size_t)length, ": strategy %.*s, %.*s:%u; let it wait there, or end",
                       (int)found.strategy.length, (const char *)found.strategy.bytes, (int)where.file.length,
                       (const char *)where.file.bytes, where.line);
}
