/* runtime/debugger/compare.c - Plays a journal with another version of the strategies, and judges for each
 * interaction why it differs.
 *
 * First all interactions run the other version. An interaction that then does something else (twin.h) may do so because
 * of its own strategy, or because an earlier differing interaction now has another agent, or no place in a queue. The
 * difference is its own if this interaction was the first to differ, or has not asked for anything that is shared with
 * other interactions. Each remaining interaction is played once more, alone with the other version, while all others do
 * what they did in the journal: a difference that remains is its own, one that disappears was caused by another
 * interaction. Playing interactions alone is repeated as long as it costs at most ALONE_MAX times the play of the
 * journal. */
#include "runtime/debugger/session.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <time.h>

#include "runtime/core/core.h"
#include "runtime/debugger/past.h"
#include "runtime/debugger/show.h"
#include "runtime/debugger/twin.h"
#include "runtime/debugger/typed.h"
#include "runtime/vocabulary/ident.h"
#include "base/memory.h"
#include "base/shown.h"

enum { ALONE_MAX = 20, TIME_TEXT = 40 };

enum verdict { VERDICT_SAME, VERDICT_OWN, VERDICT_OTHERS, VERDICT_OPEN, VERDICTS };

struct sum {
    size_t verdicts[VERDICTS], data, others;
};

static void time_text(const struct past *past, uint64_t at_us, char text[TIME_TEXT])
{
    time_t seconds = (time_t)(((int64_t)at_us + past_clock(past)) / 1000000);
    struct tm tm;
    if (!gmtime_r(&seconds, &tm) || strftime(text, TIME_TEXT, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0) text[0] = '\0';
}

static void show_side(const struct past *past, FILE *out, const char *which, const struct twin_side *side)
{
    char *what = NULL;
    size_t length;
    FILE *text = memory_stream(&what, &length);
    units_put(past_with(past), *side->what ? side->what : "nothing", text);
    fclose(text);
    shown_print(out, "    %s  %-20s  %s\n", which, *side->place ? side->place : "-", what);
    free(what);
}

static void show_name(const struct twin_call *call, char *text, size_t size)
{
    if (call->conn != 0)
        ident_print_conn(call->conn, text);
    else
        (void)snprintf(text, size, "%-16" PRIu64, show_number(call->ixn));
}

/* Prints one interaction with its verdict, and both sides if they differ. */
static void compare_show_call(const struct past *past, const struct twin_call *call, enum verdict verdict, FILE *out)
{
    static const char *const words[] = {"same", "differs", "same by itself; others differ",
                                        "differs, or others do: not told apart"};
    static_assert(sizeof words / sizeof *words == VERDICTS, "a verdict has its words");
    char name[IXN_TEXT], came[TIME_TEXT];
    bool data = *call->data_was.what || *call->data_is.what;
    assert(verdict < VERDICTS && call->parted_us >= (call->parted ? call->arrived_us : 0));
    show_name(call, name, sizeof name);
    time_text(past, call->arrived_us, came);
    shown_print(out, "%s  %s  %s", name, came, words[verdict]);
    if (call->parted)
        shown_print(out, " after %" PRIu64 ".%03" PRIu64 "s", (call->parted_us - call->arrived_us) / 1000000,
                    (call->parted_us - call->arrived_us) / 1000 % 1000);
    shown_print(out, "%s\n", data ? ", other data" : "");
    if (data) {
        show_side(past, out, "was", &call->data_was);
        show_side(past, out, "is ", &call->data_is);
    }
    if (!call->parted) return;
    show_side(past, out, "was", &call->was);
    show_side(past, out, "is ", &call->is);
}

/* Returns the time up to which the interaction has to be played: it does nothing after its end. */
static uint64_t compare_end_of(const struct past *past, uint64_t ixn)
{
    size_t count;
    const struct interaction_row *rows = past_interactions(past, &count);
    for (size_t i = 0; i < count; i++)
        if (rows[i].ixn == ixn && span_is(rows[i].state, "ended")) return rows[i].changed_us;
    return UINT64_MAX;
}

/* Plays one interaction alone with the other version. `*seen` is what became of the interaction; its `refs` must not
 * be used by the caller. */
static bool compare_play_alone(struct past *past, uint64_t ixn, struct twin_call *seen, uint64_t *batches)
{
    struct twin *twin = twin_new(past, ixn);
    struct error error = {0};
    uint64_t end_us = compare_end_of(past, ixn);
    const struct twin_call *call = NULL;
    *seen = (struct twin_call){.ixn = ixn};
    while (twin_batches(twin) < past_batches(past) && core_time(twin_core(twin)) <= end_us) {
        if (!twin_next(twin, &error)) break;
        call = twin_named(twin, ixn);
        if (call && call->parted) break;
    }
    if (call) *seen = *call;
    seen->refs = (struct twin_pairs){0};
    *batches += twin_batches(twin);
    twin_free(twin);
    return error.code == ERROR_NONE;
}

static enum verdict compare_judge(struct past *past, const struct twin *twin, struct twin_call *call, uint64_t *batches)
{
    struct twin_call alone;
    if (!call->parted) return VERDICT_SAME;
    if (call->ixn == twin_first(twin)->ixn || !call->looked) return VERDICT_OWN;
    if (*batches > ALONE_MAX * past_batches(past)) return VERDICT_OPEN;
    if (!compare_play_alone(past, call->ixn, &alone, batches)) return VERDICT_OPEN;
    *call = alone;
    return alone.parted ? VERDICT_OWN : VERDICT_OTHERS;
}

static void show_sum(const struct sum *sum, FILE *out)
{
    size_t all = 0;
    for (unsigned i = 0; i < VERDICTS; i++) all += sum->verdicts[i];
    shown_print(out, "%zu interaction%s with the other version: %zu the same, %zu different", all, all == 1 ? "" : "s",
                sum->verdicts[VERDICT_SAME] + sum->verdicts[VERDICT_OTHERS], sum->verdicts[VERDICT_OWN]);
    if (sum->verdicts[VERDICT_OTHERS] > 0)
        shown_print(out, "; %zu of the same would meet other agents or queues, as others differ",
                    sum->verdicts[VERDICT_OTHERS]);
    if (sum->verdicts[VERDICT_OPEN] > 0) shown_print(out, "; %zu not told apart", sum->verdicts[VERDICT_OPEN]);
    if (sum->data > 0) shown_print(out, "; %zu with other data", sum->data);
    if (sum->others > 0)
        shown_print(out, "; %zu not compared: they ran strategies that it does not have, or had begun before",
                    sum->others);
    fputs(".\n", out);
}

/* Plays the journal with the other version and judges each interaction that ran it. */
enum compared compare_all(struct past *past, bool only_different, FILE *out)
{
    struct twin *twin = twin_new(past, 0);
    struct error error = {0};
    struct sum sum = {0};
    uint64_t batches = 0;
    while (twin_next(twin, &error)) {
    }
    const struct twin_call *call;
    for (size_t i = 0; (call = twin_call(twin, i)); i++) {
        struct twin_call seen = *call;
        if (!call->renewed) {
            sum.others++;
            continue;
        }
        enum verdict verdict = compare_judge(past, twin, &seen, &batches);
        bool data = *seen.data_was.what || *seen.data_is.what;
        sum.verdicts[verdict]++;
        sum.data += data;
        if (!only_different || data || (verdict != VERDICT_SAME && verdict != VERDICT_OTHERS))
            compare_show_call(past, &seen, verdict, out);
    }
    show_sum(&sum, out);
    if (sum.others == twin_count(twin) && error.code == ERROR_NONE)
        error_set(&error, ERROR_UNKNOWN, "the other version has none of the strategies that ran");
    twin_free(twin);
    if (error.code != ERROR_NONE) {
        shown_print(stderr, "gcxdb: %s\n", error.text);
        return COMPARED_NOT;
    }
    return sum.verdicts[VERDICT_OWN] + sum.verdicts[VERDICT_OPEN] > 0 ? COMPARED_DIFFERS : COMPARED_SAME;
}

bool compare_one(struct past *past, uint64_t ixn, uint64_t *at_us, FILE *out)
{
    struct twin_call seen;
    uint64_t batches = 0;
    (void)compare_play_alone(past, ixn, &seen, &batches);
    if (!seen.renewed)
        fputs("It ran a strategy that the other version does not have.\n", out);
    else
        compare_show_call(past, &seen, seen.parted ? VERDICT_OWN : VERDICT_SAME, out);
    *at_us = seen.parted_us;
    return seen.parted;
}
