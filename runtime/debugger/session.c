/* runtime/debugger/session.c - A debugger, its test and its commands. */
#include "runtime/debugger/session.h"

#include <stdio.h>

#include "runtime/debugger/acts.h"
#include "runtime/debugger/commands.h"
#include "runtime/debugger/debugger.h"
#include "runtime/vocabulary/shown.h"

bool session_run(const struct session *session)
{
    struct debugger d;
    bool world = session->test == SESSION_WORLD;
    debugger_init(&d, session->tests, session->test);
    d.seed = session->seed;
    d.paths = session->paths;
    d.path_count = session->path_count;
    d.site = session->site;
    lines_open();
    if (world) d.acts = acts_new(session->paths, session->path_count, session->site, sim_tests_image(session->tests));
    struct sim_test test = world ? (struct sim_test){0} : sim_tests_at(session->tests, session->test);
    if (world)
        puts("You are the world: agent, arrive, advance; help tells the commands.");
    else
        shown_print(stdout, "The test \"%s\" of %s; help tells the commands.\n", test.name, test.file);
    (void)debugger_play(&d);
    lines_close();
    debugger_free(&d);
    acts_free(d.acts);
    return true;
}
