/* runtime/store/cli/export.c - gcxstore: exports all data of a contact, as JSON; parts become files named by
 * numbers, since their own names come from strangers.
 *
 *     {"contact": 7, "name": "...", "addresses": [...], "fields": [...], "refusals": [...],
 *      "interactions": [{"interaction": 9, "messages": [...], "parts": [...]}, ...]}
 *
 * `between` is the text before the next element: "" at the beginning of a list, then a comma. The text is collected
 * in memory and printed at the end, so a failure in the middle prints nothing. */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "runtime/store/cli/cli.h"
#include "base/memory.h"

/* An object under construction. The rows of one list are collected before the next list is read. */
struct exported {
    struct store_cli *cli;
    struct out out;
    const char *between;
    int64_t *numbers; /* numbers of interactions, or of parts to be written */
    size_t count;
    const char *want; /* key of details: "field", or NULL for addresses */
};

/* Writes a key and its value; an empty value is left out with its key. */
static void exported_text_put(struct exported *export, const char *key, struct span value)
{
    if (value.length == 0) return;
    out_format(&export->out, ", \"%s\": ", key);
    out_json(&export->out, value);
}

static void exported_moment_put(struct exported *export, const char *key, int64_t us)
{
    if (us == 0) return;
    out_format(&export->out, ", \"%s\": \"", key);
    out_moment(&export->out, us, 'T');
    out_text(&export->out, "Z\"");
}

static void exported_row_begin(struct exported *export, const char *key, int64_t number)
{
    out_format(&export->out, "%s%s{\"%s\": %" PRId64, export->between, export->out.length > 0 ? "\n" : "", key, number);
    export->between = ",";
}

static void exported_on_contact(void *self, const struct store_contact *contact)
{
    struct exported *export = self;
    exported_row_begin(export, "contact", contact->contact);
    exported_text_put(export, "tenant", contact->tenant);
    exported_text_put(export, "name", contact->name);
    exported_moment_put(export, "made", contact->made);
    exported_moment_put(export, "erased", contact->erased);
}

static void exported_on_detail(void *self, struct span kind, struct span name, struct span value)
{
    struct exported *export = self;
    if (span_is(kind, "field") != (export->want != NULL)) return;
    out_format(&export->out, "%s\n{\"kind\": ", export->between);
    out_json(&export->out, kind);
    exported_text_put(export, export->want ? "name" : "address", name);
    exported_text_put(export, export->want ? "value" : "shown", value);
    out_text(&export->out, "}");
    export->between = ",";
}

static void exported_on_refusal(void *self, const struct store_refusal *refusal)
{
    struct exported *export = self;
    out_format(&export->out, "%s\n{\"kind\": \"%s\"", export->between, store_kind_name(refusal->kind));
    exported_text_put(export, "address", refusal->address);
    exported_text_put(export, "media", span_of(refusal->media));
    exported_text_put(export, "own", refusal->own);
    exported_text_put(export, "word", refusal->word);
    exported_moment_put(export, "since", refusal->since);
    out_text(&export->out, "}");
    export->between = ",";
}

static void exported_on_refusal_act(void *self, const struct store_refusal_act *act)
{
    struct exported *export = self;
    out_format(&export->out, "%s\n{\"noted\": %s", export->between, act->noted ? "true" : "false");
    exported_text_put(export, "media", span_of(act->media));
    exported_text_put(export, "agent", span_of(act->agent));
    exported_text_put(export, "reason", act->reason);
    exported_moment_put(export, "at", act->at);
    out_text(&export->out, "}");
    export->between = ",";
}

static void number_keep(struct exported *export, int64_t number)
{
    export->numbers = memory_grown(export->numbers, export->count + 1, sizeof *export->numbers);
    export->numbers[export->count++] = number;
}

static void on_interaction(void *self, const struct store_shown *shown)
{
    number_keep(self, shown->interaction);
}

static void on_head(void *self, const struct store_shown *shown)
{
    struct exported *export = self;
    exported_row_begin(export, "interaction", shown->interaction);
    exported_text_put(export, "media", shown->media);
    exported_text_put(export, "direction", shown->direction);
    exported_text_put(export, "external_id", shown->external_id);
    exported_text_put(export, "address", shown->address);
    exported_text_put(export, "subject", shown->subject);
    exported_text_put(export, "agent", shown->agent);
    exported_text_put(export, "result", shown->result);
    exported_moment_put(export, "received", shown->received);
    exported_moment_put(export, "ended", shown->ended);
    exported_moment_put(export, "erased", shown->erased);
}

static void exported_on_line(void *self, const struct store_line *line)
{
    struct exported *export = self;
    exported_row_begin(export, "n", line->n);
    exported_text_put(export, "role", line->role);
    exported_text_put(export, "sender", line->sender);
    exported_text_put(export, "visible", line->visible);
    exported_text_put(export, "subject", line->subject);
    exported_text_put(export, "text", line->text);
    exported_moment_put(export, "at", line->at);
    out_text(&export->out, "}");
}

static void exported_on_part(void *self, const struct store_part_shown *part)
{
    struct exported *export = self;
    exported_row_begin(export, "part", part->part);
    out_format(&export->out, ", \"message\": %" PRId64 ", \"length\": %" PRId64, part->message, part->length);
    exported_text_put(export, "role", part->role);
    exported_text_put(export, "type", part->type);
    exported_text_put(export, "name", part->name);
    exported_text_put(export, "sha256", part->digest);
    out_text(&export->out, "}");
    if (export->cli->parts) number_keep(export, part->part);
}

/* Begins a list: its first element has no comma before it. */
static void exported_list(struct exported *export, const char *key)
{
    out_format(&export->out, ", \"%s\": [", key);
    export->between = "";
}

/* Exports messages in pages: each page begins after the rows of the pages before. A page that adds nothing is the
 * last one. */
static bool transcript_put(struct exported *export, int64_t interaction)
{
    struct store_cli *cli = export->cli;
    bool good = true;
    exported_list(export, "messages");
    for (int64_t after = 0, asked = -1; good && asked != after;) {
        size_t before = export->out.length;
        asked = after;
        good = store_transcript(cli->store, interaction, after, STORE_ROWS_MAX, true, exported_on_line, export,
                                &cli->error);
        if (export->out.length > before) after += STORE_ROWS_MAX;
    }
    out_text(&export->out, "]");
    exported_list(export, "parts");
    good = good && store_parts(cli->store, interaction, exported_on_part, export, &cli->error);
    out_text(&export->out, "]}");
    return good;
}

/* The numbers of all interactions are collected first, since their parts are read in between. After them the same
 * array gets the numbers of parts. */
static bool interactions_put(struct exported *export, int64_t contact)
{
    struct store_cli *cli = export->cli;
    struct store_page page = {.limit = STORE_ROWS_MAX};
    size_t known = SIZE_MAX, count;
    while (known != export->count) {
        known = export->count;
        if (!store_history(cli->store, contact, &page, on_interaction, export, &cli->error)) return false;
    }
    exported_list(export, "interactions");
    count = export->count;
    for (size_t i = 0; i < count; i++) {
        export->between = i == 0 ? "" : ",";
        if (!store_interaction(cli->store, export->numbers[i], on_head, export, &cli->error) ||
            !transcript_put(export, export->numbers[i]))
            return false;
    }
    assert(count <= export->count);
    if (export->count > count)
        memmove(export->numbers, export->numbers + count, (export->count - count) * sizeof *export->numbers);
    export->count -= count; /* the rest of the array are parts */
    out_text(&export->out, "]}\n");
    return true;
}

static bool contact_put(struct exported *export, int64_t contact)
{
    struct store_cli *cli = export->cli;
    if (!store_contact(cli->store, contact, exported_on_contact, export, &cli->error)) return false;
    exported_list(export, "addresses");
    if (!store_details(cli->store, contact, exported_on_detail, export, &cli->error)) return false;
    out_text(&export->out, "]");
    exported_list(export, "fields");
    export->want = "field";
    if (!store_details(cli->store, contact, exported_on_detail, export, &cli->error)) return false;
    out_text(&export->out, "]");
    exported_list(export, "refusals");
    if (!store_refusals(cli->store, contact, exported_on_refusal, export, &cli->error)) return false;
    out_text(&export->out, "]");
    exported_list(export, "refusal_acts");
    if (!store_refusal_acts(cli->store, contact, exported_on_refusal_act, export, &cli->error)) return false;
    out_text(&export->out, "]");
    return interactions_put(export, contact);
}

static bool exported_piece_write(void *self, struct span piece)
{
    return fwrite(piece.bytes, 1, piece.length, self) == piece.length;
}

/* O_EXCL and O_NOFOLLOW: no file is overwritten, and no link that somebody has put there is followed. */
static bool part_write(struct store_cli *cli, int64_t part)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%" PRId64, cli->parts, part);
    int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    FILE *out = file < 0 ? NULL : fdopen(file, "w");
    bool good = out && store_read(cli->store, part, exported_piece_write, out, &cli->error);
    if (out && (ferror(out) | fclose(out)) == 0) return good;
    return error_set(&cli->error, ERROR_INPUT, "%.150s: %.60s", path, strerror(errno));
}

static bool parts_write(struct exported *export)
{
    struct store_cli *cli = export->cli;
    if (mkdir(cli->parts, 0700) != 0)
        return error_set(&cli->error, ERROR_INPUT, "%.150s: %.60s", cli->parts, strerror(errno));
    for (size_t i = 0; i < export->count; i++)
        if (!part_write(cli, export->numbers[i])) return false;
    return true;
}

enum cli_exit store_cli_export(struct store_cli *cli)
{
    struct exported export = {.cli = cli, .between = ""};
    int64_t contact;
    bool good = store_cli_owned(cli, 0, STORE_OF_contact, &contact) && contact_put(&export, contact) &&
                (!cli->parts || parts_write(&export));
    if (good) fwrite(export.out.bytes, 1, export.out.length, stdout);
    out_free(&export.out);
    free(export.numbers);
    return store_cli_end(cli, good);
}
