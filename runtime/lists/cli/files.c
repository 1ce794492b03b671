/* runtime/lists/cli/files.c - gcxlists: lists, and records read from and written to files.
 *
 *     import LIST FILE    the whole file is read, then taken row by row; a refused row is told and the next follows
 *     export LIST         to the standard output, in pieces
 *     check LIST FILTER ORDER    whether a selection can be made, without dialling
 *
 * `import` ends with a code of its own if some rows were refused or duplicates, so that a script can distinguish
 * this from a file that could not be read. */
#include <stdio.h>
#include <stdlib.h>

#include "runtime/lists/cli/cli.h"
#include "base/file.h"
#include "base/shown.h"

enum cli_exit lists_cli_migrate(struct lists_cli *cli)
{
    return lists_cli_end(cli, true);
}

static void list_line(void *self, const struct lists_shown *list)
{
    (void)self;
    shown_print(stdout, "%.*s", (int)list->name.length, (const char *)list->name.bytes);
    printf("  %lld records: %lld ready, %lld retrieved, %lld updated, %lld closed otherwise\n",
           (long long)list->records, (long long)list->ready, (long long)list->retrieved, (long long)list->updated,
           (long long)list->cancelled);
}

enum cli_exit lists_cli_lists(struct lists_cli *cli)
{
    return lists_cli_end(cli, lists_each(cli->lists, cli->tenant, list_line, NULL, &cli->error));
}

static void row_refused(void *self, uint64_t row, unsigned line, enum lists_answer given, const char *why)
{
    (void)self;
    shown_print(stderr, "row %llu, line %u: %s: %s\n", (unsigned long long)row, line, lists_answer_name(given), why);
}

static void lists_progress(void *self, const struct lists_told *told)
{
    const struct lists_cli *cli = self;
    if (!cli->quiet)
        fprintf(stderr, "%llu rows read, %llu taken\n", (unsigned long long)told->rows,
                (unsigned long long)told->taken);
}

static bool lists_text_import(struct lists_cli *cli, char *text, size_t length, struct lists_told *told)
{
    struct lists_import asked = {
        .form = cli->form,
        .now = (int64_t)host_wall_clock_us(),
        .map = cli->map,
        .map_count = cli->map_count,
        .refused = row_refused,
        .progress = lists_progress,
        .self = cli,
    };
    return lists_make(cli->lists, cli->tenant, cli->words[0], asked.now, &asked.list, &cli->error) &&
           lists_import(cli->lists, &asked, text, length, told, &cli->error);
}

/* The counts are printed even if the import stops in the middle: rows that were taken stay. */
enum cli_exit lists_cli_import(struct lists_cli *cli)
{
    const char *why;
    size_t length;
    struct lists_told told = {0};
    char *text = file_read(cli->words[1], LISTS_FILE_MAX, &length, &why);
    if (!text) {
        error_set(&cli->error, ERROR_INPUT, "%.150s: %.95s", cli->words[1], why);
        return lists_cli_end(cli, false);
    }
    bool good = lists_text_import(cli, text, length, &told);
    free(text);
    printf("%llu records taken in, %llu duplicates, %llu refused\n", (unsigned long long)told.taken,
           (unsigned long long)told.duplicates, (unsigned long long)told.refused);
    if (!good) return lists_cli_end(cli, false);
    return told.refused + told.duplicates > 0 ? CLI_rows : CLI_ok;
}

static bool lists_piece_write(void *self, struct span piece)
{
    return fwrite(piece.bytes, 1, piece.length, self) == piece.length;
}

static bool list_find(struct lists_cli *cli, int64_t *list)
{
    if (!lists_find(cli->lists, cli->tenant, cli->words[0], list, &cli->error)) return false;
    if (*list == 0) error_set(&cli->error, ERROR_UNKNOWN, "there is no list '%.64s'", cli->words[0]);
    return *list != 0;
}

enum cli_exit lists_cli_export(struct lists_cli *cli)
{
    int64_t list;
    return lists_cli_end(cli, list_find(cli, &list) &&
                                  lists_export(cli->lists, list, lists_piece_write, stdout, &cli->error));
}

/* Makes a selection and ends it at once; the reason of an error names the place in the text. */
enum cli_exit lists_cli_check(struct lists_cli *cli)
{
    int64_t list;
    const char *filter = cli->words[1], *order = filter ? cli->words[2] : NULL;
    if (!list_find(cli, &list)) return lists_cli_end(cli, false);
    struct lists_selection *selection = lists_select(cli->lists, list, filter, order, &cli->error);
    lists_select_end(selection);
    if (selection) puts("good");
    return lists_cli_end(cli, selection != NULL);
}
