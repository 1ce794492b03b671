/* runtime/records/main.c - gcxrecords: command line, signals, messages.
 *
 * gcxrecords is three programs in one: `report` and `forecast` read the records, with a person given it erases, else it
 * follows a journal. A signal only sets `stop`, and records_follow() then ends by itself. */
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>

#include "runtime/daemon/site/conf.h"
#include "runtime/daemon/site/programs.h"
#include "runtime/natives/natives.h"
#include "runtime/records/erase.h"
#include "runtime/records/follow.h"
#include "runtime/records/history.h"
#include "runtime/records/sample.h"
#include "runtime/reports/command.h"
#include "base/dumps.h"
#include "base/piped.h"
#include "base/shown.h"
#include "base/usage.h"

struct command_line {
    const char *state;
    char *person;
    bool once;
};

#define OPTIONS_DEF  "runtime/records/options.def"
#define OPTIONS_LINE struct command_line
#define EXITS_DEF    "runtime/records/exits.def"
#include "base/usage_rows.h"

static const struct usage usage = {
    .program = "gcxrecords",
    .head = "Usage: gcxrecords [--once] [--state FOLDER] FILE TARGET\n"
            "       gcxrecords report NAME TARGET, of which gcxrecords report --help says more\n"
            "\n"
            "Writes the records of the journal of a gcxvm, whose configuration is FILE, to TARGET: sqlite:FILE, "
            "jsonl:FILE,\n"
            "postgresql://..., or a connection string of libpq. It goes on where it was, and follows the journal.\n\n",
    .options = usage_options,
    .exits = usage_exits,
};

static volatile sig_atomic_t stop;

static void records_on_signal(int number)
{
    (void)number;
    stop = 1;
}

static void records_on_text(void *self, const char *text)
{
    (void)self;
    shown_print(stderr, "gcxrecords: %s\n", text);
}

static void records_on_complaint(void *self, const char *text)
{
    (void)self;
    shown_print(stderr, "%s\n", text);
}

static void signals_catch(void)
{
    struct sigaction action = {.sa_handler = records_on_signal};
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
}

/* A connection string may contain a password, so the log does not show it. */
static int records_run(const char *file, const char *state, const char *target, bool once)
{
    struct error error = {0};
    struct conf *conf = conf_read(file, NULL, records_on_complaint, NULL);
    if (!conf) return RECORDS_config;
    struct natives *natives = programs_natives(conf);
    struct follow_options how = {.state = state ? state : conf->state,
                                 .target = target,
                                 .natives = natives,
                                 .once = once,
                                 .stop = &stop,
                                 .note = records_on_text};
    enum records_exit result = records_follow(&how, &error);
    if (result != RECORDS_ok) records_on_text(NULL, error.text);
    natives_free(natives);
    conf_free(conf);
    return (int)result;
}

static int records_erase_person(const char *person, const char *file, const char *target)
{
    struct error error = {0};
    uint64_t interactions = 0, rows = 0;
    struct conf *conf = conf_read(file, NULL, records_on_complaint, NULL);
    if (!conf) return RECORDS_config;
    bool good = records_erase(target, person, conf->country, &interactions, &rows, &error);
    conf_free(conf);
    if (!good) {
        records_on_text(NULL, error.text);
        return RECORDS_database;
    }
    printf("%" PRIu64 " interactions are the person's; %" PRIu64 " rows of them are deleted\n", interactions, rows);
    return RECORDS_ok;
}

int main(int argc, char **argv)
{
    struct command_line line = {0};
    int end;
    dumps_forbid();
    if (reports_asked(argc > 1 ? argv[1] : NULL)) return reports_main(argc, argv);
    if (history_asked(argc > 1 ? argv[1] : NULL)) return history_main(argc, argv);
    if (sample_asked(argc > 1 ? argv[1] : NULL)) return sample_main(argc, argv);
    if (!usage_read(&usage, &line, argc, argv, &end)) return end;
    if (argc - optind != 2) return usage_wrong(&usage, "expected a configuration file and a target");
    signals_catch();
    char *asked[] = {line.person, argv[optind + 1]};
    if (line.person && !piped_words(asked, 2))
        return usage_wrong(&usage, "a word that is - is a line of the standard input, which has ended");
    if (line.person) return records_erase_person(asked[0], argv[optind], asked[1]);
    return records_run(argv[optind], line.state, argv[optind + 1], line.once);
}
