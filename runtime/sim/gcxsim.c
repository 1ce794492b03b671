/* runtime/sim/gcxsim.c - The main program of gcxsim: options, help, and the choice of the mode.
 *
 *     gcxsim MODE [options]  ->  usage_read() fills a struct sim_args  ->  gcxsim_check()  ->  the mode's run()
 *
 * All modes share one set of options, and each uses those it needs. Options that a mode needs are checked before the
 * mode begins. */
#include "runtime/sim/draw.h"
#include "runtime/sim/gcxsim.h"

#include <assert.h>
#include <getopt.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/shown.h"
#include "base/usage.h"

static const char help[] =
    "usage: gcxsim MODE [options]\n"
    "\n"
    "A telephone switch, its callers and the agents' desktops, around a T-Server of gcx: see gcx-tserver(5).\n"
    "\n"
    "  gcxsim switch               a switch that is there until it is stopped\n"
    "  gcxsim switch --play X.gcxb plays a test of an image over the wire (with --test NAME where it has several)\n"
    "  gcxsim call                 plays one call and prints each step\n"
    "  gcxsim load                 plays many calls and prints what became of them\n"
    "  gcxsim list X.gcxb          the tests of an image, and which can be played over the wire\n"
    "  gcxsim provision X.gcxb     writes the directory and the database that a test implies\n"
    "\n"
    "The wires:\n"
    "  --listen HOST:PORT      the switch link; port 0: the kernel chooses (127.0.0.1:0)\n"
    "  --port-file FILE        the file to which its port is written\n"
    "  --cti HOST:PORT         the T-Server's clients, or\n"
    "  --cti-port-file FILE    the file to which it writes its port\n"
    "  --admin SOCKET          gcxvm's admin socket: readiness, and what only the core knows\n"
    "  --cti-ca FILE           the authority that signed the T-Server's certificate: desktops use TLS\n"
    "  --desk-certificate FILE, --desk-key FILE\n"
    "                          the certificate of a desktop; %s in a path is its agent's name;\n"
    "                          a desktop without such a file shows none\n"
    "  --passwords FILE        lines `agent password`, for the desktops' log-ins\n"
    "  --switch-certificate FILE, --switch-key FILE, --switch-ca FILE\n"
    "                          the switch link by TLS; whose certificate the T-Server must show\n"
    "  --wait D                the time that all may take to be there (30s)\n"
    "  --limit D               the time that a play may take\n"
    "  --grace D               the time by which all may come later than a test's `within` (500ms)\n"
    "  --clock FILE            holds seconds: there the play's clock stands until the file says more or is gone\n"
    "  --last-default D        the time without a T-Server after which the switch routes a call itself (20s)\n"
    "  --queue D, --desk D     the times that a call waits in a queue of the switch, and talks there (5s, 30s)\n"
    "  --outside D             a number that belongs to no caller answers after this time, by its last digit:\n"
    "                          0 to 3 answer, 4 is a fax machine, 5 is silent, 6 is busy, 7 does not answer,\n"
    "                          8 is an answering machine, 9 is no number\n"
    "People and calls (durations: 250ms, 2s, 3m):\n"
    "  --directory FILE        a directory in SQL: which DNs there are\n"
    "  --agents FILE           lines `name dn`: agents and the DNs of their log-ins; may be repeated\n"
    "  --from N, --to N        the caller's number; the dialled number (1800)\n"
    "  --digits LIST           the caller's digits when asked, one answer after another: 4711,2; repeated: in turn\n"
    "  --pause D               the time that the caller thinks before keying\n"
    "  --answers D             the time that an agent lets it ring (2s; load: 20ms)\n"
    "  --handles D             the time that they talk (3s; load: 100ms), or by chance for each call:\n"
    "                          'lognormal(4m, 3m)'\n"
    "  --work D                after-call work\n"
    "  --patience D            callers hang up after about this time\n"
    "  --shift D               load: agents log out after about this time, and come back after a quarter of it\n"
    "  --calls N, --rate R     load: the number of calls, and calls a second (1000, 100)\n"
    "  --arrivals A            load: they come by chance, 120/h or profile(FILE), as in gcxc simulate\n"
    "  --seed N                the seed of the random numbers by which callers differ\n"
    "  --json                  load: the result as JSON\n"
    "Tests:\n"
    "  --test NAME             which\n"
    "  --any-date              play tests with a fixed date too\n"
    "  --directory FILE        gcxvm's: where the test changes what it says, it is edited and loaded anew\n"
    "Provisioning, each file written where it is named:\n"
    "  --directory FILE  --database FILE --schema FILE.sql  --agents FILE\n"
    "  --people N --skills L   the number of further agents, with these skills in turn: French:9,Sales:2;English:9\n"
    "\n"
    "  --quiet  --help  --version\n"
    "\n"
    "Exit: 0 all was right, 1 a call or an expectation was not, 2 wrong use.\n";

#define OPTIONS_DEF  "runtime/sim/options.def"
#define OPTIONS_LINE struct sim_args
#include "base/usage_rows.h"

/* Does not return. */
static void gcxsim_wrong(const char *what, const char *text)
{
    shown_print(stderr, "gcxsim: %s%s%s\nTry 'gcxsim --help'.\n", what, !text ? "" : " ", !text ? "" : text);
    exit(EXIT_USAGE);
}

/* Reads 250ms, 2s, 3m, 1h; a number without a unit means seconds. */
static uint64_t gcxsim_duration(const char *text)
{
    double us = 0;
    if (!draw_duration(text, strlen(text), &us)) gcxsim_wrong("not a duration (250ms, 2s, 3m):", text);
    return (uint64_t)us;
}

/* The largest values of options. */
enum { CALLS_MOST = 45000, RATE_MOST = 100000, PEOPLE_MOST = 5000 };

/* Reads a number, at most `most`; `more`: what to do if more is needed, or "". */
static uint64_t gcxsim_number(const char *option, const char *text, uint64_t most, const char *more)
{
    char what[160];
    uint64_t value;
    if (!usage_number(text, most, &value)) {
        (void)snprintf(what, sizeof what, "%s takes a whole number from 0 to %llu%s, not", option,
                       (unsigned long long)most, more);
        gcxsim_wrong(what, text);
    }
    return value;
}

static void gcxsim_push(const char **list, unsigned *count, const char *text)
{
    if (*count == OPTION_LISTS_MAX) gcxsim_wrong("too often:", text);
    list[(*count)++] = text;
}

/* Reads a rate per second, with at most three digits after the point: 0.5 is one every two seconds. */
static double gcxsim_rate(const char *text)
{
    size_t whole = strspn(text, "0123456789");
    const char *point = text[whole] == '.' ? text + whole + 1 : NULL;
    size_t places = point ? strspn(point, "0123456789") : 0;
    uint64_t thousandths = 0;
    bool good = whole > 0 && whole < 10 && (point ? places > 0 && places <= 3 && !point[places] : !text[whole]);
    for (size_t i = 0; good && i < whole; i++) thousandths = 10 * thousandths + (uint64_t)(text[i] - '0');
    for (size_t i = 0; good && i < 3; i++) thousandths = 10 * thousandths + (uint64_t)(i < places ? point[i] - '0' : 0);
    if (!good || thousandths > RATE_MOST * UINT64_C(1000))
        gcxsim_wrong(
            "--rate takes a number from 0 to 100000, such as 100 or 0.5, with at most three digits behind the point, "
            "not",
            text);
    return (double)thousandths / 1000;
}

/* Reads a time that is the same for each call, or how it is drawn, as for `gcxc simulate --handling`. */
static void gcxsim_handles(struct sim_args *a, const char *text)
{
    struct error error = {0};
    if (!strchr(text, '('))
        a->handles_us = gcxsim_duration(text);
    else if (!spread_read(&a->rig.handles, text, &error))
        gcxsim_wrong("--handles:", error.text);
}

static void gcxsim_arrivals(struct sim_args *a, const char *text)
{
    struct error error = {0};
    if (!arrivals_read(&a->arrivals, text, &error)) gcxsim_wrong("--arrivals:", error.text);
    if (a->arrivals.kind != ARRIVALS_RATES) gcxsim_wrong("--arrivals takes 120/h or profile(FILE), not", text);
}

/* Reads the options that usage_read() does not read itself: those listed here, and durations. */
static const char *gcxsim_option(void *self, int option, const char *text)
{
    struct sim_args *a = self;
    switch (option) {
    case OPTION_agents:
        gcxsim_push(a->agents, &a->agent_files, text);
        break;
    case OPTION_digits:
        gcxsim_push(a->digits, &a->digit_lists, text);
        break;
    case OPTION_calls:
        a->calls = (uint32_t)gcxsim_number("--calls", text, CALLS_MOST, "; for more, start gcxsim several times");
        break;
    case OPTION_rate:
        a->rate = gcxsim_rate(text);
        break;
    case OPTION_handles:
        gcxsim_handles(a, text);
        break;
    case OPTION_arrivals:
        gcxsim_arrivals(a, text);
        break;
    case OPTION_seed:
        a->seed = a->rig.seed = gcxsim_number("--seed", text, UINT64_MAX, "");
        break;
    case OPTION_people:
        a->people = (uint32_t)gcxsim_number("--people", text, PEOPLE_MOST, "");
        break;
    default:
        assert(usage_options[option].kind == USAGE_TIME);
        *(uint64_t *)(void *)((char *)a + usage_options[option].field) = gcxsim_duration(text);
    }
    return NULL;
}

static const struct usage usage = {.program = "gcxsim", .head = help, .options = usage_options, .read = gcxsim_option};

static const struct mode {
    const char *name;
    int (*run)(struct sim_args *);
    bool image; /* the mode takes an image as its argument */
} modes[] = {
    {"switch", mode_switch, false}, {"call", mode_call, false}, {"load", mode_load, false},
    {"list", mode_list, true},      {"play", mode_play, true},  {"provision", mode_provision, true},
};

static const struct mode *mode_named(const char *name)
{
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++)
        if (strcmp(name, modes[i].name) == 0) return &modes[i];
    gcxsim_wrong("no such mode:", name);
    return NULL;
}

/* Checks that the options needed by the chosen mode are there. A mode that plays calls talks to the T-Server as
 * agents' desktops do, over the wire for clients. */
static void gcxsim_check(const struct mode *mode, const struct sim_args *a)
{
    bool plays = mode->run == mode_call || mode->run == mode_load || mode->run == mode_play ||
                 (mode->run == mode_switch && (a->image || a->agent_files > 0));
    if (mode->image && !a->image) gcxsim_wrong(mode->name, "needs an image");
    if (plays && !a->rig.cti && !a->rig.cti_port_file)
        gcxsim_wrong(mode->name, "needs the T-Server's clients' wire: --cti or --cti-port-file");
    if (mode->run == mode_provision && a->database && !a->schema) gcxsim_wrong(mode->name, "--database needs --schema");
}

/* Reads the options; UINT64_MAX means that an option was not given: agents' times have other defaults for a load
 * than for one call, and the mode is known only after the options. A lost connection is noticed by an error of a
 * write, not by SIGPIPE. */
int main(int argc, char **argv)
{
    struct sim_args args = {.from = "+33145550101", .to = "1800", .calls = 1000, .rate = 100};
    int end;
    args.rig.listen = "127.0.0.1:0";
    args.rig.last_default_us = 20000000;
    args.answers_us = args.handles_us = UINT64_MAX;
    signal(SIGPIPE, SIG_IGN);
    if (argc > 1 && strcmp(argv[1], "campaign") == 0)
        gcxsim_wrong(argv[1], "is no mode any more: a build of the source has it as tests/proving/gcxproving");
    if (!usage_read(&usage, &args, argc, argv, &end)) return end;
    if (optind == argc) gcxsim_wrong("which mode?", NULL);
    const struct mode *mode = mode_named(argv[optind++]);
    if (mode->image && optind < argc) args.image = argv[optind++];
    if (optind < argc) gcxsim_wrong("one argument too many:", argv[optind]);
    bool load = mode->run == mode_load;
    args.answers_us = args.answers_us != UINT64_MAX ? args.answers_us : load ? 20000 : 2000000;
    args.handles_us = args.handles_us != UINT64_MAX ? args.handles_us : load ? 100000 : 3000000;
    gcxsim_check(mode, &args);
    int code = mode->run(&args);
    arrivals_free(&args.arrivals);
    spread_free(&args.rig.handles);
    return code;
}
