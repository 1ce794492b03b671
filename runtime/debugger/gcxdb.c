/* runtime/debugger/gcxdb.c - gcxdb: its command line, and the program that it debugs.
 *
 * There are three front ends (a terminal, a terminal attached to a running gcxvm's socket, an editor over DAP) for
 * two kinds of play: a test under the virtual clock, and a journal. All of them use the same session and the same
 * commands.
 *
 *     run PATH          compile -> sim_tests_open() -> session_run()
 *     replay JOURNAL    past_open_at() -> session_replay(); with --with and no interaction: compare_all()
 *     attach SOCKET     live_open() -> past_open_near() -> session_attach(): the journal that this gcxvm writes
 *     --dap             dap_serve() calls gcxdb_launched() with what the editor wants
 *
 * Exit status: 0 good, 1 trouble (with --batch also of a command), 2 wrong use, 3 if a compared version serves a call
 * differently. */
#include <getopt.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/cli/libraries.h"
#include "compiler/cli/sites.h"
#include "compiler/compilation.h"
#include "runtime/debugger/commands.h"
#include "runtime/debugger/dap.h"
#include "runtime/debugger/live.h"
#include "runtime/debugger/past.h"
#include "runtime/debugger/session.h"
#include "runtime/sim/sim.h"
#include "base/dumps.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/usage.h"
#include "vm/image.h"

#define NO_TEST SESSION_WORLD

struct arguments {
    debugger_front *front;
    const char *path, *test, *site, *native;
    const char *with; /* another version to compare a journal with; NULL: none */
    bool only_different;
    uint64_t seed;
};

static const char help[] = "usage: gcxdb run PATH [--test NAME]\n"
                           "       gcxdb replay JOURNAL [CONN_ID|INTERACTION|TIME]\n"
                           "       gcxdb replay JOURNAL --with VERSION [CONN_ID|INTERACTION]\n"
                           "       gcxdb attach SOCKET CONN_ID|INTERACTION [--bound TIME]\n"
                           "       gcxdb attach SOCKET --at POINT [--when CONDITION] [--one-in N] [--bound TIME]\n"
                           "       gcxdb --dap\n"
                           "\n"
                           "Plays a test of a strategy under the virtual clock, and stops where you want to look at "
                           "it. Without --test you are\n"
                           "the world: callers, agents, databases, and the clock.\n"
                           "\n"
                           "replay goes through the journal of a gcxvm: the interactions that were, or one, as they "
                           "ran. --with tells, call by call, what another version of the strategies would have done.\n"
                           "\n"
                           "attach stops one interaction of a running gcxvm, whose admin socket is SOCKET; all others "
                           "go on.\n"
                           "\n"
                           "  --at POINT       the next interaction that comes to this routing point ...\n"
                           "  --when CONDITION and meets the condition: 'ani == \"+331...\" or priority >= 10'\n"
                           "  --one-in N       the last of N of these\n"
                           "  --bound TIME     it stands no longer than that, at most 1h: 90s, 5m (30s)\n"
                           "\n"
                           "--dap serves an editor by the Debug Adapter Protocol, which says what to play.\n"
                           "\n"
                           "  --test NAME      the test: its title, or a piece of it that no other has\n"
                           "  --site FILE      the site's file, instead of the nearest site.gcx\n"
                           "  --native FOLDER  allows libraries of native functions from there\n"
                           "  --seed N         of a test that names none\n"
                           "  --with VERSION   of a journal: an image (.gcxb), sources, or a hash of an image there\n"
                           "  -x FILE          does the commands of the file first; also --command FILE\n"
                           "  --batch          for CI: ends behind them; status 1 where a command could not be done,\n"
                           "                   an expect did not hold, or the test has failed\n"
                           "  --only-different calls that it would serve as they were served are not shown\n"
                           "  --help, --version\n"
                           "\n"
                           "Its commands: help, at its prompt, or gcxdb(1).\n";

/* Returns the index of the test with that name; NO_TEST: no test or several, and a message says so. */
static uint32_t gcxdb_choose(const struct sim_tests *tests, const char *name)
{
    uint32_t found = NO_TEST, count = 0;
    for (uint32_t i = 0; i < sim_tests_count(tests); i++) {
        const char *title = sim_tests_at(tests, i).name;
        if (name && strcmp(title, name) == 0) return i;
        if (!sim_name_fits(title, name)) continue;
        found = i;
        count++;
    }
    if (count == 1) return found;
    fprintf(stderr, count == 0 ? "gcxdb: there is no such test\n" : "gcxdb: --test says which of these:\n");
    for (uint32_t i = 0; i < sim_tests_count(tests); i++)
        if (count == 0 || sim_name_fits(sim_tests_at(tests, i).name, name))
            fprintf(stderr, "  \"%s\"\n", sim_tests_at(tests, i).name);
    return NO_TEST;
}

/* Returns what is needed to compile the program again, without the paths of its files. */
static struct sources how_compiled(const struct arguments *arguments, const struct libraries *libraries)
{
    return (struct sources){
        .site = arguments->site, .natives = libraries_natives(libraries), .binding = &libraries->binding};
}

/* Debugs a program, or one of its tests; everything is freed at the end in the opposite order, and each function for
 * it accepts NULL. */
static enum exit_code gcxdb_debug(const struct arguments *arguments)
{
    enum exit_code code = EXIT_PROBLEMS;
    struct libraries libraries;
    struct error error = {0};
    struct sim_tests *tests = NULL;
    size_t length;
    libraries_open(&libraries, arguments->native);
    struct sites sites = sites_open(&arguments->path, 1, arguments->site);
    const struct site_files *files = sites_one(&sites);
    if (files) {
        const struct compile_options how = {
            .site = arguments->site, .natives = libraries_natives(&libraries), .testing = true};
        struct compilation *compilation = compiler_compile((const char *const *)files->paths, files->count, &how);
        const uint8_t *image = compilation_image(compilation, &length);
        if (compilation_print(compilation, stderr) == 0 && image)
            tests = sim_tests_open(image, length, &libraries.binding, &error);
        if (!tests && image) fprintf(stderr, "gcxdb: %s\n", error.text);
        compilation_free(compilation);
        uint32_t test = tests && arguments->test ? gcxdb_choose(tests, arguments->test) : NO_TEST;
        bool chosen = tests && (!arguments->test || test != NO_TEST);
        struct sources sources = how_compiled(arguments, &libraries);
        sources.paths = (const char *const *)files->paths;
        sources.count = files->count;
        const struct debugger_session session = {arguments->front, tests, test, sources, arguments->seed};
        if (chosen) code = session_run(&session) ? EXIT_GOOD : EXIT_PROBLEMS;
    }
    sim_tests_close(tests);
    sites_close(&sites);
    libraries_close(&libraries);
    return code;
}

/* ---- a journal ---- */

enum { EXIT_DIFFERENT = 3 };

/* Loads the version that --with names, compiled if it is given as sources. NULL: why was told. */
static struct image *load_version(const struct arguments *arguments, const struct libraries *libraries)
{
    const char *dot = strrchr(arguments->with, '.');
    struct error error = {0};
    struct image *image = NULL;
    size_t length;
    if (dot && strcmp(dot, ".gcxb") == 0) {
        const char *why;
        char *bytes = file_read(arguments->with, IMAGE_BYTES_MAX, &length, &why);
        if (bytes)
            image = image_load((const uint8_t *)bytes, length, &error);
        else
            error_set(&error, ERROR_UNKNOWN, "it cannot be read");
        free(bytes);
    } else {
        struct sites sites = sites_open(&arguments->with, 1, arguments->site);
        const struct site_files *files = sites_one(&sites);
        const struct compile_options how = {.site = arguments->site, .natives = libraries_natives(libraries)};
        struct compilation *compilation =
            files ? compiler_compile((const char *const *)files->paths, files->count, &how) : NULL;
        const uint8_t *bytes = compilation ? compilation_image(compilation, &length) : NULL;
        if (compilation && compilation_print(compilation, stderr) == 0 && bytes)
            image = image_load(bytes, length, &error);
        compilation_free(compilation);
        sites_close(&sites);
    }
    if (error.code != ERROR_NONE) fprintf(stderr, "gcxdb: %s: %s\n", arguments->with, error.text);
    return image;
}

static bool take_version(const struct arguments *arguments, const struct libraries *libraries, struct past *past)
{
    struct error error = {0};
    uint8_t hash[IMAGE_HASH];
    size_t length = 0;
    bool named =
        sodium_hex2bin(hash, sizeof hash, arguments->with, strlen(arguments->with), NULL, &length, NULL) == 0 &&
        length == sizeof hash;
    struct image *image = named ? NULL : load_version(arguments, libraries);
    if (!named && !image) return false;
    if (named ? past_compare_named(past, hash, &error) : past_compare(past, image, &error)) return true;
    fprintf(stderr, "gcxdb: %s: %s\n", arguments->with, error.text);
    return false;
}

static enum exit_code replay_in(const struct arguments *arguments, struct past *past, const struct libraries *libraries,
                                const char *from)
{
    const struct sources sources = how_compiled(arguments, libraries);
    if (!arguments->with || from)
        return session_replay(arguments->front, past, &sources, from) ? EXIT_GOOD : EXIT_PROBLEMS;
    enum compared compared = compare_all(past, arguments->only_different, stdout);
    if (compared == COMPARED_NOT) return EXIT_PROBLEMS;
    return compared == COMPARED_SAME ? EXIT_GOOD : (enum exit_code)EXIT_DIFFERENT;
}

static enum exit_code gcxdb_replay(const struct arguments *arguments, const char *from)
{
    enum exit_code code = EXIT_PROBLEMS;
    struct libraries libraries;
    struct error error = {0};
    libraries_open(&libraries, arguments->native);
    int64_t since_us = from && !arguments->with ? session_since(from) : 0;
    struct past *past = past_open_at(arguments->path, since_us, &libraries.binding, &error);
    if (!past) fprintf(stderr, "gcxdb: %s\n", error.text);
    if (past && (!arguments->with || take_version(arguments, &libraries, past)))
        code = replay_in(arguments, past, &libraries, from);
    past_close(past);
    libraries_close(&libraries);
    return code;
}

/* Attaches to a gcxvm; the connection comes first, because gcxvm says where its journal is. */
static enum exit_code gcxdb_attach(const struct arguments *arguments, struct live_terms *terms)
{
    struct libraries libraries;
    struct error error = {0};
    struct live live;
    bool good = false;
    if (!live_open(&live, terms)) return EXIT_PROBLEMS;
    libraries_open(&libraries, arguments->native);
    terms->sources = how_compiled(arguments, &libraries);
    struct past *past = past_open_near(live.state, &libraries.binding, terms->name, &error);
    if (!past)
        fprintf(stderr, "gcxdb: %s; what gcxvm does is looked at in its journal, which you must be able to read\n",
                error.text);
    else
        good = live_begin(&live, terms, past) && session_attach(arguments->front, past, &terms->sources, &live);
    past_close(past);
    libraries_close(&libraries);
    live_close(&live);
    return good ? EXIT_GOOD : EXIT_PROBLEMS;
}

enum { BOUND_MAX_S = 3600 }; /* gcxvm keeps nobody longer */

/* Reads --bound. False: a message says what is wrong with it. */
static bool read_bound(const char *bound, struct live_terms *terms)
{
    if (!bound) return true;
    terms->bound_s = commands_duration(bound) / 1000000;
    bool good = terms->bound_s > 0 && terms->bound_s <= BOUND_MAX_S;
    if (!good) fprintf(stderr, "gcxdb: the bound is a time from one second to one hour: 90s, 5m\n");
    return good;
}

/* Attaches with the arguments that an editor gave. */
static bool gcxdb_attached(const struct arguments *arguments, const struct dap_launch *launch)
{
    struct live_terms terms = {.path = launch->socket,
                               .name = launch->interaction,
                               .at = launch->at,
                               .when = launch->when,
                               .one_in = launch->one_in,
                               .listen = dap_listen};
    if (!launch->interaction == !launch->at) {
        fputs("Which interaction? An attach has \"interaction\", a ConnID or a number, or \"at\", a routing point.\n",
              stderr);
        return false;
    }
    return read_bound(launch->bound, &terms) && gcxdb_attach(arguments, &terms) == EXIT_GOOD;
}

/* Plays with the arguments that an editor gave. */
static bool gcxdb_launched(const struct dap_launch *launch)
{
    const char *path = launch->journal ? launch->journal : launch->program;
    const struct arguments arguments = {.front = dap_front,
                                        .path = path,
                                        .test = launch->test,
                                        .site = launch->site,
                                        .native = launch->native,
                                        .seed = launch->seed};
    if (launch->socket) return gcxdb_attached(&arguments, launch);
    if (!path) fputs("A launch has \"program\", a file or folder, or \"journal\"; an attach has \"socket\".\n", stderr);
    if (!path) return false;
    return (launch->journal ? gcxdb_replay(&arguments, launch->from) : gcxdb_debug(&arguments)) == EXIT_GOOD;
}

struct command_line {
    struct arguments arguments;
    struct live_terms terms;
    const char *bound;
    bool dap;
};

#define OPTIONS_DEF  "runtime/debugger/options.def"
#define OPTIONS_LINE struct command_line
#include "base/usage_rows.h"

static const char *gcxdb_option(void *self, int option, const char *text)
{
    struct command_line *line = self;
    if (option == OPTION_batch) lines_batch();
    if (option == OPTION_batch) return NULL;
    if (option == OPTION_command)
        return lines_first(text) ? NULL : "-x is a file of commands that can be read; there may be 15 of them";
    if (option == OPTION_one_in)
        return usage_number(text, UINT64_MAX, &line->terms.one_in) && line->terms.one_in > 0
                   ? NULL
                   : "--one-in is a number from 1: 1000";
    line->arguments.seed = strtoull(text, NULL, 10);
    return NULL;
}

static const struct usage usage = {.program = "gcxdb", .head = help, .options = usage_options, .read = gcxdb_option};

int main(int count, char **words)
{
    struct command_line line = {.arguments = {.front = commands_read}};
    struct arguments *arguments = &line.arguments;
    int end;
    char command[] = "--command";
    dumps_forbid();
    for (int i = 1; i < count && strcmp(words[i], "--") != 0; i++)
        if (strcmp(words[i], "-x") == 0) words[i] = command; /* as gdb has it */
    if (!usage_read(&usage, &line, count, words, &end)) return end;
    words += optind;
    count -= optind;
    bool runs = count == 2 && strcmp(words[0], "run") == 0;
    bool replays = (count == 2 || count == 3) && strcmp(words[0], "replay") == 0;
    bool attaches = (count == 2 || count == 3) && strcmp(words[0], "attach") == 0 && (count == 3) == !line.terms.at;
    if (!read_bound(line.bound, &line.terms)) return EXIT_USAGE;
    if (attaches) {
        line.terms.path = words[1];
        line.terms.name = count == 3 ? words[2] : NULL;
        return (int)gcxdb_attach(arguments, &line.terms);
    }
    if (line.dap && count == 0) return (int)(dap_serve(gcxdb_launched) ? EXIT_GOOD : EXIT_PROBLEMS);
    if (!runs && !replays) {
        fputs(help, stderr);
        return EXIT_USAGE;
    }
    arguments->path = words[1];
    return (int)(runs ? gcxdb_debug(arguments) : gcxdb_replay(arguments, count == 3 ? words[2] : NULL));
}
