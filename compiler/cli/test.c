/* compiler/cli/test.c - gcxc test: compiling files and playing their tests under the virtual clock. */
#include <errno.h>
#include <fts.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "compiler/cli/command.h"
#include "compiler/compiler.h"
#include "runtime/sim/sim.h"

enum { TIMELINE_SHOWN = 40 }; /* lines, from each end */

struct player {
    const struct options *options;
    struct compilation *compilation; /* whose tests are played now */
    FILE *failures;                  /* of the present test, until its name has been printed */
    char *failure_text;
    size_t failure_length;
    uint32_t passed, failed;
    bool broken; /* a file that cannot be read, compiled or played */
};

static void begin_failures(struct player *player)
{
    player->failures = open_memstream(&player->failure_text, &player->failure_length);
    if (!player->failures) abort();
}

static void end_failures(struct player *player)
{
    fclose(player->failures);
    free(player->failure_text);
    player->failures = NULL;
    player->failure_text = NULL;
}

static void on_failure(void *self, const char *file, uint32_t line, const char *text)
{
    struct player *player = self;
    if (line == 0) {
        fprintf(player->failures, "  %s\n", text);
        return;
    }
    fprintf(player->failures, "  %s:%" PRIu32 ": %s\n", file, line, text);
    compilation_quote(player->compilation, player->failures, file, line);
}

static void print_duration(uint64_t us)
{
    uint64_t seconds = us / 1000000;
    if (seconds < 60)
        printf("%.1f s", (double)us / 1e6);
    else if (seconds < 3600)
        printf("%" PRIu64 " min %" PRIu64 " s", seconds / 60, seconds % 60);
    else
        printf("%" PRIu64 " h %" PRIu64 " min", seconds / 3600, seconds / 60 % 60);
}

static size_t count_lines(const char *text)
{
    size_t count = 0;
    for (; *text; text++) count += *text == '\n';
    return count;
}

/* Of a long timeline its beginning and its end, unless all was asked for. */
static void print_timeline(const char *text, bool all)
{
    size_t count = count_lines(text), line = 0;
    bool cut = !all && count > 2 * TIMELINE_SHOWN;
    printf("  what happened:\n");
    for (const char *end; *text; text = end, line++) {
        end = strchr(text, '\n');
        end = end ? end + 1 : text + strlen(text);
        if (cut && line == TIMELINE_SHOWN) printf("    ... %zu lines; -v shows all ...\n", count - 2 * TIMELINE_SHOWN);
        if (!cut || line < TIMELINE_SHOWN || line >= count - TIMELINE_SHOWN)
            fwrite(text, 1, (size_t)(end - text), stdout);
    }
}

static void on_result(void *self, const struct sim_result *result)
{
    struct player *player = self;
    printf("%-6s  %s (", result->failures ? "FAILED" : "ok", result->name);
    print_duration(result->virtual_us);
    printf(", %" PRIu32 " interaction%s)\n", result->interactions, result->interactions == 1 ? "" : "s");
    fflush(player->failures);
    fputs(player->failure_text, stdout);
    if (result->timeline) print_timeline(result->timeline, player->options->verbose);
    end_failures(player);
    begin_failures(player);
}

static void play(struct player *player, const char *path)
{
    size_t length;
    const uint8_t *image = compilation_image(player->compilation, &length);
    struct sim_options how = {player->options->filter, player->options->seed, player->options->verbose};
    struct sim_report report = {player, on_failure, on_result};
    struct sim_totals totals = {0};
    struct error error = {0};
    begin_failures(player);
    if (!sim_play_tests(image, length, &how, &report, &totals, &error)) {
        fprintf(stderr, "gcxc: %s: %s\n", path, error.text);
        player->broken = true;
    }
    end_failures(player);
    player->passed += totals.passed;
    player->failed += totals.failed;
}

static void test_file(struct player *player, const char *path)
{
    struct compile_options how = {.site = player->options->site};
    player->compilation = compile(&path, 1, &how);
    size_t length;
    if (compilation_print(player->compilation, stderr) > 0 || !compilation_image(player->compilation, &length))
        player->broken = true;
    else if (compilation_tests(player->compilation) > 0)
        play(player, path);
    compilation_free(player->compilation);
    player->compilation = NULL;
}

static int by_name(const FTSENT **a, const FTSENT **b)
{
    return strcmp((*a)->fts_name, (*b)->fts_name);
}

static bool is_source(const FTSENT *entry)
{
    return entry->fts_info == FTS_F && entry->fts_namelen > 4 &&
           strcmp(entry->fts_name + entry->fts_namelen - 4, ".gcx") == 0;
}

/* A file as it is; of a folder all .gcx files below it, by name. */
static void test_path(struct player *player, const char *path)
{
    struct stat status;
    if (stat(path, &status) != 0 || !S_ISDIR(status.st_mode)) {
        test_file(player, path);
        return;
    }
    char *copy = strdup(path);
    if (!copy) abort();
    char *roots[] = {copy, NULL};
    FTS *walk = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, by_name);
    for (FTSENT *entry; walk && (entry = fts_read(walk));)
        if (is_source(entry)) test_file(player, entry->fts_path);
    if (walk) fts_close(walk);
    free(copy);
}

enum exit_code command_test(const struct options *options)
{
    struct player player = {.options = options};
    for (size_t i = 0; i < options->path_count; i++) test_path(&player, options->paths[i]);
    if (player.passed + player.failed == 0 && !player.broken) {
        fputs("gcxc: there are no tests to play\n", stderr);
        return EXIT_PROBLEMS;
    }
    printf("%" PRIu32 " passed, %" PRIu32 " failed\n", player.passed, player.failed);
    return player.failed == 0 && !player.broken ? EXIT_GOOD : EXIT_PROBLEMS;
}
