/* compiler/cli/diff_selection.c - gcxc diff --selection: does a change touch the selection of agents (vm/selection.h)?
 * Each version is a source, a folder of sources, or an image. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/cli/diff.h"
#include "compiler/cli/file.h"
#include "compiler/cli/libraries.h"
#include "compiler/cli/sites.h"
#include "base/memory.h"
#include "base/shown.h"

static struct image *diff_load(const char *path, const uint8_t *bytes, size_t length)
{
    struct error error;
    struct image *image = image_load(bytes, length, &error);
    if (!image) shown_print(stderr, "%s: at byte %u: %s\n", path, (unsigned)error.offset, error.text);
    return image;
}

static struct image *diff_read(const char *path)
{
    size_t length = 0;
    uint8_t *bytes = file_read_image(path, &length);
    struct image *image = bytes ? diff_load(path, bytes, length) : NULL;
    free(bytes);
    return image;
}

static struct image *diff_compile(const struct options *options, const char *const *path,
                                  const struct compile_natives *natives)
{
    struct sites sites = sites_open(path, 1, options->site);
    const struct site_files *files = sites_one(&sites);
    struct compile_options how = {.site = options->site, .natives = natives};
    struct compilation *compilation =
        files ? compiler_compile((const char *const *)files->paths, files->count, &how) : NULL;
    size_t length = 0, errors = compilation ? compilation_print(compilation, stderr) : 1;
    const uint8_t *bytes = errors == 0 ? compilation_image(compilation, &length) : NULL;
    struct image *image = bytes ? diff_load(*path, bytes, length) : NULL;
    compilation_free(compilation);
    sites_close(&sites);
    return image;
}

static bool strategy_listed(const struct diff_selection *selection, struct text name)
{
    for (size_t i = 0; i < selection->count; i++)
        if (selection->rows[i].length == name.length &&
            memcmp(selection->rows[i].strategy, name.bytes, name.length) == 0)
            return true;
    return false;
}

static void strategies_compare(struct diff_selection *selection, const struct image *of)
{
    for (uint32_t i = 0; i < image_count(of, SECTION_STRATEGIES); i++) {
        struct text name = image_text(of, image_strategy(of, i)->name);
        if (strategy_listed(selection, name)) continue;
        selection->rows = memory_more(selection->rows, selection->count, sizeof *selection->rows);
        struct diff_selected *row = &selection->rows[selection->count++];
        *row = (struct diff_selected){.strategy = name.bytes, .length = name.length};
        row->answer = selection_compare(selection->old, selection->new, name, &row->difference);
        selection->touched = selection->touched || row->answer != SELECTION_SAME;
    }
}

bool diff_selection_find(const struct options *options, struct diff_selection *selection)
{
    struct libraries libraries;
    struct image *images[2] = {NULL, NULL};
    libraries_open(&libraries, options->native);
    for (unsigned i = 0; i < 2 && (i == 0 || images[0]); i++)
        images[i] = file_is_image(options->paths[i])
                        ? diff_read(options->paths[i])
                        : diff_compile(options, options->paths + i, libraries_natives(&libraries));
    *selection = (struct diff_selection){.old = images[0], .new = images[1]};
    if (images[0] && images[1]) {
        strategies_compare(selection, images[1]);
        strategies_compare(selection, images[0]);
    }
    libraries_close(&libraries);
    return images[0] && images[1];
}

void diff_selection_free(struct diff_selection *selection)
{
    free(selection->rows);
    image_free(selection->old);
    image_free(selection->new);
}

/* ---- telling ---- */

static void tell_place(const char *before, bool known, const struct image_place *place)
{
    if (known)
        shown_print(stdout, "%s%.*s:%u:%u", before, (int)place->file.length, place->file.bytes, place->line,
                    place->column);
}

static void selection_tell_text(const struct diff_selection *selection)
{
    static const char *const answers[] = {"selection is the same", "touches selection", "selection is not known"};
    for (size_t i = 0; i < selection->count; i++) {
        const struct diff_selected *row = &selection->rows[i];
        shown_print(stdout, "strategy %.*s: %s", (int)row->length, row->strategy, answers[row->answer]);
        if (row->answer != SELECTION_SAME) shown_print(stdout, ": %s", row->difference.reason);
        tell_place(": ", row->difference.old_known, &row->difference.old);
        tell_place(" -> ", row->difference.new_known, &row->difference.new);
        putchar('\n');
    }
}

static json_t *selection_place(bool known, const struct image_place *place)
{
    json_t *object = known ? json_pack("{s:s%, s:i, s:i}", "file", place->file.bytes, (size_t)place->file.length,
                                       "line", (int)place->line, "column", (int)place->column)
                           : NULL;
    return object ? object : json_null();
}

static void selection_tell_json(const struct diff_selection *selection)
{
    static const char *const answers[] = {"same", "touched", "unknown"};
    json_t *rows = json_array();
    for (size_t i = 0; i < selection->count; i++) {
        const struct diff_selected *row = &selection->rows[i];
        const struct selection_difference *why = &row->difference;
        json_array_append_new(rows, json_pack("{s:s%, s:s, s:s?, s:o, s:o}", "strategy", row->strategy, row->length,
                                              "selection", answers[row->answer], "reason",
                                              row->answer == SELECTION_SAME ? NULL : why->reason, "old",
                                              selection_place(why->old_known, &why->old), "new",
                                              selection_place(why->new_known, &why->new)));
    }
    json_t *whole = json_pack("{s:b, s:o}", "touched", selection->touched, "strategies", rows);
    json_dumpf(whole, stdout, JSON_INDENT(2));
    putchar('\n');
    json_decref(whole);
}

void diff_selection_tell(const struct options *options, const struct diff_selection *selection)
{
    if (strcmp(options->format, "json") == 0)
        selection_tell_json(selection);
    else if (strcmp(options->format, "markdown") == 0)
        diff_markdown_selection(selection);
    else
        selection_tell_text(selection);
}
