/* runtime/twin/gcxtwin.c - gcxtwin: plays what a gcxvm has done, or does, through another version of the strategies,
 * and tells what would have been decided otherwise. A process beside gcxvm, which gcxctl becomes. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "runtime/twin/doors.h"
#include "runtime/twin/exits.h"
#include "base/dumps.h"
#include "base/shown.h"

struct door {
    const char *name, *doc;
    int (*enter)(int argc, char **argv);
};

static const struct door doors[] = {
    {"what-if", "the journal: the last hours by another version, or by other settings", what_if_main},
    {"soon", "the next two hours, simulated: what a change by hand would do", soon_main},
    {"shadow", "a running gcxvm: what arrives from now on", shadow_main},
};

static void gcxtwin_help(FILE *out)
{
    fputs("Usage: gcxtwin DOOR [OPTION...] ...\n\n", out);
    for (size_t i = 0; i < sizeof doors / sizeof *doors; i++)
        fprintf(out, "  %-10s %s; gcxtwin %s --help\n", doors[i].name, doors[i].doc, doors[i].name);
}

int main(int argc, char **argv)
{
    dumps_forbid();
    for (size_t i = 0; argc > 1 && i < sizeof doors / sizeof *doors; i++)
        if (strcmp(argv[1], doors[i].name) == 0) return doors[i].enter(argc - 1, argv + 1);
    if (argc > 1 && strcmp(argv[1], "--version") == 0) {
        puts("gcxtwin " PACKAGE_VERSION);
        return fflush(stdout) == 0 ? TWIN_EXIT_same : TWIN_EXIT_trouble;
    }
    bool asked = argc > 1 && strcmp(argv[1], "--help") == 0;
    if (argc > 1 && !asked) shown_print(stderr, "gcxtwin: there is no door %s\n", argv[1]);
    gcxtwin_help(asked ? stdout : stderr);
    return asked ? TWIN_EXIT_same : TWIN_EXIT_trouble;
}
