/* runtime/debugger/session.c - A debugger, its test and its commands. */
#include "runtime/debugger/session.h"

#include "runtime/debugger/commands.h"
#include "runtime/debugger/debugger.h"
#include "runtime/vocabulary/shown.h"

bool session_run(const struct session *session)
{
    struct debugger d;
    struct sim_test test = sim_tests_at(session->tests, session->test);
    debugger_init(&d, session->tests, session->test);
    d.seed = session->seed;
    d.paths = session->paths;
    d.path_count = session->path_count;
    d.site = session->site;
    lines_open();
    shown_print(stdout, "The test \"%s\" of %s; help tells the commands.\n", test.name, test.file);
    (void)debugger_play(&d);
    lines_close();
    debugger_free(&d);
    return true;
}
