/* runtime/twin/tell.c - Writes a tally as text and as JSON. */
#include "runtime/twin/tell.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "runtime/twin/exits.h"
#include "runtime/vocabulary/ident.h"
#include "base/memory.h"
#include "base/shown.h"

enum {
    MOMENT_TEXT = 40,
    QUOTED_TEXT = 4200,  /* a path in quotes */
    COMMAND_TEXT = 8600, /* a command with two of them */
};

static const char *const how_words[TALLY_HOWS] = {"the same", "different", "not known", "failed"};
static const char *const how_members[TALLY_HOWS] = {"same", "differs", "unknown", "fails"};

static void tell_moment(int64_t us, char text[MOMENT_TEXT])
{
    time_t seconds = (time_t)(us / 1000000);
    struct tm tm;
    if (!gmtime_r(&seconds, &tm) || strftime(text, MOMENT_TEXT, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0) text[0] = '\0';
}

static void tell_id(const struct tally_example *example, char text[IXN_TEXT])
{
    ident_print_ixn(example->ixn, text);
}

void tell_quoted(const char *text, char *out, size_t size)
{
    size_t length = 0;
    assert(text && size > 8);
    out[length++] = '\'';
    for (; *text && length < size - 6; text++)
        if (*text == '\'')
            length += (size_t)snprintf(out + length, size - length, "'\\''");
        else
            out[length++] = *text;
    out[length++] = '\'';
    out[length] = '\0';
}

/* Writes the command that opens the example where the versions part. */
static void tell_command(const struct tell_head *head, const struct tally_example *example, char text[COMMAND_TEXT])
{
    char state[QUOTED_TEXT], image[QUOTED_TEXT], id[IXN_TEXT];
    tell_quoted(head->state, state, sizeof state);
    tell_id(example, id);
    if (!head->image) { /* gcxdb shows what was decided: it cannot change settings */
        (void)snprintf(text, COMMAND_TEXT, "gcxdb replay %s %s", state, id);
        return;
    }
    tell_quoted(head->image, image, sizeof image);
    (void)snprintf(text, COMMAND_TEXT, "gcxdb replay %s --with %s %s", state, image, id);
}

int tell_exit(const struct rival_tally *tally)
{
    if (tally->hows[RIVAL_DIFFERS] + tally->hows[RIVAL_FAILS] > 0) return TWIN_EXIT_differs;
    return tally->hows[RIVAL_SAME] > 0 ? TWIN_EXIT_same : TWIN_EXIT_nothing;
}

void tell_counts(const struct rival_tally *tally, char *text, size_t size)
{
    uint64_t all = tally_all(tally);
    (void)snprintf(text, size,
                   "%" PRIu64 " interaction%s: %" PRIu64 " the same, %" PRIu64 " different, %" PRIu64
                   " not known, %" PRIu64 " failed",
                   all, all == 1 ? "" : "s", tally->hows[RIVAL_SAME], tally->hows[RIVAL_DIFFERS],
                   tally->hows[RIVAL_UNKNOWN], tally->hows[RIVAL_FAILS]);
}

static void tell_side(const char *which, const struct tally_side *side, FILE *out)
{
    if (*side->what || *side->place)
        shown_print(out, "      %-9s  %-24s  %s\n", which, *side->place ? side->place : "-",
                    *side->what ? side->what : "nothing");
}

/* Prints the lines with this result, the most frequent first. */
static void tell_rows(const struct rival_tally *tally, enum rival_how how, FILE *out)
{
    bool told[TALLY_ROWS] = {false};
    for (size_t shown = 0;; shown++) {
        size_t most = TALLY_ROWS;
        for (size_t i = 0; i < tally->row_count; i++)
            if (!told[i] && tally->rows[i].how == how &&
                (most == TALLY_ROWS || tally->rows[i].count > tally->rows[most].count))
                most = i;
        if (most == TALLY_ROWS) return;
        const struct tally_row *row = &tally->rows[most];
        char first[MOMENT_TEXT], last[MOMENT_TEXT];
        tell_moment(row->first_us, first);
        tell_moment(row->last_us, last);
        told[most] = true;
        if (shown == 0) shown_print(out, "\n%c%s:\n", how_words[how][0] - 'a' + 'A', how_words[how] + 1);
        shown_print(out, "  %6" PRIu64 "  %s%s%s: %s (%s%s%s)\n", row->count, row->strategy, *row->kind ? ", " : "",
                    row->kind, *row->why ? row->why : how_words[how], first, row->count > 1 ? " to " : "",
                    row->count > 1 ? last : "");
        tell_side("present", &row->was, out);
        tell_side("candidate", &row->is, out);
    }
}

static void tell_examples(const struct rival_tally *tally, const struct tell_head *head, FILE *out)
{
    char id[IXN_TEXT], came[MOMENT_TEXT], command[COMMAND_TEXT];
    if (tally->example_count > 0) fputs("\nExamples:\n", out);
    for (size_t i = 0; i < tally->example_count; i++) {
        const struct tally_example *example = &tally->examples[i];
        tell_id(example, id);
        tell_moment(example->arrived_us, came);
        tell_command(head, example, command);
        shown_print(out, "  %s  %s  %s\n    %s\n", id, came, how_words[example->how], command);
    }
}

static void tell_time(const struct rival_tally *tally, FILE *out)
{
    if (tally->candidate.count == 0) return;
    fprintf(out,
            "\nTime of a batch that concerns them: candidate %" PRIu64 " us (99 %% within %" PRIu64
            " us), present %" PRIu64 " us (%" PRIu64 " us).\n",
            (tally_time_at(&tally->candidate, 50) + 999) / 1000, (tally_time_at(&tally->candidate, 99) + 999) / 1000,
            (tally_time_at(&tally->present, 50) + 999) / 1000, (tally_time_at(&tally->present, 99) + 999) / 1000);
}

void tell_print(const struct rival_tally *tally, const struct tell_head *head, FILE *out)
{
    char sum[200];
    tell_counts(tally, sum, sizeof sum);
    shown_print(out, "%s of %s%s%s, for %" PRIu64 " s%s%s\n%s", head->door,
                head->image ? head->image : "other settings", head->point ? " at " : "", head->point ? head->point : "",
                head->took_us / 1000000, head->present ? ", beside " : "", head->present ? head->present : "", sum);
    if (tally->open > 0) fprintf(out, "; %" PRIu64 " not over yet", tally->open);
    if (tally->cut > 0)
        fprintf(out, "; %" PRIu64 " of the same only up to a selection, which gave them another agent", tally->cut);
    if (tally->partly > 0)
        fprintf(out, "; %" PRIu64 " of the same but for times that a selection computed at another moment",
                tally->partly);
    if (tally->data > 0) fprintf(out, "; %" PRIu64 " with other user data", tally->data);
    fputs(".\n", out);
    if (tally->present_alone + tally->candidate_alone > 0)
        fprintf(out,
                "Not compared: interactions that one version alone has made; present %" PRIu64 ", candidate %" PRIu64
                ".\n",
                tally->present_alone, tally->candidate_alone);
    if (head->ended) shown_print(out, "It ended early: %s.\n", head->ended);
    for (unsigned how = RIVAL_DIFFERS; how < TALLY_HOWS; how++) tell_rows(tally, (enum rival_how)how, out);
    if (tally->left_out > 0)
        fprintf(out, "  %6" PRIu64 "  at further lines, which are not told apart\n", tally->left_out);
    tell_examples(tally, head, out);
    tell_time(tally, out);
}

/* ---- for tools ---- */

static void tell_put(json_t *object, const char *key, json_t *value)
{
    if (json_object_set_new(object, key, value) != 0) abort();
}

static json_t *tell_text(const char *text)
{
    json_t *value = text && *text ? json_string(text) : json_null();
    return value ? value : json_string("?"); /* a text cut within a character is no UTF-8 */
}

static json_t *tell_side_json(const struct tally_side *side)
{
    json_t *object = json_object();
    tell_put(object, "what", tell_text(side->what));
    tell_put(object, "place", tell_text(side->place));
    return object;
}

static json_t *tell_row_json(const struct tally_row *row)
{
    json_t *object = json_object();
    tell_put(object, "result", json_string(how_members[row->how]));
    tell_put(object, "count", json_integer((json_int_t)row->count));
    tell_put(object, "strategy", tell_text(row->strategy));
    tell_put(object, "kind", tell_text(row->kind));
    tell_put(object, "why", tell_text(row->why));
    tell_put(object, "present", tell_side_json(&row->was));
    tell_put(object, "candidate", tell_side_json(&row->is));
    tell_put(object, "first_us", json_integer(row->first_us));
    tell_put(object, "last_us", json_integer(row->last_us));
    return object;
}

static json_t *tell_example_json(const struct tell_head *head, const struct tally_example *example)
{
    json_t *object = json_object();
    char id[IXN_TEXT], command[COMMAND_TEXT];
    tell_id(example, id);
    tell_command(head, example, command);
    tell_put(object, "ixn", json_string(id));
    tell_put(object, "result", json_string(how_members[example->how]));
    tell_put(object, "arrived_us", json_integer(example->arrived_us));
    tell_put(object, "row", json_integer((json_int_t)example->row));
    tell_put(object, "command", tell_text(command));
    return object;
}

static json_t *tell_time_json(const struct tally_time *time)
{
    json_t *object = json_object();
    tell_put(object, "batches", json_integer((json_int_t)time->count));
    tell_put(object, "p50_ns", json_integer((json_int_t)tally_time_at(time, 50)));
    tell_put(object, "p99_ns", json_integer((json_int_t)tally_time_at(time, 99)));
    return object;
}

json_t *tell_json(const struct rival_tally *tally, const struct tell_head *head)
{
    json_t *object = json_object(), *rows = json_array(), *examples = json_array(), *time = json_object();
    tell_put(object, "door", json_string(head->door));
    tell_put(object, "point", tell_text(head->point));
    tell_put(object, "image", tell_text(head->image));
    tell_put(object, "present", tell_text(head->present));
    tell_put(object, "took_us", json_integer((json_int_t)head->took_us));
    tell_put(object, "ended", tell_text(head->ended));
    tell_put(object, "interactions", json_integer((json_int_t)tally_all(tally)));
    for (unsigned how = 0; how < TALLY_HOWS; how++)
        tell_put(object, how_members[how], json_integer((json_int_t)tally->hows[how]));
    tell_put(object, "open", json_integer((json_int_t)tally->open));
    tell_put(object, "cut", json_integer((json_int_t)tally->cut));
    tell_put(object, "other_data", json_integer((json_int_t)tally->data));
    tell_put(object, "decisions", json_integer((json_int_t)tally->decisions));
    tell_put(object, "other_moment", json_integer((json_int_t)tally->partly));
    tell_put(object, "present_alone", json_integer((json_int_t)tally->present_alone));
    tell_put(object, "candidate_alone", json_integer((json_int_t)tally->candidate_alone));
    tell_put(object, "left_out", json_integer((json_int_t)tally->left_out));
    for (size_t i = 0; i < tally->row_count; i++)
        if (json_array_append_new(rows, tell_row_json(&tally->rows[i])) != 0) abort();
    for (size_t i = 0; i < tally->example_count; i++)
        if (json_array_append_new(examples, tell_example_json(head, &tally->examples[i])) != 0) abort();
    tell_put(object, "rows", rows);
    tell_put(object, "examples", examples);
    tell_put(time, "candidate", tell_time_json(&tally->candidate));
    tell_put(time, "present", tell_time_json(&tally->present));
    tell_put(object, "time", time);
    return object;
}
